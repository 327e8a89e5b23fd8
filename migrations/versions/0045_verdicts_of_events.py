"""What each event of Stripe meant, which order it was about, and whether it had to be asked for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("stripe_events") as batch:
        batch.add_column(
            sa.Column("verdict", sa.String(24), nullable=False, server_default=sa.text("''"))
        )
        batch.add_column(sa.Column("order_id", sa.Integer(), nullable=True))
        batch.add_column(
            sa.Column("is_fetched", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch.create_foreign_key(
            op.f("fk_stripe_events_order_id_orders"),
            "orders",
            ["order_id"],
            ["id"],
            ondelete="SET NULL",
        )
    op.create_index("ix_stripe_events_order_id", "stripe_events", ["order_id"])
    op.create_index("ix_stripe_events_object_id", "stripe_events", ["object_id"])
    op.create_index(
        "ix_stripe_events_status_received_at", "stripe_events", ["status", "received_at"]
    )
    parked = sa.text("parked_at IS NOT NULL")
    op.create_index(
        "ix_outbox_messages_parked_at",
        "outbox_messages",
        ["parked_at"],
        sqlite_where=parked,
        postgresql_where=parked,
    )


def downgrade() -> None:
    op.drop_index("ix_outbox_messages_parked_at", "outbox_messages")
    op.drop_index("ix_stripe_events_status_received_at", "stripe_events")
    op.drop_index("ix_stripe_events_object_id", "stripe_events")
    op.drop_index("ix_stripe_events_order_id", "stripe_events")
    with op.batch_alter_table("stripe_events") as batch:
        batch.drop_constraint(op.f("fk_stripe_events_order_id_orders"), type_="foreignkey")
        batch.drop_column("is_fetched")
        batch.drop_column("order_id")
        batch.drop_column("verdict")

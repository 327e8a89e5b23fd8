"""Parcels, and how far an order has come on its way."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

STATES = (
    "fulfillment_state IN"
    " ('unfulfilled', 'partly_fulfilled', 'ready', 'fulfilled', 'nothing_to_send')"
)
STATUSES = "status IN ('sent', 'ready', 'picked_up', 'undone')"


def upgrade() -> None:
    with op.batch_alter_table("orders") as batch:
        batch.add_column(
            sa.Column(
                "fulfillment_state",
                sa.String(20),
                nullable=False,
                server_default=sa.text("'unfulfilled'"),
            )
        )
        batch.create_check_constraint(op.f("ck_orders_fulfillment_state_known"), STATES)
    op.create_index(
        "ix_orders_fulfillment_state_placed_at", "orders", ["fulfillment_state", "placed_at"]
    )
    op.create_table(
        "fulfillments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("carrier", sa.String(60), nullable=False),
        sa.Column("tracking_number", sa.String(80), nullable=False),
        sa.Column("tracking_url", sa.String(500), nullable=False),
        sa.Column("press", sa.String(80), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("picked_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(STATUSES, name=op.f("ck_fulfillments_status_known")),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name=op.f("fk_fulfillments_account_id_accounts"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_fulfillments_order_id_orders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fulfillments")),
        sa.UniqueConstraint("press", name=op.f("uq_fulfillments_press")),
    )
    op.create_index(op.f("ix_fulfillments_order_id"), "fulfillments", ["order_id"])
    op.create_table(
        "fulfillment_lines",
        sa.Column("fulfillment_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("line_item_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_fulfillment_lines_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["fulfillment_id"],
            ["fulfillments.id"],
            name=op.f("fk_fulfillment_lines_fulfillment_id_fulfillments"),
        ),
        sa.ForeignKeyConstraint(
            ["line_item_id"],
            ["line_items.id"],
            name=op.f("fk_fulfillment_lines_line_item_id_line_items"),
        ),
        sa.PrimaryKeyConstraint(
            "fulfillment_id", "line_item_id", name=op.f("pk_fulfillment_lines")
        ),
    )
    op.create_index(
        op.f("ix_fulfillment_lines_line_item_id"), "fulfillment_lines", ["line_item_id"]
    )


def downgrade() -> None:
    op.drop_table("fulfillment_lines")
    op.drop_table("fulfillments")
    op.drop_index("ix_orders_fulfillment_state_placed_at", table_name="orders")
    with op.batch_alter_table("orders") as batch:
        batch.drop_constraint(op.f("ck_orders_fulfillment_state_known"), type_="check")
        batch.drop_column("fulfillment_state")

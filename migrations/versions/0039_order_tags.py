"""Words that staff put on orders."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "order_tags",
        sa.Column("order_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("tag", sa.String(40), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_order_tags_order_id_orders")
        ),
        sa.PrimaryKeyConstraint("order_id", "tag", name=op.f("pk_order_tags")),
    )
    op.create_index("ix_order_tags_tag", "order_tags", ["tag", "order_id"])


def downgrade() -> None:
    op.drop_table("order_tags")

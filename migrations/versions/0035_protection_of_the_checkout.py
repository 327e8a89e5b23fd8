"""What protects the checkout: numbers, where unpaid orders come from, counts of refusals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "protection_settings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("orders_of_network", sa.Integer(), nullable=False),
        sa.Column("unpaid_of_network", sa.Integer(), nullable=False),
        sa.Column("stock_percent", sa.Integer(), nullable=False),
        sa.Column("declines_of_shopper", sa.Integer(), nullable=False),
        sa.Column("declines_of_network", sa.Integer(), nullable=False),
        sa.Column("alarm_declines", sa.Integer(), nullable=False),
        sa.Column("strict_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("strict_by", sa.Integer(), nullable=True),
        sa.Column("strict_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_protection_settings_one_row")),
        sa.CheckConstraint(
            "orders_of_network > 0 AND unpaid_of_network > 0 AND declines_of_shopper > 0"
            " AND declines_of_network > 0 AND alarm_declines >= 0",
            name=op.f("ck_protection_settings_numbers_in_range"),
        ),
        sa.CheckConstraint(
            "stock_percent BETWEEN 1 AND 100",
            name=op.f("ck_protection_settings_stock_percent_in_range"),
        ),
        sa.ForeignKeyConstraint(
            ["strict_by"],
            ["accounts.id"],
            name="fk_protection_settings_strict_by_accounts",
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_protection_settings"),
    )
    op.create_table(
        "order_sources",
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("network", sa.String(64), nullable=False),
        sa.Column("is_strict", sa.Boolean(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name="fk_order_sources_order_id_orders", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("order_id", name="pk_order_sources"),
    )
    op.create_index(
        "ix_order_sources_network_placed_at", "order_sources", ["network", "placed_at"]
    )
    op.create_index("ix_order_sources_placed_at", "order_sources", ["placed_at"])
    op.create_table(
        "protection_counts",
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("hour", "kind", name="pk_protection_counts"),
    )


def downgrade() -> None:
    op.drop_table("protection_counts")
    op.drop_table("order_sources")
    op.drop_table("protection_settings")

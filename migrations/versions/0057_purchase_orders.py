"""Orders from suppliers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "purchase_orders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("supplier", sa.String(120), nullable=False),
        sa.Column("reference", sa.String(80), nullable=False),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("is_told", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("press", sa.String(80), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name="fk_purchase_orders_account_id_accounts",
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_purchase_orders"),
        sa.UniqueConstraint("press", name=op.f("uq_purchase_orders_press")),
    )
    op.create_index("ix_purchase_orders_is_open", "purchase_orders", ["is_open", "id"])
    op.create_table(
        "purchase_lines",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("purchase_order_id", sa.Integer(), nullable=False),
        sa.Column("variant_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("canceled", sa.Integer(), nullable=False),
        sa.Column("cost_amount", sa.Integer(), nullable=True),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_purchase_lines_quantity_positive")),
        sa.CheckConstraint("received >= 0", name=op.f("ck_purchase_lines_received_not_negative")),
        sa.CheckConstraint(
            "canceled BETWEEN 0 AND quantity", name=op.f("ck_purchase_lines_canceled_in_range")
        ),
        sa.CheckConstraint(
            "cost_amount >= 0", name=op.f("ck_purchase_lines_cost_amount_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["purchase_order_id"],
            ["purchase_orders.id"],
            name="fk_purchase_lines_purchase_order_id_purchase_orders",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"],
            ["variants.id"],
            name="fk_purchase_lines_variant_id_variants",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_purchase_lines"),
        sa.UniqueConstraint(
            "purchase_order_id",
            "variant_id",
            name=op.f("uq_purchase_lines_purchase_order_id_variant_id"),
        ),
    )
    op.create_index("ix_purchase_lines_variant_id", "purchase_lines", ["variant_id"])
    with op.batch_alter_table("stock_movements") as table:
        table.add_column(sa.Column("purchase_order_id", sa.Integer(), nullable=True))
        table.create_foreign_key(
            "fk_stock_movements_purchase_order_id_purchase_orders",
            "purchase_orders",
            ["purchase_order_id"],
            ["id"],
            ondelete="SET NULL",
        )
        table.create_index("ix_stock_movements_purchase_order_id", ["purchase_order_id"])


def downgrade() -> None:
    with op.batch_alter_table("stock_movements") as table:
        table.drop_index("ix_stock_movements_purchase_order_id")
        table.drop_constraint(
            "fk_stock_movements_purchase_order_id_purchase_orders", type_="foreignkey"
        )
        table.drop_column("purchase_order_id")
    op.drop_table("purchase_lines")
    op.drop_table("purchase_orders")

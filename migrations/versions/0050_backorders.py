"""Back-orders, thresholds of low stock, and why stock was changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

WITHIN_ON_HAND = "ck_stock_items_reserved_within_on_hand"
CHECKS = {
    "ck_stock_items_reserved_within_limit": (
        "NOT is_tracked OR reserved <= on_hand + backorder_limit"
    ),
    "ck_stock_items_backorder_limit_not_negative": "backorder_limit >= 0",
    "ck_stock_items_backorders_known": "backorders IN ('none', 'backorder', 'preorder')",
    "ck_stock_items_low_stock_at_not_negative": "low_stock_at >= 0",
}

#: They read the columns; env.py puts up those that fit the schema then.
DROP_TRIGGERS = """
DO $$ DECLARE found record; BEGIN
    FOR found IN
        SELECT tgname FROM pg_trigger
        WHERE tgrelid = 'stock_items'::regclass AND NOT tgisinternal
    LOOP EXECUTE format('DROP TRIGGER %I ON stock_items', found.tgname); END LOOP;
END $$
"""


def upgrade() -> None:
    with op.batch_alter_table("stock_items") as table:
        table.add_column(sa.Column("low_stock_at", sa.Integer(), nullable=True))
        table.add_column(
            sa.Column(
                "backorders", sa.String(16), nullable=False, server_default=sa.text("'none'")
            )
        )
        table.add_column(
            sa.Column("backorder_limit", sa.Integer(), nullable=False, server_default="0")
        )
        table.add_column(sa.Column("promised_on", sa.Date(), nullable=True))
        table.drop_constraint(op.f(WITHIN_ON_HAND), type_="check")
        for name, condition in CHECKS.items():
            table.create_check_constraint(op.f(name), condition)
        table.create_index("ix_stock_items_on_hand", ["on_hand", "variant_id"])
    with op.batch_alter_table("reservations") as table:
        table.add_column(sa.Column("waiting", sa.Integer(), nullable=False, server_default="0"))
        table.create_check_constraint(
            op.f("ck_reservations_waiting_in_range"), "waiting BETWEEN 0 AND quantity"
        )
    op.create_index(
        "ix_reservations_waiting",
        "reservations",
        ["variant_id", "id"],
        sqlite_where=sa.text("waiting > 0"),
        postgresql_where=sa.text("waiting > 0"),
    )
    with op.batch_alter_table("stock_movements") as table:
        table.add_column(
            sa.Column("note", sa.String(500), nullable=False, server_default=sa.text("''"))
        )
        table.add_column(sa.Column("press", sa.String(80), nullable=True))
        table.create_unique_constraint(op.f("uq_stock_movements_press"), ["press"])
    with op.batch_alter_table("line_items") as table:
        table.add_column(
            sa.Column("backordered_quantity", sa.Integer(), nullable=False, server_default="0")
        )
        table.add_column(sa.Column("promised_on", sa.Date(), nullable=True))
        table.create_check_constraint(
            op.f("ck_line_items_backordered_quantity_in_range"),
            "backordered_quantity BETWEEN 0 AND quantity",
        )
    with op.batch_alter_table("store_settings") as table:
        table.add_column(
            sa.Column("low_stock_at", sa.Integer(), nullable=False, server_default="3")
        )
        table.create_check_constraint(
            op.f("ck_store_settings_low_stock_at_in_range"), "low_stock_at BETWEEN 0 AND 9999"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(DROP_TRIGGERS)
    with op.batch_alter_table("store_settings") as table:
        table.drop_constraint(op.f("ck_store_settings_low_stock_at_in_range"), type_="check")
        table.drop_column("low_stock_at")
    with op.batch_alter_table("line_items") as table:
        table.drop_constraint(op.f("ck_line_items_backordered_quantity_in_range"), type_="check")
        table.drop_column("promised_on")
        table.drop_column("backordered_quantity")
    with op.batch_alter_table("stock_movements") as table:
        table.drop_constraint(op.f("uq_stock_movements_press"), type_="unique")
        table.drop_column("press")
        table.drop_column("note")
    op.drop_index("ix_reservations_waiting", "reservations")
    with op.batch_alter_table("reservations") as table:
        table.drop_constraint(op.f("ck_reservations_waiting_in_range"), type_="check")
        table.drop_column("waiting")
    with op.batch_alter_table("stock_items") as table:
        table.drop_index("ix_stock_items_on_hand")
        for name in CHECKS:
            table.drop_constraint(op.f(name), type_="check")
        # What was sold beyond what is on hand has no place in the old schema.
        table.create_check_constraint(
            op.f(WITHIN_ON_HAND), "NOT is_tracked OR reserved <= on_hand"
        )
        for name in ("promised_on", "backorder_limit", "backorders", "low_stock_at"):
            table.drop_column(name)

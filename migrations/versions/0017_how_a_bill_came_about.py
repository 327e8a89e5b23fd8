"""Discounts, several taxes, relief, rounding and gift cards on orders, and the steps of the sum.

Orders so far had one tax, which becomes the one entry of their tax lines, and none of the rest.
Their steps stay empty: what was not kept cannot be told.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

AMOUNTS = (
    "discount_amount", "shipping_discount_amount", "relief_amount", "rounding_amount",
    "gift_card_amount",
)  # fmt: skip
JSON_LISTS = ("tax_lines", "discount_lines", "steps")
ORDERS = sa.table(
    "orders",
    *(sa.column(name) for name in ("id", "is_tax_included", "tax_name")),
    *(
        sa.column(name, sa.Integer)
        for name in ("subtotal_amount", "shipping_amount", "tax_amount", "tax_rate_ppm")
    ),
    sa.column("tax_lines", sa.JSON),
)
ORDER_TOTAL = (
    "total_amount = subtotal_amount - discount_amount + shipping_amount"
    " + CASE WHEN is_tax_included THEN 0 ELSE tax_amount END - relief_amount + rounding_amount"
)
OLD_ORDER_TOTAL = (
    "total_amount = subtotal_amount + shipping_amount"
    " + CASE WHEN is_tax_included THEN 0 ELSE tax_amount END"
)
ORDER_CHECKS = {
    "total_amount_not_negative": "total_amount >= 0",
    "relief_amount_not_negative": "relief_amount >= 0",
    "discount_amount_in_range": (
        "discount_amount BETWEEN shipping_discount_amount AND subtotal_amount + shipping_amount"
        " AND shipping_discount_amount BETWEEN 0 AND shipping_amount"
    ),
    "gift_card_amount_in_range": "gift_card_amount BETWEEN 0 AND total_amount",
}
LINE_DISCOUNT = "discount_amount BETWEEN 0 AND unit_amount * quantity"


def upgrade() -> None:
    with op.batch_alter_table("orders") as batch:
        for name in AMOUNTS:
            batch.add_column(sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
        for name in JSON_LISTS:
            batch.add_column(sa.Column(name, sa.JSON(), nullable=False, server_default="[]"))
        batch.add_column(
            sa.Column("relief_name", sa.String(80), nullable=False, server_default="")
        )
    with op.batch_alter_table("line_items") as batch:
        batch.add_column(
            sa.Column("discount_amount", sa.Integer(), nullable=False, server_default="0")
        )
    _move_taxes()
    with op.batch_alter_table("orders") as batch:
        for name in (*AMOUNTS, *JSON_LISTS, "relief_name"):
            batch.alter_column(name, server_default=None)
        batch.drop_column("tax_name")
        batch.drop_column("tax_rate_ppm")
        batch.drop_constraint(op.f("ck_orders_total_adds_up"), type_="check")
        batch.create_check_constraint(op.f("ck_orders_total_adds_up"), ORDER_TOTAL)
        for name, condition in ORDER_CHECKS.items():
            batch.create_check_constraint(op.f(f"ck_orders_{name}"), condition)
    with op.batch_alter_table("line_items") as batch:
        batch.alter_column("discount_amount", server_default=None)
        batch.drop_constraint(op.f("ck_line_items_total_adds_up"), type_="check")
        batch.create_check_constraint(
            op.f("ck_line_items_total_adds_up"), "total_amount = unit_amount * quantity - discount_amount"
        )
        batch.create_check_constraint(op.f("ck_line_items_discount_amount_in_range"), LINE_DISCOUNT)


def _move_taxes() -> None:
    connection = op.get_bind()
    for row in connection.execute(sa.select(ORDERS).where(ORDERS.c.tax_amount > 0)).all():
        contained = row.tax_amount if row.is_tax_included else 0
        line = {
            "name": row.tax_name,
            "rate_ppm": row.tax_rate_ppm,
            "base": row.subtotal_amount + row.shipping_amount - contained,
            "amount": row.tax_amount,
        }
        connection.execute(
            sa.update(ORDERS).where(ORDERS.c.id == row.id).values(tax_lines=[line])
        )


def downgrade() -> None:
    """Bills that the older schema cannot hold stop it: its constraints refuse them."""
    with op.batch_alter_table("line_items") as batch:
        batch.drop_constraint(op.f("ck_line_items_discount_amount_in_range"), type_="check")
        batch.drop_constraint(op.f("ck_line_items_total_adds_up"), type_="check")
        batch.create_check_constraint(
            op.f("ck_line_items_total_adds_up"), "total_amount = unit_amount * quantity"
        )
        batch.drop_column("discount_amount")
    with op.batch_alter_table("orders") as batch:
        batch.add_column(sa.Column("tax_name", sa.String(40), nullable=False, server_default=""))
        batch.add_column(
            sa.Column("tax_rate_ppm", sa.Integer(), nullable=False, server_default="0")
        )
        for name in (*ORDER_CHECKS, "total_adds_up"):
            batch.drop_constraint(op.f(f"ck_orders_{name}"), type_="check")
        batch.create_check_constraint(op.f("ck_orders_total_adds_up"), OLD_ORDER_TOTAL)
    connection = op.get_bind()
    for row in connection.execute(sa.select(ORDERS.c.id, ORDERS.c.tax_lines)).all():
        if row.tax_lines:
            connection.execute(
                sa.update(ORDERS)
                .where(ORDERS.c.id == row.id)
                .values(tax_name=row.tax_lines[0]["name"], tax_rate_ppm=row.tax_lines[0]["rate_ppm"])
            )
    with op.batch_alter_table("orders") as batch:
        batch.alter_column("tax_name", server_default=None)
        batch.alter_column("tax_rate_ppm", server_default=None)
        for name in (*AMOUNTS, *JSON_LISTS, "relief_name"):
            batch.drop_column(name)

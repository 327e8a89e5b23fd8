"""Money given back, with its shares of an order's lines; units that are sent, or never will be.

Refunds made in Stripe's dashboard before this are lines among the order's events; they are not
turned into rows: what share of which line they were for was not kept.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

STATUSES = (
    "requested", "pending", "requires_action", "succeeded", "failed", "canceled", "rejected",
)  # fmt: skip
COUNTED = {
    "orders": ("refunded_amount", "refunded_amount BETWEEN 0 AND total_amount"),
    "payments": ("refunded_amount", "refunded_amount BETWEEN 0 AND amount"),
}
QUANTITIES = (
    "fulfilled_quantity >= 0 AND removed_quantity >= 0"
    " AND fulfilled_quantity + removed_quantity <= quantity"
)


def upgrade() -> None:
    for table, (column, condition) in COUNTED.items():
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column(column, sa.Integer(), nullable=False, server_default="0"))
            batch.create_check_constraint(op.f(f"ck_{table}_{column}_in_range"), condition)
    with op.batch_alter_table("line_items") as batch:
        for column in ("fulfilled_quantity", "removed_quantity"):
            batch.add_column(sa.Column(column, sa.Integer(), nullable=False, server_default="0"))
        batch.create_check_constraint(op.f("ck_line_items_quantities_in_range"), QUANTITIES)
    op.create_table(
        "refunds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("payment_id", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(16), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("note", sa.String(500), nullable=False),
        sa.Column("is_told", sa.Boolean(), nullable=False),
        sa.Column("press", sa.String(80), nullable=True),
        sa.Column("provider_refund_id", sa.String(255), nullable=True),
        sa.Column("failure_code", sa.String(80), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_refunds_amount_positive")),
        sa.CheckConstraint(
            f"status IN ({', '.join(repr(status) for status in STATUSES)})",
            name=op.f("ck_refunds_status_known"),
        ),
        sa.CheckConstraint(
            "method IN ('stripe', 'by_hand')", name=op.f("ck_refunds_method_known")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name=op.f("fk_refunds_account_id_accounts"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_refunds_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_refunds_payment_id_payments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refunds")),
        sa.UniqueConstraint("press", name=op.f("uq_refunds_press")),
        sa.UniqueConstraint("provider_refund_id", name=op.f("uq_refunds_provider_refund_id")),
    )
    op.create_index(op.f("ix_refunds_order_id"), "refunds", ["order_id"])
    op.create_index(op.f("ix_refunds_payment_id"), "refunds", ["payment_id"])
    op.create_index("ix_refunds_status_created_at", "refunds", ["status", "created_at"])
    op.create_table(
        "refund_lines",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("refund_id", sa.Integer(), nullable=False),
        sa.Column("line_item_id", sa.Integer(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("restocked_quantity", sa.Integer(), nullable=False),
        sa.Column("unsent_quantity", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("taxes", sa.JSON(), nullable=False),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_refund_lines_quantity_not_negative")),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_refund_lines_amount_not_negative")),
        sa.CheckConstraint(
            "restocked_quantity >= 0", name=op.f("ck_refund_lines_restocked_quantity_not_negative")
        ),
        sa.CheckConstraint(
            "unsent_quantity BETWEEN 0 AND quantity",
            name=op.f("ck_refund_lines_unsent_quantity_in_range"),
        ),
        sa.ForeignKeyConstraint(
            ["line_item_id"],
            ["line_items.id"],
            name=op.f("fk_refund_lines_line_item_id_line_items"),
        ),
        sa.ForeignKeyConstraint(
            ["refund_id"], ["refunds.id"], name=op.f("fk_refund_lines_refund_id_refunds")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund_lines")),
        sa.UniqueConstraint(
            "refund_id", "line_item_id", name=op.f("uq_refund_lines_refund_id_line_item_id")
        ),
    )
    op.create_index(op.f("ix_refund_lines_line_item_id"), "refund_lines", ["line_item_id"])


def downgrade() -> None:
    op.drop_table("refund_lines")
    op.drop_table("refunds")
    with op.batch_alter_table("line_items") as batch:
        batch.drop_constraint(op.f("ck_line_items_quantities_in_range"), type_="check")
        for column in ("removed_quantity", "fulfilled_quantity"):
            batch.drop_column(column)
    for table, (column, _condition) in reversed(COUNTED.items()):
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(op.f(f"ck_{table}_{column}_in_range"), type_="check")
            batch.drop_column(column)

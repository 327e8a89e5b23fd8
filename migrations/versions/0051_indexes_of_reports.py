"""Indexes that reports add up from."""

from __future__ import annotations

from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

_SALES = [
    "paid_at", "currency", "country", "is_tax_included", "subtotal_amount", "discount_amount",
    "shipping_amount", "tax_amount", "relief_amount", "rounding_amount", "total_amount",
    "gift_card_amount",
]  # fmt: skip


def upgrade() -> None:
    op.create_index("ix_orders_sales", "orders", _SALES)
    op.create_index("ix_payments_received_at", "payments", ["received_at"])
    op.create_index("ix_refunds_created_at", "refunds", ["created_at"])


def downgrade() -> None:
    op.drop_index("ix_refunds_created_at", "refunds")
    op.drop_index("ix_payments_received_at", "payments")
    op.drop_index("ix_orders_sales", "orders")

"""Refunds that go back to gift cards, or stay in the shop as credit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

METHODS = "method IN ('stripe', 'by_hand', 'gift_card', 'store_credit')"
OLD_METHODS = "method IN ('stripe', 'by_hand')"


def upgrade() -> None:
    with op.batch_alter_table("refunds") as batch:
        batch.alter_column("payment_id", existing_type=sa.Integer(), nullable=True)
        batch.drop_constraint(op.f("ck_refunds_method_known"), type_="check")
        batch.create_check_constraint(op.f("ck_refunds_method_known"), METHODS)
        batch.create_check_constraint(
            op.f("ck_refunds_payment_unless_gift_card"),
            "(payment_id IS NULL) = (method = 'gift_card')",
        )


def downgrade() -> None:
    """Refunds that the older schema cannot hold stop it: its constraints refuse them."""
    with op.batch_alter_table("refunds") as batch:
        batch.drop_constraint(op.f("ck_refunds_payment_unless_gift_card"), type_="check")
        batch.drop_constraint(op.f("ck_refunds_method_known"), type_="check")
        batch.create_check_constraint(op.f("ck_refunds_method_known"), OLD_METHODS)
        batch.alter_column("payment_id", existing_type=sa.Integer(), nullable=False)

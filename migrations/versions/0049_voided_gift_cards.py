"""A gift card whose price is given back pays so much less."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

KINDS = "kind IN ('issued', 'spent', 'returned', 'refunded', 'voided')"
SIGNS = "(kind IN ('spent', 'voided')) = (amount < 0) AND amount <> 0"
OLD_KINDS = "kind IN ('issued', 'spent', 'returned', 'refunded')"
OLD_SIGNS = "(kind = 'spent') = (amount < 0) AND amount <> 0"


def upgrade() -> None:
    _check(KINDS, SIGNS)


def downgrade() -> None:
    """What was taken off counts as spent then: the balances stay right."""
    op.execute(sa.text("UPDATE gift_card_entries SET kind = 'spent', order_id = NULL WHERE kind = 'voided'"))
    _check(OLD_KINDS, OLD_SIGNS)


def _check(kinds: str, signs: str) -> None:
    with op.batch_alter_table("gift_card_entries") as batch:
        batch.drop_constraint(op.f("ck_gift_card_entries_kind_known"), type_="check")
        batch.drop_constraint(op.f("ck_gift_card_entries_amount_signed"), type_="check")
        batch.create_check_constraint(op.f("ck_gift_card_entries_kind_known"), kinds)
        batch.create_check_constraint(op.f("ck_gift_card_entries_amount_signed"), signs)

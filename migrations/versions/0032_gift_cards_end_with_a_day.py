"""The last day of a gift card, in place of an instant: a day ends when the shop's own ends."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("gift_cards", sa.Column("expires_on", sa.Date()))
    op.drop_column("gift_cards", "expires_at")


def downgrade() -> None:
    op.add_column("gift_cards", sa.Column("expires_at", sa.DateTime(timezone=True)))
    op.drop_column("gift_cards", "expires_on")

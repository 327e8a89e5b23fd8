"""Discounts for certain customers only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("discounts") as table:
        table.add_column(sa.Column("emails", sa.JSON(), nullable=False, server_default="[]"))
    with op.batch_alter_table("discounts") as table:
        table.alter_column("emails", existing_type=sa.JSON(), server_default=None)


def downgrade() -> None:
    op.drop_column("discounts", "emails")

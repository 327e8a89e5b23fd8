"""Districts of addresses, where the bill goes, and what shoppers write."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    empty = sa.text("''")
    for table in ("checkouts", "orders"):
        for column in (
            sa.Column("district", sa.String(80), nullable=False, server_default=empty),
            sa.Column("billing", sa.JSON(), nullable=False, server_default=sa.text("'{}'")),
            sa.Column("note", sa.Text(), nullable=False, server_default=empty),
            sa.Column("gift_message", sa.Text(), nullable=False, server_default=empty),
        ):
            op.add_column(table, column)


def downgrade() -> None:
    for table in ("orders", "checkouts"):
        for name in ("gift_message", "note", "billing", "district"):
            op.drop_column(table, name)

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
    for name in ("checkouts", "orders"):
        with op.batch_alter_table(name) as table:
            table.add_column(
                sa.Column("district", sa.String(80), nullable=False, server_default=empty)
            )
            table.add_column(sa.Column("billing", sa.JSON(), nullable=False, server_default="{}"))
            table.add_column(sa.Column("note", sa.Text(), nullable=False, server_default=empty))
            table.add_column(
                sa.Column("gift_message", sa.Text(), nullable=False, server_default=empty)
            )
        with op.batch_alter_table(name) as table:
            table.alter_column("billing", server_default=None)


def downgrade() -> None:
    for table in ("orders", "checkouts"):
        for name in ("gift_message", "note", "billing", "district"):
            op.drop_column(table, name)

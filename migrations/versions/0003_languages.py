"""The languages a shop is offered in, and the one each order was placed in. Shops and orders so far
speak English.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("store_settings") as batch:
        batch.add_column(sa.Column("languages", sa.JSON(), nullable=False, server_default='["en"]'))
    with op.batch_alter_table("orders") as batch:
        batch.add_column(sa.Column("language", sa.String(8), nullable=False, server_default="en"))
    # The models give the value; the default was for the rows that stood here.
    with op.batch_alter_table("store_settings") as batch:
        batch.alter_column("languages", existing_type=sa.JSON(), server_default=None)
    with op.batch_alter_table("orders") as batch:
        batch.alter_column("language", existing_type=sa.String(8), server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("orders") as batch:
        batch.drop_column("language")
    with op.batch_alter_table("store_settings") as batch:
        batch.drop_column("languages")

"""What products are taxed as."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "products",
        sa.Column("tax_category", sa.String(40), nullable=False, server_default="standard"),
    )


def downgrade() -> None:
    op.drop_column("products", "tax_category")

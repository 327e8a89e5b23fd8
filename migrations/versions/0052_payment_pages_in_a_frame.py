"""Payment pages that are shown inside the checkout."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "payment_attempts",
        sa.Column("client_secret", sa.Text(), nullable=False, server_default=sa.text("''")),
    )
    op.add_column(
        "payment_settings",
        sa.Column("is_embedded", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    """Open pages without an address close by themselves; their orders are paid on new ones."""
    op.drop_column("payment_settings", "is_embedded")
    op.drop_column("payment_attempts", "client_secret")

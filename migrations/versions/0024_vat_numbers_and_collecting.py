"""VAT numbers of buyers, the address where orders are collected, and totals that end in 0 or 5."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

TEXTS = (
    ("checkouts", "vat_number", 20),
    ("orders", "vat_number", 20),
    ("orders", "collect_from", 200),
    ("store_settings", "address", 200),
)


def upgrade() -> None:
    for table, name, length in TEXTS:
        op.add_column(
            table, sa.Column(name, sa.String(length), nullable=False, server_default=sa.text("''"))
        )
    op.add_column(
        "store_settings",
        sa.Column("rounding_units", sa.Integer(), nullable=False, server_default="1"),
    )


def downgrade() -> None:
    op.drop_column("store_settings", "rounding_units")
    for table, name, _length in reversed(TEXTS):
        op.drop_column(table, name)

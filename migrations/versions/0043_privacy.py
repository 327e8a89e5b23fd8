"""What staff write down about customers, and when the contact of an erased one is forgotten."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "accounts", sa.Column("tags", sa.String(300), nullable=False, server_default=sa.text("''"))
    )
    op.add_column(
        "accounts", sa.Column("note", sa.Text(), nullable=False, server_default=sa.text("''"))
    )
    op.add_column(
        "orders", sa.Column("forget_contact_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.create_index("ix_orders_forget_contact_at", "orders", ["forget_contact_at"])


def downgrade() -> None:
    op.drop_index("ix_orders_forget_contact_at", "orders")
    op.drop_column("orders", "forget_contact_at")
    op.drop_column("accounts", "note")
    op.drop_column("accounts", "tags")

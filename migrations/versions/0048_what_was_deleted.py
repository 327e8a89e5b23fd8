"""The audit trail keeps what was deleted, and can be searched."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "audit_entries", sa.Column("text", sa.Text(), nullable=False, server_default=sa.text("''"))
    )
    op.add_column("audit_entries", sa.Column("kept", sa.JSON(), nullable=True))
    op.execute("UPDATE audit_entries SET text = lower(substr(CAST(data AS TEXT), 1, 2000))")


def downgrade() -> None:
    op.drop_column("audit_entries", "kept")
    op.drop_column("audit_entries", "text")

"""Without the index of when subscribers left: SQLite asked it for those who have not answered, and
walked all who are still there. Those who left have an index of their own.
"""

from __future__ import annotations

from alembic import op

revision = "0070"
down_revision = "0069"
branch_labels = None
depends_on = None

NAME = "ix_subscribers_unsubscribed_at"


def upgrade() -> None:
    op.drop_index(NAME, "subscribers")


def downgrade() -> None:
    op.create_index(NAME, "subscribers", ["unsubscribed_at"])

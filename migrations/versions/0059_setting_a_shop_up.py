"""What of setting the shop up is done or left for later."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "setup_steps",
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('done', 'skipped')", name=op.f("ck_setup_steps_state_known")),
        sa.PrimaryKeyConstraint("name", name="pk_setup_steps"),
    )


def downgrade() -> None:
    op.drop_table("setup_steps")

"""How many visitors came as far as which step."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "traffic_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("step", sa.String(12), nullable=False),
        sa.Column("visitors", sa.Integer(), nullable=False),
        sa.Column("sketch", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("visitors >= 0", name=op.f("ck_traffic_days_visitors_not_negative")),
        sa.PrimaryKeyConstraint("day", "step", name="pk_traffic_days"),
    )
    op.create_table(
        "traffic_salts",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_traffic_salts"),
    )


def downgrade() -> None:
    op.drop_table("traffic_salts")
    op.drop_table("traffic_days")

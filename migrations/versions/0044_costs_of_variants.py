"""What a variant costs the shop."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("variants") as table:
        table.add_column(sa.Column("cost_amount", sa.Integer(), nullable=True))
        table.create_check_constraint(
            op.f("ck_variants_cost_amount_not_negative"), "cost_amount >= 0"
        )


def downgrade() -> None:
    with op.batch_alter_table("variants") as table:
        table.drop_constraint(op.f("ck_variants_cost_amount_not_negative"), type_="check")
        table.drop_column("cost_amount")

"""Why the shop closes a payment page, and whose wish it was."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "payment_attempts",
        sa.Column("closing", sa.String(16), nullable=False, server_default=sa.text("''")),
    )
    with op.batch_alter_table("payment_attempts") as table:
        table.add_column(sa.Column("closing_by", sa.Integer(), nullable=True))
        table.create_foreign_key(
            "fk_payment_attempts_closing_by_accounts",
            "accounts",
            ["closing_by"],
            ["id"],
            ondelete="SET NULL",
        )


def downgrade() -> None:
    with op.batch_alter_table("payment_attempts") as table:
        table.drop_constraint("fk_payment_attempts_closing_by_accounts", type_="foreignkey")
        table.drop_column("closing_by")
    op.drop_column("payment_attempts", "closing")

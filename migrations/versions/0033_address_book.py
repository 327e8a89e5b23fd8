"""The addresses that customers keep, and who was signed in at a checkout."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_addresses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("line1", sa.String(120), nullable=False),
        sa.Column("line2", sa.String(120), nullable=False),
        sa.Column("district", sa.String(80), nullable=False),
        sa.Column("city", sa.String(80), nullable=False),
        sa.Column("region", sa.String(80), nullable=False),
        sa.Column("postal_code", sa.String(20), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("phone", sa.String(32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name="fk_saved_addresses_account_id_accounts",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_saved_addresses"),
    )
    op.create_index("ix_saved_addresses_account_id", "saved_addresses", ["account_id"])
    op.create_index(
        "uq_saved_addresses_default",
        "saved_addresses",
        ["account_id"],
        unique=True,
        sqlite_where=sa.text("is_default"),
        postgresql_where=sa.text("is_default"),
    )
    with op.batch_alter_table("checkouts") as table:
        table.add_column(sa.Column("account_id", sa.Integer(), nullable=True))
        table.create_foreign_key(
            "fk_checkouts_account_id_accounts",
            "accounts",
            ["account_id"],
            ["id"],
            ondelete="SET NULL",
        )
    op.create_index("ix_checkouts_account_id", "checkouts", ["account_id"])


def downgrade() -> None:
    op.drop_index("ix_checkouts_account_id", "checkouts")
    with op.batch_alter_table("checkouts") as table:
        table.drop_constraint("fk_checkouts_account_id_accounts", type_="foreignkey")
        table.drop_column("account_id")
    op.drop_table("saved_addresses")

"""Accounts of customers: signed-in browsers, mailed links, whose an order is, and kept carts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "accounts",
        sa.Column("language", sa.String(8), nullable=False, server_default=sa.text("'en'")),
    )
    op.create_table(
        "account_sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(43), nullable=False),
        sa.Column("device", sa.String(60), nullable=False),
        sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name="fk_account_sessions_account_id_accounts",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_account_sessions"),
        sa.UniqueConstraint("key", name="uq_account_sessions_key"),
    )
    op.create_index("ix_account_sessions_account_id", "account_sessions", ["account_id"])
    op.create_index("ix_account_sessions_signed_in_at", "account_sessions", ["signed_in_at"])
    op.create_table(
        "mailed_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("old_email", sa.String(254), nullable=False),
        sa.Column("way_on", sa.String(2000), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name="fk_mailed_links_account_id_accounts",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_mailed_links"),
    )
    op.create_index("ix_mailed_links_email", "mailed_links", ["email"])
    op.create_index("ix_mailed_links_account_id", "mailed_links", ["account_id"])
    op.create_index("ix_mailed_links_created_at", "mailed_links", ["created_at"])
    op.create_table(
        "saved_carts",
        sa.Column("account_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("lines", sa.String(800), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name="fk_saved_carts_account_id_accounts",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", name="pk_saved_carts"),
    )
    with op.batch_alter_table("orders") as table:
        table.add_column(sa.Column("account_id", sa.Integer(), nullable=True))
        table.create_foreign_key(
            "fk_orders_account_id_accounts", "accounts", ["account_id"], ["id"], ondelete="SET NULL"
        )
    op.create_index("ix_orders_account_id", "orders", ["account_id", "id"])


def downgrade() -> None:
    op.drop_index("ix_orders_account_id", "orders")
    with op.batch_alter_table("orders") as table:
        table.drop_constraint("fk_orders_account_id_accounts", type_="foreignkey")
        table.drop_column("account_id")
    op.drop_table("saved_carts")
    op.drop_table("mailed_links")
    op.drop_table("account_sessions")
    op.drop_column("accounts", "language")

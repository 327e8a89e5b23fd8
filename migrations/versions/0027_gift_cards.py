"""Gift cards and store credit, their ledger, and what products, checkouts and orders know of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

IS_CREDIT = sa.text("kind = 'store_credit'")
EMPTY = sa.text("''")


def upgrade() -> None:
    for table in ("products", "line_items"):
        op.add_column(
            table, sa.Column("is_gift_card", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    for table in ("checkouts", "orders"):
        op.add_column(
            table, sa.Column("gift_email", sa.String(254), nullable=False, server_default=EMPTY)
        )
    op.create_table(
        "gift_cards",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("balance_amount", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(32), nullable=False),
        sa.Column("code_digest", sa.String(64), nullable=False),
        sa.Column("last_four", sa.String(4), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True)),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("sender", sa.String(120), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("note", sa.String(500), nullable=False),
        sa.Column("line_item_id", sa.Integer()),
        sa.Column("unit", sa.Integer()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('gift_card', 'store_credit')", name=op.f("ck_gift_cards_kind_known")
        ),
        sa.CheckConstraint(
            "balance_amount >= 0", name=op.f("ck_gift_cards_balance_amount_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["line_item_id"], ["line_items.id"], name=op.f("fk_gift_cards_line_item_id_line_items")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gift_cards")),
        sa.UniqueConstraint("code_digest", name=op.f("uq_gift_cards_code_digest")),
        sa.UniqueConstraint("line_item_id", "unit", name=op.f("uq_gift_cards_line_item_id_unit")),
    )
    op.create_index("ix_gift_cards_email", "gift_cards", ["email"])
    op.create_index("ix_gift_cards_last_four", "gift_cards", ["last_four"])
    op.create_index(
        "uq_gift_cards_store_credit",
        "gift_cards",
        ["email", "currency"],
        unique=True,
        sqlite_where=IS_CREDIT,
        postgresql_where=IS_CREDIT,
    )
    op.create_table(
        "gift_card_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("gift_card_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("balance_amount", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer()),
        sa.Column("key", sa.String(80)),
        sa.Column("account_id", sa.Integer()),
        sa.Column("note", sa.String(500), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('issued', 'spent', 'returned', 'refunded')",
            name=op.f("ck_gift_card_entries_kind_known"),
        ),
        sa.CheckConstraint(
            "(kind = 'spent') = (amount < 0) AND amount <> 0",
            name=op.f("ck_gift_card_entries_amount_signed"),
        ),
        sa.CheckConstraint(
            "balance_amount >= 0", name=op.f("ck_gift_card_entries_balance_amount_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name=op.f("fk_gift_card_entries_account_id_accounts"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["gift_card_id"],
            ["gift_cards.id"],
            name=op.f("fk_gift_card_entries_gift_card_id_gift_cards"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_gift_card_entries_order_id_orders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gift_card_entries")),
        sa.UniqueConstraint(
            "gift_card_id", "key", name=op.f("uq_gift_card_entries_gift_card_id_key")
        ),
    )
    for column in ("gift_card_id", "order_id", "account_id"):
        op.create_index(op.f(f"ix_gift_card_entries_{column}"), "gift_card_entries", [column])


def downgrade() -> None:
    op.drop_table("gift_card_entries")
    op.drop_table("gift_cards")
    for table in ("orders", "checkouts"):
        op.drop_column(table, "gift_email")
    for table in ("line_items", "products"):
        op.drop_column(table, "is_gift_card")

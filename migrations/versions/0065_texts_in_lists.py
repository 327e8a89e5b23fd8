"""An index of trigrams for each list that is searched, and of what lists are narrowed to. Triggers
keep those of SQLite: migrations/env.py puts them in place, and has the rows read.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None

COLUMNS = {
    "accounts": ["email", "name", "tags"],
    "articles": ["title", "handle"],
    "audit_entries": ["text"],
    "discounts": ["title", "code"],
    "gift_cards": ["email"],
    "orders": ["email", "name"],
    "pages": ["title", "handle"],
    "products": ["title", "handle"],
    "purchase_orders": ["supplier", "reference"],
    "redirects": ["path", "target"],
    "reviews": ["title", "text", "name"],
    "searched_words": ["words"],
    "subscribers": ["email"],
    "synonyms": ["searched", "found"],
    "variants": ["sku"],
}
#: Every three characters that follow each other, once. Immutable, so that an index can hold it.
FUNCTION = """
CREATE FUNCTION till_trigrams(words text) RETURNS text[] LANGUAGE sql
IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(DISTINCT substr(words, place, 3) COLLATE "C"), '{}')
    FROM generate_series(1, length(words) - 2) AS place
$$
"""
INDEXES = {
    "ix_abandoned_checkouts_figures": (
        "abandoned_checkouts", ["sent_at", "opened_at", "restored_id"],
    ),
    "ix_discounts_ends_at": ("discounts", ["ends_at"]),
    "ix_discounts_starts_at": ("discounts", ["starts_at"]),
    "ix_gift_cards_expires_on": ("gift_cards", ["expires_on"]),
    "ix_pages_title": ("pages", ["title", "id"]),
    "ix_products_status": ("products", ["status", "id"]),
    "ix_reviews_created_at": ("reviews", ["created_at", "id"]),
    "ix_stripe_events_type_received_at": ("stripe_events", ["type", "received_at"]),
    "ix_synonyms_changed_at": ("synonyms", ["changed_at", "id"]),
    "ix_audit_entries_action": ("audit_entries", ["action", "id"]),
    "ix_audit_entries_at": ("audit_entries", ["at", "id"]),
    "ix_orders_country_placed_at": ("orders", ["country", "placed_at", "id"]),
    "ix_orders_state_fulfillment_state": (
        "orders", ["state", "fulfillment_state", "placed_at", "id"],
    ),
    "ix_orders_state_placed_at": ("orders", ["state", "placed_at", "id"]),
    "ix_variants_barcode": ("variants", ["barcode"]),
}  # fmt: skip
PARTIAL = {
    "ix_gift_cards_with_balance": ("gift_cards", ["id"], "balance_amount > 0"),
    "ix_reservations_waiting_longest": ("reservations", ["id"], "waiting > 0"),
    "ix_subscribers_asked": (
        "subscribers", ["id"], "confirmed_at IS NULL AND unsubscribed_at IS NULL",
    ),
    "ix_subscribers_ended": ("subscribers", ["id"], "unsubscribed_at IS NOT NULL"),
    "ix_audit_entries_kept": ("audit_entries", ["id"], "kept IS NOT NULL"),
    "ix_orders_closed": ("orders", ["placed_at", "id"], "state IN ('expired', 'canceled')"),
    "ix_orders_refunded": ("orders", ["placed_at", "id"], "refunded_amount > 0"),
    "ix_orders_to_review": ("orders", ["placed_at", "id"], "review_reason <> ''"),
    "ix_orders_to_send": (
        "orders", ["placed_at", "id"],
        "state IN ('paid') AND fulfillment_state IN ('unfulfilled', 'partly_fulfilled')",
    ),
    "ix_orders_unpaid": (
        "orders", ["placed_at", "id"],
        "state IN ('pending_payment', 'awaiting_bank', 'awaiting_money', 'authorized')",
    ),
}  # fmt: skip
#: Of a flag that is not set.
UNSET = {
    "ix_discounts_paused": ("discounts", ["id"], "is_active"),
    "ix_gift_cards_disabled": ("gift_cards", ["id"], "is_active"),
    "ix_stock_items_uncounted": ("stock_items", ["variant_id"], "is_tracked"),
}


def upgrade() -> None:
    is_postgres = op.get_bind().dialect.name == "postgresql"
    if is_postgres:
        op.execute(FUNCTION)
        # Indexing what a large shop has takes longer than one of its requests may.
        op.execute("SET LOCAL statement_timeout = 0")
    for table, columns in COLUMNS.items():
        if is_postgres:
            words = " || chr(10) || ".join(f"coalesce({name}, '')" for name in columns)
            op.execute(
                f"CREATE INDEX search_in_{table} ON {table}"
                f' USING gin (till_trigrams(lower({words})) COLLATE "C")'
            )
        else:
            op.execute(
                f"CREATE VIRTUAL TABLE search_in_{table} USING fts5({', '.join(columns)},"
                f" content = '{table}', content_rowid = 'id', columnsize = 0, tokenize = 'trigram')"
            )
    op.drop_index("ix_orders_fulfillment_state_placed_at", "orders")
    for name, (table, columns) in INDEXES.items():
        op.create_index(name, table, columns)
    for name, (table, columns, condition) in PARTIAL.items():
        where = sa.text(condition)
        op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
    for name, (table, columns, flag) in UNSET.items():
        op.create_index(
            name,
            table,
            columns,
            sqlite_where=sa.text(f"{flag} = 0"),
            postgresql_where=sa.text(f"NOT {flag}"),
        )


def downgrade() -> None:
    for name, (table, *_rest) in (INDEXES | PARTIAL | UNSET).items():
        op.drop_index(name, table)
    op.create_index(
        "ix_orders_fulfillment_state_placed_at", "orders", ["fulfillment_state", "placed_at"]
    )
    is_postgres = op.get_bind().dialect.name == "postgresql"
    for table in COLUMNS:
        op.execute(f"DROP {'INDEX' if is_postgres else 'TABLE'} search_in_{table}")
    if is_postgres:
        op.execute("DROP FUNCTION till_trigrams(text)")

"""Indexes by which the admin's long lists are sorted and narrowed: tags, types and vendors of
products, what is available of variants, and ties of Stripe's events.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_products_product_type": ("products", ["product_type", "id"]),
    "ix_products_vendor": ("products", ["vendor", "id"]),
}
#: Of counters.
PARTIAL = {
    "ix_stock_items_own_threshold": "low_stock_at IS NOT NULL",
    "ix_stock_items_promised": "reserved > 0",
}
#: Each is made anew with the event's id, by which those of one moment are sorted.
OF_EVENTS = {
    "ix_stripe_events_received_at": ["received_at"],
    "ix_stripe_events_status_received_at": ["status", "received_at"],
    "ix_stripe_events_type_received_at": ["type", "received_at"],
}


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        # Indexing what a large shop has takes longer than one of its requests may.
        op.execute("SET LOCAL statement_timeout = 0")
    _search_products(["title", "handle", "tags"])
    for name, (table, columns) in INDEXES.items():
        op.create_index(name, table, columns)
    for name, condition in PARTIAL.items():
        where = sa.text(condition)
        op.create_index(
            name, "stock_items", ["variant_id"], sqlite_where=where, postgresql_where=where
        )
    for name, columns in OF_EVENTS.items():
        op.drop_index(name, "stripe_events")
        op.create_index(name, "stripe_events", [*columns, "id"])


def downgrade() -> None:
    for name, columns in OF_EVENTS.items():
        op.drop_index(name, "stripe_events")
        op.create_index(name, "stripe_events", columns)
    for name in PARTIAL:
        op.drop_index(name, "stock_items")
    for name, (table, _columns) in INDEXES.items():
        op.drop_index(name, table)
    _search_products(["title", "handle"])


def _search_products(columns: list[str]) -> None:
    """As 0065, with what products are tagged. migrations/env.py has the rows read on SQLite."""
    if op.get_bind().dialect.name == "postgresql":
        words = " || chr(10) || ".join(
            f"coalesce({name}{'::text' if name == 'tags' else ''}, '')" for name in columns
        )
        op.execute("DROP INDEX search_in_products")
        op.execute(
            "CREATE INDEX search_in_products ON products"
            f' USING gin (till_trigrams(lower({words})) COLLATE "C")'
        )
        return
    op.execute("DROP TABLE search_in_products")
    op.execute(
        f"CREATE VIRTUAL TABLE search_in_products USING fts5({', '.join(columns)},"
        " content = 'products', content_rowid = 'id', columnsize = 0, tokenize = 'trigram')"
    )

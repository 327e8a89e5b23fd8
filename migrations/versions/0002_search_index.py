"""The words of published products. Made apart from the models: each database has its own kind of
index, written by shop/search/index.py only. Existing products: run `flask search rebuild`.
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SQLITE = """
CREATE VIRTUAL TABLE search_products USING fts5(
    title, skus, text, tokenize = 'unicode61 remove_diacritics 0', prefix = '1 2 3'
)
"""
# Searches come far more often than changes: those wait for the index, not the searches.
POSTGRES_INDEX = """
CREATE INDEX ix_search_products_words ON search_products USING gin (words) WITH (fastupdate = off)
"""
POSTGRES = """
CREATE TABLE search_products (
    product_id integer CONSTRAINT pk_search_products PRIMARY KEY,
    title text NOT NULL,
    skus text NOT NULL,
    words tsvector NOT NULL
)
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(POSTGRES)
        op.execute(POSTGRES_INDEX)
    else:
        op.execute(SQLITE)


def downgrade() -> None:
    op.execute("DROP TABLE search_products")

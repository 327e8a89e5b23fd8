"""SQLite finds products by beginnings of up to eight letters in lists of their own. For longer ones
than it had lists for, it put together all products with any word that goes on from them: for "dish"
those with "dishwasher" too, however many.
"""

from __future__ import annotations

from alembic import op

revision = "0073"
down_revision = "0072"
branch_labels = None
depends_on = None

COLUMNS = "title, skus, text"


def upgrade() -> None:
    _make_anew("1 2 3 4 5 6 7 8")


def downgrade() -> None:
    _make_anew("1 2 3")


def _make_anew(lengths: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        return
    op.execute(
        f"CREATE VIRTUAL TABLE search_products_anew USING fts5({COLUMNS},"
        f" tokenize = 'unicode61 remove_diacritics 0', prefix = '{lengths}')"
    )
    op.execute(
        f"INSERT INTO search_products_anew (rowid, {COLUMNS})"
        f" SELECT rowid, {COLUMNS} FROM search_products"
    )
    op.execute("DROP TABLE search_products")
    op.execute("ALTER TABLE search_products_anew RENAME TO search_products")

"""The words by which found products are ranked, apart from their long texts on SQLite, so that
hundreds of them are read from few pages; and how many words a title has.
"""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

SQLITE = """
CREATE TABLE search_titles (
    product_id INTEGER CONSTRAINT pk_search_titles PRIMARY KEY,
    title TEXT NOT NULL,
    skus TEXT NOT NULL,
    title_words INTEGER NOT NULL
)
"""
# A title's words stand before "|", a blank between each.
FILL_SQLITE = """
INSERT INTO search_titles (product_id, title, skus, title_words)
SELECT rowid, title, skus,
    1 + length(words) - length(replace(words, ' ', ''))
FROM (
    SELECT rowid, title, skus, rtrim(substr(title || '|', 1, instr(title || '|', '|') - 1)) AS words
    FROM search_products
)
"""
FILL_POSTGRES = """
UPDATE search_products
SET title_words = array_length(string_to_array(rtrim(split_part(title, '|', 1)), ' '), 1)
WHERE title <> ''
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE search_products ADD COLUMN title_words integer NOT NULL DEFAULT 1")
        op.execute(FILL_POSTGRES)
    else:
        op.execute(SQLITE)
        op.execute(FILL_SQLITE)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE search_products DROP COLUMN title_words")
    else:
        op.execute("DROP TABLE search_titles")

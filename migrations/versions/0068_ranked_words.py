"""What was searched most in the periods of the report, added up once instead of at each look."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None

PERIODS = (7, 30, 90)


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        # A large shop's searches take longer to add up than one of its requests may.
        op.execute("SET LOCAL statement_timeout = 0")
    op.create_table(
        "ranked_words",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(80), nullable=False),
        *(sa.Column(f"in_{days}_days", sa.Integer(), nullable=False) for days in PERIODS),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ranked_words"),
        sa.UniqueConstraint("words", name="uq_ranked_words_words"),
    )
    op.create_table(
        "searched_periods",
        sa.Column("days", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("searches", sa.Integer(), nullable=False),
        sa.Column("found_nothing", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("days", name="pk_searched_periods"),
    )
    _add_up()
    for days in PERIODS:
        columns = [sa.text(f"in_{days}_days DESC"), "words"]
        op.create_index(f"search_ranks_{days}_days", "ranked_words", columns)
        nothing = sa.text("found = 0")
        op.create_index(
            f"search_ranks_nothing_{days}_days",
            "ranked_words",
            columns,
            sqlite_where=nothing,
            postgresql_where=nothing,
        )
    _search("searched_words", "ranked_words")


def downgrade() -> None:
    _search("ranked_words", "searched_words")
    op.drop_table("searched_periods")
    op.drop_table("ranked_words")


def _add_up() -> None:
    """Of the periods that end on the day of the migration, or of a search that is later."""
    connection = op.get_bind()
    latest = sa.text("SELECT max(searched_on) AS day FROM searched_words").columns(day=sa.Date())
    day = connection.scalar(latest)
    if day is None:
        return
    last_on = max(day, datetime.now(UTC).date())
    first = {days: last_on - timedelta(days=days - 1) for days in PERIODS}
    counts = ", ".join(
        f"sum(CASE WHEN searched_on >= '{first[days]}' THEN searches ELSE 0 END) AS in_{days}_days"
        for days in PERIODS
    )
    names = ", ".join(f"in_{days}_days" for days in PERIODS)
    op.execute(
        f"INSERT INTO ranked_words (words, {names}, found, last_on)"
        f" SELECT words, {names}, found, searched_on FROM searched_words JOIN"
        f" (SELECT words, max(searched_on) AS last_on, {counts} FROM searched_words"
        f" WHERE searched_on >= '{first[max(PERIODS)]}' GROUP BY words) AS counted"
        " USING (words) WHERE searched_on = counted.last_on"
    )
    for days in PERIODS:
        op.execute(
            "INSERT INTO searched_periods (days, last_on, searches, found_nothing)"
            f" SELECT {days}, '{last_on}', coalesce(sum(in_{days}_days), 0),"
            f" coalesce(sum(CASE WHEN found = 0 THEN in_{days}_days ELSE 0 END), 0)"
            " FROM ranked_words"
        )


def _search(table: str, instead: str) -> None:
    """As 0065, the one no more. migrations/env.py has the rows read on SQLite."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP INDEX search_in_{table}")
        op.execute(
            f"CREATE INDEX search_in_{instead} ON {instead}"
            " USING gin (till_trigrams(lower(coalesce(words, ''))) COLLATE \"C\")"
        )
        return
    op.execute(f"DROP TABLE search_in_{table}")
    op.execute(
        f"CREATE VIRTUAL TABLE search_in_{instead} USING fts5(words, content = '{instead}',"
        " content_rowid = 'id', columnsize = 0, tokenize = 'trigram')"
    )

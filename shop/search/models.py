"""What finding needs beside the index: spelling, the merchant's synonyms, and what was searched."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shop.clock import now
from shop.extensions import GIVEN_ONCE, Model, partial_index

#: Of words, as written by a merchant or typed by a shopper.
MAX_SYNONYM, MAX_RECORDED = 200, 80


class VocabularyWord(Model):
    """A word of a product, for correcting a shopper's. Words are only added; `flask search rebuild`
    takes those away that no product has any more.
    """

    __tablename__ = "vocabulary_words"

    #: Grows, so that a process reads only what it has not read yet.
    id: Mapped[int] = mapped_column(primary_key=True)
    #: Folded, as the index holds it.
    word: Mapped[str] = mapped_column(sa.String(64), unique=True)
    #: With its accents: "crème".
    shown: Mapped[str] = mapped_column(sa.String(64))


class Synonym(Model):
    """Words that find what other words find."""

    __tablename__ = "synonyms"
    __table_args__ = (sa.Index("ix_synonyms_changed_at", "changed_at", "id"), GIVEN_ONCE)

    id: Mapped[int] = mapped_column(primary_key=True)
    #: What shoppers type, parted by commas.
    searched: Mapped[str] = mapped_column(sa.String(MAX_SYNONYM))
    #: What products say instead, parted by commas.
    found: Mapped[str] = mapped_column(sa.String(MAX_SYNONYM))
    #: Whether all of these words mean the same; otherwise the second do not find the first.
    is_two_way: Mapped[bool] = mapped_column(default=True)
    changed_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)


class SynonymPhrase(Model):
    """One phrase of a synonym with one that it also finds, as stems; read at every search."""

    __tablename__ = "synonym_phrases"
    __table_args__ = (sa.UniqueConstraint("synonym_id", "typed", "also"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    synonym_id: Mapped[int] = mapped_column(sa.ForeignKey("synonyms.id", ondelete="CASCADE"))
    typed: Mapped[str] = mapped_column(sa.String(MAX_SYNONYM), index=True)
    also: Mapped[str] = mapped_column(sa.String(MAX_SYNONYM))


#: Days of the periods that the report of searches tells of.
PERIODS = (7, 30, 90)


class SearchedWords(Model):
    """How often words were searched on a day. Nobody is named."""

    __tablename__ = "searched_words"
    __table_args__ = (sa.UniqueConstraint("searched_on", "words"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    #: In UTC.
    searched_on: Mapped[date]
    words: Mapped[str] = mapped_column(sa.String(MAX_RECORDED))
    searches: Mapped[int] = mapped_column(default=0)
    #: How many products the last search found with exactly these words.
    found: Mapped[int] = mapped_column(default=0)


class RankedWords(Model):
    """How often words were searched in each of the PERIODS, added up as searches are written: at
    each look, there would be too many days and words. shop/search/ranking.py keeps them.
    """

    __tablename__ = "ranked_words"
    # Named so that they are not compared: SQLAlchemy does not see what SQLite has in descending
    # order. A migration that makes the table anew has to make them anew as well.
    __table_args__ = (
        *(
            sa.Index(f"search_ranks_{days}_days", sa.column(f"in_{days}_days").desc(), "words")
            for days in PERIODS
        ),
        *(
            partial_index(
                f"search_ranks_nothing_{days}_days",
                (sa.column(f"in_{days}_days").desc(), "words"),
                "found = 0",
            )
            for days in PERIODS
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    words: Mapped[str] = mapped_column(sa.String(MAX_RECORDED), unique=True)
    in_7_days: Mapped[int]
    in_30_days: Mapped[int]
    in_90_days: Mapped[int]
    #: How many products the last search found.
    found: Mapped[int]
    #: The day of the last search, in UTC.
    last_on: Mapped[date]


class SearchedPeriod(Model):
    """What all words of a period come to, and where it ends."""

    __tablename__ = "searched_periods"

    #: One of the PERIODS.
    days: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    #: The last day that it holds, in UTC; the same for all.
    last_on: Mapped[date]
    searches: Mapped[int] = mapped_column(default=0)
    #: Of them, those for words whose last search found nothing.
    found_nothing: Mapped[int] = mapped_column(default=0)

    @property
    def first_on(self) -> date:
        return self.last_on - timedelta(days=self.days - 1)

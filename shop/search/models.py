"""What finding needs beside the index: spelling, the merchant's synonyms, and what was searched."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shop.clock import now
from shop.extensions import Model

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
    __table_args__ = (sa.Index("ix_synonyms_changed_at", "changed_at", "id"),)

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

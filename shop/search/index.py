"""The words of published products, in FTS5 on SQLite and in a tsvector on PostgreSQL.

Takes plain values and knows no catalog. Words are cut, folded and ranked here, not by the
databases, so that both find the same products in the same order. Writes belong to the caller's
transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import sqlalchemy as sa

from shop.extensions import db
from shop.search.words import sku_words_of, words_of

#: At most so many products are ranked and listed; matches in titles are taken first.
MAX_CANDIDATES = 500
#: Largest id of a row.
LAST_ID = 2_147_483_647
#: What is read of a query, and of a product's text.
MAX_QUERY_LENGTH, MAX_QUERY_WORDS, MAX_TEXT_LENGTH = 200, 8, 20_000

_IN_TITLE, _BEGINS_IN_TITLE, _IN_SKU, _BEGINS_IN_SKU, _IN_TEXT = 8, 6, 5, 4, 1


@dataclass(frozen=True)
class Document:
    """What is searched of one product. `sku_words`: its SKUs, parted by spaces."""

    product_id: int
    title: str
    sku_words: str
    text: str


@dataclass(frozen=True)
class Entry:
    """A document as the index holds it: folded words."""

    product_id: int
    title: list[str]
    skus: list[str]
    text: list[str]


@dataclass(frozen=True)
class Candidate:
    product_id: int
    title: frozenset[str]
    skus: frozenset[str]
    title_length: int


def put(product_id: int, title: str, sku_words: str, text: str) -> None:
    """Make the product findable by these words only."""
    put_many([Document(product_id, title, sku_words, text)])


def put_many(documents: Sequence[Document]) -> None:
    if documents:
        _index().put([_entry(document) for document in documents])


def remove(product_id: int) -> None:
    remove_many([product_id])


def remove_many(product_ids: Sequence[int]) -> None:
    if product_ids:
        _index().remove(product_ids)


def ids_between(first: int, last: int) -> set[int]:
    """The indexed products with these ids, both ends included."""
    rows = db.session.scalars(_index().ids_between, {"first": first, "last": last})
    return set(rows)


def find(words: str, *, limit: int, offset: int = 0) -> list[int]:
    """Products with all the words, the last one as a beginning; titles before SKUs before texts.

    Any text is a query; one without letters and digits finds nothing.
    """
    wanted = words_of(words[:MAX_QUERY_LENGTH])[:MAX_QUERY_WORDS]
    if not wanted or limit <= 0:
        return []
    ranked = sorted(_candidates(wanted), key=lambda candidate: _rank(candidate, wanted))
    return [candidate.product_id for candidate in ranked[offset : offset + limit]]


def _candidates(wanted: list[str]) -> list[Candidate]:
    """Up to MAX_CANDIDATES, from the best place to the widest."""
    index = _index()
    found: dict[int, Candidate] = {}
    index.begin_search()
    for place in ("title", "skus", "anywhere"):
        for product_id, title, skus in db.session.execute(
            index.search, {"query": index.query(place, wanted), "limit": MAX_CANDIDATES}
        ):
            words = title.split()
            found.setdefault(
                product_id,
                Candidate(product_id, frozenset(words), frozenset(skus.split()), len(words)),
            )
        if len(found) >= MAX_CANDIDATES:
            break
    index.end_search()
    return list(found.values())[:MAX_CANDIDATES]


def _rank(candidate: Candidate, wanted: list[str]) -> tuple[int, int, int]:
    """Best first; among equals the shorter title, then the newer product."""
    *whole, last = wanted
    score = sum(_score(candidate, word) for word in whole)
    score += max(_score(candidate, last), _beginning_score(candidate, last))
    return -score, candidate.title_length, -candidate.product_id


def _score(candidate: Candidate, word: str) -> int:
    if word in candidate.title:
        return _IN_TITLE
    return _IN_SKU if word in candidate.skus else _IN_TEXT


def _beginning_score(candidate: Candidate, word: str) -> int:
    if any(title.startswith(word) for title in candidate.title):
        return _BEGINS_IN_TITLE
    return _BEGINS_IN_SKU if any(sku.startswith(word) for sku in candidate.skus) else _IN_TEXT


def _entry(document: Document) -> Entry:
    return Entry(
        document.product_id,
        words_of(document.title),
        _unique(word for sku in document.sku_words.split() for word in sku_words_of(sku)),
        _unique(words_of(document.text[:MAX_TEXT_LENGTH])),
    )


def _unique(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(words))


class _Index(Protocol):
    search: sa.TextClause
    ids_between: sa.TextClause

    def begin_search(self) -> None: ...
    def end_search(self) -> None: ...
    def query(self, place: str, wanted: list[str]) -> str: ...
    def put(self, entries: list[Entry]) -> None: ...
    def remove(self, product_ids: Sequence[int]) -> None: ...


def _index() -> _Index:
    return _Postgres() if db.engine.dialect.name == "postgresql" else _Sqlite()


class _Sqlite:
    """FTS5: one row a product, its id as rowid. Words are quoted, so none is an operator."""

    search = sa.text(
        "SELECT rowid, title, skus FROM search_products WHERE search_products MATCH :query"
        " ORDER BY rowid DESC LIMIT :limit"
    )
    ids_between = sa.text("SELECT rowid FROM search_products WHERE rowid BETWEEN :first AND :last")

    def begin_search(self) -> None:
        pass

    def end_search(self) -> None:
        pass

    def query(self, place: str, wanted: list[str]) -> str:
        columns = "title skus text" if place == "anywhere" else place
        terms = " AND ".join(f'"{word}"' for word in wanted)
        return f"{{{columns}}} : ({terms} *)"

    def put(self, entries: list[Entry]) -> None:
        self.remove([entry.product_id for entry in entries])
        db.session.execute(
            sa.text(
                "INSERT INTO search_products (rowid, title, skus, text)"
                " VALUES (:product_id, :title, :skus, :text)"
            ),
            [
                {
                    "product_id": entry.product_id,
                    "title": " ".join(entry.title),
                    "skus": " ".join(entry.skus),
                    "text": " ".join(entry.text),
                }
                for entry in entries
            ],
        )

    def remove(self, product_ids: Sequence[int]) -> None:
        db.session.execute(
            sa.text("DELETE FROM search_products WHERE rowid = :product_id"),
            [{"product_id": product_id} for product_id in product_ids],
        )


class _Postgres:
    """One tsvector a product; a word's first letter tells its place, so that the index alone
    answers "in the title": t(itle), s(ku), a(nywhere).
    """

    search = sa.text(
        "SELECT product_id, title, skus FROM search_products"
        # No order: with one, the planner would rather walk through all products in it.
        " WHERE words @@ CAST(:query AS tsquery) LIMIT :limit"
    )
    ids_between = sa.text(
        "SELECT product_id FROM search_products WHERE product_id BETWEEN :first AND :last"
    )

    def begin_search(self) -> None:
        """The planner takes a word for common, and reads all products for a rare one."""
        db.session.execute(sa.text("SET LOCAL enable_seqscan = off"))

    def end_search(self) -> None:
        db.session.execute(sa.text("SET LOCAL enable_seqscan = DEFAULT"))

    def query(self, place: str, wanted: list[str]) -> str:
        return " & ".join(f"'{place[0]}{word}'" for word in wanted) + ":*"

    def put(self, entries: list[Entry]) -> None:
        db.session.execute(
            sa.text(
                "INSERT INTO search_products (product_id, title, skus, words)"
                " VALUES (:product_id, :title, :skus, CAST(:words AS tsvector))"
                " ON CONFLICT (product_id) DO UPDATE SET"
                " title = excluded.title, skus = excluded.skus, words = excluded.words"
            ),
            [
                {
                    "product_id": entry.product_id,
                    "title": " ".join(entry.title),
                    "skus": " ".join(entry.skus),
                    "words": self._words(entry),
                }
                for entry in entries
            ],
        )

    def remove(self, product_ids: Sequence[int]) -> None:
        db.session.execute(
            sa.text("DELETE FROM search_products WHERE product_id = ANY(:product_ids)"),
            {"product_ids": list(product_ids)},
        )

    def _words(self, entry: Entry) -> str:
        places = [("t", entry.title), ("s", entry.skus)]
        places += [("a", words) for words in (entry.title, entry.skus, entry.text)]
        return " ".join(_unique(f"'{place}{word}'" for place, words in places for word in words))

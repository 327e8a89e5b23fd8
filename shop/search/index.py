"""The words of published products, in FTS5 on SQLite and in a tsvector on PostgreSQL.

Takes plain values and knows no catalog. Words are cut, folded, stemmed, corrected and ranked here,
not by the databases, so that both find the same products in the same order. Writes belong to the
caller's transaction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import sqlalchemy as sa

from shop.extensions import db
from shop.search import vocabulary
from shop.search.question import (
    MAX_QUERY_LENGTH,
    Candidate,
    Question,
    Slot,
    may_be_joined,
    question,
    rank,
    read_terms,
)
from shop.search.words import Term, sku_words_of, terms_of
from shop.web.visit import kept

__all__ = ["MAX_QUERY_LENGTH"]

#: At most so many products are ranked and listed: ten pages; matches in titles are taken first.
MAX_CANDIDATES = 240
#: And so many where none has all the words.
MAX_NEAR = 24
#: Largest id of a row.
LAST_ID = 2_147_483_647
#: What is read of a product's text.
MAX_TEXT_LENGTH = 20_000
#: Pages of SQLite's index that one step of `settle` writes: two megabytes.
SETTLED_AT_ONCE = 500
#: Between the words of a title and their stems, as the index keeps them; no word holds it.
_STEMS = "|"
_SYNONYMS = sa.text("SELECT typed, also FROM synonym_phrases ORDER BY id")
#: Whoever changes one writes its phrases anew, by which it is known that what is kept is old.
_SYNONYMS_WRITTEN = sa.text("SELECT searched, found, is_two_way FROM synonyms ORDER BY id")


@dataclass(frozen=True)
class Document:
    """What is searched of one product. `sku_words`: its SKUs, parted by spaces."""

    product_id: int
    title: str
    sku_words: str
    text: str


@dataclass(frozen=True)
class Entry:
    """A document as the index holds it: folded words and their stems."""

    product_id: int
    title: str
    skus: str
    text: str
    title_words: int


def put(product_id: int, title: str, sku_words: str, text: str) -> None:
    """Make the product findable by these words only."""
    put_many([Document(product_id, title, sku_words, text)])


def put_many(documents: Sequence[Document]) -> None:
    if documents:
        vocabulary.add(_words_to_spell(documents))
        _index().put([_entry(document) for document in documents])


def remove(product_id: int) -> None:
    remove_many([product_id])


def remove_many(product_ids: Sequence[int]) -> None:
    if product_ids:
        _index().remove(product_ids)


def settle() -> bool:
    """Put lists of words together that many changes have left apart, for searches to read fewer.
    One step of it, so that nobody waits long for the transaction; whether there is more to do.
    """
    return _index().settle()


def ids_between(first: int, last: int) -> set[int]:
    """The indexed products with these ids, both ends included."""
    rows = db.session.scalars(_index().ids_between, {"first": first, "last": last})
    return set(rows)


def find(words: str, *, limit: int, offset: int = 0) -> list[int]:
    """Products with all the words, the last one as a beginning; titles before SKUs before texts.

    Any text is a query; one without letters and digits finds nothing. Words are taken as they are:
    see `queries.search` for one that corrects them.
    """
    if limit <= 0:
        return []
    found = answers(ask(read_terms(words)))
    return [candidate.product_id for candidate in found[offset : offset + limit]]


def ask(terms: Sequence[Term], *, is_beginning: bool = True) -> Question | None:
    """The question that these words are, with the merchant's synonyms; None without words."""
    if not terms:
        return None
    synonyms = kept("synonyms", _synonyms)
    if not may_be_joined(terms):
        return question(terms, synonyms, is_beginning=is_beginning)
    # Words come with products, so that it need not be read on for each search.
    is_word = kept("vocabulary", vocabulary.current).has_beginning
    return question(terms, synonyms, is_beginning=is_beginning, is_word=is_word)


def _synonyms() -> dict[str, list[str]]:
    """All of them, by what is typed: merchants have some dozens."""
    synonyms: dict[str, list[str]] = {}
    for typed, also in _run(_SYNONYMS):
        synonyms.setdefault(typed, []).append(also)
    return synonyms


def synonyms_written() -> list[tuple[Term, ...]]:
    """Each phrase that is typed, with its words as the merchant writes them."""
    return kept("synonyms written", _synonyms_written)


def _synonyms_written() -> list[tuple[Term, ...]]:
    phrases: dict[tuple[Term, ...], None] = {}
    for searched, found, is_two_way in _run(_SYNONYMS_WRITTEN):
        for phrase in f"{searched},{found}".split(",") if is_two_way else searched.split(","):
            phrases[tuple(read_terms(phrase))] = None
    return list(phrases)


def answers(asked: Question | None) -> list[Candidate]:
    """Up to MAX_CANDIDATES, the best first."""
    return [] if asked is None else rank(_candidates(asked), asked)


def words_in_title(title: str) -> list[str]:
    """Of a candidate's title, without the stems."""
    return title.partition(_STEMS)[0].split()


def near_answers(asked: Question) -> list[Candidate]:
    """Products with some of what is asked for, those with most of it first."""
    seen: dict[int, Candidate] = {}
    slots: Counter[int] = Counter()
    for slot in asked.slots:
        for candidate in _candidates(Question(((slot,),))):
            seen.setdefault(candidate.product_id, candidate)
            slots[candidate.product_id] += 1
    ranked = rank(seen.values(), asked)
    return sorted(ranked, key=lambda candidate: -slots[candidate.product_id])[:MAX_NEAR]


def count(asked: Question | None, *, place: str = "anywhere", limit: int) -> int:
    """How many products answer, counted up to `limit`. `place`: "title" looks in titles only."""
    if asked is None:
        return 0
    index = _index()
    query = index.query(place, asked)
    index.begin_search()
    found = _run(index.count, query=query, limit=limit).scalar_one()
    return int(found)


def _run(statement: sa.TextClause, **values: Any) -> sa.CursorResult[*tuple[Any, ...]]:
    """On the session's connection, without what the session adds: a search runs many of them."""
    return db.session.connection().execute(statement, values)


def _candidates(asked: Question) -> list[Candidate]:
    """From the best place to the widest; the SKUs alone only where the widest holds too many.
    Several words are seldom together in as many products as may be listed, so that one look at the
    widest place finds all there are.
    """
    index = _index()
    index.begin_search()

    def at(place: str) -> dict[int, Any]:
        query = index.query(place, asked)
        # Rows have the names of a Candidate, and making hundreds of those costs as much as ranking.
        rows = _run(index.search, query=query, limit=MAX_CANDIDATES).fetchall()  # not one by one
        return {row[0]: row for row in rows}

    anywhere = at("anywhere") if len(asked.slots) > 1 else None
    if anywhere is not None and len(anywhere) < MAX_CANDIDATES:
        return list(anywhere.values())
    titles = at("title")
    if len(titles) >= MAX_CANDIDATES:
        return list(titles.values())
    if anywhere is None:
        anywhere = at("anywhere")
    skus = at("skus") if len(anywhere) >= MAX_CANDIDATES else {}
    return list((skus | titles | anywhere).values())[:MAX_CANDIDATES]


def _entry(document: Document) -> Entry:
    skus = (word for sku in document.sku_words.split() for word in sku_words_of(sku))
    title = terms_of(document.title)
    return Entry(
        document.product_id,
        _with_stems(title),
        " ".join(_unique(skus)),
        _with_stems(terms_of(document.text[:MAX_TEXT_LENGTH])),
        title_words=len(title),
    )


def _with_stems(terms: Sequence[Term]) -> str:
    """ "tall vases | vas": the words in their order, then the stems that are no words of it."""
    words = dict.fromkeys(term.word for term in terms)
    stems = _unique(term.stem for term in terms if term.stem not in words)
    return " ".join([*(term.word for term in terms), *([_STEMS, *stems] if stems else [])])


def _words_to_spell(documents: Sequence[Document]) -> Iterable[Term]:
    for document in documents:
        yield from terms_of(document.title)
        yield from terms_of(document.text[:MAX_TEXT_LENGTH])


def _unique(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(words))


class _Index(Protocol):
    search: sa.TextClause
    count: sa.TextClause
    ids_between: sa.TextClause

    def begin_search(self) -> None: ...
    def query(self, place: str, asked: Question) -> str: ...
    def put(self, entries: list[Entry]) -> None: ...
    def remove(self, product_ids: Sequence[int]) -> None: ...
    def settle(self) -> bool: ...


def _index() -> _Index:
    return _Postgres() if db.engine.dialect.name == "postgresql" else _Sqlite()


class _Sqlite:
    """FTS5: one row a product, its id as rowid. Words are quoted, so none is an operator.

    What ranks a product stands again in search_titles: hundreds of rows are read at a search, and
    beside the long texts each would lie on a page of its own.
    """

    search = sa.text(
        "SELECT product_id, ' ' || read.title || ' ' AS title, ' ' || read.skus || ' ' AS skus,"
        " title_words"
        " FROM search_products AS found"
        " JOIN search_titles AS read ON read.product_id = found.rowid"
        " WHERE search_products MATCH :query ORDER BY found.rowid DESC LIMIT :limit"
    )
    count = sa.text(
        "SELECT count(*) FROM (SELECT 1 FROM search_products WHERE search_products MATCH :query"
        " LIMIT :limit)"
    )
    ids_between = sa.text("SELECT rowid FROM search_products WHERE rowid BETWEEN :first AND :last")

    def begin_search(self) -> None:
        pass

    def query(self, place: str, asked: Question) -> str:
        words = _expression(asked, _Operators(" AND ", " OR ", '"{}"', '"{}" *'))
        return words if place == "anywhere" else f"{place} : {words}"

    def put(self, entries: list[Entry]) -> None:
        self.remove([entry.product_id for entry in entries])
        rows = [vars(entry) for entry in entries]
        for statement in self._puts:
            db.session.execute(statement, rows)

    def remove(self, product_ids: Sequence[int]) -> None:
        rows = [{"product_id": product_id} for product_id in product_ids]
        for statement in self._removes:
            db.session.execute(statement, rows)

    def settle(self) -> bool:
        """Below zero it takes all lists, not only those of one size; a step that changes one row
        has found nothing to do. Source: sqlite.org/fts5.html, "merge".
        """
        before = _run(self._changes).scalar_one()
        db.session.execute(self._merge, {"pages": -SETTLED_AT_ONCE})
        return int(_run(self._changes).scalar_one()) - int(before) > 1

    _changes = sa.text("SELECT total_changes()")
    _merge = sa.text("INSERT INTO search_products (search_products, rank) VALUES ('merge', :pages)")
    _puts = (
        sa.text(
            "INSERT INTO search_products (rowid, title, skus, text)"
            " VALUES (:product_id, :title, :skus, :text)"
        ),
        sa.text(
            "INSERT INTO search_titles (product_id, title, skus, title_words)"
            " VALUES (:product_id, :title, :skus, :title_words)"
        ),
    )
    _removes = (
        sa.text("DELETE FROM search_products WHERE rowid = :product_id"),
        sa.text("DELETE FROM search_titles WHERE product_id = :product_id"),
    )


class _Postgres:
    """One tsvector a product; a word's first letter tells its place, so that the index alone
    answers "in the title": t(itle), s(ku), a(nywhere).
    """

    search = sa.text(
        "SELECT product_id, ' ' || title || ' ' AS title, ' ' || skus || ' ' AS skus, title_words"
        " FROM search_products"
        # No order: with one, the planner would rather walk through all products in it.
        " WHERE words @@ CAST(:query AS tsquery) LIMIT :limit"
    )
    count = sa.text(
        "SELECT count(*) FROM (SELECT 1 FROM search_products"
        " WHERE words @@ CAST(:query AS tsquery) LIMIT :limit) AS found"
    )
    ids_between = sa.text(
        "SELECT product_id FROM search_products WHERE product_id BETWEEN :first AND :last"
    )

    def begin_search(self) -> None:
        """The planner takes a word for common, and reads all products for a rare one. Until the
        transaction ends: what else a page of results reads, it finds by an index.
        """
        db.session.connection().exec_driver_sql("SET LOCAL enable_seqscan = off")

    def query(self, place: str, asked: Question) -> str:
        word = f"'{place[0]}{{}}'"
        return _expression(asked, _Operators(" & ", " | ", word, f"{word}:*"))

    def put(self, entries: list[Entry]) -> None:
        db.session.execute(
            sa.text(
                "INSERT INTO search_products (product_id, title, skus, title_words, words)"
                " VALUES (:product_id, :title, :skus, :title_words, CAST(:words AS tsvector))"
                " ON CONFLICT (product_id) DO UPDATE SET"
                " title = excluded.title, skus = excluded.skus,"
                " title_words = excluded.title_words, words = excluded.words"
            ),
            [vars(entry) | {"words": self._words(entry)} for entry in entries],
        )

    def remove(self, product_ids: Sequence[int]) -> None:
        db.session.execute(
            sa.text("DELETE FROM search_products WHERE product_id = ANY(:product_ids)"),
            {"product_ids": list(product_ids)},
        )

    def settle(self) -> bool:
        """Its index is written as one."""
        return False

    def _words(self, entry: Entry) -> str:
        title, skus = entry.title.split(), entry.skus.split()
        places = [("t", title), ("s", skus), ("a", [*title, *skus, *entry.text.split()])]
        return " ".join(
            _unique(
                f"'{place}{word}'" for place, words in places for word in words if word != _STEMS
            )
        )


@dataclass(frozen=True)
class _Operators:
    """How a database's query language says it."""

    all_of: str
    any_of: str
    word: str
    beginning: str


def _expression(asked: Question, say: _Operators) -> str:
    """Words hold letters and digits only, so that none is an operator."""

    def slot(asked: Slot) -> str:
        own = [say.word.format(term.stem) for term in asked.terms]
        if asked.is_beginning:
            last, beginning = asked.terms[-1], say.beginning.format(asked.terms[-1].word)
            # A stem that goes on from what was typed is found by the beginning already.
            is_both = not last.stem.startswith(last.word)
            own[-1] = f"({own[-1]}{say.any_of}{beginning})" if is_both else beginning
        also = [map(say.word.format, phrase) for phrase in asked.also]
        return joined(say.any_of, (joined(say.all_of, phrase) for phrase in (own, *also)))

    def joined(operator: str, parts: Iterable[str]) -> str:
        return f"({operator.join(parts)})"

    return joined(
        say.any_of, (joined(say.all_of, map(slot, reading)) for reading in asked.readings)
    )

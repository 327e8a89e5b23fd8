"""Changes of the synonyms and the count of searches, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from shop import audit
from shop.clock import now
from shop.extensions import db
from shop.search import ranking
from shop.search.models import SearchedWords, Synonym, SynonymPhrase
from shop.search.synonyms import Meaning, read_phrases
from shop.search.tally import Search, Seen

#: Days that searches are kept.
KEPT_FOR = timedelta(days=100)
#: Different words kept of one day; a flood of made-up ones adds no more.
MAX_WORDS_A_DAY = 5000


class NothingToFind(Exception):
    """All of the phrases are the same."""


@dataclass(frozen=True)
class SynonymDetails:
    #: Phrases parted by commas.
    searched: str
    found: str
    is_two_way: bool


def add_synonym(details: SynonymDetails, *, by: int | None = None) -> Synonym:
    """Raises UnreadablePhrases or NothingToFind."""
    synonym = Synonym(searched=details.searched, found=details.found, is_two_way=details.is_two_way)
    pairs = _pairs(details)
    db.session.add(synonym)
    db.session.flush()
    _add_phrases(synonym, pairs)
    _record("synonym.added", synonym, by)
    return synonym


def change_synonym(synonym: Synonym, details: SynonymDetails, *, by: int | None = None) -> None:
    """Raises UnreadablePhrases or NothingToFind."""
    pairs, before = _pairs(details), audit.values_of(synonym)
    synonym.searched, synonym.found = details.searched, details.found
    synonym.is_two_way = details.is_two_way
    _remove_phrases(synonym)
    _add_phrases(synonym, pairs)
    db.session.flush()
    if changes := audit.differences(before, audit.values_of(synonym)):
        audit.record(
            by, "synonym.changed", subject_kind="synonym", subject_id=synonym.id, **changes
        )


def remove_synonym(synonym: Synonym, *, by: int | None = None) -> None:
    _remove_phrases(synonym)
    _record("synonym.removed", synonym, by, kept=audit.values_of(synonym))
    db.session.delete(synonym)


def restore_synonym(kept: Mapping[str, Any], *, by: int | None) -> Synonym:
    """One that was removed."""
    synonym = audit.remade(Synonym, kept)
    db.session.add(synonym)
    db.session.flush()
    details = SynonymDetails(synonym.searched, synonym.found, synonym.is_two_way)
    _add_phrases(synonym, _pairs(details))
    _record("synonym.restored", synonym, by)
    return synonym


def record_searches(seen: Mapping[Search, Seen]) -> None:
    """Add them to their days' counts, and to the periods of the report, which end today."""
    periods = ranking.end_on(max([now().date(), *(search.on for search in seen)]))
    room: dict[date, int] = {}
    counted: dict[Search, Seen] = {}
    for search in sorted(seen, key=lambda search: (search.on, search.words)):
        if search.on not in room:
            room[search.on] = MAX_WORDS_A_DAY - _count_words(search.on)
        if room[search.on] <= 0 and not _is_counted(search):
            continue
        room[search.on] -= 1
        _add_search(search, seen[search])
        counted[search] = seen[search]
    ranking.add(counted, periods)


def forget_searches(*, today: date) -> None:
    """Those that are older than KEPT_FOR. The report's periods end today from then on."""
    ranking.end_on(today)
    db.session.execute(sa.delete(SearchedWords).where(SearchedWords.searched_on < today - KEPT_FOR))


def _pairs(details: SynonymDetails) -> list[tuple[str, str]]:
    meaning = Meaning(
        read_phrases(details.searched), read_phrases(details.found), details.is_two_way
    )
    pairs = meaning.pairs()
    if not pairs:
        raise NothingToFind
    return pairs


def _add_phrases(synonym: Synonym, pairs: list[tuple[str, str]]) -> None:
    db.session.add_all(
        SynonymPhrase(synonym_id=synonym.id, typed=typed, also=also) for typed, also in pairs
    )
    db.session.flush()


def _remove_phrases(synonym: Synonym) -> None:
    db.session.execute(sa.delete(SynonymPhrase).where(SynonymPhrase.synonym_id == synonym.id))


def _record(
    action: str, synonym: Synonym, by: int | None, *, kept: Mapping[str, Any] | None = None
) -> None:
    audit.record_removal(
        kept,
        by,
        action,
        subject_kind="synonym",
        subject_id=synonym.id,
        searched=synonym.searched,
        found=synonym.found,
        is_two_way=synonym.is_two_way,
    )


def _count_words(on: date) -> int:
    words = sa.select(sa.func.count()).where(SearchedWords.searched_on == on)
    return db.session.scalar(words) or 0


def _is_counted(search: Search) -> bool:
    row = sa.select(SearchedWords.id).where(
        SearchedWords.searched_on == search.on, SearchedWords.words == search.words
    )
    return db.session.scalar(row) is not None


def _add_search(search: Search, seen: Seen) -> None:
    """Another process may count the same words in this very moment."""
    dialect: Any = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    row = dialect.insert(SearchedWords).values(
        searched_on=search.on, words=search.words, searches=seen.searches, found=seen.found
    )
    db.session.execute(
        row.on_conflict_do_update(
            index_elements=["searched_on", "words"],
            set_={
                "searches": SearchedWords.searches + row.excluded.searches,
                "found": row.excluded.found,
            },
        )
    )

"""Synonyms, and how often words were searched."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from shop.audit import AuditEntry
from shop.extensions import db
from shop.search import index, service
from shop.search.index import Document
from shop.search.models import SearchedWords, Synonym, SynonymPhrase
from shop.search.service import NothingToFind, SynonymDetails
from shop.search.synonyms import TooManyPhrases, UnreadablePhrases
from shop.search.tally import MAX_HELD, Search, Seen, Tally, recorded_words

SOFA, SETTEE, LAMP = 1, 2, 3
TODAY = date(2026, 11, 26)


@pytest.fixture
def shelf(app: Flask) -> None:
    index.put_many(
        [
            Document(SOFA, "Sofa", "", ""),
            Document(SETTEE, "Small settee", "", ""),
            Document(LAMP, "Reading light", "", ""),
        ]
    )


def found(words: str) -> list[int]:
    return index.find(words, limit=9)


def add(searched: str, also: str, *, is_two_way: bool = True) -> Synonym:
    return service.add_synonym(SynonymDetails(searched, also, is_two_way))


def counts() -> list[tuple[date, str, int, int]]:
    rows = db.session.scalars(sa.select(SearchedWords).order_by(SearchedWords.id))
    return [(row.searched_on, row.words, row.searches, row.found) for row in rows]


def test_words_that_mean_the_same_find_one_another_and_their_own_stand_first(shelf: None) -> None:
    add("Sofas, couch", "settee")

    assert found("sofa") == [SOFA, SETTEE]
    assert found("settees") == [SETTEE, SOFA]
    assert found("couches") == [SOFA, SETTEE]
    assert found("small couch") == [SETTEE]


def test_one_way_the_second_does_not_find_the_first(shelf: None) -> None:
    add("couch", "sofa", is_two_way=False)

    assert found("couch") == [SOFA]
    index.put(LAMP, "Couch lamp", "", "")
    assert found("sofa") == [SOFA]


def test_a_phrase_may_mean_a_phrase(shelf: None) -> None:
    add("floor lamp", "reading light")

    assert found("floor lamp") == [LAMP]
    assert found("floor lamps small") == []
    assert found("floor") == []


def test_a_phrase_with_a_small_word_is_read_as_a_search_is(shelf: None) -> None:
    add("sofa for two, Sessel für zwei", "small settee")

    assert found("sofa for two") == [SETTEE]
    assert found("sofa two") == [SETTEE]
    assert found("Sessel für zwei") == [SETTEE]


def test_a_changed_synonym_forgets_what_it_was(shelf: None) -> None:
    synonym = add("couch", "sofa")

    service.change_synonym(synonym, SynonymDetails("lounger", "settee", True))

    assert (found("couch"), found("lounger")) == ([], [SETTEE])


def test_a_removed_synonym_finds_nothing_and_leaves_nothing(shelf: None) -> None:
    synonym = add("couch", "sofa")

    service.remove_synonym(synonym)
    db.session.flush()

    assert found("couch") == []
    assert db.session.scalar(sa.select(sa.func.count()).select_from(SynonymPhrase)) == 0
    actions = db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["synonym.added", "synonym.removed"]


@pytest.mark.parametrize(
    ("searched", "also", "refusal"),
    [
        ("", "sofa", UnreadablePhrases),
        ("couch", " , !", UnreadablePhrases),
        ("one two three four five", "sofa", UnreadablePhrases),
        (",".join("abcdefghijklm"), "sofa", TooManyPhrases),
        ("Sofas", "sofa", NothingToFind),
    ],
)
def test_what_says_nothing_is_refused(
    shelf: None, searched: str, also: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        add(searched, also)

    assert db.session.scalar(sa.select(sa.func.count()).select_from(Synonym)) == 0
    assert db.session.scalar(sa.select(sa.func.count()).select_from(AuditEntry)) == 0


def test_searches_are_added_up_by_day(app: Flask) -> None:
    service.record_searches({Search(TODAY, "mug"): Seen(2, 5), Search(TODAY, "zebra"): Seen(1, 0)})
    service.record_searches({Search(TODAY, "mug"): Seen(1, 4)})
    service.record_searches({Search(TODAY + timedelta(1), "mug"): Seen(1, 4)})

    assert counts() == [
        (TODAY, "mug", 3, 4),
        (TODAY, "zebra", 1, 0),
        (TODAY + timedelta(1), "mug", 1, 4),
    ]


def test_a_flood_of_made_up_words_adds_no_more_rows(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MAX_WORDS_A_DAY", 2)
    service.record_searches({Search(TODAY, word): Seen(1, 0) for word in "abc"})

    service.record_searches({Search(TODAY, word): Seen(1, 0) for word in "bcd"})

    assert [row[1:3] for row in counts()] == [("a", 1), ("b", 2)]


def test_old_searches_are_forgotten(app: Flask) -> None:
    service.record_searches(
        {Search(TODAY - timedelta(days), "mug"): Seen(1, 1) for days in (0, 100, 101)}
    )

    service.forget_searches(today=TODAY)

    assert [row[0] for row in counts()] == [TODAY - timedelta(100), TODAY]


def test_a_tally_counts_alike_words_together_and_says_which_is_the_first() -> None:
    tally = Tally()

    firsts = [tally.note(text, on=TODAY, found=3) for text in ("Mug", " mug ", "zebra", "")]

    assert firsts == [True, False, False, False]
    assert tally.take() == {Search(TODAY, "mug"): Seen(2, 3), Search(TODAY, "zebra"): Seen(1, 3)}
    assert tally.take() == {}


def test_what_could_not_be_written_is_added_to_what_came_since() -> None:
    tally = Tally()
    tally.note("mug", on=TODAY, found=3)
    seen = tally.take()
    tally.note("mug", on=TODAY, found=4)

    tally.give_back(seen)

    assert tally.take() == {Search(TODAY, "mug"): Seen(2, 4)}


def test_a_tally_holds_only_so_much() -> None:
    tally = Tally()
    for number in range(MAX_HELD + 5):
        tally.note(f"word {number}", on=TODAY, found=0)

    assert len(tally.take()) == MAX_HELD


@pytest.mark.parametrize(
    ("typed", "recorded"),
    [
        ("  Tuesday   MUG ", "tuesday mug"),
        ("Crème", "crème"),
        ("maya@example.com", ""),
        ("+44 20 7946 0018", ""),
        ("FT-MUG-2026112601", "ft-mug-2026112601"),
        ("🎁", ""),
        ("x" * 200, "x" * 80),
    ],
)
def test_what_may_name_a_person_is_not_recorded(typed: str, recorded: str) -> None:
    assert recorded_words(typed) == recorded

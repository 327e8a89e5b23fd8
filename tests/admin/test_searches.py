"""The report of searches, and synonyms, as staff keep them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient

from shop.audit import AuditEntry
from shop.catalog import searchable
from shop.extensions import db
from shop.search import service
from shop.search.index import find
from shop.search.models import Synonym, SynonymPhrase
from shop.search.service import SynonymDetails
from shop.search.tally import Search, Seen
from tests.admin.test_products import complaints_in
from tests.factories import make_product

TODAY = date(2026, 11, 26)
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def at_noon() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


def record(words: str, searches: int = 1, found: int = 0, *, days_ago: int = 0) -> None:
    service.record_searches({Search(TODAY - timedelta(days_ago), words): Seen(searches, found)})


def listed(page: str) -> list[tuple[str, int]]:
    rows = re.findall(r'<a href="/search\?q=[^"]*">([^<]+)</a>.*?Times</span>(\d+)<', page, re.S)
    return [(words, int(times)) for words, times in rows]


def test_what_was_searched_most_stands_first_added_up_over_the_days(staff: FlaskClient) -> None:
    record("mug", 2, 5)
    record("mug", 3, 4, days_ago=1)
    record("zebra", 4, 0, days_ago=6)
    record("old", 9, 1, days_ago=30)

    page = staff.get("/admin/searches").text

    assert listed(page) == [("mug", 5), ("zebra", 4)]
    assert (
        "9 searches from 28\N{NO-BREAK SPACE}October 2026 to 26\N{NO-BREAK SPACE}November 2026."
        in page
    )
    assert "4 found nothing (44%)." in page


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ("7", ["new"]),
        ("30", ["new", "week"]),
        ("90", ["month", "new", "week"]),
        ("x", ["new", "week"]),
    ],
)
def test_the_days_are_chosen(staff: FlaskClient, days: str, words: list[str]) -> None:
    for word, days_ago in (("new", 6), ("week", 7), ("month", 30), ("quarter", 90)):
        record(word, days_ago=days_ago)

    page = staff.get(f"/admin/searches?days={days}").text

    assert [row[0] for row in listed(page)] == words


def test_what_found_nothing_is_judged_by_its_latest_day(staff: FlaskClient) -> None:
    record("mug", 1, 0, days_ago=2)
    record("mug", 1, 3)
    record("sofa", 5, 3, days_ago=2)
    record("sofa", 1, 0)

    page = staff.get("/admin/searches?show=nothing").text

    assert listed(page) == [("sofa", 6)]
    assert 'href="/admin/searches/synonyms/new?searched=sofa"' in page


def test_a_thousand_searches_are_parted_into_pages(staff: FlaskClient, count_queries: Any) -> None:
    service.record_searches({Search(TODAY, f"word {n:04}"): Seen(1, n % 2) for n in range(1000)})
    db.session.commit()

    with count_queries() as statements:
        first = staff.get("/admin/searches")
    last, end = (staff.get(f"/admin/searches?page={number}") for number in (40, -1))

    assert listed(first.text)[0] == ("word 0000", 1)
    assert listed(last.text)[-1] == ("word 0999", 1)
    assert listed(end.text) == listed(last.text)
    assert staff.get("/admin/searches?page=41").status_code == 404
    # Account, shop, menu; the page's rows, their sums.
    assert len(statements) == 5


def test_words_searched_equally_often_stand_in_the_alphabet(staff: FlaskClient) -> None:
    for words, days_ago in (("tray", 0), ("bowl", 3), ("mug", 6), ("jug", 1)):
        record(words, 2 if words != "jug" else 3, found=1, days_ago=days_ago)

    page = staff.get("/admin/searches?days=7").text

    assert listed(page) == [("jug", 3), ("bowl", 2), ("mug", 2), ("tray", 2)]


@pytest.mark.parametrize(
    ("text", "words"), [("UG", ["mug", "jug"]), ("mug", ["mug"]), ("mu%", []), ("zebra", [])]
)
def test_searches_are_searched(staff: FlaskClient, text: str, words: list[str]) -> None:
    record("mug", 2, found=1)
    record("jug", 1, found=0)
    record("mug of old", 1, days_ago=30)

    page = staff.get("/admin/searches", query_string={"q": text}).text

    assert [row[0] for row in listed(page)] == words


def test_days_that_nobody_counted_yet_are_not_said_to_be_told(staff: FlaskClient) -> None:
    with time_machine.travel(NOON - timedelta(days=1), tick=False):
        record("mug", 2, 5, days_ago=1)

    before = staff.get("/admin/searches?days=7").text
    service.forget_searches(today=TODAY)
    after = staff.get("/admin/searches?days=7").text

    assert (
        "2 searches from 19\N{NO-BREAK SPACE}November 2026 to 25\N{NO-BREAK SPACE}November 2026."
        in before
    )
    assert (
        "2 searches from 20\N{NO-BREAK SPACE}November 2026 to 26\N{NO-BREAK SPACE}November 2026."
        in after
    )


def test_where_nobody_searched_yet_that_is_said(staff: FlaskClient) -> None:
    assert "No searches yet" in staff.get("/admin/searches").text
    record("mug", 1, 3)
    assert "Every search found something" in staff.get("/admin/searches?show=nothing").text
    assert "No search matches" in staff.get("/admin/searches?q=zebra").text


def test_typed_markup_stays_text(staff: FlaskClient) -> None:
    record("<script>alert(1)</script>")

    assert "<script>alert" not in staff.get("/admin/searches").text


# Synonyms

COUCH = {"searched": "couch, settee", "found": "sofa", "direction": "two-way"}


def test_a_synonym_is_added_and_found_at_once(staff: FlaskClient) -> None:
    sofa = make_product("Sofa")
    searchable.refresh_search([sofa])

    answer = staff.post("/admin/searches/synonyms/new", data=COUCH)

    assert (answer.status_code, answer.location) == (303, "/admin/searches/synonyms")
    assert find("couches", limit=5) == [sofa.id]
    page = staff.get(answer.location).text
    assert "couch, settee" in page
    assert "both ways" in page
    assert db.session.scalars(sa.select(AuditEntry.action)).all() == ["synonym.added"]


def test_the_report_fills_in_what_found_nothing(staff: FlaskClient) -> None:
    page = staff.get("/admin/searches/synonyms/new?searched=big+couch").text

    assert 'value="big couch"' in page


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"searched": " "}, "Type what shoppers call it."),
        ({"found": ""}, "Type what your products call it."),
        ({"searched": "!, ?"}, "Use words with letters or digits."),
        ({"searched": "b c d e f"}, "“b c d e f” is too long: use at most 4 words between commas."),
        ({"searched": ",".join("abcdefghijklm")}, "Use at most 12 words or phrases."),
        ({"searched": "x" * 201}, "Use at most 200 characters."),
        ({"searched": "Sofas"}, "Search takes these for the same word already."),
        ({"direction": "sideways"}, "Choose both ways or one way."),
    ],
)
@pytest.mark.parametrize("path", ["new", "own"])
def test_what_is_no_synonym_is_told_beside_its_field(
    staff: FlaskClient, path: str, changes: dict[str, str], complaint: str
) -> None:
    own = service.add_synonym(SynonymDetails("lounger", "chair", True))
    actions = db.session.scalar(sa.select(sa.func.count()).select_from(AuditEntry))

    answer = staff.post(
        f"/admin/searches/synonyms/{own.id if path == 'own' else path}", data=COUCH | changes
    )

    assert answer.status_code == 422
    assert complaints_in(answer.text) == [complaint]
    assert db.session.scalars(sa.select(Synonym.searched)).all() == ["lounger"]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(SynonymPhrase)) == 2
    assert db.session.scalar(sa.select(sa.func.count()).select_from(AuditEntry)) == actions


def test_a_synonym_is_changed_and_removed(staff: FlaskClient) -> None:
    sofa = make_product("Sofa")
    searchable.refresh_search([sofa])
    own = service.add_synonym(SynonymDetails("lounger", "sofa", True))
    address = f"/admin/searches/synonyms/{own.id}"
    assert 'value="lounger"' in staff.get(address).text

    assert staff.post(address, data=COUCH | {"direction": "one-way"}).status_code == 303
    assert (find("lounger", limit=5), find("couch", limit=5)) == ([], [sofa.id])
    assert "one way" in staff.get("/admin/searches/synonyms").text

    assert staff.post(f"{address}/delete").status_code == 303
    assert find("couch", limit=5) == []
    assert "No synonyms yet" in staff.get("/admin/searches/synonyms").text


def test_synonyms_are_searched_and_parted_into_pages(staff: FlaskClient) -> None:
    for number in range(60):
        service.add_synonym(SynonymDetails(f"couch{number:02}", "sofa", True))

    assert staff.get("/admin/searches/synonyms?page=3").status_code == 200
    assert staff.get("/admin/searches/synonyms?page=4").status_code == 404
    page = staff.get("/admin/searches/synonyms?q=COUCH07").text
    assert page.count('<th scope="row">') == 1
    assert "No synonym matches" in staff.get("/admin/searches/synonyms?q=table").text

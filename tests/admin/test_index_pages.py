"""Every list of the admin answers with a few questions, however it is narrowed; from either end,
and whether few or many match, it shows the same rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from bench import admin
from bench.lists import PAGES, ListPage
from shop import substrings
from shop.extensions import db
from tests.conftest import Apps

#: Questions of a list beyond those that every page of the admin asks: who it is, and the shop.
MOST, EVERY_PAGE = 6, 3
ROWS = 120
#: Pages at an address of their own that list nothing which grows with the shop: forms, settings,
#: and reports, which sum up.
NO_LISTS = {
    "admin.abandoned_checkouts", "admin.authenticator", "admin.bought_together",
    "admin.currencies", "admin.customer_groups", "admin.find", "admin.forecasts", "admin.home",
    "admin.keys", "admin.live", "admin.my_account", "admin.order_numbers", "admin.own_currency",
    "admin.packing_slips",
    "admin.payment_settings", "admin.preview_theme", "admin.product_action", "admin.product_grid",
    "admin.protection", "admin.reconciliation", "admin.reports", "admin.roles", "admin.settings",
    "admin.shipping_zones", "admin.show_maintenance", "admin.stripe_tax", "admin.tax_zones",
    "admin.theme", "admin.theme_brand", "admin.theme_colors", "admin.theme_style",
}  # fmt: skip
LISTS = [page for page in PAGES if page.is_list]


@pytest.fixture(scope="module")
def filled(dialect: str, tmp_path_factory: pytest.TempPathFactory, apps: Apps) -> Iterator[Flask]:
    """A shop with some of everything."""
    folder: Path = tmp_path_factory.mktemp(f"lists-{dialect}")
    with apps(dialect, folder) as app:
        with app.app_context():
            admin.fill(ROWS)
        yield app


@pytest.fixture(scope="module")
def viewer(filled: Flask) -> FlaskClient:
    with filled.app_context():
        client = admin._signed_in(filled)
        db.session.remove()
    return client


@pytest.mark.parametrize("page", LISTS, ids=lambda page: page.path)
def test_a_list_asks_at_most_six_questions_of_its_own(
    filled: Flask, viewer: FlaskClient, page: ListPage
) -> None:
    with filled.app_context():
        engine = db.engine
    asked = {}
    for address in page.addresses(ROWS):
        with admin._counted(engine) as statements:
            response = viewer.get(address)
        assert response.status_code == 200, address
        assert "Macro" not in response.text, address  # a part printed in place of its value
        asked[address] = len(statements) - EVERY_PAGE

    assert {address: count for address, count in asked.items() if count > MOST} == {}


def test_every_page_asks_three_questions(filled: Flask, viewer: FlaskClient) -> None:
    """Who it is with their roles, the shop, and what waits: what the test above leaves out."""
    with filled.app_context():
        engine = db.engine
    with admin._counted(engine) as statements:
        viewer.get("/admin/keys")

    assert len(statements) == EVERY_PAGE


def test_every_index_page_is_among_those_that_are_counted(filled: Flask) -> None:
    """A new one is added to bench/lists.py, and thereby measured too."""
    urls = filled.url_map.bind("localhost")
    counted = {urls.match(page.path)[0] for page in LISTS}
    found = {
        rule.endpoint
        for rule in filled.url_map.iter_rules()
        if rule.endpoint.startswith("admin.")
        and "GET" in (rule.methods or ())
        and not rule.arguments
        and not rule.rule.endswith((".csv", "/new"))
        and not rule.endpoint.startswith("admin.setup")
    }

    assert found - counted == NO_LISTS


# The same rows ----------------------------------------------------------------------------------

#: Those without a table that is leafed through: what was searched is told by its words.
LEAFED = [page for page in LISTS if page.path not in ("/admin/collections",)]


@pytest.mark.parametrize("page", LEAFED, ids=lambda page: page.path)
def test_a_list_is_the_same_from_its_end(viewer: FlaskClient, page: ListPage) -> None:
    for address in (page.path, *(one for one in _looks(page) if _is_leafed(one))):
        forwards = _leafed(viewer, address, 1)
        if viewer.get(_with_page(address, -1)).status_code == 404:
            assert page.path == "/admin/settings/staff", address
            continue
        backwards = _leafed(viewer, address, -1)
        assert [row for part in forwards for row in part] == [
            row for part in reversed(backwards) for row in part
        ], address
        assert all(len(part) == len(forwards[0]) for part in backwards[:-1]), address


@pytest.mark.parametrize("page", LEAFED, ids=lambda page: page.path)
def test_rows_that_are_found_by_an_index_are_those_that_a_walk_finds(
    viewer: FlaskClient, page: ListPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    for address in _looks(page):
        # By title, many are told from the newest on.
        is_newest_first = "q=" in address and "sort=" not in address and page.path in BY_TITLE
        read = _all_rows if is_newest_first else _first_rows
        by_index = read(viewer, address)
        with monkeypatch.context() as patch:
            patch.setattr(substrings, "FEW", 0)
            walked = read(viewer, address)
        assert walked == by_index, address


def test_a_narrowed_list_of_products_tells_its_number_where_few_match(
    viewer: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = "/admin/products?vendor=Fettle"
    few = viewer.get(address).text
    monkeypatch.setattr(substrings, "FEW", 5)
    many = viewer.get(address).text

    assert f"1 to 25 of {ROWS}" in few
    assert f"All {ROWS} that match" in few
    assert "to 25 of" not in many
    assert "All that match" in many
    assert 'aria-label="Last page"' in many


BY_TITLE = ("/admin/inventory", "/admin/pages", "/admin/settings/currencies/EUR/prices")


def _looks(page: ListPage) -> list[str]:
    return [address for address in page.addresses(ROWS) if "page=" not in address]


def _is_leafed(address: str) -> bool:
    return "sort=" in address or "collection=" in address


def _leafed(viewer: FlaskClient, address: str, first: int) -> list[list[str]]:
    """The rows of each page, by what they lead to and tell, until there is no other page."""
    found, number = [], first
    while True:
        response = viewer.get(_with_page(address, number))
        if response.status_code == 404:
            return found
        rows = _rows(response.text)
        assert rows or abs(number) == 1, f"an empty page: {address}, {number}"
        found.append(rows)
        number += 1 if first > 0 else -1
        if not rows:
            return found


def _all_rows(viewer: FlaskClient, address: str) -> list[str]:
    """In no order."""
    return sorted(row for part in _leafed(viewer, address, 1) for row in part)


def _first_rows(viewer: FlaskClient, address: str) -> list[str]:
    return _rows(viewer.get(address).text)


def _with_page(address: str, number: int) -> str:
    return f"{address}{'&' if '?' in address else '?'}page={number}"


def _rows(html: str) -> list[str]:
    body = html.partition("<tbody>")[2].partition("</tbody>")[0]
    found = body.split("<tr")[1:]
    return [" ".join(re.sub(r"<[^>]*>", " ", row).split()) for row in found]

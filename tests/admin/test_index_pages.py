"""Every list of the admin answers with a few questions, however it is narrowed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from bench import admin
from bench.lists import PAGES, ListPage
from shop.extensions import db
from tests.conftest import dispose, make_settings, migrated_app, new_database

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
def filled(
    dialect: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Flask]:
    """A shop with some of everything."""
    folder: Path = tmp_path_factory.mktemp(f"lists-{dialect}")
    server: Callable[[], str] = lambda: request.getfixturevalue("postgres_server")  # noqa: E731 - only when needed
    with new_database(dialect, folder, server) as url:
        app = migrated_app(make_settings(url, folder))
        with app.app_context():
            admin.fill(ROWS)
        yield app
        dispose(app)


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

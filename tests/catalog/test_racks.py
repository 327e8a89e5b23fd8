"""Racks show the values that the shop has something in, and no more than a row of them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from shop.catalog import racks, shelves
from shop.catalog.models import Product, ProductStatus, Swatch
from shop.extensions import db
from shop.web.visit import VISIT, Visit
from tests.catalog.test_queries import make_swatch
from tests.catalog.test_shelves import let_the_reader_rest
from tests.factories import make_product, make_store
from tests.pages import read
from tests.reliability.processes import PATIENCE


def glazed(*glazes: str, **values: Any) -> Product:
    product = make_product(options={"Glaze": list(glazes)}, **values)
    db.session.commit()
    return product


def warm(client: FlaskClient, path: str) -> None:
    """PostgreSQL's journal reads once more what belongs to a transaction that still runs."""
    for _ in range(2):
        client.get(path)


def shown() -> list[str]:
    db.session.commit()
    return [tile.value for tile in racks.rack()]


def test_a_rack_follows_what_is_published(app: Flask) -> None:
    make_swatch("Cobalt", 1, "#1E36B8")
    make_swatch("Milk", 2, "#F3F0E6")
    make_swatch("Iron", 3, "#402010")
    mug, draft = glazed("Cobalt"), glazed("Milk", published=False)
    assert shown() == ["Cobalt"]

    draft.status = ProductStatus.PUBLISHED
    assert shown() == ["Cobalt", "Milk"]

    mug.status = ProductStatus.ARCHIVED
    assert shown() == ["Milk"]

    db.session.delete(draft)
    assert shown() == []
    assert db.session.query(Swatch).count() == 3


def test_the_value_of_another_option_is_not_it(app: Flask) -> None:
    make_swatch("Cobalt", 1, "#1E36B8")
    make_product(options={"Clay": ["Cobalt"], "Glaze": ["Milk"]})

    assert shown() == []


def test_a_rack_is_one_row_of_one_option(app: Flask) -> None:
    values = [f"Glaze {number}" for number in range(1, 15)]
    for place, value in enumerate(values, start=1):
        make_swatch(value, place, "#1E36B8")
    make_swatch("Red", 0, "#803020").option_name = "Clay"
    glazed(*values)
    assert shown() == values[: racks.MAX_TILES]

    make_product(options={"Clay": ["Red"]})
    assert shown() == ["Red"]


@pytest.mark.parametrize(
    "path", ["/", "/nowhere", "/search?q=zebra", "/search/suggestions?q=glaze"]
)
def test_a_swatch_that_nothing_comes_in_is_shown_nowhere(client: FlaskClient, path: str) -> None:
    make_store()
    for place, value in enumerate(("Glaze gone", "Glaze soon", "Glaze here"), start=1):
        make_swatch(value, place, "#1E36B8")
    gone, _soon = glazed("Glaze gone"), glazed("Glaze soon", published=False)
    glazed("Glaze here", title="Mug")
    assert "Glaze gone" in client.get(path).text

    db.session.delete(gone)
    db.session.commit()

    page = read(client.get(path).text)
    assert "Glaze here" in page.text
    assert "Glaze gone" not in page.text
    assert "Glaze soon" not in page.text


@pytest.mark.parametrize("path", ["/nowhere", "/search?q=zebra", "/search/suggestions?q=glaze"])
def test_a_rack_asks_as_much_of_many_tiles(
    client: FlaskClient, count_queries: Callable[[], Any], path: str
) -> None:
    make_store()
    make_swatch("Glaze 0", 1, "#1E36B8")
    glazed(*(f"Glaze {number}" for number in range(9)))
    warm(client, path)
    with count_queries() as of_one:
        client.get(path)
    for number in range(1, 9):
        make_swatch(f"Glaze {number}", number + 1, "#1E36B8")
    db.session.commit()
    warm(client, path)

    with count_queries() as of_many:
        page = client.get(path)

    assert "Glaze 1" in page.text
    assert len(of_many) == len(of_one)


def test_no_page_with_a_rack_waits_for_a_process_that_has_just_started(
    own_database: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_read = threading.Event()
    monkeypatch.setattr(
        shelves, "facts_of", lambda _ids: iter(()) if may_read.wait(PATIENCE) else ()
    )
    with own_database.app_context():
        make_store()
        make_swatch("Cobalt", 1, "#1E36B8")
        db.session.commit()
        shelves.read_aside(own_database.app_context)
    visit = Visit("now", is_private=False)

    with own_database.test_request_context("/", environ_overrides={VISIT: visit}):
        page: Any = own_database.view_functions["catalog.home"]()

    assert not may_read.is_set()
    assert "Cobalt" in page.get_data(as_text=True)
    assert (visit.version, visit.valid_until) == (None, 0)
    assert own_database.extensions["kept"].find(("shelves", "")) is None
    may_read.set()
    let_the_reader_rest(own_database)

"""Cards where parts of pages are kept: of one product there are several at once."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from shop.catalog import collections, searchable, shelves
from shop.catalog.collections import CollectionDetails
from shop.catalog.models import Collection, Product, Variant
from shop.catalog.rules import About, Comparison, Condition
from shop.database import transaction
from shop.extensions import db
from shop.theme.sections import FeaturedCollection
from shop.web.visit import VISIT, Visit
from tests.catalog.test_shelves import let_the_reader_rest
from tests.conftest import Apps
from tests.factories import make_currency, make_image, make_product, make_store, variants_of
from tests.reliability.processes import PATIENCE, wait_until
from tests.theme.looks import show


@pytest.fixture
def keeping(dialect: str, tmp_path: Path, apps: Apps) -> Iterator[Flask]:
    """A shop with a vase in three glazes, which knows the version of its catalog."""
    with apps(dialect, tmp_path, page_cache_mb=0) as app:
        with app.app_context(), transaction():
            make_store()
            vase = make_product(handle="vase", options={"Glaze": ["Milk", "Cobalt", "Celadon"]})
            for variant in variants_of(vase):
                variant.image_id = make_image(vase, file=variant.option1.lower()).id
            make_product(options={"Glaze": ["Milk"]})
        version = app.extensions["catalog_version"]
        assert wait_until(lambda: version.current() is not None, "the listener")
        yield app


def cards(shop: Flask, query: str, path: str = "/products") -> list[str]:
    """Of the vase: its address, the picture and the price."""
    text = shop.test_client().get(f"{path}{query}").text
    card = next(one for one in text.split("<article")[1:] if "/products/vase" in one)
    found = re.search(r'href="/products/vase([^"]*)"', card), re.search(r"/media/(\w+)-800", card)
    return [*(match[1] for match in found if match), "£30.00" if "£30.00" in card else "£34.00"]


GREEN = Condition(About.OPTION, Comparison.EQUALS, "Celadon")
LOOKS = {
    "": ["", "milk"],
    "?glaze=cobalt": ["?glaze=cobalt", "cobalt"],
    "?glaze=celadon": ["?glaze=celadon", "celadon"],
    "?glaze=cobalt&glaze=celadon": ["?glaze=cobalt", "cobalt"],
    "?price=1-100": ["", "milk"],
}


def test_each_filter_has_cards_of_its_own(keeping: Flask) -> None:
    for _ in range(2):  # made, then kept
        for query, (address, picture) in LOOKS.items():
            assert cards(keeping, query) == [address, picture, "£34.00"]


def test_what_is_changed_shows_in_all_of_them(keeping: Flask) -> None:
    for query in LOOKS:
        cards(keeping, query)

    with keeping.app_context(), transaction():
        db.session.execute(sa.update(Variant).values(unit_amount=3000))
    assert wait_until(lambda: cards(keeping, "")[2] == "£30.00", "the new price")

    for query, (address, picture) in LOOKS.items():
        assert cards(keeping, query) == [address, picture, "£30.00"]


def test_words_and_rules_show_the_vase_as_filters_do_and_at_once_what_is_changed(
    keeping: Flask,
) -> None:
    with keeping.app_context(), transaction():
        vase = db.session.scalars(sa.select(Product).where(Product.handle == "vase")).one()
        searchable.refresh_search([vase])
        details = CollectionDetails(title="Green", conditions=(GREEN,))
        green = collections.create_collection(details).id
        show(FeaturedCollection(id="c", collection="green"))
    celadon, milk = ["?glaze=celadon", "celadon", "£34.00"], ["", "milk", "£34.00"]
    asked = [("?q=celadon", "/search"), ("", "/collections/green"), ("", "/"), ("", "/products")]

    def shown() -> list[list[str]]:
        return [cards(keeping, *one) for one in asked]

    assert wait_until(lambda: shown() == [celadon, celadon, celadon, milk], "the new collection")
    assert shown() == [celadon, celadon, celadon, milk]

    with keeping.app_context(), transaction():
        details = CollectionDetails(title="Green", conditions=(replace(GREEN, value="Cobalt"),))
        collections.update_collection(db.session.get_one(Collection, green), details)
    cobalt = ["?glaze=cobalt", "cobalt", "£34.00"]
    assert wait_until(lambda: shown() == [celadon, cobalt, cobalt, milk], "the new rule")


def test_an_only_currencys_sign_goes_once_the_shop_sells_in_another(app: Flask) -> None:
    """Prices are remembered by their amounts for as long as the process lives."""
    make_store(currency="USD")
    make_product(handle="vase", unit_amount=2900)

    def price() -> list[str]:
        return re.findall(r"[A-Z]*\$29\.00", app.test_client().get("/products").text)

    assert price() == ["$29.00"]
    make_currency("EUR", "0.9")
    assert price() == ["US$29.00"]


def test_no_rail_and_no_suggestion_waits_for_a_process_that_has_just_started(
    own_database: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_read = threading.Event()
    monkeypatch.setattr(
        shelves, "facts_of", lambda _ids: iter(()) if may_read.wait(PATIENCE) else ()
    )
    with own_database.app_context(), transaction():
        make_store()
        pot = make_product(handle="vase", options={"Glaze": ["Milk", "Celadon"]})
        searchable.refresh_search([pot])
        collections.create_collection(CollectionDetails(title="Green", conditions=(GREEN,)))
        show(FeaturedCollection(id="c", collection="green"))
    with own_database.app_context():
        shelves.read_aside(own_database.app_context)

    for path, endpoint in (
        ("/", "catalog.home"), ("/search/suggestions?q=celadon", "search.suggestions"),
    ):  # fmt: skip
        visit = Visit("now", is_private=False)
        with own_database.test_request_context(path, environ_overrides={VISIT: visit}):
            page: Any = own_database.view_functions[endpoint]()
        assert 'href="/products/vase"' in page.get_data(as_text=True)
        assert visit.version is None

    assert not may_read.is_set()
    may_read.set()
    let_the_reader_rest(own_database)

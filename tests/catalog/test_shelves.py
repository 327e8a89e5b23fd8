"""The facet index follows the database: every change is seen by the next list, and nothing else."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from shop.catalog import journal, listing, shelves
from shop.catalog.facets import Facts
from shop.catalog.listing import ListPage
from shop.catalog.models import CatalogChange, Product, Variant
from shop.clock import now
from shop.database import transaction
from shop.extensions import db
from shop.inventory import service as inventory
from shop.store import queries as store
from shop.web.visit import VISIT, Visit, version_now
from tests.catalog.test_queries import make_collection, make_swatch
from tests.factories import make_order, make_product, variants_of
from tests.reliability.processes import PATIENCE, wait_until


def products(**args: list[str]) -> ListPage:
    db.session.commit()
    return listing.all_products(args, path="/products", store=store.current())


def collection(handle: str, **args: list[str]) -> ListPage:
    db.session.commit()
    found = listing.collection(handle, args, path=f"/collections/{handle}", store=store.current())
    assert found is not None
    return found.page


def titles(page: ListPage) -> list[str]:
    return [card.title for card in page.cards]


def test_a_new_product_is_listed_at_once(app: Flask) -> None:
    make_product("Mug")
    assert titles(products()) == ["Mug"]

    make_product("Jug")

    assert titles(products()) == ["Jug", "Mug"]


def test_drafts_and_deleted_products_leave_the_list(app: Flask) -> None:
    draft, gone = make_product("Draft"), make_product("Gone")
    make_product("Mug")
    assert products().count == 3

    draft.status = "draft"
    db.session.flush()
    db.session.execute(sa.delete(Product).where(Product.id == gone.id))

    assert titles(products()) == ["Mug"]


def test_changes_past_the_services_are_seen_too(app: Flask) -> None:
    """Triggers note them, whoever writes."""
    mug = make_product("Mug", unit_amount=3400)
    make_product("Jug", unit_amount=5000)
    assert products(price=["60-"]).count == 0

    db.session.execute(
        sa.update(Variant).where(Variant.product_id == mug.id).values(unit_amount=6500)
    )

    assert titles(products(price=["60-"])) == ["Mug"]


def test_the_last_unit_takes_its_glaze_out_of_what_is_in_stock(app: Flask) -> None:
    mug = make_product("Mug", options={"Glaze": ["Cobalt", "Milk"]}, on_hand=2)
    cobalt, _ = variants_of(mug)
    assert products(glaze=["cobalt"], available=["1"]).count == 1

    make_order(cobalt, quantity=2)

    assert products(glaze=["cobalt"], available=["1"]).count == 0
    assert products(available=["1"]).count == 1  # in milk
    assert products(glaze=["cobalt"]).count == 1


def test_a_sale_that_leaves_some_notes_nothing(app: Flask) -> None:
    mug = make_product(on_hand=10)
    (variant,) = variants_of(mug)
    db.session.commit()
    noted = sa.select(sa.func.count()).select_from(CatalogChange)
    before = db.session.scalar(noted)

    make_order(variant, quantity=9, paid=True)
    db.session.commit()

    assert db.session.scalar(noted) == before


def test_counting_stock_anew_brings_a_product_back(app: Flask) -> None:
    mug = make_product(on_hand=0)
    (variant,) = variants_of(mug)
    assert products(available=["1"]).count == 0

    inventory.set_on_hand(variant.id, 3)

    assert products(available=["1"]).count == 1


def test_a_collection_lists_its_products_in_the_merchants_order(app: Flask) -> None:
    a, b, c = make_product("A"), make_product("B"), make_product("C")
    make_collection("table", [b, c, a])

    assert titles(collection("table")) == ["B", "C", "A"]
    assert titles(collection("table", sort=["newest"])) == ["C", "B", "A"]


def test_a_collection_follows_its_members_and_its_children(app: Flask) -> None:
    mug, jug = make_product("Mug"), make_product("Jug")
    table = make_collection("table", [mug])
    mugs = make_collection("mugs", [jug])
    assert titles(collection("table")) == ["Mug"]

    mugs.parent_id = table.id
    db.session.flush()
    assert titles(collection("table")) == ["Mug", "Jug"]

    db.session.delete(mugs)
    assert titles(collection("table")) == ["Mug"]


def test_tiles_stand_as_their_swatches_do(app: Flask) -> None:
    make_product(options={"Glaze": ["Milk", "Cobalt"]})
    make_swatch("Cobalt", 1, "#1E36B8")
    make_swatch("Milk", 2, "#F1EEE4")

    (glazes,) = products().facets

    assert [value.label for value in glazes.values] == ["Cobalt", "Milk"]
    assert glazes.has_tiles


def test_an_option_may_be_called_like_something_else(app: Flask) -> None:
    make_product("Mug", options={"Type": ["Round", "Square"]}, product_type="Mugs")

    assert titles(products(**{"option-type": ["round"], "type": ["mugs"]})) == ["Mug"]


def test_lists_are_not_read_while_something_is_being_written(app: Flask) -> None:
    with pytest.raises(RuntimeError), transaction():
        listing.all_products({}, path="/products", store=store.current())


def test_a_flood_of_changes_is_read_anew(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "MAX_FOLLOWED", 5)
    make_product("Mug")
    assert products().count == 1

    for _ in range(6):
        make_product()

    assert products().count == 7


def let_the_reader_rest(app: Flask) -> None:
    """It has given its connection back: nobody closes one that is in use."""
    with app.app_context():
        pool = db.engine.pool
    assert isinstance(pool, sa.QueuePool)
    wait_until(lambda: pool.checkedout() == 0, "the reader to rest")


def test_a_web_process_reads_in_a_thread_of_its_own(
    own_database: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What its lists show meanwhile is what was there before, and none of it is kept."""
    monkeypatch.setattr(journal, "MAX_FOLLOWED", 5)
    monkeypatch.setattr(shelves, "PATIENCE", PATIENCE)
    may_read = threading.Event()
    may_read.set()
    read = shelves.facts_of

    def read_when_allowed(*what: Any) -> Iterator[Facts]:
        assert may_read.wait(PATIENCE)
        return read(*what)

    monkeypatch.setattr(shelves, "facts_of", read_when_allowed)
    with own_database.app_context():
        make_product("Mug")
        db.session.commit()
        shelves.read_aside(own_database.app_context)
        assert products().count == 1
        may_read.clear()
        for _ in range(6):
            make_product()
        db.session.commit()
        visit = Visit("before", is_private=False)
        with own_database.test_request_context(environ_overrides={VISIT: visit}):
            assert products().count == 1
            assert version_now() is None
        assert visit.valid_until == 0

        may_read.set()
        wait_until(lambda: products().count == 7, "the reader")
    let_the_reader_rest(own_database)


def test_lists_ask_for_patience_until_a_process_has_read(
    own_database: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelves, "PATIENCE", 0.1)
    may_read = threading.Event()
    monkeypatch.setattr(
        shelves, "facts_of", lambda _ids: iter(()) if may_read.wait(PATIENCE) else ()
    )
    client = own_database.test_client()
    with own_database.app_context():
        shelves.read_aside(own_database.app_context)

    answer = client.get("/products")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert client.get("/cart").status_code == 200

    may_read.set()
    wait_until(lambda: client.get("/products").status_code == 200, "the reader")
    let_the_reader_rest(own_database)


def test_old_changes_are_forgotten_and_sleepers_read_anew(app: Flask) -> None:
    make_product("Mug")
    assert products().count == 1
    make_product("Jug")
    db.session.commit()
    db.session.execute(sa.update(CatalogChange).values(at=now() - timedelta(hours=3)))

    journal.prune()
    db.session.commit()

    assert db.session.scalar(sa.select(sa.func.count()).select_from(CatalogChange)) == 0
    with time_machine.travel(now() + timedelta(hours=3), tick=False):
        assert products().count == 2


def test_a_process_sees_what_another_one_kept_late(own_database: Flask) -> None:
    """A transaction that began first and ended last is not missed on the way."""
    with own_database.app_context():
        make_product("Mug")
        assert products().count == 1
        if db.engine.dialect.name == "sqlite":
            return  # one writer at a time
        with db.engine.connect() as slow:
            slow.execute(sa.text("UPDATE products SET title = 'Late mug'"))
            make_product("Jug")
            assert titles(products(sort=["title"])) == ["Jug", "Mug"]
            slow.commit()
        assert titles(products(sort=["title"])) == ["Jug", "Late mug"]

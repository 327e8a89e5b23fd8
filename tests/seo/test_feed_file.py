"""The product feed as the file that the worker writes."""

from __future__ import annotations

import fcntl
import gzip
import json
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shop.catalog.models import Product
from shop.clock import now
from shop.extensions import db
from shop.inventory import service as inventory
from shop.inventory.models import Backorders
from shop.pricing.models import ShippingRate
from shop.seo.feedfile import FeedFile
from shop.seo.worker import FEED_EVERY, keep_feed, keep_feeds
from tests.factories import (
    make_currency,
    make_image,
    make_order,
    make_price,
    make_product,
    make_rates,
    make_store,
    variants_of,
)

URL = "http://localhost"
FEED = "/feeds/products.xml"


@pytest.fixture
def file(app: Flask) -> Iterator[FeedFile]:
    folder = app.extensions["settings"].data_folder
    yield FeedFile(folder)
    for path in (folder / "feeds").glob("*"):
        path.unlink()


@pytest.fixture
def mug() -> Product:
    make_store()
    make_rates()
    return make_product(handle="mug")


def keep(app: Flask, *, after: timedelta = timedelta()) -> bool:
    db.session.commit()
    folder: Path = app.extensions["settings"].data_folder
    with time_machine.travel(now() + after):
        return keep_feed(folder, URL)


def ask(client: FlaskClient, **headers: str) -> TestResponse:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    with client.get(FEED, headers={"Accept-Encoding": "br, gzip"} | names) as answer:
        answer.get_data()
        return answer


def test_the_file_says_what_a_page_made_at_once_says(
    client: FlaskClient, app: Flask, file: FeedFile, mug: Product
) -> None:
    made = ask(client, Accept_Encoding="identity").data

    assert keep(app)

    assert file.plain.read_bytes() == made
    assert gzip.decompress(file.gzipped.read_bytes()) == made
    assert ask(client, Accept_Encoding="identity").data == made


def test_each_currency_has_a_file_that_follows_its_rate_and_prices(
    client: FlaskClient, app: Flask, file: FeedFile, mug: Product
) -> None:
    folder: Path = app.extensions["settings"].data_folder
    euros = FeedFile(folder, "EUR")

    def keep_all(days: int) -> str:
        db.session.commit()
        with time_machine.travel(now() + timedelta(days=days)):
            keep_feeds(folder, URL)
        return euros.plain.read_text()

    make_currency("EUR", "1.2")
    assert "40.80 EUR" in keep_all(1)
    assert "34.00 GBP" in file.plain.read_text()
    make_currency("EUR", "1.5")
    assert "51.00 EUR" in keep_all(2)
    make_price(variants_of(mug)[0], "EUR", 4900)
    assert "49.00 EUR" in keep_all(3)


def test_the_file_is_sent_compressed_and_only_where_it_has_changed(
    client: FlaskClient, app: Flask, file: FeedFile, mug: Product
) -> None:
    keep(app)

    sent = ask(client)

    assert gzip.decompress(sent.data) == file.plain.read_bytes()
    assert sent.headers["Content-Encoding"] == "gzip"
    assert sent.headers["Vary"] == "Accept-Encoding"
    assert sent.mimetype == "application/rss+xml"
    assert sent.headers["Cache-Control"] == "public, max-age=600"
    for name, value in (
        ("If-None-Match", sent.headers["ETag"]),
        ("If-Modified-Since", sent.headers["Last-Modified"]),
    ):
        again = ask(client, **{name: value})
        assert (again.status_code, again.data) == (304, b"")
    assert ask(client, Accept_Encoding="br").data == file.plain.read_bytes()


def at_rest(app: Flask, start: timedelta) -> timedelta:
    """When the file was first left alone, from `start` on. Transactions of other databases on the
    same PostgreSQL may ask for it once more for as long as they run.
    """
    for turn in range(600):
        after = start + turn * FEED_EVERY
        if not keep(app, after=after):
            return after
        time.sleep(0.2)
    raise AssertionError("the file is written anew again and again")


def test_the_file_is_written_anew_only_when_something_in_it_changed(own_database: Flask) -> None:
    """On PostgreSQL the journal goes by transactions, so they must be real."""
    with own_database.app_context():
        make_store()
        make_product(handle="mug")
        file = FeedFile(own_database.extensions["settings"].data_folder)
        assert keep(own_database)
        after = at_rest(own_database, FEED_EVERY)

        make_product(handle="bowl")

        assert not keep(own_database, after=after + timedelta(seconds=60))
        assert "bowl" not in file.plain.read_text()
        assert keep(own_database, after=after + FEED_EVERY * 2)
        assert "bowl" in file.plain.read_text()
        at_rest(own_database, after + FEED_EVERY * 3)


def test_the_last_unit_before_a_back_order_is_a_change_too(own_database: Flask) -> None:
    """It can be bought before and after; what the file says of it is not the same."""
    with own_database.app_context():
        make_store()
        (variant,) = variants_of(make_product(handle="mug", on_hand=1))
        inventory.set_backorders(
            variant.id, Backorders.BACKORDER, limit=3, promised_on=date(2099, 5, 1), by=None
        )
        file = FeedFile(own_database.extensions["settings"].data_folder)
        assert keep(own_database)
        assert ">in_stock<" in file.plain.read_text()
        after = at_rest(own_database, FEED_EVERY)

        make_order(variant)

        assert keep(own_database, after=after + FEED_EVERY * 2)
        assert ">backorder<" in file.plain.read_text()


def test_a_new_picture_and_another_price_of_delivery_are_changes_too(
    app: Flask, file: FeedFile, mug: Product
) -> None:
    keep(app)
    make_image(mug, file="pot")
    assert keep(app, after=FEED_EVERY)

    assert "pot-800" in file.plain.read_text()

    db.session.execute(sa.update(ShippingRate).values(amount=100))
    assert keep(app, after=FEED_EVERY * 2)
    assert "1.00 GBP" in file.plain.read_text()


def test_a_file_that_nobody_looked_at_for_long_is_written_anew(
    app: Flask, file: FeedFile, mug: Product
) -> None:
    keep(app)

    assert keep(app, after=timedelta(hours=3))


def test_a_file_of_which_nobody_knows_what_is_in_it_is_written_anew(
    app: Flask, file: FeedFile, mug: Product
) -> None:
    keep(app)
    (file.plain.parent / "state.json").write_text(json.dumps({"stamp": 1}))

    assert keep(app)


def test_two_workers_do_not_write_at_once(app: Flask, file: FeedFile, mug: Product) -> None:
    file.plain.parent.mkdir(exist_ok=True)
    with (file.plain.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)

        assert not keep(app)

    assert not file.plain.exists()


def test_a_write_that_fails_leaves_the_old_file(
    app: Flask, file: FeedFile, mug: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(app)
    before = file.plain.read_bytes()
    make_product(handle="bowl")
    monkeypatch.setattr("shop.seo.feed.TAIL", None)

    with pytest.raises(TypeError):
        keep(app, after=FEED_EVERY)

    assert file.plain.read_bytes() == before
    monkeypatch.undo()
    assert keep(app, after=FEED_EVERY)


def test_a_large_shop_without_its_file_says_when_to_come_back(
    client: FlaskClient, app: Flask, file: FeedFile, mug: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shop.seo.views.MADE_AT_ONCE", 1)
    make_product()

    answer = ask(client)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "120")
    keep(app)
    assert ask(client).status_code == 200

"""From a request to the day's counts, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from shop.clock import now
from shop.extensions import db
from shop.traffic import service
from shop.traffic.models import TrafficDay, TrafficSalt
from shop.traffic.queries import visitors
from shop.traffic.steps import Step
from shop.traffic.tally import Tally
from shop.traffic.views import TALLY
from tests.conftest import dispose, make_settings, migrated_app
from tests.factories import make_product, make_rates, make_store, variants_of

BROWSER = "Mozilla/5.0 (Macintosh) Safari/605.1.15"
DOCUMENT = {"Sec-Fetch-Dest": "document", "User-Agent": BROWSER}
TODAY = date(2026, 11, 26)


def counted(app: Flask, *, on: date = TODAY) -> dict[str, int]:
    tally: Tally = app.extensions[TALLY]
    service.record(tally.take(), on=on)
    return {step: number for (day, step), number in visitors(on, on).items() if day == on}


def test_a_purchase_is_counted_step_by_step(client: FlaskClient, app: Flask) -> None:
    make_store()
    make_rates()
    product = make_product(handle="tuesday-mug")
    (variant,) = variants_of(product)

    client.get("/", headers=DOCUMENT)
    client.get("/products/tuesday-mug", headers=DOCUMENT)
    client.get("/products/tuesday-mug", headers=DOCUMENT)
    client.post("/cart/lines", data={"variant_id": variant.id}, headers=DOCUMENT)
    client.get("/checkout", headers=DOCUMENT)

    assert counted(app) == {"visit": 1, "product": 1, "cart": 1, "checkout": 1}


def test_nothing_is_counted_of_machines_fragments_and_refusals(
    client: FlaskClient, app: Flask
) -> None:
    make_store()
    make_product(handle="tuesday-mug")

    client.get("/", headers={"User-Agent": BROWSER})
    client.get("/", headers={"Sec-Fetch-Dest": "document", "User-Agent": "Googlebot/2.1"})
    client.get("/products/tuesday-mug", headers=DOCUMENT | {"Sec-Purpose": "prefetch"})
    client.post("/cart/lines", data={"variant_id": "999"}, headers=DOCUMENT)

    assert counted(app) == {}


def test_a_product_fetched_in_advance_counts_when_it_is_looked_at(
    client: FlaskClient, app: Flask
) -> None:
    response = client.post("/seen", headers={"Sec-Fetch-Dest": "empty", "User-Agent": BROWSER})

    assert (response.status_code, response.data) == (204, b"")
    assert counted(app) == {"visit": 1, "product": 1}


def test_who_comes_back_the_same_day_is_counted_once(app: Flask) -> None:
    once = [(Step.VISIT, ("10.0.0.1", BROWSER))]

    for on in (TODAY, TODAY, TODAY + timedelta(days=1)):
        service.record(once, on=on)
    service.record([(Step.VISIT, ("10.0.0.2", BROWSER))], on=TODAY)

    found = visitors(TODAY, TODAY + timedelta(days=1))
    assert found == {(TODAY, "visit"): 2, (TODAY + timedelta(days=1), "visit"): 1}


def test_of_days_that_are_over_only_counts_stay(app: Flask) -> None:
    visit = [(Step.VISIT, ("10.0.0.1", BROWSER))]
    service.record(visit, on=TODAY - timedelta(days=1))
    service.record(visit, on=TODAY)

    service.forget_sketches(today=TODAY)

    assert db.session.scalars(sa.select(TrafficSalt.day)).all() == [TODAY]
    kept = db.session.execute(
        sa.select(TrafficDay.visitors, TrafficDay.sketch.is_(None)).order_by(TrafficDay.day)
    ).all()
    assert [tuple(row) for row in kept] == [(1, True), (1, False)]


def test_nothing_of_the_visitor_is_written(app: Flask) -> None:
    service.record([(Step.VISIT, ("203.0.113.77", BROWSER))], on=TODAY)

    columns = {
        column.name
        for table in (TrafficDay.__table__, TrafficSalt.__table__)
        for column in table.columns
    }
    assert columns == {"day", "step", "visitors", "sketch", "salt"}


@time_machine.travel(datetime(2026, 11, 26, 23, 30, tzinfo=UTC), tick=False)
def test_the_day_is_that_of_the_shop(app: Flask) -> None:
    from shop.store import queries as store

    make_store(time_zone="Asia/Tokyo")

    assert store.current().day_of(now()) == date(2026, 11, 27)


def test_pages_from_memory_are_counted_too(tmp_path: Path, monkeypatch: object) -> None:
    settings = make_settings(f"sqlite:///{tmp_path / 'till.sqlite'}", tmp_path, page_cache_mb=8)
    app = migrated_app(settings)
    with app.app_context():
        make_store()
        make_product(handle="tuesday-mug")
        db.session.commit()
    client, asked = app.test_client(), 0

    def count(statement: object, *_: object) -> None:
        nonlocal asked
        asked += 1

    client.get("/products/tuesday-mug", headers=DOCUMENT)
    with app.app_context():
        sa.event.listen(db.engine, "before_cursor_execute", count)
        app.extensions[TALLY].take()
    client.get("/products/tuesday-mug", headers=DOCUMENT)

    assert asked == 0
    assert app.extensions[TALLY].take() == {(Step.PRODUCT, ("127.0.0.1", BROWSER))}
    dispose(app)

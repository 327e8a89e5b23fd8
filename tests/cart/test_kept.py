"""The basket and the checkout with parts that are kept: what they cost is of this moment all the
same.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from shop.catalog.models import Variant
from shop.database import transaction
from shop.extensions import db
from shop.pricing.models import ShippingRate, ShippingZone, TaxRate
from tests.conftest import Apps
from tests.factories import make_product, make_rates, make_store
from tests.pages import read
from tests.reliability.processes import wait_until


@pytest.fixture
def keeping(dialect: str, tmp_path: Path, apps: Apps) -> Iterator[Flask]:
    """A shop with a mug, which knows the version of its catalog; commits are real."""
    with apps(dialect, tmp_path, page_cache_mb=0) as app:
        with app.app_context(), transaction():
            make_store()
            make_rates()
            make_product(handle="tuesday-mug")
        version = app.extensions["catalog_version"]
        assert wait_until(lambda: version.current() is not None, "the listener")
        yield app


@contextmanager
def noting(engine: sa.Engine) -> Iterator[list[str]]:
    asked: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            asked.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    yield asked
    sa.event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize(
    ("address", "asks"),
    [
        # The discounts, the variant and its pictures, and what goes with it.
        ("/cart", 4),
        # The same without what goes with it, and whether reminders are offered.
        ("/checkout", 4),
    ],
)
def test_what_delivery_and_tax_cost_is_read_once_and_told_anew(
    keeping: Flask, address: str, asks: int
) -> None:
    client = keeping.test_client()
    with keeping.app_context():
        variant_id = db.session.scalars(sa.select(Variant.id)).first()
        engine = db.engine
    client.post("/cart/lines", data={"variant_id": variant_id, "quantity": "1"})

    first = read(client.get(address).text)
    with noting(engine) as asked:
        second = read(client.get(address).text)
    with keeping.app_context(), transaction():
        db.session.execute(sa.update(ShippingRate).values(amount=777))
        db.session.execute(sa.update(TaxRate).values(rate_ppm=100_000))
    third = read(client.get(address).text)

    assert "£4.50" in first.text
    assert "£4.50" in second.text
    assert len(asked) == asks
    assert "£4.50" not in third.text
    assert "£7.77" in third.text
    assert "VAT 10%" in third.text


def test_where_the_shop_sends_to_is_told_anew(keeping: Flask) -> None:
    client = keeping.test_client()
    with keeping.app_context():
        variant_id = db.session.scalars(sa.select(Variant.id)).first()
    client.post("/cart/lines", data={"variant_id": variant_id, "quantity": "1"})

    before = client.get("/checkout").text
    with keeping.app_context(), transaction():
        db.session.execute(sa.update(ShippingZone).values(places=[{"country": "FR"}]))
    after = client.get("/checkout").text

    assert ('value="GB"' in before, 'value="FR"' in before) == (True, False)
    assert ('value="GB"' in after, 'value="FR"' in after) == (False, True)

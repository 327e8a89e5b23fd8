"""The lowest price of the 30 days before a reduction: Article 6a of Directive 98/6/EC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from shop.catalog import prices, service, variant_service
from shop.catalog.importer import import_sheet
from shop.catalog.models import PriceChange, Product, Variant
from shop.catalog.price_history import PriceState, lowest_before_reduction
from shop.catalog.service import ProductDetails
from shop.catalog.sheet_reader import read_sheet
from shop.catalog.variant_service import VariantDetails
from shop.extensions import db
from tests.factories import make_product, make_store, variants_of

TODAY = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)


def state(
    days_ago: float, unit: int, was: int | None = None, *, is_public: bool = True
) -> PriceState:
    return PriceState(unit, was, is_public, TODAY - timedelta(days=days_ago))


@pytest.mark.parametrize(
    ("states", "lowest"),
    [
        # Never reduced; nothing known.
        ([state(90, 4800)], None),
        ([], None),
        # The usual case.
        ([state(90, 4800), state(3, 3840, 4800)], 4800),
        # The was-price is higher than anything that was asked for.
        ([state(90, 4800), state(3, 3840, 9900)], 4800),
        # Raised shortly before: the lower price of those weeks is told.
        ([state(90, 4000), state(10, 6000), state(3, 3840, 6000)], 4000),
        # Lower, but longer than 30 days before the reduction began.
        ([state(90, 3000), state(50, 4800), state(3, 3840, 4800)], 4800),
        # It ended on the 30th day before: not within the window.
        ([state(90, 3000), state(33, 4800), state(3, 3840, 4800)], 4800),
        # It held for a moment of the window.
        ([state(90, 3000), state(32.99, 4800), state(3, 3840, 4800)], 3000),
        # The window is that of the reduction's beginning, however long it goes on.
        ([state(200, 3000), state(125, 4800), state(100, 3840, 4800)], 3000),
        # Reduced further, step by step: the price before the first step.
        ([state(90, 4800), state(20, 4320, 4800), state(3, 3840, 4800)], 4800),
        # An earlier sale within the 30 days counts, once it had ended.
        ([state(90, 4800), state(20, 3600, 4800), state(10, 4800), state(3, 3840, 4800)], 3600),
        # A smaller reduction after a greater one is a new one.
        ([state(90, 4800), state(20, 3600, 4800), state(3, 4320, 4800)], 3600),
        # Another was-price alone is no new reduction.
        ([state(90, 4800), state(20, 3840, 4800), state(3, 3840, 5200)], 4800),
        # On sale since it first was shown: there is no price before.
        ([state(3, 3840, 4800)], None),
        # What a draft was to cost, nobody was asked for.
        ([state(90, 100, is_public=False), state(20, 4800), state(3, 3840, 4800)], 4800),
        # Hidden and shown again: still the same reduction.
        (
            [
                state(90, 4800),
                state(20, 3840, 4800),
                state(10, 3840, 4800, is_public=False),
                state(9, 3840, 4800),
            ],
            4800,
        ),
        # Not shown now.
        ([state(90, 4800), state(3, 3840, 4800, is_public=False)], None),
        # The reduction is over.
        ([state(90, 4800), state(20, 3840, 4800), state(3, 4800)], None),
        # A was-price that is not higher is no reduction.
        ([state(90, 4800), state(3, 3840, 3840)], None),
        # Corrected in the same instant: never asked for.
        ([state(90, 4800), state(20, 48), state(20, 4800), state(3, 3840, 4800)], 4800),
    ],
)
def test_the_lowest_price_before_a_reduction(states: list[PriceState], lowest: int | None) -> None:
    assert lowest_before_reduction(states) == lowest


def history_of(variant: Variant) -> list[tuple[int, int | None, bool]]:
    rows = db.session.scalars(
        sa.select(PriceChange).where(PriceChange.variant_id == variant.id).order_by(PriceChange.id)
    )
    return [(row.unit_amount, row.compare_at_amount, row.is_public) for row in rows]


def test_every_way_to_a_price_is_noted(app: Flask) -> None:
    product = service.create_product(ProductDetails(title="Planter"))
    variant = variant_service.add_variant(product, VariantDetails(unit_amount=100))
    variant_service.change_price(variant, unit_amount=4800, compare_at_amount=None, by=None)
    service.publish(product)
    variant_service.change_price(variant, unit_amount=3840, compare_at_amount=4800, by=None)
    variant_service.change_price(variant, unit_amount=3840, compare_at_amount=4800, by=None)
    service.unpublish(product)

    assert history_of(variant) == [
        (100, None, False),
        (4800, None, False),
        (4800, None, True),
        (3840, 4800, True),
        (3840, 4800, False),
    ]


def test_an_import_notes_prices_too(app: Flask) -> None:
    header = "Handle,Title,Variant SKU,Variant Price,Variant Compare At Price\n"
    for line in ("pot,Pot,POT,48.00,\n", "pot,Pot,POT,38.40,48.00\n"):
        import_sheet(read_sheet((header + line).encode(), "GBP"), media_url="http://x/media")

    (variant,) = db.session.scalars(sa.select(Variant))
    assert history_of(variant) == [(4800, None, True), (3840, 4800, True)]


def test_an_import_that_hides_a_product_notes_it(app: Flask) -> None:
    header = "Handle,Title,Variant SKU,Variant Price,Published\n"
    for line in ("pot,Pot,POT,48.00,true\n", "pot,Pot,POT,48.00,false\n"):
        import_sheet(read_sheet((header + line).encode(), "GBP"), media_url="http://x/media")

    (variant,) = db.session.scalars(sa.select(Variant))
    assert history_of(variant) == [(4800, None, True), (4800, None, False)]


def reduced_planter() -> Product:
    product = make_product(handle="planter", unit_amount=4800)
    (variant,) = variants_of(product)
    with time_machine.travel(TODAY - timedelta(days=60)):
        prices.note(variant_ids=[variant.id])
    with time_machine.travel(TODAY - timedelta(days=3)):
        variant_service.change_price(variant, unit_amount=3840, compare_at_amount=5200, by=None)
    return product


def test_a_reduced_products_page_tells_it(client: FlaskClient) -> None:
    make_store()
    reduced_planter()

    page = client.get("/products/planter")

    assert "Lowest price in the 30 days before the reduction: £48.00." in page.text


def test_the_basket_tells_it_too(client: FlaskClient) -> None:
    make_store()
    (variant,) = variants_of(reduced_planter())
    client.post("/cart/lines", data={"variant_id": variant.id})

    page = client.get("/cart")

    assert "Lowest price in the 30 days before the reduction: £48.00." in page.text
    assert "£52.00</s>" in page.text


def test_history_is_forgotten_after_thirteen_months_but_for_what_still_holds(app: Flask) -> None:
    (variant,) = variants_of(make_product(unit_amount=4800))
    for days in (500, 450, 400, 20):
        prices.note(variant_ids=[variant.id], at=TODAY - timedelta(days=days))

    with time_machine.travel(TODAY):
        prices.forget_old()

    rows = db.session.scalars(sa.select(PriceChange.at).order_by(PriceChange.at)).all()
    assert [(TODAY - at).days for at in rows] == [400, 20]

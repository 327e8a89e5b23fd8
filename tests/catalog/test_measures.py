from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from shop.catalog.exporter import export_lines
from shop.catalog.importer import import_sheet
from shop.catalog.measures import Measures, UnreadableMeasure, plain_measures, read_measures
from shop.catalog.sheet_reader import read_sheet
from shop.extensions import db
from shop.inventory.service import set_on_hand
from shop.money import Money
from tests.factories import make_product, make_store, variants_of

HEADER = (
    "Handle,Title,Variant SKU,Variant Price,Unit Price Total Measure,"
    "Unit Price Total Measure Unit,Unit Price Base Measure,Unit Price Base Measure Unit\n"
)


@pytest.mark.parametrize(
    ("contains", "per", "price", "amount"),
    [
        ("250 g", "100 g", 850, 340),
        ("250 g", "1 kg", 850, 3400),
        ("0.75 l", "1 l", 999, 1332),
        ("750 ml", "1 l", 999, 1332),
        ("6 item", "1 item", 1000, 167),  # 1.666... is rounded once
        ("1 lb", "100 g", 1000, 220),
        ("1.5 m", "1 m", 100, 67),
        ("100 g", "100 g", 0, 0),
    ],
)
def test_the_price_of_a_usual_amount(contains: str, per: str, price: int, amount: int) -> None:
    measures = read_measures(contains, per)

    assert measures.unit_price(Money(price, "GBP")).price == Money(amount, "GBP")


def test_a_currency_rounds_as_it_pays() -> None:
    assert read_measures("3 g", "1 g").unit_price(Money(1000, "JPY")).price == Money(333, "JPY")
    assert read_measures("3 g", "1 g").unit_price(Money(1000, "KWD")).price == Money(330, "KWD")


@pytest.mark.parametrize(
    ("contains", "per"),
    [
        ("250 g", "1 l"),
        ("0 g", "100 g"),
        ("250 g", "0 g"),
        ("250", "100 g"),
        ("250 stone", "100 g"),
        ("250 g", "0.5 kg"),
        ("1.2345 g", "1 g"),
        ("-250 g", "100 g"),
        ("1,000.5 g", "1 g"),
        ("", "100 g"),
        ("٢٥٠ g", "100 g"),
    ],
)
def test_amounts_that_do_not_fit_are_refused(contains: str, per: str) -> None:
    with pytest.raises(UnreadableMeasure):
        read_measures(contains, per)


def test_amounts_are_written_as_they_are_read() -> None:
    assert plain_measures(read_measures("0,75 L", "1 l")) == ("0.75 l", "1 l")
    assert plain_measures(Measures(250_000, "g", 100, "g")) == ("250 g", "100 g")


def test_a_file_brings_and_gets_them_back_cell_by_cell(app: Flask) -> None:
    text = HEADER + "tea,Tea,TEA,8.50,250.0,g,100,g\npot,Pot,POT,34.00,,,,\n"

    import_sheet(read_sheet(text.encode(), "GBP"), media_url="http://x/media")

    lines = "".join(export_lines(currency="GBP", media_url="http://x/media"))
    assert lines.replace("\r\n", "\n") == text


def test_a_file_with_a_unit_that_does_not_exist_is_refused(app: Flask) -> None:
    sheet = read_sheet((HEADER + "tea,Tea,TEA,8.50,250,stone,100,g\n").encode(), "GBP")

    (fault,) = sheet.faults
    assert (fault.line, fault.column) == (2, "Unit Price Total Measure")


def test_it_stands_on_the_page_the_card_and_the_basket(client: FlaskClient) -> None:
    make_store()
    (variant,) = variants_of(make_product(handle="tea", unit_amount=850))
    variant.measures = read_measures("250 g", "100 g")
    db.session.flush()
    client.post("/cart/lines", data={"variant_id": variant.id})

    for path in ("/products/tea", "/products", "/cart"):
        assert "£3.40 / 100 g" in client.get(path).text


def test_a_sold_out_variant_says_when_it_comes_again(client: FlaskClient) -> None:
    make_store()
    product = make_product(handle="mug", options={"Size": ["Small", "Large"]})
    small, large = variants_of(product)
    set_on_hand(large.id, 0)
    small.restock_on = large.restock_on = date(2026, 11, 27)

    with time_machine.travel(datetime(2026, 11, 27, 8, tzinfo=UTC)):
        before = client.get("/products/mug?size=large").text
    with time_machine.travel(datetime(2026, 11, 28, 8, tzinfo=UTC)):
        after = client.get("/products/mug?size=large").text

    assert "Sold out, back on 27\N{NO-BREAK SPACE}November" in before
    assert before.count("Back 27\N{NO-BREAK SPACE}Nov") == 1
    assert "back on" not in after.casefold().replace("back on the shelf", "")

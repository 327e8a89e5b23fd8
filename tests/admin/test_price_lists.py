"""A currency's price list, on its page and as a CSV file."""

from __future__ import annotations

from io import BytesIO

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from shop.audit import AuditEntry
from shop.catalog.models import Variant, VariantPrice
from shop.extensions import db
from shop.store.currencies import Ending
from tests.accounts.people import be_signed_in, make_admin
from tests.factories import make_currency, make_price, make_product, make_store, variants_of
from tests.pages import read

PRICES = "/admin/settings/currencies/EUR/prices"


@pytest.fixture
def mugs(client: FlaskClient) -> list[Variant]:
    """Cobalt and milk at 34.00 pounds, which is 40.95 euros."""
    make_store()
    make_currency("EUR", "1.2", Ending.UP_TO_95)
    mug = make_product("Tuesday mug", handle="mug", options={"Glaze": ["Cobalt", "Milk"]})
    cobalt, milk = variants_of(mug)
    cobalt.sku, milk.sku = "FT-COB", None
    db.session.flush()
    be_signed_in(client, make_admin())
    return [cobalt, milk]


def typed() -> dict[int, tuple[int, int | None]]:
    rows = db.session.execute(
        sa.select(VariantPrice.variant_id, VariantPrice.unit_amount, VariantPrice.compare_at_amount)
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def upload(client: FlaskClient, text: str) -> tuple[int, str]:
    data = {"file": (BytesIO(text.encode()), "prices.csv")}
    answer = client.post(f"{PRICES}.csv", data=data, content_type="multipart/form-data")
    return answer.status_code, read(answer.text).text if answer.status_code == 422 else ""


def test_prices_are_typed_and_taken_back(client: FlaskClient, mugs: list[Variant]) -> None:
    cobalt, milk = mugs
    fields = {
        "variant": [cobalt.id, milk.id],
        f"price-{cobalt.id}": "36",
        f"before-{cobalt.id}": "42,50",
    }

    answer = client.post(PRICES, data=fields)

    assert answer.status_code == 303
    assert typed() == {cobalt.id: (3600, 4250)}
    page = read(client.get(PRICES).text).text
    assert "€36.00" in page
    assert "€40.95" in page
    entry = db.session.query(AuditEntry).filter_by(action="prices.typed").one()
    assert entry.data == {"currency": "EUR", "count": 1}

    client.post(PRICES, data={"variant": [cobalt.id]})
    assert typed() == {}


@pytest.mark.parametrize("text", ["free", "-3", "3.555", "1e3", "999999999"])
def test_what_is_no_price_is_refused_and_nothing_is_kept(
    client: FlaskClient, mugs: list[Variant], text: str
) -> None:
    cobalt, milk = mugs
    fields = {"variant": [cobalt.id, milk.id], f"price-{cobalt.id}": "36", f"price-{milk.id}": text}

    answer = client.post(PRICES, data=fields)

    assert answer.status_code == 422
    assert f"{text} is not a price in EUR" in read(answer.text).text
    assert typed() == {}


def test_the_file_goes_out_and_in_again(client: FlaskClient, mugs: list[Variant]) -> None:
    cobalt, milk = mugs
    make_price(cobalt, "EUR", 3600, 4200)
    make_price(cobalt, "USD", 9900)

    lines = client.get(f"{PRICES}.csv").text.splitlines()

    assert lines == [
        "\ufeffHandle,Title,Option1 Value,Option2 Value,Option3 Value,Variant SKU,"
        "Price / GBP,Price / EUR,Compare At Price / EUR",
        "mug,Tuesday mug,Cobalt,,,FT-COB,34.00,36.00,42.00",
        "mug,Tuesday mug,Milk,,,,34.00,,",
    ]
    assert upload(client, "\n".join(lines))[0] == 303
    assert typed()[cobalt.id] == (9900, None) or typed()[cobalt.id] == (3600, 4200)
    changed = [
        lines[0],
        lines[1].replace("36.00,42.00", ","),
        lines[2].replace("34.00,,", "34.00,39,"),
    ]
    assert upload(client, "\n".join(changed))[0] == 303
    prices = db.session.execute(
        sa.select(VariantPrice.variant_id, VariantPrice.currency, VariantPrice.unit_amount)
    )
    assert {tuple(row) for row in prices} == {(cobalt.id, "USD", 9900), (milk.id, "EUR", 3900)}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Handle,Price / USD\nmug,3", "line 1, Price / EUR: this column is missing"),
        ("Price / EUR\n3", "neither this column nor Handle is there"),
        (
            "Variant SKU,Price / EUR\nFT-COB,free",
            "“free” is not a price in EUR",
        ),
        ("Variant SKU,Price / EUR\nNONE,3", "line 2: no variant of the shop has this name"),
        ("Variant SKU,Price / EUR\nFT-COB,3\nFT-COB,4", "line 3: this variant stood further up"),
        ("", "Nothing of the file was taken"),
    ],
)
def test_a_file_with_a_fault_moves_nothing(
    client: FlaskClient, mugs: list[Variant], text: str, sentence: str
) -> None:
    make_price(mugs[0], "EUR", 3600)

    status, page = upload(client, text)

    assert status == 422
    assert sentence in page
    assert typed() == {mugs[0].id: (3600, None)}


def test_no_file_is_said_and_a_search_finds_variants(
    client: FlaskClient, mugs: list[Variant]
) -> None:
    assert "Choose a CSV file" in read(client.post(f"{PRICES}.csv").text).text
    assert "FT-COB" in client.get(f"{PRICES}?q=ft-c").text
    assert "No product matches" in client.get(f"{PRICES}?q=teapot").text
    assert client.get("/admin/settings/currencies/USD/prices").status_code == 404

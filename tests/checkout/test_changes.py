"""What changed between looking and paying is told, old beside new, and agreed to once more."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from shop.catalog.models import Variant
from shop.extensions import db
from shop.inventory.models import StockItem
from shop.orders.models import Order
from tests.factories import DETAILS, make_discount, make_rates, make_store, make_variant, stock_of
from tests.fakes import FakeGateway
from tests.pages import Page, read


@pytest.fixture
def mug(client: FlaskClient, gateway: FakeGateway) -> Variant:
    make_store()
    make_rates(shipping=450, free_from=None)
    mug = make_variant(unit_amount=3400)
    client.post("/cart/lines", data={"variant_id": mug.id, "quantity": 2})
    return mug


def review(client: FlaskClient) -> Page:
    assert client.post("/checkout", data=DETAILS).status_code == 303
    return read(client.get("/checkout/payment").text)


def press(client: FlaskClient, page: Page) -> Any:
    data = {name: page.value(name) for name in ("total", "shown")}
    return client.post("/checkout/payment", data=data)


def run(statement: str) -> None:
    db.session.execute(sa.text(statement))
    db.session.commit()


CHANGES = [
    ("UPDATE variants SET unit_amount = 3600", "£68.00 2 pieces £72.00 2 pieces"),
    ("UPDATE stock_items SET on_hand = 1", "£68.00 2 pieces £34.00 1 piece"),
    ("UPDATE shipping_rates SET amount = 795", "Delivery £4.50 £7.95"),
    ("UPDATE tax_rates SET rate_ppm = 100000", "Tax £12.08 £6.59"),
    ("UPDATE discounts SET is_active = false", "Discount -£6.80 £0.00"),
]  # fmt: skip


@pytest.mark.parametrize(("statement", "words"), CHANGES, ids=lambda text: text.split(" SET ")[0])
def test_old_and_new_stand_side_by_side_and_going_on_is_a_choice(
    client: FlaskClient, mug: Variant, gateway: FakeGateway, statement: str, words: str
) -> None:
    if "discounts" in statement:
        make_discount()
        db.session.commit()
        client.post("/cart/discount", data={"code": "MUG10"})
    page = review(client)
    run(statement)

    answer = press(client, page)

    assert answer.status_code == 409
    again = read(answer.text)
    assert words in again.text
    assert "You have not been charged." in again.text
    assert "Continue with £" in again.text
    assert "Pay £" not in again.text
    assert (gateway.created, db.session.scalars(sa.select(Order)).all()) == ([], [])
    assert stock_of(mug)[1] == 0

    agreed = press(client, again)

    assert agreed.status_code == 303
    order = db.session.scalars(sa.select(Order)).one()
    assert str(order.due.amount) == again.value("total")


def test_a_line_that_is_gone_is_told_and_the_rest_can_be_had(
    client: FlaskClient, mug: Variant, gateway: FakeGateway
) -> None:
    bowl = make_variant(unit_amount=2000)
    client.post("/cart/lines", data={"variant_id": bowl.id})
    page = review(client)
    db.session.execute(
        sa.update(StockItem).where(StockItem.variant_id == bowl.id).values(on_hand=0)
    )
    db.session.commit()

    again = read(press(client, page).text)

    assert "£20.00 1 piece Not available" in again.text
    assert press(client, again).status_code == 303
    order = db.session.scalars(sa.select(Order)).one()
    assert order.total_amount == 7250


def test_what_nobody_can_buy_any_more_leads_to_the_basket(
    client: FlaskClient, mug: Variant, gateway: FakeGateway
) -> None:
    page = review(client)
    run("UPDATE stock_items SET on_hand = 0")

    answer = press(client, page)

    assert answer.location == "/cart"
    assert db.session.scalars(sa.select(Order)).all() == []


def test_nothing_is_told_where_nothing_changed(client: FlaskClient, mug: Variant) -> None:
    page = review(client)

    assert press(client, page).status_code == 303


@pytest.mark.parametrize("shown", ["", "x", "eyJsaW5lcyI6W119.forged"])
def test_a_forged_memory_counts_for_nothing(
    client: FlaskClient, mug: Variant, gateway: FakeGateway, shown: str
) -> None:
    review(client)

    answer = client.post("/checkout/payment", data={"total": "1", "shown": shown})

    assert answer.status_code == 409
    assert "the total is £72.50 now" in read(answer.text).text
    assert gateway.created == []


def test_the_same_total_of_other_pieces_is_told_too(
    client: FlaskClient, mug: Variant, gateway: FakeGateway
) -> None:
    page = review(client)
    run("UPDATE variants SET unit_amount = 3350")
    run("UPDATE shipping_rates SET amount = 550")

    answer = press(client, page)

    assert answer.status_code == 409
    assert "Delivery £4.50 £5.50" in read(answer.text).text

"""What a packing slip lists, while units wait for stock and go in parcels."""

from __future__ import annotations

import re
from datetime import date

import pytest
from flask.testing import FlaskClient

from shop.accounts.models import Account
from shop.extensions import db
from shop.inventory import service as inventory
from shop.inventory.models import Backorders, MovementReason
from shop.orders import fulfillments, slips
from shop.orders import queries as orders
from shop.orders.fulfillment_models import Fulfillment
from shop.orders.fulfillments import Parcel
from shop.orders.models import Order
from shop.orders.slips import Slip, SlipRow
from tests.factories import make_order, make_variant

MAY = date(2099, 5, 12)


@pytest.fixture
def order(staff: FlaskClient) -> Order:
    """Five of a mug: two are here, three come in May. And a jug."""
    mug, jug = make_variant(on_hand=2), make_variant(on_hand=9)
    inventory.set_backorders(mug.id, Backorders.BACKORDER, limit=5, promised_on=MAY, by=None)
    made = make_order(mug, jug, quantity=5, paid=True, backordered=3)
    whole = whole_of(made)
    whole.lines[0].promised_on = MAY
    whole.lines[1].backordered_quantity = 0
    whole.lines[0].title, whole.lines[1].title = "Tuesday mug", "Milk jug"
    db.session.commit()
    return whole


def whole_of(order: Order) -> Order:
    found = orders.order_with_lines(order.id)
    assert found is not None
    return found


def send(order: Order, units: list[int], press: str = "a") -> Fulfillment:
    chosen = {line.id: count for line, count in zip(whole_of(order).lines, units, strict=True)}
    by = db.session.query(Account.id).limit(1).scalar()
    made = fulfillments.fulfill(order, chosen, Parcel(), press=press, by=by, is_told=False)
    db.session.commit()
    return made


def told(slip: Slip) -> tuple[list[str], list[str], list[str]]:
    def words(rows: tuple[SlipRow, ...]) -> list[str]:
        return [f"{row.units} {row.line.title}{'*' if row.is_waiting else ''}" for row in rows]

    return words(slip.inside), words(slip.later), words(slip.elsewhere)


def slip_of(order: Order) -> Slip:
    (slip,) = slips.of_orders([order.id])
    return slip


def test_what_waits_for_stock_is_not_in_the_parcel(order: Order) -> None:
    assert told(slip_of(order)) == (["2 Tuesday mug", "5 Milk jug"], ["3 Tuesday mug*"], [])


def test_what_is_sent_is_told_apart_from_what_is_packed_next(order: Order) -> None:
    send(order, [1, 5])

    assert told(slip_of(order)) == (
        ["1 Tuesday mug"], ["3 Tuesday mug*"], ["1 Tuesday mug", "5 Milk jug"],
    )  # fmt: skip


def test_an_order_of_which_nothing_is_here_has_nothing_to_pack(order: Order) -> None:
    send(order, [2, 5])

    assert told(slip_of(order))[0] == []
    assert told(slip_of(order))[1] == ["3 Tuesday mug*"]


def test_what_came_is_to_be_packed(order: Order) -> None:
    send(order, [2, 5])
    mug = whole_of(order).lines[0].variant_id
    assert mug is not None
    inventory.add_on_hand(mug, 3, reason=MovementReason.RECEIVED, by=None)

    assert told(slip_of(order)) == (["3 Tuesday mug"], [], ["2 Tuesday mug", "5 Milk jug"])


def test_a_parcel_lists_its_own(order: Order) -> None:
    first = send(order, [1, 0])
    second = send(order, [0, 5], press="b")

    one, other = slips.of_parcels([first.id, second.id])

    assert told(one) == (
        ["1 Tuesday mug"], ["1 Tuesday mug", "3 Tuesday mug*"], ["5 Milk jug"],
    )  # fmt: skip
    assert told(other)[0] == ["5 Milk jug"]
    assert told(other)[2] == ["1 Tuesday mug"]


def test_a_parcel_that_was_taken_back_has_no_slip(order: Order, admin: Account) -> None:
    parcel = send(order, [2, 5])
    fulfillments.undo(order, parcel, by=admin.id)

    assert slips.of_parcels([parcel.id, 999]) == []


def test_an_order_that_is_sent_lists_all_of_it(order: Order) -> None:
    whole = make_order(make_variant(), quantity=2, paid=True)
    before = slip_of(whole)
    send(whole, [2])

    assert told(before) == told(slip_of(whole)) == (["2 Tuesday mug"], [], [])
    assert not slip_of(whole).is_part


def test_the_page_says_what_follows_and_when(staff: FlaskClient, order: Order) -> None:
    page = staff.get(f"/admin/orders/packing-slips?id={order.id}").text

    assert re.findall(r"<caption>(.*?)</caption>", page) == ["Enclosed", "Follows later"]
    assert "Sent later, by 12\N{NO-BREAK SPACE}May." in page
    assert "<tr><td>2</td>" in page
    assert "<tr><td>3</td>" in page
    prices = staff.get(f"/admin/orders/packing-slips?id={order.id}&prices=1").text
    assert "The whole order" in prices


def test_the_page_of_a_parcel_is_linked_from_its_order(staff: FlaskClient, order: Order) -> None:
    parcel = send(order, [2, 0])
    address = f"/admin/orders/packing-slips?parcel={parcel.id}"

    assert address in staff.get(f"/admin/orders/{order.id}").text
    page = staff.get(address).text
    assert page.count('class="slip"') == 1
    assert f"parcel={parcel.id}&amp;prices=1" in page
    assert "Nothing of it can be packed yet." not in page


def test_one_without_anything_here_says_so(staff: FlaskClient, order: Order) -> None:
    send(order, [2, 5])

    page = staff.get(f"/admin/orders/packing-slips?id={order.id}").text

    assert "Nothing of it can be packed yet." in page
    assert "Sent separately" in page

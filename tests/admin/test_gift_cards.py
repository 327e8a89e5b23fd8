"""Gift cards in the admin: issued, found, sent again, disabled."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from shop.audit import AuditEntry
from shop.clock import now
from shop.extensions import db
from shop.gift_cards import queries, service
from shop.gift_cards.models import GiftCard
from shop.inventory.models import StockItem
from shop.outbox.models import OutboxMessage
from tests.admin.test_products import opened, save
from tests.factories import make_gift_card, make_order, make_product, make_variant, variants_of
from tests.pages import read

NEW = "/admin/gift-cards/new"
GIVEN = {"kind": "gift_card", "amount": "25.00", "email": "Noor@example.com", "note": "Sorry"}


def cards() -> list[GiftCard]:
    return list(
        db.session.scalars(
            sa.select(GiftCard).order_by(GiftCard.id).execution_options(populate_existing=True)
        )
    )


def mails() -> int:
    found = sa.select(sa.func.count()).select_from(OutboxMessage)
    return db.session.scalar(found.where(OutboxMessage.name == service.MAIL)) or 0


def test_a_shop_without_cards_says_how_to_begin(staff: FlaskClient) -> None:
    page = read(staff.get("/admin/gift-cards").text)

    assert "No gift cards yet" in page.text


def test_staff_issue_a_card_by_hand(staff: FlaskClient) -> None:
    answer = staff.post(NEW, data=GIVEN | {"expires_on": "2027-12-31", "message": "For you"})

    assert answer.status_code == 303
    (card,) = cards()
    assert (card.balance_amount, card.email, card.expires_on, card.message) == (
        2500,
        "noor@example.com",
        date(2027, 12, 31),
        "For you",
    )
    assert mails() == 1
    page = read(staff.get(answer.location).text)
    assert f"Gift card ending in {card.last_four}" in page.text
    assert "£25.00 is left." in page.text
    assert "Sorry" in page.text
    assert service.code_of(card) not in page.text
    assert db.session.scalars(sa.select(AuditEntry.action)).all()[-1] == "gift_card.issued"


def test_store_credit_of_an_address_is_one(staff: FlaskClient) -> None:
    for _ in range(2):
        assert staff.post(NEW, data=GIVEN | {"kind": "store_credit"}).status_code == 303

    (card,) = cards()
    assert (card.is_store_credit, card.balance_amount) == (True, 5000)
    assert mails() == 2


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"amount": "0"}, "Type an amount above 0."),
        ({"amount": "-5"}, "Type an amount like"),
        ({"amount": ""}, "Type what is on it."),
        ({"amount": "1000000.00"}, "Type an amount like"),
        ({"email": "noor"}, "That is not an email address."),
        ({"kind": "store_credit", "email": ""}, "Store credit belongs to an email address"),
        ({"kind": "voucher"}, "Choose a gift card or store credit."),
        ({"expires_on": "tomorrow"}, "Type a date like"),
    ],
)
def test_what_cannot_be_is_refused(
    staff: FlaskClient, wrong: dict[str, str], sentence: str
) -> None:
    answer = staff.post(NEW, data=GIVEN | wrong)

    assert answer.status_code == 422
    assert sentence in read(answer.text).text
    assert cards() == []
    assert mails() == 0


def test_the_list_finds_by_what_staff_know(staff: FlaskClient) -> None:
    order = make_order(make_variant(unit_amount=2500), sells_gift_cards=True, paid=True)
    (bought,) = queries.bought_by(order.id)
    other = make_gift_card(1000, email="noor@example.com")

    for text in ("ines@", bought.last_four.lower(), service.code_of(bought), str(order.number)):
        page = read(staff.get("/admin/gift-cards", query_string={"q": text}).text)
        assert bought.last_four in page.text
        assert other.last_four not in page.text


def test_the_list_shows_one_state(staff: FlaskClient) -> None:
    found = {
        "active": make_gift_card(1000),
        "used_up": make_gift_card(1000),
        "expired": make_gift_card(1000, expires_on=now().date() - timedelta(days=2)),
        "disabled": make_gift_card(1000),
    }
    make_order(gift_cards=[found["used_up"]])
    found["disabled"].is_active = False

    for state, card in found.items():
        page = read(staff.get("/admin/gift-cards", query_string={"show": state}).text)
        assert [one for one in found.values() if one.last_four in page.text] == [card]


def test_the_ledger_tells_orders_and_staff(staff: FlaskClient) -> None:
    staff.post(NEW, data=GIVEN)
    (card,) = cards()
    order = make_order(gift_cards=[card], paid=True)

    page = read(staff.get(f"/admin/gift-cards/{card.id}").text)

    assert f"Spent on an order Order {order.number}" in page.text
    assert "-£25.00" in page.text
    shown = read(staff.get(f"/admin/orders/{order.id}").text).text
    assert f"Gift card ending in {card.last_four} -£25.00" in shown
    assert "£25.00 by gift card" in shown


def test_a_card_is_disabled_and_enabled(staff: FlaskClient) -> None:
    card = make_gift_card(1000)
    address = f"/admin/gift-cards/{card.id}"

    staff.post(f"{address}/activation", data={"active": "0"})
    assert not cards()[0].is_active
    assert staff.post(f"{address}/mails", data={"email": "noor@example.com"}).status_code == 409
    staff.post(f"{address}/activation", data={"active": "1"})

    assert cards()[0].is_active
    assert mails() == 0


def test_the_code_is_sent_again_to_another_address(staff: FlaskClient) -> None:
    card = make_gift_card(1000, email="nor@example.com")
    code = service.code_of(card)

    answer = staff.post(f"/admin/gift-cards/{card.id}/mails", data={"email": "noor@example.com"})

    assert answer.status_code == 303
    assert (cards()[0].email, service.code_of(cards()[0])) == ("noor@example.com", code)
    assert mails() == 2


def test_note_and_last_day_can_be_changed(staff: FlaskClient) -> None:
    card = make_gift_card(1000)
    address = f"/admin/gift-cards/{card.id}"

    assert staff.post(address, data={"note": "Lost", "expires_on": "2027-01-31"}).status_code == 303
    assert staff.post(address, data={"note": "", "expires_on": "soon"}).status_code == 422

    assert (cards()[0].note, cards()[0].expires_on) == ("Lost", date(2027, 1, 31))


def test_a_product_becomes_a_gift_card_and_is_not_counted(staff: FlaskClient) -> None:
    product = make_product(options={"Value": ["£25", "£50"]}, on_hand=0)

    answer = save(staff, product, opened(staff, product) | {"is_gift_card": "y"})

    assert answer.status_code == 303
    db.session.refresh(product)
    assert product.is_gift_card
    ids = [variant.id for variant in variants_of(product)]
    stock = sa.select(StockItem.is_tracked).where(StockItem.variant_id.in_(ids))
    assert db.session.scalars(stock).all() == [False, False]

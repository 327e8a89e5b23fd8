"""Gift cards as shoppers meet them: typed, told, spent, and looked at."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient

from shop.catalog.models import Product, Variant
from shop.clock import now
from shop.extensions import db
from shop.gift_cards import codes, guesses, queries, service
from shop.gift_cards.models import GiftCard
from shop.inventory import service as inventory
from shop.money import Money
from shop.orders import service as orders
from shop.orders.models import Order
from shop.orders.urls import order_link
from shop.payments.models import PaymentAttempt
from tests.accounts.people import be_signed_in, make_account
from tests.factories import (
    DETAILS,
    make_discount,
    make_gift_card,
    make_order,
    make_product,
    make_rates,
    make_store,
    make_variant,
    stock_of,
    variants_of,
)
from tests.fakes import FakeGateway
from tests.pages import Page, read


@pytest.fixture
def mug(client: FlaskClient) -> Variant:
    make_store()
    make_rates("GB", shipping=450, free_from=None)
    mug = make_variant(unit_amount=3400)
    assert client.post("/cart/lines", data={"variant_id": mug.id}).status_code == 303
    return mug


def make_gift_product(unit_amount: int = 2500) -> Variant:
    product = make_product("Gift card", unit_amount=unit_amount, is_gift_card=True)
    (variant,) = variants_of(product)
    inventory.set_tracked(variant.id, False)
    return variant


def basket(client: FlaskClient) -> Page:
    return read(client.get("/cart").text)


def type_code(client: FlaskClient, card: GiftCard, back: str = "") -> int:
    code = codes.spelled(service.code_of(card)).lower()
    return client.post("/cart/discount", data={"code": code, "back": back}).status_code


def payment(client: FlaskClient, **details: str) -> Page:
    assert client.post("/checkout", data=details or DETAILS).status_code == 303
    return read(client.get("/checkout/payment").text)


def pay(client: FlaskClient, page: Page, **wishes: str) -> tuple[int, str]:
    form = {"total": page.value("total"), "shipping_rate_id": page.chosen("shipping_rate_id")}
    answer = client.post("/checkout/payment", data=form | wishes)
    return answer.status_code, answer.text


def the_order() -> Order:
    return db.session.scalars(
        sa.select(Order).order_by(Order.id.desc()).execution_options(populate_existing=True)
    ).first()


def balance(card: GiftCard) -> int:
    assert list(queries.wrong_balances()) == []
    return db.session.get_one(GiftCard, card.id, populate_existing=True).balance_amount


def test_one_field_takes_a_gift_card_and_a_discount(client: FlaskClient, mug: Variant) -> None:
    make_discount()
    card = make_gift_card(2000)

    assert client.post("/cart/discount", data={"code": "mug10"}).status_code == 303
    assert type_code(client, card) == 303

    page = basket(client)
    name = f"Gift card ending in {card.last_four}"
    assert "Ten off MUG10 -£3.40" in page.text
    assert f"Total £35.10 Including VAT £5.85 {name} -£20.00 To pay £15.10" in page.text
    assert "£35.10, of which gift cards pay £20.00: £15.10 is left to pay." in page.text
    assert balance(card) == 2000


def test_a_card_is_not_taken_from_an_address(
    client: FlaskClient, mug: Variant, caplog: pytest.LogCaptureFixture
) -> None:
    card = make_gift_card(2000)
    code = codes.spelled(service.code_of(card))
    logging.getLogger("shop").addHandler(caplog.handler)
    caplog.set_level(logging.INFO, logger="shop")

    client.get(f"/discount/{code}")
    client.post(f"/cart/{mug.sku}", data={"code": code})

    logging.getLogger("shop").removeHandler(caplog.handler)
    page = basket(client).text
    assert "Please type the code of a gift card" in page
    assert "Gift card ending in" not in page
    paths = [vars(record).get("path") for record in caplog.records]
    assert "/discount/…" in paths
    assert not any(code in str(path) for path in paths)


@pytest.fixture
def with_credit(client: FlaskClient, mug: Variant) -> GiftCard:
    """A customer who is signed in and has 12.00."""
    be_signed_in(client, make_account(email="ines@example.com"))
    return service.give_credit("ines@example.com", Money(1200, "GBP"))


def test_store_credit_is_offered_and_spent_by_choice(
    client: FlaskClient, with_credit: GiftCard, gateway: FakeGateway
) -> None:
    page = payment(client)
    assert "You have £12.00 of store credit. Pay with it" in page.text
    assert page.value("total") == "3850"

    client.post("/cart/store-credit", data={"back": "/checkout/payment"})

    page = read(client.get("/checkout/payment").text)
    assert "Store credit -£12.00 To pay £26.50" in page.text
    assert "Pay with it" not in page.text
    assert balance(with_credit) == 1200
    assert pay(client, page)[0] == 303
    assert (balance(with_credit), the_order().gift_card_amount) == (0, 1200)


def test_store_credit_is_taken_off_again(client: FlaskClient, with_credit: GiftCard) -> None:
    client.post("/cart/store-credit")
    assert "Store credit -£12.00" in basket(client).text

    client.post(f"/cart/gift-cards/{with_credit.id}/delete")

    page = basket(client)
    assert "-£12.00" not in page.text
    assert "Pay with it" in page.text


def test_store_credit_pays_only_while_its_owner_is_signed_in(
    client: FlaskClient, with_credit: GiftCard
) -> None:
    client.post("/cart/store-credit")
    client.post("/sign-out")
    client.post("/cart/lines", data={"variant_id": make_variant().id})

    assert "store credit" not in basket(client).text.lower()
    client.post("/cart/store-credit")
    assert "There is no store credit that could pay this." in basket(client).text


def test_credit_of_another_currency_is_not_offered(client: FlaskClient, mug: Variant) -> None:
    be_signed_in(client, make_account(email="ines@example.com"))
    service.give_credit("ines@example.com", Money(1200, "EUR"))

    assert "store credit" not in basket(client).text.lower()


def test_several_cards_pay_one_order_and_the_rest_stays(
    client: FlaskClient, mug: Variant, gateway: FakeGateway
) -> None:
    first, second = make_gift_card(2000), make_gift_card(5000)
    type_code(client, first)
    type_code(client, second)

    page = payment(client)
    assert "To pay £0.00" in page.text
    status, _ = pay(client, page)

    assert status == 303
    assert the_order().is_paid
    assert (balance(first), balance(second)) == (0, 3150)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(PaymentAttempt)) == 0
    shown = read(client.get(f"/orders/{order_link(the_order().token)}").text).text
    assert f"Gift card ending in {first.last_four} -£20.00" in shown
    assert f"Gift card ending in {second.last_four} -£18.50" in shown


def test_stripe_is_asked_for_what_the_card_leaves(
    client: FlaskClient, mug: Variant, gateway: FakeGateway
) -> None:
    card = make_gift_card(2000)
    type_code(client, card)

    status, _ = pay(client, payment(client))

    assert status == 303
    attempt = db.session.scalars(sa.select(PaymentAttempt)).one()
    lines = attempt.params["line_items"]
    asked = sum(line["quantity"] * line["price_data"]["unit_amount"] for line in lines)
    assert asked == attempt.amount == the_order().due.amount == 1850
    assert attempt.params["shipping_options"] == []
    assert balance(card) == 0


def test_a_card_that_leaves_too_little_to_charge_leaves_the_least(
    client: FlaskClient, mug: Variant
) -> None:
    type_code(client, make_gift_card(3840))

    assert "-£38.20 To pay £0.30" in basket(client).text


def test_the_own_unpaid_order_does_not_stand_in_the_way(
    client: FlaskClient, mug: Variant, gateway: FakeGateway
) -> None:
    card = make_gift_card(2000)
    type_code(client, card)
    pay(client, payment(client))
    first = the_order().id

    page = read(client.get("/checkout/payment").text)
    assert f"ending in {card.last_four} -£20.00 To pay £18.50" in page.text
    assert pay(client, page)[0] == 303

    assert the_order().id == first
    assert balance(card) == 0


def test_a_changed_cart_takes_the_card_to_the_new_order(
    client: FlaskClient, mug: Variant, gateway: FakeGateway
) -> None:
    card = make_gift_card(5000)
    type_code(client, card)
    mug.unit_amount = 9000
    basket(client)
    pay(client, payment(client))
    assert balance(card) == 0

    mug.unit_amount = 4000
    basket(client)
    pay(client, payment(client))

    assert (the_order().revision, the_order().gift_card_amount) == (2, 4450)
    assert balance(card) == 550


def test_a_card_that_is_spent_elsewhere_meanwhile_is_told_and_nothing_moves(
    client: FlaskClient, mug: Variant, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = make_gift_card(2000)
    type_code(client, card)
    page = payment(client)
    placing = orders.place

    def slow(*args: object, **values: object) -> Order:
        db.session.execute(sa.update(GiftCard).values(is_active=False))
        return placing(*args, **values)

    monkeypatch.setattr("shop.orders.service.place", slow)
    status, text = pay(client, page)

    assert status == 409
    shown = read(text).text
    assert "You have not been charged." in shown
    assert stock_of(mug) == (10, 0)
    assert balance(card) == 2000
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Order)) == 0


def test_a_card_whose_balance_went_before_pay_changes_the_total(
    client: FlaskClient, mug: Variant, gateway: FakeGateway
) -> None:
    card = make_gift_card(2000)
    type_code(client, card)
    page = payment(client)
    make_order(gift_cards=[card])

    status, text = pay(client, page)

    assert status == 409
    shown = read(text).text
    assert "the total is £38.50 now" in shown
    assert f"Nothing is left of this: Gift card ending in {card.last_four}." in shown


def test_a_card_is_taken_off_again(client: FlaskClient, mug: Variant) -> None:
    card = make_gift_card(2000)
    type_code(client, card)

    assert client.post(f"/cart/gift-cards/{card.id}/delete").status_code == 303

    assert "ending in" not in basket(client).text


def test_another_shopper_cannot_take_a_card_by_its_id(client: FlaskClient, mug: Variant) -> None:
    card = make_gift_card(2000)

    client.post("/cart/discount", data={"code": str(card.id)})

    assert "ending in" not in basket(client).text


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"is_active": False}, "is switched off. Please write to us"),
        ({"expires_on": now().date() - timedelta(days=1)}, "could be spent until"),
        (
            {"currency": "EUR"},
            "is in EUR, and you are paying in another currency. Choose EUR to spend it",
        ),
    ],
)
def test_a_card_that_is_no_good_is_refused_with_what_to_do(
    client: FlaskClient, mug: Variant, change: dict[str, object], sentence: str
) -> None:
    card = make_gift_card(2000)
    for name, value in change.items():
        setattr(card, name, value)
    db.session.flush()

    answer = client.post("/cart/discount", data={"code": service.code_of(card)})

    assert answer.status_code == 422
    assert sentence in read(answer.text).text
    assert "ending in" not in basket(client).text


def test_a_card_that_ends_in_the_basket_says_so_and_pays_nothing(
    client: FlaskClient, mug: Variant
) -> None:
    card = make_gift_card(2000)
    type_code(client, card)
    card.is_active = False

    page = basket(client)

    assert "is switched off" in page.text
    assert "To pay" not in page.text


def test_an_order_takes_so_many_cards(client: FlaskClient, mug: Variant) -> None:
    for _ in range(10):
        assert type_code(client, make_gift_card(100)) == 303

    assert type_code(client, make_gift_card(100)) == 422


@pytest.mark.parametrize("where", ["/cart/discount", "/gift-card"])
def test_guessing_is_limited(client: FlaskClient, mug: Variant, where: str) -> None:
    make_discount()
    card = make_gift_card(2000)
    for number in range(guesses.ALLOWED):
        assert client.post(where, data={"code": f"7QKX-R2MD-90VB-W{number:03}"}).status_code == 422

    for path in ("/cart/discount", "/gift-card"):
        for code in (service.code_of(card), "MUG10"):
            answer = client.post(path, data={"code": code})
            assert answer.status_code == 429
            assert "Too many unknown codes." in read(answer.text).text
    client.get("/discount/MUG10")
    page = basket(client)
    assert "MUG10" not in page.text
    assert "To pay" not in page.text


def test_right_codes_are_no_guesses(client: FlaskClient, mug: Variant) -> None:
    make_discount()
    for _ in range(guesses.ALLOWED + 2):
        assert client.post("/cart/discount", data={"code": "MUG10"}).status_code == 303


# The balance


def test_whoever_has_the_code_sees_what_is_left(client: FlaskClient) -> None:
    make_store()
    card = make_gift_card(5000)
    make_order(gift_cards=[card])

    answer = client.post("/gift-card", data={"code": service.code_of(card)})

    assert answer.status_code == 303
    page = read(client.get(answer.location).text)
    assert "£11.50 is left" in page.text
    assert "Spent on an order" in page.text
    assert service.code_of(card) not in answer.location


@pytest.mark.parametrize("code", ["", "7QKX-R2MD-90VB-W4TE", "<script>", "M" * 5000, "🎁"])
def test_an_unknown_code_shows_nothing(client: FlaskClient, code: str) -> None:
    make_store()

    answer = client.post("/gift-card", data={"code": code})

    assert answer.status_code == 422
    assert read(answer.text).value("code") == code[:60]


def test_a_balance_page_closes_after_an_hour_and_asks_for_the_code_again(
    client: FlaskClient,
) -> None:
    make_store()
    found = client.post("/gift-card", data={"code": service.code_of(make_gift_card(5000))})

    with time_machine.travel(now() + timedelta(minutes=61)):
        closed = client.get(found.location)
        page = client.get(closed.location)

    assert (closed.status_code, closed.location) == (303, "/gift-card")
    assert "The balance was open for an hour." in read(page.text).text
    assert "£50.00" not in page.text


def test_why_a_card_pays_nothing_is_told_above_its_balance(client: FlaskClient) -> None:
    make_store()
    card = make_gift_card(5000)
    found = client.post("/gift-card", data={"code": service.code_of(card)})
    card.is_active = False

    page = read(client.get(found.location).text)

    assert page.having("div", class_="flash flash--warn") != []


def test_a_balance_page_cannot_be_guessed(client: FlaskClient) -> None:
    make_store()
    card = make_gift_card(5000)

    assert client.get(f"/gift-card/{card.id}").status_code == 404
    assert client.get("/gift-card").status_code == 200


# Buying one


def test_a_gift_card_is_neither_taxed_nor_discounted_nor_sent(
    client: FlaskClient, mug: Variant
) -> None:
    make_discount()
    gift = make_gift_product()
    client.post(f"/cart/lines/{mug.id}/delete")
    client.post("/cart/lines", data={"variant_id": gift.id})
    client.post("/cart/discount", data={"code": "MUG10"})

    page = basket(client)

    assert "Nothing in your basket is what MUG10 is for." in page.text
    assert "Total £25.00" in page.text
    assert "VAT" not in page.text


def test_a_bought_card_goes_to_who_shall_have_it(
    client: FlaskClient, mug: Variant, gateway: FakeGateway
) -> None:
    gift = make_gift_product()
    client.post("/cart/lines", data={"variant_id": gift.id})
    wishes = {"gift_email": "Noor@example.com", "gift_message": "Happy birthday\nInes", "note": ""}
    pay(client, payment(client), **wishes)
    order = orders.locked(the_order().id)

    orders.mark_paid(order, at=now())

    (card,) = queries.bought_by(order.id)
    assert (card.balance_amount, card.email, card.message, card.sender) == (
        2500,
        "noor@example.com",
        "Happy birthday\nInes",
        "Ines Rowan",
    )
    assert db.session.scalars(sa.select(Product.id).where(Product.is_gift_card)).all()


def test_a_wrong_address_for_the_card_is_told_and_nothing_is_placed(
    client: FlaskClient, mug: Variant, gateway: FakeGateway
) -> None:
    client.post("/cart/lines", data={"variant_id": make_gift_product().id})

    status, text = pay(client, payment(client), gift_email="noor", gift_message="", note="")

    assert status == 422
    assert "The gift card's email address does not look right." in read(text).text
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Order)) == 0


@pytest.fixture
def gift(client: FlaskClient) -> Variant:
    """Alone in the basket."""
    make_store()
    make_rates("GB", shipping=450, free_from=None)
    gift = make_gift_product()
    assert client.post("/cart/lines", data={"variant_id": gift.id}).status_code == 303
    return gift


def test_who_buys_only_gift_cards_gives_name_and_address_of_mail(
    client: FlaskClient, gift: Variant, gateway: FakeGateway
) -> None:
    asked = read(client.get("/checkout").text)
    assert set(asked.shown_fields) & set(DETAILS) == {"email", "name"}

    page = payment(client, email="ines@example.com", name="Ines Rowan")
    assert "Deliver to" not in page.text
    assert "Sent by email" in page.text
    status, _ = pay(client, page, gift_email="", gift_message="", note="")

    assert status == 303
    order = the_order()
    assert (order.name, order.line1, order.country, order.total_amount) == (
        "Ines Rowan",
        "",
        "",
        2500,
    )
    (attempt,) = db.session.scalars(sa.select(PaymentAttempt))
    assert attempt.params["shipping_options"] == []
    assert "shipping" not in attempt.params["payment_intent_data"]
    orders.mark_paid(orders.locked(order.id), at=now())
    shown = read(client.get(f"/orders/{order_link(order.token)}").text).text
    assert "Delivery address" not in shown
    assert "£25.00: sent to ines@example.com." in shown
    assert "courier" not in shown


@pytest.mark.parametrize("missing", ["email", "name"])
def test_name_and_address_of_mail_are_needed_all_the_same(
    client: FlaskClient, gift: Variant, missing: str
) -> None:
    details = {"email": "ines@example.com", "name": "Ines Rowan"} | {missing: ""}

    assert client.post("/checkout", data=details).status_code == 422
    assert client.get("/checkout/payment").location == "/checkout"


def test_a_mug_put_in_later_asks_for_the_address(client: FlaskClient, gift: Variant) -> None:
    payment(client, email="ines@example.com", name="Ines Rowan")
    mug = make_variant(unit_amount=3400)
    client.post("/cart/lines", data={"variant_id": mug.id})

    assert client.get("/checkout/payment").location == "/checkout"
    asked = read(client.get("/checkout").text)
    assert set(DETAILS) <= set(asked.shown_fields)
    assert asked.value("name") == ""


def test_an_address_that_was_told_is_kept_and_not_sent_along(
    client: FlaskClient, gift: Variant, gateway: FakeGateway
) -> None:
    mug = make_variant(unit_amount=3400)
    client.post("/cart/lines", data={"variant_id": mug.id})
    payment(client)
    client.post(f"/cart/lines/{mug.id}/delete")
    page = payment(client, email="ines@example.com", name="Ines Rowan")

    pay(client, page)
    client.post("/cart/lines", data={"variant_id": mug.id})

    assert the_order().line1 == ""
    assert read(client.get("/checkout").text).value("line1") == "14 Alder Row"


def test_what_is_not_sent_but_taxed_asks_for_the_place(
    client: FlaskClient, mug: Variant, gateway: FakeGateway
) -> None:
    mug.requires_shipping = False

    asked = read(client.get("/checkout").text)
    assert set(asked.shown_fields) & set(DETAILS) == {"email", "name", "country", "postal_code"}
    page = payment(
        client, email="ines@example.com", name="Ines Rowan", country="GB", postal_code="LS6 2AB"
    )

    assert "Total £34.00 Including VAT £5.67" in page.text
    assert pay(client, page)[0] == 303
    assert (the_order().country, the_order().postal_code) == ("GB", "LS6 2AB")


def test_a_paid_card_stands_on_the_order_page(client: FlaskClient, mug: Variant) -> None:
    card = make_gift_card(5000)
    order = make_order(gift_cards=[card], paid=True)

    shown = read(client.get(f"/orders/{order_link(order.token)}").text).text

    assert f"Payment Gift card ending in {card.last_four}, £38.50" in shown
    assert "nothing was charged" not in shown

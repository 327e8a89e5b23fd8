"""A customer's own pages: who may open them, and what they do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from shop.accounts import service as accounts
from shop.accounts.models import Account, AccountSession
from shop.address_book import service as address_book
from shop.address_book.models import SavedAddress
from shop.cart.cart import Cart, merged
from shop.cart.saved import save_cart, saved_cart
from shop.catalog.models import Variant
from shop.extensions import db
from shop.gift_cards import service as gift_cards
from shop.inventory import service as inventory
from shop.money import Money
from shop.orders.models import LineItem, Order
from shop.orders.urls import order_link
from shop.payments.refund_models import Refund
from shop.wishlist import queries as wishlists
from tests.accounts.mailed import newest_path, promised
from tests.accounts.people import PASSWORD, be_signed_in, make_account, make_admin
from tests.factories import (
    BUYER,
    make_currency,
    make_gift_card,
    make_order,
    make_product,
    make_rates,
    make_store,
    make_variant,
)
from tests.pages import read

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
#: What a customer gets for an id of their own and for empty forms; other customers get 404 where
#: there is an id. A new rule needs a line here.
ANSWERS = {
    ("GET", "/account"): 200,
    ("GET", "/account/orders"): 200,
    ("GET", "/account/orders/<id:order_id>"): 200,
    ("POST", "/account/orders/<id:order_id>/basket"): 303,
    ("POST", "/account/orders/<id:order_id>/address"): 303,
    ("GET", "/account/addresses"): 200,
    ("GET", "/account/addresses/new"): 200,
    ("POST", "/account/addresses/new"): 422,
    ("GET", "/account/addresses/<id:address_id>"): 200,
    ("POST", "/account/addresses/<id:address_id>"): 422,
    ("POST", "/account/addresses/<id:address_id>/default"): 303,
    ("POST", "/account/addresses/<id:address_id>/delete"): 303,
    ("GET", "/account/details"): 200,
    ("POST", "/account/details/name"): 303,
    ("POST", "/account/details/email"): 422,
    ("POST", "/account/details/newsletter"): 303,
    ("POST", "/account/details/invitations"): 303,
    ("POST", "/account/details/password"): 422,
    ("GET", "/account/privacy"): 200,
    ("POST", "/account/privacy/export"): 200,
    ("POST", "/account/privacy/erasure"): 422,
    ("POST", "/account/sessions/<id:session_id>/delete"): 303,
    ("POST", "/account/sessions/delete"): 303,
}


def own(account: Account, rule: str) -> str:
    """The rule with ids of what the account has."""
    order = make_order(paid=True)
    order.account_id = account.id
    session = AccountSession(account_id=account.id, key=f"{account.id}-other")
    db.session.add(session)
    saved = address_book.add(account.id, BUYER.address)
    db.session.flush()
    ids = {"order_id": order.id, "session_id": session.id, "address_id": saved.id}
    for name, number in ids.items():
        rule = rule.replace(f"<id:{name}>", str(number))
    return rule


def sign_in(client: FlaskClient, email: str) -> None:
    answer = client.post("/sign-in", data={"email": email, "password": PASSWORD})
    assert answer.status_code == 303


def sessions() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(AccountSession)) or 0


def addresses() -> list[tuple[str, bool]]:
    rows = sa.select(SavedAddress.line1, SavedAddress.is_default).order_by(SavedAddress.id)
    return [(row.line1, row.is_default) for row in db.session.execute(rows)]


def test_every_rule_has_a_line_in_the_table(app: Flask) -> None:
    rules = {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/account")
    }

    assert rules == set(ANSWERS)


@pytest.mark.parametrize(("method", "rule"), ANSWERS, ids=lambda part: str(part))
@pytest.mark.parametrize("who", ["guest", "customer", "other customer", "staff"])
def test_doors_open_for_their_customer_alone(
    client: FlaskClient, who: str, method: str, rule: str
) -> None:
    make_store()
    make_rates()
    account = make_account(email="owner@example.com")
    path = own(account, rule)
    if who != "guest":
        people = {"customer": account, "other customer": make_account(), "staff": make_admin()}
        if who == "staff":
            people["staff"].name = "Boss"
        be_signed_in(client, people[who])
    before = sessions(), addresses()

    answer = client.open(path, method=method)

    if who == "guest":
        expected = 303 if method == "GET" else 401
    elif who == "staff":
        expected = 303 if rule == "/account" else 403
    elif who == "other customer" and "<" in rule:
        expected = 404
    else:
        expected = ANSWERS[method, rule]
    assert answer.status_code == expected
    assert answer.headers["Cache-Control"] == "private, no-store"
    if who == "guest" and method == "GET":
        assert answer.location == f"/sign-in?next={path}"
    if answer.status_code >= 400:
        assert (sessions(), addresses()) == before


def test_there_is_nothing_else(client: FlaskClient) -> None:
    make_store()
    be_signed_in(client, make_account())

    for path in ("/account/x.css", "/account/orders/x", "/account/orders/99999999999",
                 "/account/nothing"):  # fmt: skip
        assert client.get(path).status_code == 404


def test_a_new_customer_finds_empty_pages(client: FlaskClient) -> None:
    make_store()
    be_signed_in(client, make_account())

    assert "No orders yet" in client.get("/account").text
    assert "No orders yet" in client.get("/account/orders").text
    assert client.get("/account/orders?page=2").status_code == 404


def test_orders_come_in_pages_and_given_up_ones_are_left_out(
    client: FlaskClient, count_queries
) -> None:
    make_store()
    account = make_account()
    variant = make_variant(on_hand=100)
    for _ in range(12):
        make_order(variant, paid=True).account_id = account.id
    dead = make_order(variant)
    dead.account_id, dead.state, dead.expires_at = account.id, "expired", None
    db.session.flush()
    be_signed_in(client, account)
    client.get("/account/orders")

    with count_queries() as statements:
        first = client.get("/account/orders").text
    second = client.get("/account/orders?page=2").text

    assert first.count("Buy again:") == 10
    assert second.count("Buy again:") == 2
    assert len(statements) <= 10


def test_a_guests_order_stands_in_the_history_of_the_verified_address(
    client: FlaskClient,
) -> None:
    make_store()
    ines = make_account(email="ines@example.com")
    be_signed_in(client, ines)

    order = make_order(paid=True)
    assert order.account_id is None
    assert client.get(f"/account/orders/{order.id}").status_code == 404

    sign_in(client, ines.email)

    db.session.refresh(order)
    assert order.account_id == ines.id
    page = client.get(f"/account/orders/{order.id}").text
    assert "14 Alder Row" in page
    assert f"Order {order.number}" in page


def test_an_order_that_waits_for_money_leads_to_how_to_pay_it(client: FlaskClient) -> None:
    make_store()
    ines = make_account(email="ines@example.com")
    be_signed_in(client, ines)
    order = make_order()
    order.account_id, order.state, order.pay_by = ines.id, "awaiting_money", "bank_transfer"

    listed = read(client.get("/account/orders").text)
    page = read(client.get(f"/account/orders/{order.id}").text)

    for shown in (listed, page):
        assert f"Order {order.reference}" in shown.text
    assert "How to pay it" in page.text
    assert page.having("a", href=f"/orders/{order_link(order.token)}") != []


def test_an_order_tells_its_gift_card_and_what_was_given_back(client: FlaskClient) -> None:
    make_store()
    ines = make_account(email="ines@example.com")
    be_signed_in(client, ines)
    card = make_gift_card(1000)
    order = make_order(make_variant(unit_amount=3400), gift_cards=[card], paid=True)
    order.account_id = ines.id
    db.session.add(
        Refund(
            order_id=order.id, method="gift_card", status="succeeded", amount=500, currency="GBP"
        )
    )

    page = read(client.get(f"/account/orders/{order.id}").text).text

    assert f"Gift card ending in {card.last_four}, £10.00" in page
    assert "£5.00 given back" in page


def test_store_credit_is_shown_in_every_currency(client: FlaskClient) -> None:
    make_store()
    make_currency("EUR", "1.17")
    be_signed_in(client, make_account(email="ines@example.com"))
    gift_cards.give_credit("ines@example.com", Money(1200, "EUR"))
    gift_cards.give_credit("ines@example.com", Money(300, "GBP"))

    for page in (read(client.get("/account").text).text, client.get("/account/privacy").text):
        assert "€12.00" in page
        assert "£3.00" in page
    assert "Choose EUR at the foot of the page to spend it." in client.get("/account").text


def test_buying_again_is_at_todays_prices_and_tells_what_changed(client: FlaskClient) -> None:
    make_store()
    make_rates()
    account = make_account()
    mug, bowl, gone = (make_variant(unit_amount=3400) for _ in range(3))
    order = make_order(mug, bowl, gone, quantity=2, paid=True)
    order.account_id = account.id
    mug.unit_amount = 3900
    inventory.set_on_hand(bowl.id, 1)
    line = db.session.scalars(sa.select(LineItem).where(LineItem.variant_id == gone.id)).one()
    line.variant_id, line.title = None, "Old jug"
    db.session.flush()
    be_signed_in(client, account)

    answer = client.post(f"/account/orders/{order.id}/basket")
    page = client.get("/cart").text

    assert answer.location == "/cart"
    assert "No longer for sale: Old jug." in page
    assert "£39.00" in page
    assert "£34.00" in page
    assert saved_cart(account.id).quantities[mug.id] == 2


def test_buying_again_twice_does_not_double(client: FlaskClient) -> None:
    make_store()
    make_rates()
    account = make_account()
    mug = make_variant(unit_amount=3400, on_hand=20)
    order = make_order(mug, quantity=2, paid=True)
    order.account_id = account.id
    be_signed_in(client, account)

    client.post(f"/account/orders/{order.id}/basket")
    client.post(f"/account/orders/{order.id}/basket")

    assert saved_cart(account.id).quantities == {mug.id: 2}


# Cart and wishlist ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cart", "saved", "both"),
    [
        ({}, {}, {}),
        ({1: 2}, {}, {1: 2}),
        ({}, {1: 2}, {1: 2}),
        ({1: 2}, {1: 3}, {1: 3}),
        ({1: 3}, {1: 2}, {1: 3}),
        ({2: 1}, {1: 1}, {2: 1, 1: 1}),
    ],
)
def test_two_carts_become_one(
    cart: dict[int, int], saved: dict[int, int], both: dict[int, int]
) -> None:
    assert merged(Cart(cart), Cart(saved)).quantities == both
    assert list(merged(Cart(cart), Cart(saved)).quantities) == list(both)


def test_what_finds_no_room_is_left_out() -> None:
    full = Cart(dict.fromkeys(range(1, 51), 1))

    assert merged(full, Cart({1: 5, 99: 1})).quantities == full.quantities | {1: 5}


def test_the_guests_cart_and_the_accounts_become_one_at_sign_in(
    app: Flask, client: FlaskClient
) -> None:
    make_store()
    make_rates()
    account = make_account(email="ann@example.com")
    mug, bowl = make_variant(on_hand=9), make_variant(on_hand=9)
    save_cart(account.id, Cart({mug.id: 3}))
    for variant in (mug, bowl):
        client.post("/cart/lines", data={"variant_id": variant.id, "quantity": "1"})

    sign_in(client, "ann@example.com")

    wanted = {mug.id: 3, bowl.id: 1}
    assert saved_cart(account.id).quantities == wanted
    assert client.get_cookie("cart_count").value == "4"
    # Again, elsewhere: the same, not twice as much.
    other = app.test_client()
    sign_in(other, "ann@example.com")
    assert other.get_cookie("cart_count").value == "4"
    client.post(f"/cart/lines/{bowl.id}/delete")
    db.session.expire_all()
    assert saved_cart(account.id).quantities == {mug.id: 3}


def test_a_customers_things_leave_the_browser_with_them(client: FlaskClient) -> None:
    make_store()
    make_rates()
    account = make_account(email="ann@example.com", name="Ann Lee")
    mug = make_variant(on_hand=9)
    sign_in(client, "ann@example.com")
    client.post("/cart/lines", data={"variant_id": mug.id, "quantity": "2"})
    client.post("/wishlist/lines", data={"variant_id": mug.id})
    assert client.get_cookie("account").value == "Ann"
    assert client.get_cookie("wishlist") is not None

    client.post("/sign-out")

    for cookie in ("account", "wishlist", "cart_count"):
        assert client.get_cookie(cookie) is None
    assert "Your basket is empty" in client.get("/cart").text
    sign_in(client, "ann@example.com")
    assert saved_cart(account.id).quantities == {mug.id: 2}
    assert client.get_cookie("cart_count").value == "2"
    assert client.get("/wishlist/state").json["variants"] == [mug.id]


def test_wishlists_become_one_and_a_strangers_is_left_alone(
    app: Flask, client: FlaskClient
) -> None:
    make_store()
    ann = make_account(email="ann@example.com")
    make_account(email="bob@example.com")
    mug, bowl = make_variant(), make_variant()
    client.post("/wishlist/lines", data={"variant_id": mug.id})
    sign_in(client, "ann@example.com")
    other = app.test_client()
    for variant in (mug, bowl):
        other.post("/wishlist/lines", data={"variant_id": variant.id})

    sign_in(other, "ann@example.com")

    assert set(other.get("/wishlist/state").json["variants"]) == {mug.id, bowl.id}
    assert set(client.get("/wishlist/state").json["variants"]) == {mug.id, bowl.id}
    own = wishlists.of_account(ann.id)
    assert own is not None
    token = own.token
    third = app.test_client()
    with third.session_transaction() as session:
        session["wishlist"] = token
    assert third.get("/wishlist/state").json["variants"] == []
    sign_in(third, "bob@example.com")
    assert third.get("/wishlist/state").json["variants"] == []
    assert set(client.get("/wishlist/state").json["variants"]) == {mug.id, bowl.id}


def test_pages_for_everybody_stay_so(client: FlaskClient) -> None:
    make_store()
    make_product(handle="mug")
    account = make_account(email="ann@example.com", name="Ann Lee")
    guest = client.get("/products/mug")
    sign_in(client, account.email)

    page = client.get("/products/mug")

    assert page.text.replace(guest.text, "") == ""
    assert "Ann" not in page.text


# Details and security -------------------------------------------------------------------------


def test_the_name_is_changed_and_greets(client: FlaskClient) -> None:
    make_store()
    be_signed_in(client, make_account())

    client.post("/account/details/name", data={"own-name": "  Ann   Lee "})

    assert "Hello, Ann" in client.get("/account").text
    assert client.get_cookie("account").value == "Ann"
    too_long = client.post("/account/details/name", data={"own-name": "x" * 121})
    assert too_long.status_code == 422
    assert "Hello, Ann" in client.get("/account").text


def test_a_new_password_asks_for_the_old_one(client: FlaskClient, app: Flask) -> None:
    make_store()
    account = make_account(email="ann@example.com")
    be_signed_in(client, account)
    other = app.test_client()
    be_signed_in(other, account)
    form = {"password-current": "wrong wrong wrong", "password-password": "a pot full of tea"}

    wrong = client.post("/account/details/password", data=form)
    assert wrong.status_code == 422
    assert "That is not your password." in wrong.text
    assert other.get("/account").status_code == 200

    right = client.post("/account/details/password", data=form | {"password-current": PASSWORD})

    assert right.status_code == 303
    assert client.get("/account").status_code == 200
    assert other.get("/account").status_code == 303
    assert promised() == [accounts.PASSWORD_CHANGED]


def test_guessing_the_password_of_a_borrowed_session_ends(client: FlaskClient) -> None:
    make_store()
    be_signed_in(client, make_account(email="ann@example.com"))
    form = {"email-current": "wrong wrong wrong", "email-email": "eve@example.com"}

    answers = [client.post("/account/details/email", data=form).status_code for _ in range(6)]

    assert answers == [422] * 5 + [429]
    right = client.post("/account/details/email", data=form | {"email-current": PASSWORD})
    assert right.status_code == 429
    assert promised() == []


def test_a_new_address_counts_once_its_mailbox_says_so(client: FlaskClient) -> None:
    make_store()
    account = make_account(email="ann@example.com")
    be_signed_in(client, account)

    answer = client.post(
        "/account/details/email",
        data={"email-email": "new@example.com", "email-current": PASSWORD},
    )

    assert answer.status_code == 303
    db.session.refresh(account)
    assert account.email == "ann@example.com"
    assert client.post(newest_path("new@example.com")).location == "/account/details"
    db.session.refresh(account)
    assert account.email == "new@example.com"
    assert client.get("/account").status_code == 200


def test_a_taken_address_is_answered_like_a_free_one(client: FlaskClient) -> None:
    make_store()
    make_account(email="taken@example.com")
    be_signed_in(client, make_account(email="ann@example.com"))

    answers = [
        client.post(
            "/account/details/email", data={"email-email": email, "email-current": PASSWORD}
        )
        for email in ("free@example.com", "taken@example.com")
    ]

    assert [(a.status_code, a.location) for a in answers] == [(303, "/account/details")] * 2
    assert promised() == [accounts.LINK] * 2


def test_who_has_no_password_shows_it_by_a_fresh_link(app: Flask, client: FlaskClient) -> None:
    make_store()
    account = make_account(email="ann@example.com")
    account.password = None
    form = {"password-password": "a pot full of tea"}
    with time_machine.travel(NOON, tick=False) as clock:
        be_signed_in(client, account)
        clock.shift(timedelta(minutes=16))
        other = app.test_client()
        be_signed_in(other, account)
        assert "sign in by a mailed link again" in client.get("/account/details").text
        assert client.post("/account/details/password", data=form).status_code == 403
        db.session.refresh(account)
        assert account.password is None

        assert other.post("/account/details/password", data=form).status_code == 303
    db.session.refresh(account)
    assert account.password is not None


def test_browsers_are_listed_and_signed_out_one_by_one(app: Flask, client: FlaskClient) -> None:
    make_store()
    account = make_account(email="ann@example.com")
    be_signed_in(client, account)
    other = app.test_client()
    other.post(
        "/sign-in",
        data={"email": "ann@example.com", "password": PASSWORD},
        headers={"User-Agent": "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Firefox/140.0"},
    )
    assert "Firefox, Windows" in client.get("/account/details").text
    row = db.session.scalars(
        sa.select(AccountSession).where(AccountSession.device == "Firefox, Windows")
    ).one()

    client.post(f"/account/sessions/{row.id}/delete")

    assert other.get("/account").status_code == 303
    assert client.get("/account").status_code == 200


def test_signing_out_everywhere_includes_here(app: Flask, client: FlaskClient) -> None:
    make_store()
    account = make_account()
    be_signed_in(client, account)
    other = app.test_client()
    be_signed_in(other, account)

    assert client.post("/account/sessions/delete").location == "/sign-in"

    assert client.get("/account").status_code == 303
    assert other.get("/account").status_code == 303
    assert sessions() == 0


def test_signing_out_here_leaves_the_others(app: Flask, client: FlaskClient) -> None:
    make_store()
    account = make_account()
    be_signed_in(client, account)
    other = app.test_client()
    be_signed_in(other, account)

    client.post("/sign-out")

    assert client.get("/account").status_code == 303
    assert other.get("/account").status_code == 200


def test_rows_of_orders_outlive_the_account(app: Flask) -> None:
    account = make_account(email="ines@example.com")
    order = make_order(make_variant(), paid=True)
    order.account_id = account.id
    db.session.flush()
    db.session.delete(account)
    db.session.flush()

    db.session.expire_all()
    assert db.session.get_one(Order, order.id).account_id is None
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Variant)) == 1

"""Paying a session with every family of test cards, and what is told about it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.payments.sandbox.harness import CARD, World, line_item, session_params, shipping_option

PAID = [
    "payment_intent.created",
    "charge.succeeded",
    "payment_intent.succeeded",
    "checkout.session.completed",
    "charge.updated",
]


def test_a_session_adds_up_lines_discount_and_shipping(world: World) -> None:
    coupon = {"id": "o1-1", "amount_off": 300, "currency": "usd", "duration": "once"}
    world.client.v1.coupons.create(coupon)

    lines = [line_item(), line_item(333, 3, name="Soap")]
    session = world.open(line_items=lines, discounts=[{"coupon": "o1-1"}])

    # 2 x 1999 + 3 x 333 = 4997; 4997 - 300 + 500 = 5197
    assert (session.amount_subtotal, session.amount_total) == (4997, 5197)
    details = session.total_details
    assert (details.amount_discount, details.amount_shipping, details.amount_tax) == (300, 500, 0)
    found = world.client.v1.checkout.sessions.line_items.list(session.id).data
    # 300 in proportion: 300 * 3998 / 4997 = 240.02, 300 * 999 / 4997 = 59.98
    assert [line.amount_discount for line in found] == [240, 60]
    assert [line.amount_total for line in found] == [3758, 939]


@pytest.mark.parametrize(
    ("percent", "discount"),
    [(10, 400), (12.5, 500), (100, 3998)],  # of 3998: 399.8, 499.75, all
)
def test_a_percentage_coupon_spares_shipping(world: World, percent: float, discount: int) -> None:
    coupon = {"id": "sale", "percent_off": percent, "duration": "once"}
    world.client.v1.coupons.create(coupon)

    session = world.open(discounts=[{"coupon": "sale"}])

    assert session.total_details.amount_discount == discount
    assert session.amount_total == 3998 - discount + 500


@pytest.mark.parametrize(
    ("number", "brand"),
    [
        ("4242 4242 4242 4242", "visa"),
        ("5555555555554444", "mastercard"),
        ("3782 822463 10005", "amex"),
    ],
)
def test_a_good_card_pays(world: World, number: str, brand: str) -> None:
    session = world.open()

    answer = world.pay(session, number)

    place = f"http://127.0.0.1:8000/checkout/return?session_id={session.id}"
    assert (answer.status_code, answer.headers["Location"]) == (303, place)
    session = world.session(session.id)
    assert (session.status, session.payment_status, session.url) == ("complete", "paid", None)
    assert session.customer_details.email == "robin@example.com"
    intent = world.intent(session)
    assert (intent.status, intent.amount_received) == ("succeeded", 4498)
    assert intent.metadata.to_dict() == {"order_id": "1001"}
    charge = intent.latest_charge
    assert charge.payment_method_details.card.brand == brand
    assert (charge.amount_captured, charge.paid, charge.captured) == (4498, True, True)
    assert charge.metadata.to_dict() == {"order_id": "1001"}


def test_the_events_of_a_card_payment_come_in_order(world: World) -> None:
    world.paid()

    world.mailbox.wait_for("charge.updated")

    assert world.mailbox.types == PAID
    completed = world.mailbox.events[3]["data"]["object"]
    assert (completed["payment_status"], completed["amount_total"]) == ("paid", 4498)
    updated = world.mailbox.events[4]["data"]
    assert updated["previous_attributes"] == {"balance_transaction": None}


@pytest.mark.parametrize(
    ("number", "code", "decline_code", "message"),
    [
        ("4000000000000002", "card_declined", "generic_decline", "Your card was declined."),
        (
            "4000000000009995",
            "card_declined",
            "insufficient_funds",
            "Your card has insufficient funds.",
        ),
        ("4000000000009987", "card_declined", "lost_card", "Your card was declined."),
        ("4000000000009979", "card_declined", "stolen_card", "Your card was declined."),
        ("4000000000000069", "expired_card", None, "Your card has expired."),
        ("4000000000000127", "incorrect_cvc", None, "security code is incorrect."),
        ("4000000000000119", "processing_error", None, "An error occurred while processing"),
        ("4242424242424241", "incorrect_number", None, "Your card number is incorrect."),
        ("4000000000006975", "card_declined", "card_velocity_exceeded", "repeated attempts"),
        ("4100000000000019", "card_declined", "fraudulent", "Your card was declined."),
    ],
)
def test_a_bad_card_is_declined_and_the_session_stays_open(
    world: World, number: str, code: str, decline_code: str | None, message: str
) -> None:
    session = world.open()

    answer = world.pay(session, number)

    assert answer.status_code == 402
    assert message in answer.text.replace("&#39;", "'")
    assert world.session(session.id).status == "open"
    intent = world.intent(session)
    assert (intent.status, intent.amount_received) == ("requires_payment_method", 0)
    error = intent.last_payment_error.to_dict()
    assert (error["code"], error.get("decline_code")) == (code, decline_code)
    failed = world.mailbox.wait_for("payment_intent.payment_failed")
    assert failed[0]["data"]["object"]["id"] == intent.id
    assert [charge["status"] for charge in world.ledger()["charges"]] == ["failed"]


def test_a_number_that_is_no_test_card_is_refused_and_not_kept(world: World) -> None:
    session = world.open()

    answer = world.pay(session, "4000 0566 5566 5556")

    assert answer.status_code == 402
    assert "4000 0566" not in answer.text
    assert world.ledger()["charges"] == []
    stored = world.state.read_bytes() + world.state.with_name("sandbox.sqlite-wal").read_bytes()
    assert b"4000056655665556" not in stored
    assert b"4000 0566 5566 5556" not in stored


def test_a_declined_shopper_can_pay_with_another_card(world: World) -> None:
    session = world.open()
    world.pay(session, "4000000000000002")

    answer = world.pay(session)

    assert answer.status_code == 303
    intents = world.ledger()["payment_intents"]
    assert [intent["status"] for intent in intents] == ["succeeded"]
    assert [charge["status"] for charge in world.ledger()["charges"]] == ["failed", "succeeded"]


def test_submitting_twice_pays_once(world: World) -> None:
    session = world.open()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: world.pay(session), range(8)))

    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert len(world.ledger()["charges"]) == 1


def test_the_form_cannot_change_what_is_paid(world: World) -> None:
    session = world.open()

    world.pay(session, amount="1", amount_total="1", currency="jpy", total="1")

    assert world.intent(session).amount_received == 4498


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"email": "nobody"}, "Enter an email address like name@example.com."),
        ({"number": ""}, "Enter your card number."),
        ({"expiry": "13/34"}, "Enter the expiry date"),
        ({"expiry": "01/20"}, "This card has expired."),
        ({"cvc": "12"}, "Enter the security code"),
        ({"name": ""}, "Enter the name on your card."),
        ({"country": "<b>"}, "Choose a country."),
    ],
)
def test_an_incomplete_form_says_what_is_missing(
    world: World, fields: dict[str, str], complaint: str
) -> None:
    session = world.open()

    answer = world.post(f"/c/pay/{session.id}", {**CARD, **fields})

    assert answer.status_code == 422
    assert answer.text.count(complaint) == 2  # in the summary and beside the field
    assert world.ledger()["payment_intents"] == []


@pytest.mark.parametrize("number", ["4000002500003155", "4000002760003184", "4000000000003220"])
def test_a_shopper_who_authenticates_has_paid(world: World, number: str) -> None:
    session = world.open()
    asked = world.pay(session, number)
    assert asked.headers["Location"] == f"/c/challenge/{session.id}"
    assert world.intent(session).status == "requires_action"

    answer = world.post(asked.headers["Location"], {"outcome": "complete"})

    assert answer.status_code == 303
    assert world.session(session.id).payment_status == "paid"
    world.mailbox.wait_for("charge.updated")
    assert world.mailbox.types == [PAID[0], "payment_intent.requires_action", *PAID[1:]]


def test_failing_to_authenticate_charges_nothing(world: World) -> None:
    session = world.open()
    asked = world.pay(session, "4000002500003155")

    answer = world.post(asked.headers["Location"], {"outcome": "fail"})

    assert answer.headers["Location"] == f"/c/pay/{session.id}"
    assert "unable to authenticate" in world.get(f"/c/pay/{session.id}").text
    assert world.ledger()["charges"] == []
    error = world.intent(session).last_payment_error
    assert error.code == "payment_intent_authentication_failure"


@pytest.mark.parametrize(
    ("number", "decline_code"),
    [("4000008400001629", "generic_decline"), ("4000008260003178", "insufficient_funds")],
)
def test_a_card_can_be_declined_after_authentication(
    world: World, number: str, decline_code: str
) -> None:
    session = world.open()
    asked = world.pay(session, number)

    world.post(asked.headers["Location"], {"outcome": "complete"})

    assert world.session(session.id).status == "open"
    assert world.intent(session).last_payment_error.decline_code == decline_code


def test_answering_a_challenge_twice_pays_once(world: World) -> None:
    session = world.open()
    asked = world.pay(session, "4000002500003155")

    for _ in range(2):
        world.post(asked.headers["Location"], {"outcome": "complete"})

    assert len(world.ledger()["charges"]) == 1


def bank_session(world: World, account: str) -> object:
    session = world.open()
    fields = {"method": "bank", "routing": "110000000", "account": account, "account_name": "R"}
    assert world.post(f"/c/pay/{session.id}", {**CARD, **fields}).status_code == 303
    return session


def test_a_bank_debit_completes_unpaid_and_is_paid_later(world: World) -> None:
    session = bank_session(world, "000123456789")
    assert world.session(session.id).to_dict()["payment_status"] == "unpaid"
    assert world.intent(session).status == "processing"

    world.post(f"/_sandbox/payments/{session.id}/accept-debit")

    assert world.session(session.id).payment_status == "paid"
    assert world.intent(session).latest_charge.paid is True
    world.mailbox.wait_for("charge.updated")
    assert world.mailbox.types == [
        "payment_intent.created",
        "charge.pending",
        "payment_intent.processing",
        "checkout.session.completed",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.async_payment_succeeded",
        "charge.updated",
    ]


def test_a_refused_bank_debit_stays_unpaid(world: World) -> None:
    session = bank_session(world, "000123456789")

    world.post(f"/_sandbox/payments/{session.id}/refuse-debit")
    world.post(f"/_sandbox/payments/{session.id}/accept-debit")

    found = world.session(session.id)
    assert (found.status, found.payment_status) == ("complete", "unpaid")
    assert world.intent(session).status == "requires_payment_method"
    world.mailbox.wait_for("checkout.session.async_payment_failed")
    assert "checkout.session.async_payment_succeeded" not in world.mailbox.types


@pytest.mark.parametrize(
    ("account", "status"), [("000123456789", "paid"), ("000222222227", "unpaid")]
)
def test_banks_can_decide_by_themselves(world: World, account: str, status: str) -> None:
    world.settings["bank_seconds"] = 3.0
    world.restart()
    session = bank_session(world, account)

    world.advance(3)

    assert world.session(session.id).payment_status == status


def test_an_unknown_bank_account_is_refused(world: World) -> None:
    session = world.open()

    fields = {"method": "bank", "routing": "110000000", "account": "1", "account_name": "R"}
    answer = world.post(f"/c/pay/{session.id}", {**CARD, **fields})

    assert answer.status_code == 422
    assert world.ledger()["payment_intents"] == []


def test_an_order_that_costs_nothing_completes_without_a_payment(world: World) -> None:
    world.client.v1.coupons.create({"id": "all", "percent_off": 100, "duration": "once"})
    session = world.open(shipping_options=[shipping_option(0)], discounts=[{"coupon": "all"}])
    assert session.payment_status == "no_payment_required"

    answer = world.post(f"/c/pay/{session.id}", {"email": "robin@example.com"})

    assert answer.status_code == 303
    session = world.session(session.id)
    assert (session.status, session.payment_intent) == ("complete", None)
    assert world.client.v1.coupons.retrieve("all").times_redeemed == 1
    world.mailbox.wait_for("checkout.session.completed")
    assert world.mailbox.types == ["checkout.session.completed"]


def test_an_expired_or_paid_page_says_so(world: World) -> None:
    paid, expired = world.paid(), world.open()
    world.client.v1.checkout.sessions.expire(expired.id)

    assert "Payment complete" in world.get(f"/c/pay/{paid.id}").text
    assert "This payment link has expired" in world.get(f"/c/pay/{expired.id}").text
    assert world.pay(expired).headers["Location"] == f"/c/pay/{expired.id}"
    assert world.session(expired.id).payment_intent is None


def test_the_page_shows_what_is_bought_and_that_it_is_a_test(world: World) -> None:
    session = world.open(line_items=[line_item(name="<Shirt> & tie")])

    page = world.get(f"/c/pay/{session.id}")

    assert "&lt;Shirt&gt; &amp; tie" in page.text
    assert "Pay $44.98" in page.text
    assert "no real money moves" in page.text
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self';")
    assert policy.endswith("form-action 'self' http://127.0.0.1:8000")


def test_the_pages_name_the_store_as_the_session_does(world: World) -> None:
    named, unnamed = world.open(), world.open(branding_settings={})

    assert "Pay Linen &amp; Co" in world.get(f"/c/pay/{named.id}").text
    assert "Pay Your store" in world.get(f"/c/pay/{unnamed.id}").text


@pytest.mark.parametrize(
    ("languages", "country"),
    [("de-AT,de;q=0.9", "AT"), ("de", "US"), ("en-XX", "US"), ("zh-Hant", "US"), ("", "US")],
)
def test_the_country_of_the_card_is_the_browsers_where_nothing_is_sent(
    world: World, languages: str, country: str
) -> None:
    session = world.open(payment_intent_data={}, shipping_options=[])
    page = world.http.get(
        f"{world.url}/c/pay/{session.id}", headers={"Accept-Language": languages}
    ).text

    assert f'<option value="{country}" selected>' in page


def test_a_test_card_button_fills_the_form(world: World) -> None:
    session = world.open()

    page = world.post(f"/c/pay/{session.id}", {"fill": "4000000000000002", "email": "a@b.co"}).text

    assert 'value="4000 0000 0000 0002"' in page
    assert 'value="a@b.co"' in page


@pytest.mark.parametrize(
    ("currency", "amount", "shown"),
    [("jpy", 1200, "¥1,200"), ("kwd", 1230, "KWD\u00a01.230"), ("isk", 120000, "ISK\u00a01,200")],
)
def test_amounts_read_as_people_write_them(
    world: World, currency: str, amount: int, shown: str
) -> None:
    lines = [line_item(amount, 1, currency)]
    session = world.open(line_items=lines, shipping_options=[])

    page = world.get(f"/c/pay/{session.id}").text

    assert f"Pay {shown}" in page


def test_a_customer_is_known_on_the_page(world: World) -> None:
    customer = world.client.v1.customers.create({"email": "kim@example.com", "name": "Kim"})
    params = session_params(customer=customer.id)
    del params["customer_email"]

    session = world.client.v1.checkout.sessions.create(params)

    assert 'value="kim@example.com"' in world.get(f"/c/pay/{session.id}").text
    assert world.intent(world.paid()).customer is None

"""What the API refuses, and how idempotency, paging, expanding and expiry behave."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any

import pytest
import stripe

from tests.payments.sandbox.harness import (
    CARD,
    KEY,
    World,
    line_item,
    session_params,
    shipping_option,
)


def change(path: str, value: Any) -> dict[str, Any]:
    """Session parameters with one place set to `value`, or removed where it is None."""
    params: Any = session_params()
    *way, last = path.split(".")
    place = params
    for name in way:
        place = place[int(name) if name.isdigit() else name]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return dict(params)


PRICE = "line_items.0.price_data"

REFUSED: list[tuple[str, Any, str | None, str]] = [
    ("payment_method_types", ["card"], "parameter_unknown", "payment_method_types"),
    ("colour", "blue", "parameter_unknown", "colour"),
    (f"{PRICE}.colour", "blue", "parameter_unknown", "line_items[0][price_data][colour]"),
    ("mode", None, "parameter_missing", "mode"),
    ("success_url", None, "parameter_missing", "success_url"),
    ("line_items", None, "parameter_missing", "line_items"),
    (f"{PRICE}.currency", None, "parameter_missing", "line_items[0][price_data][currency]"),
    (
        f"{PRICE}.product_data.description",
        "",
        "parameter_invalid_empty",
        "line_items[0][price_data][product_data][description]",
    ),
    ("client_reference_id", "", "parameter_invalid_empty", "client_reference_id"),
    (
        f"{PRICE}.unit_amount",
        "19.99",
        "parameter_invalid_integer",
        "line_items[0][price_data][unit_amount]",
    ),
    (
        f"{PRICE}.unit_amount",
        -1,
        "parameter_invalid_integer",
        "line_items[0][price_data][unit_amount]",
    ),
    ("line_items.0.quantity", 0, "parameter_invalid_integer", "line_items[0][quantity]"),
    (f"{PRICE}.currency", "zzz", None, "line_items[0][price_data][currency]"),
    ("client_reference_id", "x" * 201, None, "client_reference_id"),
    ("success_url", "/checkout/return", "url_invalid", "success_url"),
    ("cancel_url", "javascript:alert(1)", "url_invalid", "cancel_url"),
    ("customer_email", "nobody", "email_invalid", "customer_email"),
    ("customer", "cus_1", "parameters_exclusive", "customer"),
    ("mode", "gift", None, "mode"),
    ("locale", "ar", None, "locale"),
    ("mode", "subscription", "sandbox_not_simulated", "mode=subscription"),
    ("ui_mode", "hosted", None, "ui_mode"),
    ("ui_mode", "elements", "sandbox_not_simulated", "ui_mode=elements"),
    ("ui_mode", "embedded_page", None, "success_url"),
    ("return_url", "http://127.0.0.1:8000/return", None, "return_url"),
    ("redirect_on_completion", "never", None, "redirect_on_completion"),
    ("automatic_tax", {"enabled": True}, None, "automatic_tax[enabled]"),
    ("metadata", {"k" * 41: "v"}, None, "metadata"),
    ("metadata", {"k": "v" * 501}, None, "metadata"),
    ("metadata", {f"k{n}": "v" for n in range(51)}, None, "metadata"),
    ("line_items", [line_item(quantity=1)] * 101, None, "line_items"),
    ("shipping_options", [shipping_option()] * 6, None, "shipping_options"),
    ("discounts", [{"coupon": "a"}, {"coupon": "b"}], None, "discounts"),
    ("discounts", [{"coupon": "none"}], "resource_missing", "discounts[0][coupon]"),
    (
        "payment_intent_data.statement_descriptor_suffix",
        "12345",
        None,
        "payment_intent_data[statement_descriptor_suffix]",
    ),
]


@pytest.mark.parametrize(("path", "value", "code", "param"), REFUSED)
def test_a_wrong_session_is_refused_as_stripe_does(
    world: World, path: str, value: Any, code: str | None, param: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        world.client.v1.checkout.sessions.create(change(path, value))

    error = refusal.value
    assert (error.http_status, error.code) == (400, code)
    assert (error.param or "").startswith(param)
    assert (error.request_id or "").startswith("req_")
    assert world.ledger()["sessions"] == []


@pytest.mark.parametrize(
    ("currency", "amount", "code"),
    [
        ("usd", 49, "amount_too_small"),
        ("gbp", 29, "amount_too_small"),
        ("jpy", 49, "amount_too_small"),
        ("huf", 17499, "amount_too_small"),
        ("isk", 1050, "parameter_invalid_integer"),
        ("ugx", 100001, "parameter_invalid_integer"),
        ("kwd", 1001, "parameter_invalid_integer"),
    ],
)
def test_amounts_the_currency_cannot_carry_are_refused(
    world: World, currency: str, amount: int, code: str
) -> None:
    lines = [line_item(amount, 1, currency)]

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        world.open(line_items=lines, shipping_options=[])

    assert refusal.value.code == code
    assert world.ledger()["sessions"] == []


@pytest.mark.parametrize(("currency", "amount"), [("usd", 50), ("jpy", 50), ("isk", 1100)])
def test_the_least_amounts_are_taken(world: World, currency: str, amount: int) -> None:
    session = world.open(line_items=[line_item(amount, 1, currency)], shipping_options=[])

    assert (session.amount_total, session.currency) == (amount, currency)


def test_too_large_an_amount_is_refused(world: World) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        world.open(line_items=[line_item(99_999_999, 2)])

    assert refusal.value.code == "amount_too_large"


def test_one_session_has_one_currency(world: World) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        world.open(line_items=[line_item(), line_item(currency="eur")])

    assert refusal.value.param == "line_items[1][price_data][currency]"


@pytest.mark.parametrize("seconds", [29 * 60, 24 * 3600 + 60])
def test_a_session_lives_from_half_an_hour_to_a_day(world: World, seconds: int) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        world.open(expires_at=int(time.time()) + seconds)

    assert refusal.value.param == "expires_at"


def test_a_session_expires_by_the_clock(world: World) -> None:
    session = world.open(expires_at=int(time.time()) + 31 * 60)

    world.advance(32 * 60)

    assert (world.session(session.id).status, world.session(session.id).url) == ("expired", None)
    expired = world.mailbox.wait_for("checkout.session.expired")
    assert expired[0]["data"]["object"]["id"] == session.id


def test_expiring_ends_a_payment_begun(world: World) -> None:
    session = world.open()
    world.pay(session, "4000002500003155")

    world.client.v1.checkout.sessions.expire(session.id)

    assert world.intent(session).status == "canceled"
    late = world.post(f"/c/challenge/{session.id}", {"outcome": "complete"})
    assert late.headers["Location"] == f"/c/pay/{session.id}"
    assert world.ledger()["charges"] == []


def test_a_complete_session_cannot_be_expired(world: World) -> None:
    session = world.paid()

    with pytest.raises(stripe.InvalidRequestError, match="status of `complete`"):
        world.client.v1.checkout.sessions.expire(session.id)

    assert world.session(session.id).payment_status == "paid"


@pytest.mark.parametrize("key", ["", "sk_test_other_0123456789abc", "pk_test_sandbox", KEY + "x"])
def test_a_wrong_key_is_refused(world: World, key: str) -> None:
    headers = {"Authorization": f"Bearer {key}"}

    answer = world.api("GET", "/v1/account", headers=headers)

    assert answer.status_code == 401
    assert answer.json()["error"]["type"] == "invalid_request_error"
    assert not key or key not in answer.text


def test_the_key_may_come_as_basic_authentication(world: World) -> None:
    answer = world.http.get(f"{world.url}/v1/account", auth=(KEY, ""), timeout=30)

    assert answer.json()["charges_enabled"] is True


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/v1/payouts"), ("POST", "/v1/payment_intents"), ("DELETE", "/v1/charges/ch_1")],
)
def test_what_is_not_simulated_is_not_found(world: World, method: str, path: str) -> None:
    answer = world.api(method, path)

    assert answer.status_code == 404
    assert "Unrecognized request URL" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "kind", ["checkout/sessions", "payment_intents", "charges", "refunds", "customers", "coupons"]
)
def test_an_unknown_id_is_a_missing_resource(world: World, kind: str) -> None:
    answer = world.api("GET", f"/v1/{kind}/none_1")

    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "resource_missing"


def test_another_api_version_is_refused(world: World) -> None:
    answer = world.api("GET", "/v1/account", headers={"Stripe-Version": "2024-06-20"})

    assert answer.status_code == 400


def test_json_is_not_taken(world: World) -> None:
    answer = world.api("POST", "/v1/checkout/sessions", json=session_params())

    assert "content type" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "body", ["a=1&a=2", "a=1&a[b]=2", "a[b=1", "[a]=1", "a[b][c][d][e][f][g][h][i]=1"]
)
def test_malformed_parameters_are_refused(world: World, body: str) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}

    answer = world.api("POST", "/v1/customers", data=body, headers=headers)

    assert answer.status_code == 400
    assert world.client.v1.customers.list().data == []


def test_a_body_that_is_too_large_is_refused(world: World) -> None:
    answer = world.api("POST", "/v1/customers", data={"name": "x" * 1_500_000})

    assert answer.status_code == 413


def test_the_same_key_makes_one_session(world: World) -> None:
    first = world.open("cs:1:1")

    again = world.open("cs:1:1")

    assert again.id == first.id
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert again.last_response.headers["Original-Request"] == first.last_response.request_id
    assert len(world.ledger()["sessions"]) == 1


def test_a_key_is_remembered_over_a_restart(world: World) -> None:
    first = world.open("cs:1:1")

    world.restart()

    assert world.open("cs:1:1").id == first.id


def test_a_key_is_forgotten_after_a_day(world: World) -> None:
    first = world.open("cs:1:1")

    world.advance(86_401)

    assert world.open("cs:1:1", expires_at=int(time.time()) + 90_000).id != first.id


def test_a_key_with_other_parameters_is_refused(world: World) -> None:
    world.open("cs:1:1")

    with pytest.raises(stripe.IdempotencyError):
        world.open("cs:1:1", client_reference_id="1002")

    assert len(world.ledger()["sessions"]) == 1


def test_a_refused_request_leaves_its_key_free(world: World) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        world.open("cs:1:1", client_reference_id="")

    assert world.open("cs:1:1").status == "open"


def test_a_key_in_use_is_a_conflict(world: World) -> None:
    world.faults(hang_seconds=30, path="/v1/customers")
    headers = {"Idempotency-Key": "c:1"}

    def send() -> int:
        answer = world.api("POST", "/v1/customers", data={"name": "Kim"}, headers=headers)
        return answer.status_code

    with ThreadPoolExecutor(2) as pool:
        answers = as_completed([pool.submit(send), pool.submit(send)])
        codes = [next(answers).result()]
        world.faults(hang_seconds=0)
        codes += [next(answers).result()]

    assert codes == [409, 200]
    assert len(world.client.v1.customers.list().data) == 1


def test_lists_come_newest_first_in_pages(world: World) -> None:
    made = [world.client.v1.customers.create({"name": f"N{n}"}).id for n in range(7)]
    customers = world.client.v1.customers

    first = customers.list({"limit": 3})
    before = customers.list({"limit": 3, "ending_before": made[0]})

    assert ([c.id for c in first.data], first.has_more) == (made[:3:-1], True)
    assert [c.id for c in first.auto_paging_iter()] == made[::-1]
    assert ([c.id for c in before.data], before.has_more) == (made[3:0:-1], True)
    assert [c.id for c in before.auto_paging_iter()] == made[1:]


def test_lists_filter(world: World) -> None:
    paid, other = world.paid(), world.open()
    now = int(time.time())
    sessions, events = world.client.v1.checkout.sessions, world.client.v1.events

    by_intent = sessions.list({"payment_intent": str(paid.payment_intent)})
    still_open = sessions.list({"status": "open"})
    by_email = sessions.list({"customer_details": {"email": "robin@example.com"}})
    of_type = events.list({"types": ["charge.succeeded", "payment_intent.created"]})
    old = events.list({"created": {"lt": now - 3600}})
    recent = events.list({"created": {"gte": now - 3600}, "type": "charge.succeeded"})

    assert [found.id for found in by_intent.data] == [paid.id]
    assert [found.id for found in still_open.data] == [other.id]
    assert [found.id for found in by_email.data] == [other.id, paid.id]
    assert [found.type for found in of_type.data] == ["charge.succeeded", "payment_intent.created"]
    assert old.data == []
    assert [found.type for found in recent.data] == ["charge.succeeded"]


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "starting_after=cus_0"])
def test_a_wrong_page_is_refused(world: World, query: str) -> None:
    assert world.api("GET", f"/v1/customers?{query}").status_code == 400


def test_ids_expand_to_objects(world: World) -> None:
    session = world.paid()
    expand = [
        "payment_intent.latest_charge.balance_transaction",
        "line_items.data.price.product",
    ]

    found = world.client.v1.checkout.sessions.retrieve(session.id, {"expand": expand})

    entry = found.payment_intent.latest_charge.balance_transaction
    # 2.9 % of 4498 is 130.44, and 30
    assert (entry.amount, entry.fee, entry.net) == (4498, 160, 4338)
    assert found.line_items.data[0].price.product.metadata["sku"] == "LS-BL-M"


@pytest.mark.parametrize("path", ["amount_total", "nothing", "payment_intent.status", "a.b.c.d.e"])
def test_what_cannot_expand_is_refused(world: World, path: str) -> None:
    session = world.paid()

    answer = world.api("GET", f"/v1/checkout/sessions/{session.id}?expand[]={path}")

    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "expand"


def test_long_sessions_page_their_lines(world: World) -> None:
    session = world.open(line_items=[line_item(100 + n, 1, name=f"L{n}") for n in range(100)])

    lines = world.client.v1.checkout.sessions.line_items.list(session.id, {"limit": 30})

    assert lines.has_more is True
    assert [line.description for line in lines.auto_paging_iter()] == [f"L{n}" for n in range(100)]


def test_a_coupon_ends_with_its_date_and_its_redemptions(world: World) -> None:
    coupons: Any = world.client.v1.coupons
    once = {"duration": "once", "percent_off": 10}
    coupons.create({"id": "dated", "redeem_by": int(time.time()) + 60, **once})
    coupons.create({"id": "single", "max_redemptions": 1, **once})
    world.paid(discounts=[{"coupon": "single"}])
    world.advance(61)

    for coupon in ("dated", "single"):
        assert coupons.retrieve(coupon).valid is False
        with pytest.raises(stripe.InvalidRequestError) as refusal:
            world.open(discounts=[{"coupon": coupon}], expires_at=int(time.time()) + 7200)
        assert refusal.value.code == "coupon_expired"


def test_a_coupons_id_is_taken_once(world: World) -> None:
    coupons: Any = world.client.v1.coupons
    coupon = {"id": "o1-1", "amount_off": 100, "currency": "eur", "duration": "once"}
    coupons.create(coupon)

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        coupons.create(coupon)
    with pytest.raises(stripe.InvalidRequestError) as wrong_currency:
        world.open(discounts=[{"coupon": "o1-1"}])

    assert refusal.value.code == "resource_already_exists"
    assert wrong_currency.value.param == "discounts[0][coupon]"
    assert coupons.delete("o1-1").deleted is True
    assert coupons.list().data == []


def test_fifty_shoppers_at_once_get_fifty_sessions(world: World) -> None:
    with ThreadPoolExecutor(50) as pool:
        made = list(pool.map(lambda n: world.open(f"cs:{n}:1").id, range(50)))

    assert len(set(made)) == 50
    assert len(world.ledger()["sessions"]) == 50


def test_connections_are_kept_open(world: World) -> None:
    answers = [world.api("GET", "/v1/account") for _ in range(3)]

    assert [answer.headers.get("Connection", "keep-alive") for answer in answers] == [
        "keep-alive"
    ] * 3
    adapter = world.http.get_adapter(world.url)
    pools = adapter.poolmanager.pools
    assert [pools[key].num_connections for key in pools.keys()] == [1]  # noqa: SIM118 - no mapping


@pytest.mark.parametrize("host", ["shop.example", "127.0.0.1.example:4242"])
def test_a_foreign_host_name_is_refused(world: World, host: str) -> None:
    assert world.http.get(f"{world.url}/_sandbox/", headers={"Host": host}).status_code == 421


def test_a_form_on_another_site_is_refused(world: World) -> None:
    session = world.open()
    headers = {"Sec-Fetch-Site": "cross-site"}

    answer = world.http.post(
        f"{world.url}/_sandbox/payments/{session.id}/expire", headers=headers, timeout=30
    )

    assert answer.status_code == 403
    assert world.session(session.id).status == "open"


# In a frame of the store's page -------------------------------------------------------------------


def test_a_page_in_a_frame_has_a_secret_and_no_address(world: World) -> None:
    session = world.embedded()

    assert (session.ui_mode, session.url, session.success_url) == ("embedded_page", None, None)
    assert str(session.client_secret).startswith(f"{session.id}_secret_")
    assert world.client.v1.checkout.sessions.retrieve(session.id).client_secret is not None
    answers = [
        world.get(path)
        for path in (
            f"/c/embedded/{session.client_secret}",
            f"/c/embedded/{session.id}_secret_no",
            f"/c/embedded/{session.id}",
            f"/c/pay/{session.id}",
        )
    ]
    assert [answer.status_code for answer in answers] == [200, 404, 404, 404]
    policy = answers[0].headers["Content-Security-Policy"]
    assert "frame-ancestors http://127.0.0.1:8000;" in policy
    hosted = world.get(f"/c/pay/{world.open().id}")
    assert "frame-ancestors 'none'" in hosted.headers["Content-Security-Policy"]
    assert "script-src 'none'" in hosted.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("changes", "code", "param"),
    [
        ({"return_url": None}, "parameter_missing", "return_url"),
        ({"cancel_url": "http://127.0.0.1:8000/back"}, None, "cancel_url"),
        ({"redirect_on_completion": "never"}, "sandbox_not_simulated", None),
    ],
)
def test_a_wrong_page_in_a_frame_is_refused(
    world: World, changes: dict[str, Any], code: str | None, param: str | None
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        world.embedded(**changes)

    assert (refusal.value.code, param and refusal.value.param) == (code, param)


def test_a_page_in_a_frame_is_paid_and_leads_on_by_the_stores_page(world: World) -> None:
    session = world.embedded()

    answer = world.post(f"/c/embedded/{session.client_secret}", CARD)

    assert (answer.status_code, answer.headers["Location"]) == (
        303, f"/c/embedded/{session.client_secret}",
    )  # fmt: skip
    done = world.get(answer.headers["Location"]).text
    assert f'return?session_id={session.id}" target="_top" data-onward' in done
    world.mailbox.wait_for("checkout.session.completed")

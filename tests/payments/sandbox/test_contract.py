"""The sandbox against Stripe's published description: what it takes, answers and tells.

The description is five releases older than the API version spoken here; the differences that a
store meets are named in NEWER.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from shop.payments.params import LOCALES
from shop.payments.sandbox import lists, schemas
from shop.payments.sandbox.params import Choice, Hash
from tests.payments.sandbox.harness import World, embedded_params, session_params
from tests.payments.sandbox.openapi import answer_schema, faults, query_names, request_schema

#: Parameters that came or went between the description and 2026-10-28.endive.
NEWER = {"allowed_payment_method_types", "payment_intent_data"}
GONE = {"payment_method_types"}


REQUESTS = [
    ("/v1/checkout/sessions", schemas.CREATE_SESSION),
    ("/v1/checkout/sessions/{session}", schemas.UPDATE_SESSION),
    ("/v1/payment_intents/{intent}", schemas.UPDATE_INTENT),
    ("/v1/payment_intents/{intent}/capture", schemas.CAPTURE_INTENT),
    ("/v1/payment_intents/{intent}/cancel", schemas.CANCEL_INTENT),
    ("/v1/refunds", schemas.CREATE_REFUND),
    ("/v1/refunds/{refund}", schemas.UPDATE_REFUND),
    ("/v1/coupons", schemas.CREATE_COUPON),
    ("/v1/coupons/{coupon}", schemas.UPDATE_COUPON),
    ("/v1/customers", schemas.CUSTOMER),
    ("/v1/webhook_endpoints", schemas.CREATE_WEBHOOK),
    ("/v1/webhook_endpoints/{webhook_endpoint}", schemas.UPDATE_WEBHOOK),
]
LISTS = [
    ("/v1/checkout/sessions", lists.SESSIONS),
    ("/v1/checkout/sessions/{session}/line_items", lists.LINES),
    ("/v1/payment_intents", lists.INTENTS),
    ("/v1/charges", lists.CHARGES),
    ("/v1/refunds", lists.REFUNDS),
    ("/v1/customers", lists.CUSTOMERS),
    ("/v1/coupons", lists.COUPONS),
    ("/v1/events", lists.EVENTS),
    ("/v1/disputes", lists.DISPUTES),
    ("/v1/balance_transactions", lists.BALANCE),
    ("/v1/webhook_endpoints", lists.ENDPOINTS),
]


@pytest.mark.parametrize(("path", "schema"), REQUESTS)
def test_every_parameter_taken_is_one_of_stripes(path: str, schema: Hash) -> None:
    published = set(request_schema("post", path)["properties"])

    assert set(schema.fields) - published <= NEWER
    assert not set(schema.fields) & GONE


@pytest.mark.parametrize(("path", "schema"), LISTS)
def test_every_filter_taken_is_one_of_stripes(path: str, schema: Hash) -> None:
    # Line items have no date of their own; asking for one is harmless here.
    assert set(schema.fields) - query_names(path) <= {"created"}


def test_what_the_shop_sends_for_a_session_fits() -> None:
    for params in (session_params(), embedded_params()):
        found = faults(params, request_schema("post", "/v1/checkout/sessions"))

        assert list(found) == []


def test_the_languages_of_the_payment_page_are_stripes() -> None:
    known = set(request_schema("post", "/v1/checkout/sessions")["properties"]["locale"]["enum"])

    sandbox = schemas.CREATE_SESSION.fields["locale"]
    assert isinstance(sandbox, Choice)
    assert LOCALES | {"auto"} == set(sandbox.options) == known


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"colour": "blue"}, ".colour: unknown"),
        ({"success_url": 7}, ".success_url: 7 is no string"),
        ({"client_reference_id": "x" * 201}, ".client_reference_id: longer than 200"),
        ({"ui_mode": "hosted"}, ".ui_mode: 'hosted' is none of"),
    ],
)
def test_the_check_itself_notices_a_wrong_request(change: dict[str, Any], fault: str) -> None:
    schema = request_schema("post", "/v1/checkout/sessions")

    found = list(faults(session_params(**change), schema))

    assert [text.startswith(fault) for text in found] == [True]


def test_every_answer_and_event_fits_stripes_schemas(world: World) -> None:
    _do_everything(world)

    found = [fault for document in _everything(world) for fault in _unfit(document)]

    assert sorted(set(found)) == []


def test_expanded_answers_fit_too(world: World) -> None:
    session = world.paid()
    expand = "expand[]=payment_intent.latest_charge.balance_transaction&expand[]=line_items"

    answer = world.api("GET", f"/v1/checkout/sessions/{session.id}?{expand}").json()

    assert isinstance(answer["payment_intent"]["latest_charge"]["balance_transaction"], dict)
    assert _unfit(answer) == []


def test_refusals_fit_stripes_error_schema(world: World) -> None:
    answers = [
        world.api("POST", "/v1/checkout/sessions", data={"mode": "gift"}),
        world.api("GET", "/v1/refunds/none"),
        world.api("GET", "/v1/nothing"),
        world.api("GET", "/v1/account", headers={"Authorization": "Bearer no"}),
    ]

    found = [list(faults(answer.json(), answer_schema("error"))) for answer in answers]

    assert found == [[], [], [], []]
    assert all(answer.headers["Request-Id"].startswith("req_") for answer in answers)


def _do_everything(world: World) -> None:
    """Leave one of each object behind, in each of its states."""
    client: Any = world.client.v1
    client.customers.create({"email": "kim@example.com", "address": {"country": "DE"}})
    client.coupons.create({"id": "sale", "percent_off": 10, "duration": "once"})
    client.webhook_endpoints.create({"url": world.mailbox.url, "enabled_events": ["*"]})
    world.open(discounts=[{"coupon": "sale"}])
    client.checkout.sessions.expire(world.open().id)
    world.embedded()
    world.pay(world.open(), "4000000000000002")
    world.pay(world.open(), "4000002500003155")
    for number in ("4000000000007726", "4000000000005126"):
        intent = world.paid(number).payment_intent
        client.refunds.create({"payment_intent": intent, "amount": 100, "reason": "duplicate"})
    for number in ("4000000000000259", "4000000000001976", "4000000000005423"):
        world.paid(number)
    for dispute, outcome in zip(client.disputes.list().data, ("lose", "win"), strict=True):
        world.post(f"/_sandbox/disputes/{dispute.id}/{outcome}")
    for button in ("accept-debit", "refuse-debit"):
        session = world.open()
        bank = {"routing": "110000000", "account": "000123456789", "account_name": "R"}
        world.pay(session, method="bank", **bank)
        world.post(f"/_sandbox/payments/{session.id}/{button}")
    held = [world.paid(payment_intent_data={"capture_method": "manual"}) for _ in range(3)]
    client.payment_intents.capture(held[0].payment_intent, {"amount_to_capture": 100})
    client.payment_intents.cancel(held[1].payment_intent)
    world.advance(8 * 86_400)


def _everything(world: World) -> Iterator[dict[str, Any]]:
    paths = [path for path, _ in LISTS if "{" not in path]
    for path in paths:
        page = world.api("GET", f"{path}?limit=100").json()
        assert page["data"], path
        assert not page["has_more"], path
        yield from page["data"]
        if path == "/v1/events":
            yield from (event["data"]["object"] for event in page["data"])
    session = world.api("GET", "/v1/checkout/sessions?limit=1").json()["data"][0]
    lines = world.api("GET", f"/v1/checkout/sessions/{session['id']}/line_items").json()
    yield from lines["data"]
    yield world.api("GET", "/v1/account").json()


def _unfit(document: dict[str, Any]) -> list[str]:
    kind = document["object"]
    return [f"{kind}{fault}" for fault in faults(document, answer_schema(kind))]

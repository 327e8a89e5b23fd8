from __future__ import annotations

import json
from typing import Any

import pytest
import time_machine
from stripe import WebhookSignature

from shop.clock import now
from shop.payments.gateway import (
    SIGNATURE_TOLERANCE,
    BadSignature,
    NotAnEvent,
    PaymentsUnreachable,
    StripeGateway,
)

OLD, NEW = "whsec_old_0123456789", "whsec_new_0123456789"
EVENT: dict[str, Any] = {
    "id": "evt_1",
    "object": "event",
    "type": "checkout.session.completed",
    "api_version": "2026-10-28.endive",
    "created": 1_795_000_000,
    "livemode": False,
    "data": {"object": {"id": "cs_1", "object": "checkout.session", "metadata": {"order_id": "7"}}},
}


@pytest.fixture
def gateway() -> StripeGateway:
    return StripeGateway(
        "sk_test_1",
        api_base="http://127.0.0.1:9",
        webhook_secrets=[OLD, NEW],
        is_live=False,
        store_id="till",
    )


def signed(body: str, secret: str = NEW, *, at: int | None = None) -> str:
    timestamp = int(now().timestamp()) if at is None else at
    return str(WebhookSignature.generate_signature_header(body, secret, timestamp))


@pytest.mark.parametrize("secret", [OLD, NEW])
def test_an_event_signed_with_either_secret_is_read(gateway: StripeGateway, secret: str) -> None:
    body = json.dumps(EVENT)

    event = gateway.read_event(body.encode(), signed(body, secret))

    assert (event.id, event.type, event.object_id) == ("evt_1", EVENT["type"], "cs_1")
    assert event.object["metadata"] == {"order_id": "7"}
    assert not event.is_live


def test_a_signature_belongs_to_its_very_bytes(gateway: StripeGateway) -> None:
    body = json.dumps(EVENT)

    with pytest.raises(BadSignature):
        gateway.read_event(json.dumps(EVENT, indent=1).encode(), signed(body))


@pytest.mark.parametrize("seconds", [-SIGNATURE_TOLERANCE - 5, SIGNATURE_TOLERANCE + 5])
def test_an_old_signature_and_one_from_the_future_are_refused(
    gateway: StripeGateway, seconds: int
) -> None:
    body = json.dumps(EVENT)
    header = signed(body, at=int(now().timestamp()) + seconds)

    with pytest.raises(BadSignature):
        gateway.read_event(body.encode(), header)


def test_a_signature_is_good_within_the_tolerance(gateway: StripeGateway) -> None:
    body = json.dumps(EVENT)
    header = signed(body)

    with time_machine.travel(now().timestamp() + SIGNATURE_TOLERANCE - 10, tick=False):
        assert gateway.read_event(body.encode(), header).id == "evt_1"


@pytest.mark.parametrize(
    "header",
    [
        "", "t=", "v1=", "t=1,v1=", "garbage", "t=é,v1=é", "t=" + "9" * 5000 + ",v1=00",
        "t=1795000000", "v1=00", "t=1795000000,v0=00", "t=-1,v1=00", "t=1_0,v1=00", "t=٣,v1=00",
        "=,=,=", ",,,,", "t=1795000000,v1=" + "0" * 64, "\x00", "t=NaN,v1=00",
    ],
)  # fmt: skip
def test_garbage_in_the_header_is_a_bad_signature(gateway: StripeGateway, header: str) -> None:
    with pytest.raises(BadSignature):
        gateway.read_event(json.dumps(EVENT).encode(), header)


@pytest.mark.parametrize(
    "body",
    ["[]", "null", "1", '"x"', "{}", "", "{", '{"object": "event"}', "[" * 50_000,
     '{"object": "v2.core.event", "id": "evt_1", "type": "x"}', '{"id": 1, "type": 2}',
     '{"object": "event", "id": "evt_1", "type": null}'],
)  # fmt: skip
def test_a_signed_odd_shape_is_no_event_and_never_an_error(
    gateway: StripeGateway, body: str
) -> None:
    with pytest.raises(NotAnEvent):
        gateway.read_event(body.encode(), signed(body))


def test_an_event_without_an_object_is_still_an_event(gateway: StripeGateway) -> None:
    body = json.dumps(EVENT | {"data": {"object": None}})

    assert gateway.read_event(body.encode(), signed(body)).object_id == ""


def test_a_closed_door_is_unreachable_and_soon_so(gateway: StripeGateway) -> None:
    with pytest.raises(PaymentsUnreachable):
        gateway.session("cs_test_1")


def test_bytes_that_are_no_text_are_a_bad_signature(gateway: StripeGateway) -> None:
    with pytest.raises(BadSignature):
        gateway.read_event(b"\xff\xfe", signed("x"))

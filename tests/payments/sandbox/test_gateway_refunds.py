"""The gateway gives money back at the sandbox: what it sends is understood, and what comes of it
is read.
"""

from __future__ import annotations

from typing import Any

import pytest

from shop.payments.gateway import PaymentRefused, StripeGateway
from tests.payments.sandbox.harness import KEY, SECRET, World
from tests.payments.sandbox.openapi import faults, request_schema

METADATA = {"order_id": "1001", "refund_id": "7", "store": "till"}


@pytest.fixture
def gateway(world: World) -> StripeGateway:
    return StripeGateway(
        KEY, api_base=world.url, webhook_secrets=[SECRET], is_live=False, store_id="till"
    )


def params(session: Any, amount: int = 1000) -> dict[str, Any]:
    return {
        "payment_intent": str(session.payment_intent),
        "amount": amount,
        "reason": "requested_by_customer",
        "metadata": METADATA,
    }


def test_what_the_gateway_sends_fits_stripes_schema(world: World) -> None:
    found = faults(params(world.paid()), request_schema("post", "/v1/refunds"))

    assert list(found) == []


def test_the_same_key_gives_back_once_and_the_list_tells_it(
    world: World, gateway: StripeGateway
) -> None:
    session = world.paid()

    first, again = (gateway.create_refund(params(session), idempotency_key="re:7") for _ in "12")

    assert first == again
    assert (first.status, first.amount, first.currency) == ("succeeded", 1000, "usd")
    assert first.metadata == METADATA
    assert gateway.refunds_of_payment(str(session.payment_intent)) == [first]


@pytest.mark.parametrize(
    ("card", "begins", "ends", "code"),
    [
        ("4000000000007726", "pending", "succeeded", ""),
        ("4000000000005126", "succeeded", "failed", "expired_or_canceled_card"),
    ],
)
def test_a_refund_that_ends_later_is_read_as_it_ended(
    world: World, gateway: StripeGateway, card: str, begins: str, ends: str, code: str
) -> None:
    session = world.paid(card)
    made = gateway.create_refund(params(session), idempotency_key="re:7")

    world.advance(61)

    (now,) = gateway.refunds_of_payment(str(session.payment_intent))
    assert (made.status, now.status, now.failure_code) == (begins, ends, code)


@pytest.mark.parametrize(
    ("card", "amount", "code"),
    [("4000000000000259", 100, "charge_disputed"), ("4242424242424242", 4499, "")],
)
def test_a_refusal_tells_its_code(
    world: World, gateway: StripeGateway, card: str, amount: int, code: str
) -> None:
    session = world.paid(card)

    with pytest.raises(PaymentRefused) as refusal:
        gateway.create_refund(params(session, amount), idempotency_key="re:7")

    assert refusal.value.code == code
    assert world.ledger()["refunds"] == []

"""Refunds, disputes and manual capture."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from tests.payments.sandbox.harness import World

MANUAL = {"capture_method": "manual", "metadata": {"order_id": "1001"}}


def refund(world: World, session: Any, **params: Any) -> stripe.Refund:
    intent = str(session.payment_intent)
    given: Any = {"payment_intent": intent, "metadata": {"refund_id": "7"}, **params}
    return world.client.v1.refunds.create(given)


def charge_of(world: World, session: Any) -> stripe.Charge:
    charge = world.intent(session).latest_charge
    assert isinstance(charge, stripe.Charge)
    return charge


def test_partial_refunds_add_up_to_the_whole(world: World) -> None:
    session = world.paid()

    first = refund(world, session, amount=1000, reason="requested_by_customer")
    rest = refund(world, session)

    assert (first.amount, first.status, first.reason) == (
        1000,
        "succeeded",
        "requested_by_customer",
    )
    assert rest.amount == 3498
    charge = charge_of(world, session)
    assert (charge.amount_refunded, charge.refunded) == (4498, True)
    listed = world.client.v1.refunds.list({"payment_intent": str(session.payment_intent)})
    assert [found.id for found in listed.data] == [rest.id, first.id]
    world.mailbox.wait_for("charge.refunded", 2)
    assert world.mailbox.types[-4:] == ["refund.created", "charge.refunded"] * 2
    assert world.mailbox.events[-4]["data"]["object"]["metadata"] == {"refund_id": "7"}


def test_more_than_was_paid_is_not_refunded(world: World) -> None:
    session = world.paid()
    refund(world, session, amount=4000)

    with pytest.raises(stripe.InvalidRequestError) as too_much:
        refund(world, session, amount=499)
    refund(world, session, amount=498)
    with pytest.raises(stripe.InvalidRequestError) as nothing_left:
        refund(world, session)

    assert too_much.value.param == "amount"
    assert nothing_left.value.code == "charge_already_refunded"
    assert charge_of(world, session).amount_refunded == 4498


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({}, "parameter_missing"),
        ({"payment_intent": "pi_none"}, "resource_missing"),
        ({"charge": "ch_none"}, "resource_missing"),
        ({"payment_intent": "pi_none", "amount": 0}, "parameter_invalid_integer"),
    ],
)
def test_a_wrong_refund_is_refused(world: World, params: Any, code: str) -> None:
    world.paid()

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        world.client.v1.refunds.create(params)

    assert refusal.value.code == code
    assert world.ledger()["refunds"] == []


def test_an_unknown_reason_is_refused(world: World) -> None:
    session = world.paid()

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        refund(world, session, reason="changed_mind")

    assert refusal.value.param == "reason"
    assert charge_of(world, session).amount_refunded == 0


def test_an_unpaid_session_has_nothing_to_refund(world: World) -> None:
    session = world.open()
    world.pay(session, "4000000000000002")

    with pytest.raises(stripe.InvalidRequestError, match="successful charge"):
        refund(world, world.session(session.id))


def test_the_same_key_refunds_once(world: World) -> None:
    session = world.paid()
    params: Any = {"payment_intent": session.payment_intent, "amount": 100}

    made = [world.client.v1.refunds.create(params, {"idempotency_key": "re:7"}) for _ in range(3)]

    assert len({found.id for found in made}) == 1
    assert charge_of(world, session).amount_refunded == 100


def test_a_slow_refund_succeeds_later(world: World) -> None:
    session = world.paid("4000000000007726")
    pending = refund(world, session)
    assert (pending.status, pending.pending_reason) == ("pending", "processing")

    world.advance(61)

    assert world.client.v1.refunds.retrieve(pending.id).status == "succeeded"
    updated = world.mailbox.wait_for("refund.updated")
    assert updated[0]["data"]["object"]["status"] == "succeeded"


def test_a_refund_can_fail_later_and_the_money_counts_as_kept(world: World) -> None:
    session = world.paid("4000000000005126")
    made = refund(world, session, amount=1000)
    assert made.status == "succeeded"

    world.advance(61)

    failed = world.client.v1.refunds.retrieve(made.id)
    assert (failed.status, failed.failure_reason) == ("failed", "expired_or_canceled_card")
    assert charge_of(world, session).amount_refunded == 0
    assert len(world.mailbox.wait_for("refund.failed")) == 1


def test_the_dashboard_refunds_and_fails_refunds(world: World) -> None:
    session = world.paid()

    world.post(f"/_sandbox/payments/{session.id}/refund", {"amount": "12.50"})
    made = world.ledger()["refunds"][0]
    world.post(f"/_sandbox/refunds/{made['id']}/fail")

    assert made["amount"] == 1250
    assert world.ledger()["refunds"][0]["status"] == "failed"
    assert world.ledger()["charges"][0]["amount_refunded"] == 0


@pytest.mark.parametrize("amount", ["44.99", "1.234", "-1", "abc", "NaN"])
def test_the_dashboard_explains_a_refund_it_refuses(world: World, amount: str) -> None:
    session = world.paid()

    answer = world.post(f"/_sandbox/payments/{session.id}/refund", {"amount": amount})

    assert answer.status_code == 409
    assert "Nothing was changed." in answer.text
    assert world.ledger()["refunds"] == []


@pytest.mark.parametrize(
    ("number", "reason"),
    [("4000000000000259", "fraudulent"), ("4000000000002685", "product_not_received")],
)
def test_a_dispute_takes_the_money_and_bars_refunds(world: World, number: str, reason: str) -> None:
    session = world.paid(number)

    dispute = world.client.v1.disputes.list().data[0]
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        refund(world, session)

    assert (dispute.status, dispute.reason, dispute.amount) == ("needs_response", reason, 4498)
    assert dispute.is_charge_refundable is False
    assert [entry.amount for entry in dispute.balance_transactions] == [-4498]
    assert refusal.value.code == "charge_disputed"
    assert charge_of(world, session).disputed is True
    world.mailbox.wait_for("charge.dispute.funds_withdrawn")
    assert world.mailbox.types[-2:] == [
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
    ]


@pytest.mark.parametrize(
    ("button", "status", "moved", "events"),
    [
        ("win", "won", [-4498, 4498], ["closed", "funds_reinstated"]),
        ("lose", "lost", [-4498], ["closed"]),
    ],
)
def test_a_dispute_is_decided_once(
    world: World, button: str, status: str, moved: list[int], events: list[str]
) -> None:
    world.paid("4000000000000259")
    dispute = world.client.v1.disputes.list().data[0]

    for pressed in (button, "win", "lose"):
        world.post(f"/_sandbox/disputes/{dispute.id}/{pressed}")

    dispute = world.client.v1.disputes.retrieve(dispute.id)
    assert dispute.status == status
    assert [entry.amount for entry in dispute.balance_transactions] == moved
    world.mailbox.wait_for(f"charge.dispute.{events[-1]}")
    wanted = [f"charge.dispute.{name}" for name in events]
    assert world.mailbox.types[-len(wanted) :] == wanted


def test_an_inquiry_takes_no_money(world: World) -> None:
    session = world.paid("4000000000001976")

    dispute = world.client.v1.disputes.list().data[0]
    world.post(f"/_sandbox/disputes/{dispute.id}/lose")

    assert dispute.status == "warning_needs_response"
    assert world.client.v1.disputes.retrieve(dispute.id).status == "warning_closed"
    assert refund(world, session).status == "succeeded"
    assert "charge.dispute.funds_withdrawn" not in world.mailbox.types


def test_an_early_fraud_warning_is_told(world: World) -> None:
    session = world.paid("4000000000005423")

    warning = world.mailbox.wait_for("radar.early_fraud_warning.created")[0]

    assert warning["data"]["object"]["payment_intent"] == session.payment_intent


def test_a_dispute_can_be_opened_from_the_dashboard(world: World) -> None:
    session = world.paid()

    for _ in range(2):
        world.post(f"/_sandbox/payments/{session.id}/dispute", {"reason": "fraudulent"})

    assert [found["status"] for found in world.ledger()["disputes"]] == ["needs_response"]


def test_held_money_is_captured_in_part_once(world: World) -> None:
    session = world.paid(payment_intent_data=MANUAL)
    intent = str(session.payment_intent)
    assert session.payment_status == "unpaid"
    assert world.intent(session).amount_capturable == 4498

    world.client.v1.payment_intents.capture(intent, {"amount_to_capture": 4000})
    with pytest.raises(stripe.InvalidRequestError) as again:
        world.client.v1.payment_intents.capture(intent)

    found = world.intent(session)
    assert (found.status, found.amount_received, found.amount_capturable) == ("succeeded", 4000, 0)
    assert world.session(session.id).payment_status == "paid"
    assert again.value.code == "payment_intent_unexpected_state"
    assert refund(world, session).amount == 4000
    world.mailbox.wait_for("charge.captured")
    assert "payment_intent.amount_capturable_updated" in world.mailbox.types


def test_more_than_is_held_is_not_captured(world: World) -> None:
    session = world.paid(payment_intent_data=MANUAL)

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        world.client.v1.payment_intents.capture(
            str(session.payment_intent), {"amount_to_capture": 4499}
        )

    assert refusal.value.param == "amount_to_capture"
    assert world.intent(session).status == "requires_capture"


def test_held_money_is_released_and_not_refunded(world: World) -> None:
    session = world.paid(payment_intent_data=MANUAL)
    intent = str(session.payment_intent)
    with pytest.raises(stripe.InvalidRequestError):
        refund(world, session)

    world.client.v1.payment_intents.cancel(intent, {"cancellation_reason": "requested_by_customer"})

    found = world.intent(session)
    assert (found.status, found.cancellation_reason) == ("canceled", "requested_by_customer")
    assert found.amount_received == 0
    with pytest.raises(stripe.InvalidRequestError):
        world.client.v1.payment_intents.capture(intent)
    assert len(world.mailbox.wait_for("payment_intent.canceled")) == 1


def test_a_hold_ends_after_a_week(world: World) -> None:
    session = world.paid(payment_intent_data=MANUAL)

    world.advance(7 * 86_400 + 1)

    assert world.intent(session).status == "canceled"
    world.mailbox.wait_for("payment_intent.canceled")
    assert world.mailbox.types[-2:] == ["charge.expired", "payment_intent.canceled"]


def test_an_open_sessions_intent_is_not_canceled_by_itself(world: World) -> None:
    session = world.open()
    world.pay(session, "4000000000000002")
    intent = str(world.session(session.id).payment_intent)

    with pytest.raises(stripe.InvalidRequestError, match="expire the session"):
        world.client.v1.payment_intents.cancel(intent)

    assert world.intent(session).status == "requires_payment_method"


def test_a_bank_debit_is_not_offered_for_held_money(world: World) -> None:
    session = world.open(payment_intent_data=MANUAL)

    assert "method-bank" not in world.get(f"/c/pay/{session.id}").text


def test_the_books_balance(world: World) -> None:
    session = world.paid()
    refund(world, session, amount=1000)
    world.paid("4000000000000259")

    entries = world.client.v1.balance_transactions.list().data

    # 4498 + 4498 charged, 1000 refunded, 4498 disputed
    assert sum(entry.amount for entry in entries) == 3498
    assert all(entry.net == entry.amount - entry.fee for entry in entries)

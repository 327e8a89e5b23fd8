"""Stripe's events as they really come: repeated, late, out of order, lost, forged and odd."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from itertools import permutations
from typing import Any

import pytest
import sqlalchemy as sa

from shop.database import transaction
from shop.extensions import db
from shop.orders.models import Order
from shop.outbox.models import OutboxMessage
from shop.payments.models import Payment, StripeEvent
from tests.reliability.invariants import check_invariants
from tests.reliability.shop_processes import OLD_SECRET, SECRET, Shop, signed
from tests.reliability.shopper import Shopper, all_at_once
from tests.reliability.snapshots import rows

OF_A_CARD = (
    "payment_intent.created", "charge.succeeded", "payment_intent.succeeded",
    "checkout.session.completed", "charge.updated",
)  # fmt: skip


def paid_unheard(shop: Shop, variant_id: int, name: str) -> tuple[Shopper, dict[str, Any]]:
    """A shopper who has paid and closed the browser, with every webhook lost; and the events that
    tell of it, by type.
    """
    shopper = Shopper(shop, name)
    shop.sandbox.faults(drop_webhooks=True)
    page = shopper.begin(variant_id)
    shopper.pay(page)
    shop.sandbox.wait_delivered()
    shop.sandbox.behave()
    reference = str(order_of(shop, shopper).id)
    events = {}
    for event in shop.sandbox.events(*OF_A_CARD):
        if event["data"]["object"]["metadata"].get("order_id") == reference:
            events[event["type"]] = event
    assert events.keys() == set(OF_A_CARD)
    return shopper, events


def order_of(shop: Shop, shopper: Shopper) -> Order:
    with shop.app.app_context():
        return db.session.scalars(sa.select(Order).where(Order.email == shopper.email)).one()


def counts(shop: Shop, shopper: Shopper) -> tuple[str, int, int]:
    """State of the shopper's only order, its payments and its promised mails."""
    order = order_of(shop, shopper)
    with shop.app.app_context():
        payments = sa.select(sa.func.count(Payment.id)).where(Payment.order_id == order.id)
        key = f"order_confirmation:{order.id}"
        mails = sa.select(sa.func.count(OutboxMessage.id)).where(OutboxMessage.dedupe_key == key)
        return order.state, db.session.scalar(payments) or 0, db.session.scalar(mails) or 0


def mails_to(shop: Shop, shopper: Shopper) -> int:
    return sum(f"To: {shopper.email}" in file.read_text() for file in shop.mails)


def test_the_same_event_twelve_times_at_once_has_one_effect(
    shop: Shop, stock: Callable[..., int]
) -> None:
    shopper, events = paid_unheard(shop, stock(on_hand=3), "twelve")
    event = events["checkout.session.completed"]

    answers = all_at_once(lambda _n: shop.deliver_event(event), range(12))
    again = shop.deliver_event(event)

    assert [answer.status_code for answer in [*answers, again]] == [200] * 13
    assert counts(shop, shopper) == ("paid", 1, 1)
    shop.settle_down()
    assert mails_to(shop, shopper) == 1
    check_invariants(shop)


@pytest.mark.parametrize("order", list(permutations(OF_A_CARD))[11::12])
def test_events_in_any_order_pay_once(
    shop: Shop, stock: Callable[..., int], order: tuple[str, ...]
) -> None:
    shopper, events = paid_unheard(shop, stock(on_hand=3), f"order-{'-'.join(order)}"[:60])

    answers = [shop.deliver_event(events[name]) for name in order]

    assert [answer.status_code for answer in answers] == [200] * 5
    assert counts(shop, shopper) == ("paid", 1, 1)
    check_invariants(shop, drained=False)


def test_a_late_word_of_expiry_does_not_undo_a_payment(
    shop: Shop, stock: Callable[..., int]
) -> None:
    shopper, events = paid_unheard(shop, stock(on_hand=3), "late-expiry")
    completed = events["checkout.session.completed"]
    expired = completed | {"id": "evt_late_expiry", "type": "checkout.session.expired"}

    answers = [shop.deliver_event(event) for event in (expired, completed, expired)]

    assert [answer.status_code for answer in answers] == [200] * 3
    assert counts(shop, shopper) == ("paid", 1, 1)
    check_invariants(shop, drained=False)


def test_with_every_webhook_lost_the_reconciler_finds_the_payment(
    shop: Shop, stock: Callable[..., int]
) -> None:
    shopper, _events = paid_unheard(shop, stock(on_hand=3), "lost")
    assert counts(shop, shopper) == ("pending_payment", 0, 0)

    shop.reconcile()
    shop.reconcile()
    shop.settle_down()

    assert counts(shop, shopper) == ("paid", 1, 1)
    assert mails_to(shop, shopper) == 1
    check_invariants(shop)


def test_a_secret_that_is_being_replaced_still_counts(
    shop: Shop, stock: Callable[..., int]
) -> None:
    old, old_events = paid_unheard(shop, stock(on_hand=3), "old-secret")
    new, new_events = paid_unheard(shop, stock(on_hand=3), "new-secret")
    name = "checkout.session.completed"
    payload = json.dumps(new_events[name])
    both = f"{signed(payload, 'whsec_of_another_shop_1234')},{signed(payload).partition(',')[2]}"

    by_old = shop.deliver_event(old_events[name], OLD_SECRET)
    by_stranger = shop.deliver_event(new_events[name], "whsec_of_the_day_before_0123")
    before = counts(shop, new)
    by_several = shop.deliver(payload.encode(), both)

    assert (by_old.status_code, by_stranger.status_code, by_several.status_code) == (200, 400, 200)
    assert counts(shop, old) == ("paid", 1, 1)
    assert before == ("pending_payment", 0, 0)
    assert counts(shop, new) == ("paid", 1, 1)


# Forged -----------------------------------------------------------------------------------------


ARABIC = {ord("0") + n: 0x0660 + n for n in range(10)}


def hmac_of(secret: str, text: str) -> str:
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def forged_headers(payload: str) -> dict[str, str | bytes]:
    now = int(time.time())
    good = hmac_of(SECRET, f"{now}.{payload}")
    return {
        "nothing": "",
        "another header": f"v1={good},signature={now}",
        "garbage": "garbage",
        "commas": ",,,,",
        "equals": "=,=,=",
        "only a time": f"t={now}",
        "only a signature": f"v1={good}",
        "an empty signature": f"t={now},v1=",
        "an empty time": f"t=,v1={good}",
        "the wrong signature": f"t={now},v1={'0' * 64}",
        "a short signature": f"t={now},v1={good[:32]}",
        "upper case": f"t={now},v1={good.upper()}",
        "the test scheme": f"t={now},v0={good}",
        "an unknown scheme": f"t={now},v2={good}",
        "another secret": f"t={now},v1={hmac_of('whsec_secret', f'{now}.{payload}')}",
        "no secret": f"t={now},v1={hmac_of('', f'{now}.{payload}')}",
        "a guessable secret": f"t={now},v1={hmac_of('whsec_test', f'{now}.{payload}')}",
        "the body alone": f"t={now},v1={hmac_of(SECRET, payload)}",
        "another time": f"t={now + 1},v1={good}",
        "a time of words": f"t=now,v1={good}",
        "a negative time": f"t=-{now},v1={good}",
        "a fraction": f"t={now}.0,v1={good}",
        "a huge time": f"t={'9' * 5000},v1={good}",
        "another script's digits": f"t={str(now).translate(ARABIC)},v1={good}".encode(),
        "an accent": f"t={now},v1={good[:-1]}é".encode("latin-1"),
        "a snowman": f"t={now},v1=☃".encode(),
        "ten thousand signatures": f"t={now}" + f",v1={'0' * 64}" * 100,
    }


FORGERIES = tuple(forged_headers(""))


def test_there_are_27_forged_headers() -> None:
    assert len(FORGERIES) == 27


@pytest.fixture(scope="module")
def unheard(shop: Shop) -> dict[str, Any]:
    """A genuine event that would pay an order, never delivered. No worker runs from here on: every
    five minutes it would ask Stripe for what the shop has missed.
    """
    from tests.factories import make_product, variants_of

    shop.settle_down()
    shop.stop("worker")
    with shop.app.app_context(), transaction():
        (variant,) = variants_of(make_product(on_hand=3))
        variant_id = variant.id
    _shopper, events = paid_unheard(shop, variant_id, "unheard")
    event: dict[str, Any] = events["checkout.session.completed"]
    return event


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_signature_is_refused_and_nothing_moves(
    shop: Shop, unheard: dict[str, Any], forgery: str
) -> None:
    payload = json.dumps(unheard)
    before = rows(shop)

    answer = shop.deliver(payload.encode(), forged_headers(payload)[forgery])

    assert answer.status_code == 400
    assert "Traceback" not in answer.text
    assert rows(shop) == before


@pytest.mark.parametrize("age", [301, 3600, -330, -31_536_000])
def test_a_replay_is_refused_from_the_past_and_from_the_future(
    shop: Shop, unheard: dict[str, Any], age: int
) -> None:
    payload = json.dumps(unheard)
    before = rows(shop)

    answer = shop.deliver(payload.encode(), signed(payload, at=int(time.time()) - age))

    assert answer.status_code == 400
    assert rows(shop) == before


def test_a_body_changed_after_signing_is_refused(shop: Shop, unheard: dict[str, Any]) -> None:
    payload = json.dumps(unheard)
    signature = signed(payload)
    before = rows(shop)

    answers = [
        shop.deliver(body.encode(), signature)
        for body in (
            payload.replace('"livemode": false', '"livemode": true '),
            json.dumps(unheard, indent=1),
            payload + "\n",
            "",
        )
    ]

    assert [answer.status_code for answer in answers] == [400] * 4
    assert rows(shop) == before


# Signed, but odd --------------------------------------------------------------------------------


def odd_bodies(event: dict[str, Any]) -> dict[str, str]:
    """Each truly signed: what a broken or future Stripe might send."""
    session = event["data"]["object"]

    def with_object(**changes: Any) -> str:
        changed = event | {"id": f"evt_odd_{len(json.dumps(changes))}_{sorted(changes)[0]}"}
        foreign = session | {"id": "cs_test_foreign", "metadata": {}} | changes
        return json.dumps(changed | {"data": {"object": foreign}})

    return {
        "an empty list": "[]",
        "null": "null",
        "a number": "17",
        "a word": '"event"',
        "nothing": "",
        "no JSON": "{event}",
        "an empty object": "{}",
        "deep JSON": "[" * 50_000,
        "no data": json.dumps(event | {"id": "evt_odd_1", "data": None}),
        "no object": json.dumps(event | {"id": "evt_odd_2", "data": {"object": None}}),
        "a list as object": json.dumps(event | {"id": "evt_odd_3", "data": {"object": []}}),
        "a number as id": json.dumps(event | {"id": 17}),
        "a number as type": json.dumps(event | {"id": "evt_odd_4", "type": 17}),
        "an unknown type": json.dumps(event | {"id": "evt_odd_5", "type": "future.thing"}),
        "a live event": json.dumps(event | {"id": "evt_odd_6", "livemode": True}),
        "a thin event": json.dumps({"id": "evt_odd_7", "object": "v2.core.event", "type": "v1.x"}),
        "a negative amount": with_object(amount_total=-1),
        "a huge amount": with_object(amount_total=10**30),
        "an amount of words": with_object(amount_total="many"),
        "metadata as list": with_object(metadata=["order_id"]),
        "a huge order": with_object(metadata={"order_id": "9" * 200}),
        "a lone surrogate and a NUL": with_object(client_reference_id="\ud800\x00"),
        "a date that is none": json.dumps(
            event | {"id": "evt_odd_8", "type": "future.thing", "created": 10**18}
        ),
        "an id of 300 characters": json.dumps(
            event | {"id": "evt_" + "x" * 300, "type": "future.thing"}
        ),
        "a NUL in the id": json.dumps(event | {"id": "evt_odd_\x00", "type": "future.thing"}),
        "a surrogate in the id": json.dumps(event | {"id": "evt_\ud800", "type": "future.thing"}),
        "not a number": json.dumps(
            event | {"id": "evt_odd_9", "type": "future.thing", "odd": float("nan")}
        ),
        "a refund of words": json.dumps(
            event
            | {
                "id": "evt_odd_10",
                "type": "charge.refunded",
                "data": {"object": {"payment_intent": ["x"], "amount_refunded": "all"}},
            }
        ),
        "a huge refund": json.dumps(
            event
            | {
                "id": "evt_odd_11",
                "type": "charge.refunded",
                "data": {
                    "object": {
                        "payment_intent": "pi_none",
                        "amount_refunded": 10**30,
                        "currency": {"a": 1},
                    }
                },
            }
        ),
    }


ODDITIES = tuple(
    odd_bodies({"id": "evt", "data": {"object": {"id": "cs"}}, "type": "x", "created": 1})
)


@pytest.mark.parametrize("oddity", ODDITIES)
def test_a_signed_oddity_is_answered_and_nothing_moves(
    shop: Shop, unheard: dict[str, Any], oddity: str
) -> None:
    payload = odd_bodies(unheard)[oddity]
    before = rows(shop)

    answer = shop.deliver(payload.encode(), signed(payload))

    assert 200 <= answer.status_code < 500
    assert "Traceback" not in answer.text
    assert rows(shop) == before


def test_a_body_beyond_a_megabyte_is_refused(shop: Shop) -> None:
    payload = json.dumps({"id": "evt_large", "fill": "x" * 1_100_000})

    answer = shop.deliver(payload.encode(), signed(payload))

    assert answer.status_code == 413


def test_garbage_is_refused_fast_and_leaves_no_row(shop: Shop) -> None:
    with shop.app.app_context():
        before = db.session.scalar(sa.select(sa.func.count(StripeEvent.id)))

    answers = all_at_once(lambda n: shop.deliver(b"{}", f"t={n},v1=0"), range(40))

    assert [answer.status_code for answer in answers] == [400] * 40
    with shop.app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(StripeEvent.id))) == before


def test_after_all_that_the_genuine_event_still_pays(shop: Shop, unheard: dict[str, Any]) -> None:
    answer = shop.deliver_event(unheard)

    assert answer.json() == {"status": "done"}
    shop.settle_down()
    check_invariants(shop)

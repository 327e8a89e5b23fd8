"""Webhooks: signed, in order, repeated until they are taken, and the fault switches."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
import stripe

from tests.payments.sandbox.harness import KEY, PATIENCE, Mailbox, World


def attempts(world: World) -> list[tuple[str, int]]:
    """State and number of attempts of each delivery, in the order of the events."""
    return [(found["state"], found["attempts"]) for found in world.ledger()["deliveries"]]


def test_a_wrong_secret_is_noticed(world: World) -> None:
    world.stop()
    stranger = world.mailbox = Mailbox(secret="whsec_other")
    world.start()

    world.paid()
    stranger.wait_until(lambda: stranger.refused == 5)
    stranger.close()

    assert stranger.events == []


@pytest.mark.parametrize("answer", [400, 500, 301, 404])
def test_a_refused_webhook_comes_again(world: World, answer: int) -> None:
    world.mailbox.answers = [answer, answer]
    customer = world.client.v1.customers.create({"name": "Kim"})
    world.mailbox.wait_until(lambda: world.mailbox.refused == 1)
    event = world.client.v1.events.list().data[0]
    assert event.pending_webhooks == 1

    settle(world, lambda: attempts(world) == [("pending", 1)])
    world.advance(5)
    settle(world, lambda: attempts(world) == [("pending", 2)])
    world.advance(30)
    created = world.mailbox.wait_for("customer.created")

    assert created[0]["id"] == event.id
    assert created[0]["data"]["object"]["id"] == customer.id


def test_a_webhook_nobody_takes_is_given_up_and_can_be_sent_again(world: World) -> None:
    world.mailbox.answers = [500] * 4
    world.client.v1.customers.create({"name": "Kim"})
    for number, delay in enumerate([5, 30, 120], start=1):
        settle(world, lambda number=number: attempts(world) == [("pending", number)])
        world.advance(delay)
    settle(world, lambda: attempts(world) == [("failed", 4)])
    event = world.client.v1.events.list({"delivery_success": False}).data[0]

    world.post(f"/_sandbox/events/{event.id}/resend")

    assert world.mailbox.wait_for("customer.created")[0]["id"] == event.id


def settle(world: World, is_so: Callable[[], bool]) -> None:
    """Wait until the background thread has noted what it did; each look is a request."""
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline, attempts(world)


def test_undelivered_webhooks_survive_a_restart(world: World) -> None:
    world.mailbox.answers = [500] * 5
    world.paid()
    world.mailbox.wait_until(lambda: world.mailbox.refused == 5)

    world.restart()
    world.advance(6)

    world.mailbox.wait_until(lambda: len(world.mailbox.events) == 5)
    assert Counter(world.mailbox.types) == Counter(
        [
            "payment_intent.created",
            "charge.succeeded",
            "payment_intent.succeeded",
            "checkout.session.completed",
            "charge.updated",
        ]
    )


def test_each_endpoint_gets_its_events_with_its_own_secret(world: World) -> None:
    made = world.client.v1.webhook_endpoints.create(
        {"url": "http://127.0.0.1:9/", "enabled_events": ["charge.succeeded"]}
    )
    other = Mailbox(secret=str(made.secret))
    world.client.v1.webhook_endpoints.update(made.id, {"url": other.url})

    world.paid()
    other.wait_for("charge.succeeded")
    world.mailbox.wait_for("charge.updated")
    other.close()

    assert other.types == ["charge.succeeded"]
    assert len(world.mailbox.events) == 5
    listed = world.client.v1.webhook_endpoints.list().data
    assert [("secret" in found) for found in listed] == [False, False]


def test_a_deleted_endpoint_hears_nothing_more(world: World) -> None:
    configured = world.client.v1.webhook_endpoints.list().data[0]
    world.client.v1.webhook_endpoints.delete(configured.id)

    world.paid()

    assert attempts(world) == []


def test_an_address_that_is_not_configured_any_more_is_disabled(
    world: World, tmp_path: Path
) -> None:
    first = world.mailbox
    world.stop()
    second = world.mailbox = Mailbox()
    world.start()

    world.paid()
    second.wait_for("charge.updated")
    second.close()

    assert first.events == []
    found = world.client.v1.webhook_endpoints.list().data
    assert [endpoint.status for endpoint in found] == ["enabled", "disabled"]


def test_webhooks_can_be_lost(world: World) -> None:
    world.faults(drop_webhooks=True)
    world.paid()
    settle(world, lambda: attempts(world) == [("dropped", 1)] * 5)

    world.faults(drop_webhooks=False)
    world.client.v1.customers.create({"name": "Kim"})
    world.mailbox.wait_for("customer.created")

    assert world.mailbox.types == ["customer.created"]
    # The mailbox has the event a moment before the sandbox notes that it was taken.
    settle(world, lambda: len(world.client.v1.events.list({"delivery_success": False}).data) == 5)


def test_webhooks_can_come_twice(world: World) -> None:
    world.faults(duplicate_webhooks=True)
    world.client.v1.customers.create({"name": "Kim"})

    first, second = world.mailbox.wait_for("customer.created", 2)

    assert first["id"] == second["id"]


def test_webhooks_can_come_in_another_order(world: World) -> None:
    world.faults(shuffle=True)

    for number in range(1, 4):
        world.paid()
        world.mailbox.wait_until(lambda number=number: len(world.mailbox.events) == 5 * number)

    usual = ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]
    usual += ["checkout.session.completed", "charge.updated"]
    # Three payments all in their usual order: one time in 120 ** 3.
    assert world.mailbox.types != usual * 3
    assert Counter(world.mailbox.types) == Counter(usual * 3)


def test_a_request_cut_off_after_its_work_is_replayed_by_the_sdk(world: World) -> None:
    world.faults(reset_after_work=2)

    session = world.open("cs:1:1")

    assert session.last_response.headers["Idempotent-Replayed"] == "true"
    assert [found["id"] for found in world.ledger()["sessions"]] == [session.id]


def test_a_server_error_is_retried_by_the_sdk(world: World) -> None:
    world.faults(error_500_next=2)

    session = world.open("cs:1:1")

    assert [found["id"] for found in world.ledger()["sessions"]] == [session.id]
    assert world.get("/_sandbox/faults").json()["error_500_next"] == 0


def test_a_stored_server_error_stays_with_its_key(world: World) -> None:
    world.faults(error_500_stored_next=1)

    with pytest.raises(stripe.APIError):
        world.open("cs:1:1")

    assert world.open("cs:1:2").status == "open"
    with pytest.raises(stripe.APIError):
        world.open("cs:1:1")
    assert len(world.ledger()["sessions"]) == 1


def test_too_many_requests_are_refused_without_work(world: World) -> None:
    world.faults(rate_limit_next=1)

    with pytest.raises(stripe.RateLimitError):
        world.open("cs:1:1")

    assert world.ledger()["sessions"] == []


def test_a_hanging_request_times_out_at_the_caller(world: World) -> None:
    world.faults(hang_seconds=60, path="/v1/account")

    headers = {"Authorization": f"Bearer {KEY}"}

    with pytest.raises(requests.ReadTimeout):
        world.http.get(f"{world.url}/v1/account", headers=headers, timeout=0.2)

    assert world.open().status == "open"


@pytest.mark.parametrize(
    "switches", [{"nonsense": 1}, {"error_500_next": -1}, {"hang_seconds": "x"}, {"shuffle": 7}]
)
def test_an_impossible_fault_is_refused(world: World, switches: dict[str, object]) -> None:
    before = world.get("/_sandbox/faults").json()

    answer = world.http.post(f"{world.url}/_sandbox/faults", json=switches, timeout=30)

    assert answer.status_code == 400
    assert world.get("/_sandbox/faults").json() == before


def test_faults_are_cleared(world: World) -> None:
    world.faults(drop_webhooks=True, error_500_next=3, path="/v1/refunds")

    cleared = world.http.delete(f"{world.url}/_sandbox/faults", timeout=30).json()

    assert cleared["drop_webhooks"] is False
    assert (cleared["error_500_next"], cleared["path"]) == (0, "/v1/")

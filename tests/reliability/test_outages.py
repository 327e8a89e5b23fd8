"""Stripe or the database is away: the shopper reads a sentence, and nothing is half done."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from shop.extensions import db
from tests.reliability.invariants import check_invariants
from tests.reliability.processes import PATIENCE, wait_until
from tests.reliability.shop_processes import Shop
from tests.reliability.shopper import Shopper, all_at_once, is_payment_page, words
from tests.reliability.snapshots import rows

#: Three tries of ten seconds each and the waits between them; generous for a busy machine.
BOUND = 60
FAULTS: dict[str, dict[str, Any]] = {
    "answers 500": {"error_500_next": 50},
    "stores its 500": {"error_500_stored_next": 1},
    "is too busy": {"rate_limit_next": 50},
    "hangs up after the work": {"reset_after_work": 50},
    "hangs": {"hang_seconds": 300.0},
}


@pytest.fixture
def calm(shop: Shop) -> Iterator[Shop]:
    """The module's shop, which may answer 502 and 503; faults are switched off afterwards."""
    shop.expected_faults = frozenset({502, 503})
    yield shop
    shop.sandbox.behave()


@pytest.mark.parametrize("fault", FAULTS)
def test_while_stripe_fails_the_shopper_is_told_and_can_pay_afterwards(
    calm: Shop, stock: Callable[..., int], fault: str
) -> None:
    shopper = Shopper(calm, f"outage-{fault.replace(' ', '-')}")
    form = shopper.prepare(stock(on_hand=3))
    calm.sandbox.faults(path="/v1/checkout/sessions", **FAULTS[fault])
    before = time.monotonic()

    answer = shopper.press_pay(form)
    seconds = time.monotonic() - before
    calm.sandbox.behave()

    if not is_payment_page(answer):  # a stored 500 is given once; the SDK's own retry may heal it
        assert answer.status_code in (502, 503)
        assert "not been charged" in words(answer)
        assert answer.status_code == 502 or answer.headers["Retry-After"]
    assert seconds < BOUND
    can_pay_now_with_one_page(calm, shopper)


def test_with_nothing_at_stripes_address_the_shopper_is_told_and_can_pay_afterwards(
    calm: Shop, stock: Callable[..., int]
) -> None:
    shopper = Shopper(calm, "outage-refused")
    form = shopper.prepare(stock(on_hand=3))
    calm.kill("sandbox")

    answer = shopper.press_pay(form)
    calm.start("sandbox")

    assert answer.status_code == 503
    assert "not been charged" in words(answer)
    can_pay_now_with_one_page(calm, shopper)


def can_pay_now_with_one_page(shop: Shop, shopper: Shopper) -> None:
    page = shopper.payment_page(shopper.press_pay(shopper.review()))
    assert shopper.come_back(shopper.pay(page)).status_code == 200
    shop.sandbox.wait_delivered()
    sent = [s for s in shop.sandbox.ledger()["sessions"] if s["id"] in page]
    reference = sent[0]["client_reference_id"]
    assert [s["payment_status"] for s in shop.sandbox.sessions_of(int(reference))] == ["paid"]
    shop.settle_down()
    check_invariants(shop)


def test_while_stripe_hangs_the_catalog_is_served(calm: Shop, stock: Callable[..., int]) -> None:
    """Each web process waits for Stripe with one request; the others are served by the next."""
    shopper = Shopper(calm, "hanging")
    form = shopper.prepare(stock(on_hand=3))
    calm.sandbox.faults(hang_seconds=300.0, path="/v1/checkout/sessions")

    def press(_n: int) -> Any:
        return shopper.twin().press_pay(form)

    def look(_n: int) -> Any:
        return shopper.twin().get("/products")

    answers = all_at_once(lambda work: work(0), [press, look, look, look])
    calm.sandbox.behave()

    assert [answer.status_code for answer in answers] == [503, 200, 200, 200]
    can_pay_now_with_one_page(calm, shopper)


def test_a_shopper_back_from_paying_while_stripe_is_away_is_not_asked_to_pay_again(
    calm: Shop, stock: Callable[..., int]
) -> None:
    shopper = Shopper(calm, "paid-unheard")
    calm.sandbox.faults(drop_webhooks=True)
    address = shopper.pay(shopper.begin(stock(on_hand=3)))
    calm.sandbox.wait_delivered()
    calm.sandbox.faults(error_500_next=50)

    page = shopper.come_back(address)
    calm.sandbox.behave()

    assert page.status_code == 200
    assert "You need not pay again" in words(page)
    calm.reconcile()
    calm.settle_down()
    check_invariants(calm)


# The database ------------------------------------------------------------------------------------


@contextlib.contextmanager
def locked_by_another(shop: Shop) -> Iterator[None]:
    """Somebody else holds the lock that a checkout needs: SQLite's only one, PostgreSQL's row."""
    url = sa.make_url(shop.settings.database)
    if url.drivername == "sqlite":
        connection = sqlite3.connect(str(url.database), timeout=PATIENCE, isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            connection.rollback()
            connection.close()
        return
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as other:
        other.execute("LOCK TABLE checkouts, orders IN EXCLUSIVE MODE")
        yield
        other.rollback()


def test_a_lock_held_too_long_is_an_honest_refusal_and_reading_goes_on(
    calm: Shop, stock: Callable[..., int]
) -> None:
    shopper = Shopper(calm, "locked-out")
    form = shopper.prepare(stock(on_hand=3))
    before = rows(calm)

    with locked_by_another(calm):
        refused, page = all_at_once(
            lambda work: work(), [lambda: shopper.press_pay(form), lambda: shopper.get("/products")]
        )

    assert (refused.status_code, page.status_code) == (503, 200)
    assert refused.headers["Retry-After"] == "5"
    assert rows(calm) == before
    can_pay_now_with_one_page(calm, shopper)


def test_a_short_lock_is_waited_for(calm: Shop, stock: Callable[..., int]) -> None:
    shopper = Shopper(calm, "short-lock")
    form = shopper.prepare(stock(on_hand=3))

    def hold(_form: dict[str, str]) -> None:
        with locked_by_another(calm):
            time.sleep(1)  # the lock itself is what takes time

    hands: list[Callable[[dict[str, str]], Any]] = [hold, shopper.press_pay]
    _held, answer = all_at_once(lambda work: work(form), hands)

    assert is_payment_page(answer)
    check_invariants(calm, drained=False)


def test_after_postgresql_cut_every_connection_the_next_request_is_served(
    calm: Shop, dialect: str
) -> None:
    if dialect == "sqlite":
        return  # a file has no connections to cut
    shopper = Shopper(calm, "cut-off")
    assert shopper.get("/products").status_code == 200
    with calm.app.app_context():
        cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"  # noqa: E501 - one statement
        db.session.execute(sa.text(cut))
        db.session.rollback()

    statuses = {shopper.get("/products").status_code for _ in range(6)}

    assert statuses == {200}


def test_readyz_tells_the_truth_and_no_more(calm: Shop) -> None:
    assert wait_until(lambda: calm.http.get(f"{calm.url}/readyz").json() == {"status": "ok"}, "it")
    assert calm.http.get(f"{calm.url}/healthz").json() == {"status": "ok"}

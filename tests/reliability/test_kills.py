"""Killed at every step of a purchase, and at random under load: money, goods and mails agree."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
import sqlalchemy as sa

from shop.clock import now
from shop.extensions import db
from shop.orders.models import Order
from shop.outbox.models import OutboxMessage
from tests.reliability.conftest import FULL
from tests.reliability.invariants import check_invariants
from tests.reliability.killpoints import KillSwitch
from tests.reliability.processes import PATIENCE
from tests.reliability.shop_processes import Shop
from tests.reliability.shopper import Shopper, is_payment_page

#: Every point takes about three seconds; the quick run leaves some out.
STRIDE = {"sqlite": 1, "postgresql": 1} if FULL else {"sqlite": 7, "postgresql": 15}
KILLS = 100 if FULL else 6
#: More than a purchase has points; were they to grow with every purchase, it would show here.
MOST_POINTS = 700


@pytest.fixture
def switch(still_shop: Shop, tmp_path: Path) -> KillSwitch:
    folder = tmp_path / "kill-switch"
    folder.mkdir()
    still_shop.environment = {"KILL_SWITCH": str(folder)}
    still_shop.target = "tests.reliability.killpoints:create_app"
    return KillSwitch(folder)


@pytest.mark.timeout(14_400 if FULL else 1800)  # a busy machine takes its time
def test_killed_at_any_point_of_a_purchase_nothing_is_lost_or_doubled(
    still_shop: Shop, stock: Callable[..., int], switch: KillSwitch, dialect: str
) -> None:
    shop, variant_id = still_shop, stock(on_hand=MOST_POINTS)
    shop.start("sandbox", "web")
    kills = 0

    for at in range(1, MOST_POINTS, STRIDE[dialect]):
        shopper = Shopper(shop, f"kill-{at}")
        form = shopper.prepare(variant_id)
        switch.arm(at)
        worker_died = buy_until_killed(shop, shopper, form)
        points = switch.disarm()
        was_killed = len(points) >= at
        where = f"killed at point {at}: {points[at - 1]}" if was_killed else "not killed"
        kills += was_killed

        try:
            if was_killed and not worker_died:
                shop.running["web"].wait()
            bring_back(shop)
            check_invariants(shop)
            finish(shopper)
        except (AssertionError, requests.RequestException) as error:
            error.add_note(where)
            raise
        assert paid_orders(shop, shopper) == 1, where
        if not was_killed:
            break
    else:
        pytest.fail(f"a purchase has more than {MOST_POINTS} points")

    shop.sandbox.wait_delivered()
    shop.run_once()
    check_invariants(shop)
    mails = [file.read_text() for file in shop.mails]
    assert len(mails) == len({mail.partition("To: ")[2].partition("\n")[0] for mail in mails})
    assert kills > 60 / STRIDE[dialect]


def buy_until_killed(shop: Shop, shopper: Shopper, form: dict[str, str]) -> bool:
    """From the press of Pay to the mail, or as far as the shop lives; whether it was the worker
    that died.
    """
    try:
        answer = shopper.press_pay(form)
        assert shopper.come_back(shopper.pay(shopper.payment_page(answer))).status_code == 200
    except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
        return False  # this is what being killed looks like from outside
    shop.sandbox.wait_delivered()
    if shop.running["web"].is_alive:
        return shop.run("worker", "--once") == -signal.SIGKILL
    return False


def bring_back(shop: Shop) -> None:
    """What an operator's supervisor does, and what time does: the dead worker's claim runs out."""
    if not shop.running["web"].is_alive:
        shop.kill("web")
        shop.start("web")
    shop.reconcile()
    with shop.app.app_context():
        unsent = sa.update(OutboxMessage).where(OutboxMessage.sent_at.is_(None))
        db.session.execute(unsent.values(due_at=now()))
        db.session.commit()
    shop.run_once()


def finish(shopper: Shopper) -> None:
    """Reload the page one was on: either it is paid, or it can be paid now."""
    answer = shopper.get("/checkout/payment")
    if answer.status_code == 200:
        answer = shopper.press_pay(shopper.review())
        if is_payment_page(answer):
            page = shopper.come_back(shopper.pay(answer.headers["Location"]))
            assert page.status_code == 200
            return
    page = shopper.follow(answer)
    assert page.status_code == 200
    assert "/orders/" in page.url or "/cart" in page.url


def paid_orders(shop: Shop, shopper: Shopper) -> int:
    with shop.app.app_context():
        found = sa.select(sa.func.count(Order.id))
        paid = found.where(Order.email == shopper.email, Order.state == "paid")
        return db.session.scalar(paid) or 0


# At random, under load --------------------------------------------------------------------------


@pytest.mark.timeout(14_400 if FULL else 1800)  # a busy machine takes its time
def test_kills_under_load_lose_nothing(still_shop: Shop, stock: Callable[..., int]) -> None:
    shop, variant_id = still_shop, stock(on_hand=1000)
    shop.expected_faults = frozenset({503})  # while the sandbox is dead
    shop.start()
    load = Load(shop, variant_id)

    with load.running(threads=3):
        for number in range(KILLS):
            load.wait_for_more(2)
            victim = ("web", "sandbox", "worker")[number % 3]
            shop.kill(victim)
            shop.start(victim)
    shop.stop("worker")
    shop.reconcile()
    for shopper in load.shoppers:
        finish(shopper)
    shop.sandbox.wait_delivered()
    bring_back(shop)

    assert [paid_orders(shop, shopper) for shopper in load.shoppers] == [1] * len(load.shoppers)
    check_invariants(shop)
    if shop.settings.database.startswith("sqlite"):
        with shop.app.app_context():
            assert db.session.scalar(sa.text("PRAGMA integrity_check")) == "ok"


class Load:
    """Shoppers, one after the other on several threads, who give up when nothing answers."""

    def __init__(self, shop: Shop, variant_id: int) -> None:
        self.shop, self.variant_id = shop, variant_id
        #: Those who got as far as the button.
        self.shoppers: list[Shopper] = []
        self._stop, self._changed = threading.Event(), threading.Condition()
        self._tries = 0

    @contextlib.contextmanager
    def running(self, threads: int) -> Iterator[None]:
        runners = [threading.Thread(target=self._run, args=(n,)) for n in range(threads)]
        for runner in runners:
            runner.start()
        try:
            yield
        finally:
            self._stop.set()
            for runner in runners:
                runner.join()

    def wait_for_more(self, count: int) -> None:
        with self._changed:
            wanted = self._tries + count
            assert self._changed.wait_for(lambda: self._tries >= wanted, PATIENCE)

    def _run(self, thread: int) -> None:
        number = 0
        while not self._stop.is_set():
            number += 1
            with contextlib.suppress(requests.RequestException):
                self._buy(Shopper(self.shop, f"load-{thread}-{number}"))
            with self._changed:
                self._tries += 1
                self._changed.notify_all()

    def _buy(self, shopper: Shopper) -> None:
        form = shopper.prepare(self.variant_id)
        self.shoppers.append(shopper)
        answer = shopper.press_pay(form)
        if answer.status_code == 503:  # the sandbox is dead: the page says so
            return
        shopper.come_back(shopper.pay(shopper.payment_page(answer)))

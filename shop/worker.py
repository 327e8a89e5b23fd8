"""The second process: keeps promises, frees expired reservations, reconciles payments, in turn."""

from __future__ import annotations

import logging
import signal
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click
from flask.cli import with_appcontext

from shop.accounts import letters as account_letters
from shop.accounts import service as accounts
from shop.accounts.staff import letters as staff_letters
from shop.alerts import letters as alert_letters
from shop.alerts import service as alerts
from shop.bulk.worker import carry_jobs_on
from shop.catalog import journal, prices, schedule
from shop.clock import now
from shop.contact import letters as contact
from shop.contact import service as contact_service
from shop.content.worker import forget_deleted
from shop.database import in_transaction, transaction
from shop.desk import service as desk
from shop.extensions import db
from shop.forecasts.worker import compute as compute_forecasts
from shop.gift_cards import letters as gift_cards
from shop.imports import service as imports_service
from shop.imports import worker as imports
from shop.limits import service as limits
from shop.newsletter import letters as newsletter_letters
from shop.newsletter import service as newsletter
from shop.orders import queries as orders
from shop.orders.letters import LETTERS
from shop.outbox import mailer, service
from shop.outbox.mailer import Letter
from shop.outbox.worker import Claimed, Handler, keep_due
from shop.payments import letters as payments
from shop.payments import settlement, taxes
from shop.payments.gateway import PaymentsUnreachable, gateway
from shop.payments.reconcile import reconcile
from shop.privacy import service as privacy
from shop.protection import letters as protection_letters
from shop.protection import service as protection
from shop.recommendations.worker import count_companions
from shop.recovery import letters as recovery_letters
from shop.recovery import service as recovery
from shop.recovery.worker import count_figures
from shop.reports.worker import count_best_sellers
from shop.reviews import letters as reviews
from shop.reviews.worker import drop_waiting_photos, invite_buyers
from shop.search import service as search
from shop.search.cli import rebuild_if_old, settle
from shop.seo.worker import FEED_EVERY, keep_feeds
from shop.setup import letters as setup
from shop.store import queries as store
from shop.traffic import service as traffic
from shop.web.config import settings
from shop.wishlist import service as wishlists

log = logging.getLogger("shop.worker")

#: Seconds between two looks at the outbox when it was empty.
IDLE = 0.5
#: Seconds that a silent server may keep the worker; Flask-Mail itself would wait for ever.
NETWORK_PATIENCE = 30.0
EXPIRY_EVERY, RECONCILE_EVERY, SEARCH_EVERY = 15.0, 300.0, 3600.0
INVITE_EVERY, PHOTOS_EVERY, COMPANIONS_EVERY, FORGET_EVERY = 900.0, 3600.0, 21_600.0, 86_400.0

RESTOCK_EVERY, REMIND_EVERY, SCHEDULE_EVERY, BULK_EVERY = 30.0, 300.0, 5.0, 2.0
#: Seconds that the pictures of one turn take, the last one's own time more.
PICTURES_TURN = 2.0
#: How often a picture is asked for whose server does not answer; then the row says why.
PICTURE_TRIES = 4


@dataclass
class Chore:
    """Something done again and again, `every` so many seconds."""

    name: str
    every: float
    work: Callable[[], Any]
    due: float = 0.0

    def run_if_due(self) -> bool:
        """Whether the work says that there is more to do at once."""
        if time.monotonic() < self.due:
            return False
        self.due = time.monotonic() + self.every
        try:
            return self.work() is True
        except Exception:  # whatever it was, the other chores go on and the next turn tries again
            log.exception("chore failed", extra={"chore": self.name})
            return False
        finally:
            db.session.remove()


HANDLERS: dict[str, Handler] = {
    service.EMAIL: lambda claimed: mailer.send(
        claimed,
        {
            **LETTERS,
            **account_letters.LETTERS,
            **staff_letters.LETTERS,
            **newsletter_letters.LETTERS,
            **payments.LETTERS,
            **contact.LETTERS,
            **reviews.LETTERS,
            **alert_letters.LETTERS,
            **protection_letters.LETTERS,
            **recovery_letters.LETTERS,
            **gift_cards.LETTERS,
            "test_mail": _test_letter,
            **setup.LETTERS,
        },
    ),
}
#: Apart: thousands of an import's pictures, each from a slow server, must not keep mails waiting.
PICTURE_HANDLERS: dict[str, Handler] = {service.IMAGE: lambda claimed: _fetch_image(claimed)}


@click.command("worker")
@click.option("--once", is_flag=True, help="Do everything that is due now, then stop.")
@with_appcontext
def command(once: bool) -> None:
    """Send mails, free expired reservations and reconcile payments, until stopped."""
    socket.setdefaulttimeout(NETWORK_PATIENCE)
    if once:
        run_once()
        return
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    run(stop)


def run_once() -> None:
    for chore in _chores():
        while chore.run_if_due():
            chore.due = 0.0


def run(stop: threading.Event) -> None:
    """A promise under way is finished before the process ends."""
    chores = _chores()
    log.info("worker started")
    while not stop.is_set():
        has_more = False
        for chore in chores:
            if stop.is_set():
                break
            has_more |= chore.run_if_due()
        if not has_more:
            stop.wait(IDLE)
    log.info("worker stopped")


def release_overdue() -> None:
    """Without Stripe's word the stock stays held: the shopper may have paid."""
    for order_id in orders.overdue_order_ids(now()):
        db.session.rollback()
        try:
            settlement.release_overdue(order_id, gateway())
        except PaymentsUnreachable:
            log.warning("stripe does not answer; the rest is released later")
            return
        except Exception:  # one order that cannot be released must not keep the others' stock
            db.session.rollback()
            log.exception("not released", extra={"order": order_id})


def keep_schedules() -> None:
    """Each product by itself: one that fails keeps no other out of the shop."""
    for product_id in schedule.due():
        db.session.rollback()
        try:
            with transaction():
                schedule.carry_out(product_id)
        except Exception:
            db.session.rollback()
            log.exception("schedule not kept", extra={"product": product_id})


def reconcile_payments() -> None:
    """A shop without keys has nobody to ask."""
    stripe = gateway()
    if stripe.is_set_up:
        reconcile(stripe)


def forget_old_searches() -> None:
    with transaction():
        search.forget_searches(today=now().date())


def forget_sketches() -> None:
    with transaction():
        traffic.forget_sketches(today=store.current().day_of(now()))


def _chores() -> list[Chore]:
    return [
        Chore("outbox", 0.0, lambda: keep_due(HANDLERS)),
        Chore("pictures", 0.0, _fetch_pictures),
        Chore("imports", 0.0, imports.work),
        Chore("old imports", FORGET_EVERY, lambda: in_transaction(imports_service.forget_old)),
        Chore("expiry", EXPIRY_EVERY, release_overdue),
        Chore("reconcile", RECONCILE_EVERY, reconcile_payments),
        Chore("search", SEARCH_EVERY, rebuild_if_old),
        Chore("lists of words", FORGET_EVERY, settle),
        Chore("searches", SEARCH_EVERY, forget_old_searches),
        Chore("visitors of yesterday", SEARCH_EVERY, forget_sketches),
        Chore("review invitations", INVITE_EVERY, invite_buyers),
        Chore("review photos", PHOTOS_EVERY, drop_waiting_photos),
        Chore("deleted things", FORGET_EVERY, lambda: forget_deleted(settings().media_path)),
        Chore("old messages", FORGET_EVERY, lambda: in_transaction(contact_service.forget_old)),
        Chore("ended limits", SEARCH_EVERY, lambda: in_transaction(limits.forget_ended)),
        Chore("order sources", FORGET_EVERY, lambda: in_transaction(protection.forget_old)),
        Chore("reminders", REMIND_EVERY, lambda: in_transaction(recovery.remind)),
        Chore("reminder figures", REMIND_EVERY, count_figures),
        Chore("best sellers", REMIND_EVERY, count_best_sellers),
        Chore("old reminders", FORGET_EVERY, lambda: in_transaction(recovery.forget_old)),
        Chore("scheduled products", SCHEDULE_EVERY, keep_schedules),
        Chore("bulk jobs", BULK_EVERY, carry_jobs_on),
        Chore("unsaved forms", FORGET_EVERY, lambda: in_transaction(desk.forget_old)),
        Chore("restocks", RESTOCK_EVERY, lambda: in_transaction(alerts.tell_waiting)),
        Chore("old links and sessions", FORGET_EVERY, lambda: in_transaction(accounts.forget_old)),
        Chore("subscribers", FORGET_EVERY, lambda: in_transaction(newsletter.forget_old)),
        Chore("erased customers", FORGET_EVERY, lambda: in_transaction(privacy.forget_contacts)),
        Chore("tax answers", FORGET_EVERY, lambda: in_transaction(taxes.forget_old)),
        Chore("old stock alerts", FORGET_EVERY, lambda: in_transaction(alerts.forget_old)),
        Chore("old wishlists", FORGET_EVERY, lambda: in_transaction(wishlists.forget_old)),
        Chore("price history", FORGET_EVERY, lambda: in_transaction(prices.forget_old)),
        Chore("bought together", COMPANIONS_EVERY, count_companions),
        Chore("forecasts", FORGET_EVERY, compute_forecasts),
        Chore("product feed", FEED_EVERY.total_seconds(), _keep_feed),
        Chore("journal of changes", FORGET_EVERY, lambda: in_transaction(journal.prune)),
    ]


def _keep_feed() -> None:
    keep_feeds(settings().data_folder, settings().url)


def _fetch_pictures() -> bool:
    """For some seconds; whether there are more."""
    deadline = time.monotonic() + PICTURES_TURN
    while time.monotonic() < deadline:
        if not keep_due(PICTURE_HANDLERS, limit=1):
            return False
    return True


def _test_letter(payload: dict[str, Any]) -> Letter:
    from shop.admin import mail_samples  # brings the whole admin, which workers spare

    return mail_samples.test_letter(payload)


def _fetch_image(claimed: Claimed) -> None:
    from shop.catalog import remote  # brings the picture library, which most shops' workers spare

    remote.fetch_image(claimed.payload["image_id"], is_last_try=claimed.attempts >= PICTURE_TRIES)

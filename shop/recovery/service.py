"""Reminding of a checkout that was left, once, whoever asked for it; see docs/adr/0030."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import timedelta

import sqlalchemy as sa

from shop import audit
from shop.cart.cart import Cart, pack
from shop.clock import now
from shop.database import upsert
from shop.extensions import db
from shop.limits import service as limits
from shop.limits.service import limit
from shop.orders import queries as orders
from shop.orders.models import Order
from shop.orders.states import OrderState
from shop.outbox import service as outbox
from shop.payments.models import Closing
from shop.payments.queries import attempts_of
from shop.recovery import queries
from shop.recovery.models import AbandonedCheckout, RecoverySettings, RefusedAddress
from shop.recovery.queries import Chosen

LETTER = "abandoned_checkout"
#: Checkouts that one turn of the worker looks at.
BATCH = 100
#: Later than this a reminder surprises more than it helps.
TOO_LATE = timedelta(days=3)
#: The mail's link, and the figures.
LINK_GOOD_FOR = timedelta(days=14)
KEPT_FOR = timedelta(days=max(queries.PERIODS))


def keep(
    checkout_id: int, email: str, cart: Cart, currency: str, language: str, *, is_wanted: bool
) -> None:
    """What the shopper ticked at the contact step; not ticking it any more takes it back."""
    row = queries.of_checkout(checkout_id)
    if row is not None and row.sent_at is not None:
        return
    if not is_wanted or not queries.chosen().is_on:
        if row is not None:
            db.session.delete(row)
        return
    if row is None:
        row = AbandonedCheckout(checkout_id=checkout_id)
        db.session.add(row)
    row.email, row.cart = email.lower(), pack(cart)
    row.currency, row.language = currency, language
    row.updated_at = now()
    db.session.flush()


def forget_checkout(checkout_id: int) -> None:
    """Its shopper called the order off, and wants no reminder of it."""
    row = queries.of_checkout(checkout_id)
    if row is not None and row.sent_at is None:
        db.session.delete(row)


def remind() -> int:
    """Promise the reminders that are due, and forget the checkouts that need none."""
    chosen = queries.chosen()
    if not chosen.is_on:
        return 0
    due = queries.due(now() - chosen.after, BATCH)
    return sum(_remind(row, chosen) for row in due)


def restore(row: AbandonedCheckout, checkout_id: int | None) -> None:
    """The basket was taken up by the mail's link, in the browser of this checkout if it has one."""
    row.opened_at = row.opened_at or now()
    if checkout_id is not None:
        row.restored_id = checkout_id


def attach(id_: int | None, checkout_id: int) -> None:
    """A checkout began with the restored basket, if one was."""
    row = queries.by_id(id_) if id_ is not None else None
    if row is not None:
        row.restored_id = checkout_id


def may_be_mailed(row: AbandonedCheckout) -> bool:
    """Asked when the mail is promised, and again when it is sent."""
    return not (
        queries.is_refused(digest(row.email))
        or queries.has_bought_since(row.email, row.created_at)
        or not queries.basket(row).buyable
    )


def refuse(address_digest: str) -> None:
    """No more reminders to this address."""
    values = {"digest": address_digest, "at": now()}
    db.session.execute(upsert(RefusedAddress).values(values).on_conflict_do_nothing())


def digest(email: str) -> str:
    """Without a key, since it must outlive the shop's secrets."""
    return hashlib.sha256(f"reminders:{email.lower()}".encode()).hexdigest()


def change(values: Mapping[str, int | bool], *, by: int | None) -> None:
    row = db.session.get(RecoverySettings, 1, with_for_update=True)
    if row is None:
        row = RecoverySettings(id=1)
        db.session.add(row)
        db.session.flush()
    audit.change(row, values, by, "recovery.changed", subject_kind="recovery")


def forget_old() -> None:
    old = sa.or_(
        AbandonedCheckout.sent_at < now() - KEPT_FOR,
        sa.and_(
            AbandonedCheckout.sent_at.is_(None), AbandonedCheckout.updated_at < now() - TOO_LATE
        ),
    )
    db.session.execute(
        sa.delete(AbandonedCheckout).where(old).execution_options(synchronize_session=False)
    )


def _remind(row: AbandonedCheckout, chosen: Chosen) -> bool:
    order = orders.latest_of_checkout(row.checkout_id)
    if order is not None and order.state == OrderState.PENDING_PAYMENT:
        # Its payment page is open: not left yet.
        row.updated_at, row.cart = order.expires_at or now(), pack(_cart_of(order))
        return False
    if order is not None and order.placed_at > row.updated_at:
        row.updated_at, row.cart = order.placed_at, pack(_cart_of(order))
    if row.updated_at > now() - chosen.after:
        return False
    if _is_over(row, order) or not _may_again(row.email, chosen):
        db.session.delete(row)
        return False
    row.sent_at = now()
    db.session.flush()
    outbox.enqueue(
        channel=outbox.EMAIL,
        name=LETTER,
        payload={"id": row.id},
        dedupe_key=f"{LETTER}:{row.id}",
    )
    return True


def _is_over(row: AbandonedCheckout, order: Order | None) -> bool:
    """Bought, too old, not to be had, not wanted, or no shopper at all."""
    if row.updated_at < now() - TOO_LATE or not may_be_mailed(row):
        return True
    return order is not None and any(
        attempt.closing == Closing.DECLINED for attempt in attempts_of(order.id)
    )


def _may_again(email: str, chosen: Chosen) -> bool:
    """One reminder an address, exactly, whichever worker looks at which of its checkouts."""
    pause = timedelta(days=chosen.pause_days)
    return limits.take([limit("reminder", email, 1, pause)]) == 0


def _cart_of(order: Order) -> Cart:
    cart = Cart()
    for line in order.lines:
        if line.variant_id is not None:
            cart.set(line.variant_id, line.quantity)
    return cart

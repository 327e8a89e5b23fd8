"""Placing orders: over HTTP up to the payment page, and through the service layer alone."""

from __future__ import annotations

import multiprocessing
import os
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from bench.catalog import PLENTY
from bench.load import Plan, Request, Sample, WrongAnswer
from bench.shops import ScratchShop
from shop import create_app
from shop.cart.cart import Cart, pack
from shop.cart.service import view
from shop.catalog.models import Product, ProductStatus, Variant
from shop.checkout import service as checkouts
from shop.checkout.models import Checkout
from shop.database import in_transaction, transaction
from shop.extensions import db
from shop.inventory.models import Reservation, ReservationState, StockItem
from shop.orders.models import Order
from shop.orders.placement import Placement
from shop.payments.models import PaymentAttempt
from shop.pricing import queries as pricing
from shop.pricing.places import Destination
from shop.protection import service as protection
from shop.protection.service import Visitor
from shop.settings import Settings
from shop.store import queries as store

#: Different carts of two lines each.
CARTS = 200
#: No measurement places so many orders.
MANY = 1_000_000
#: More orders a second than any machine places; so many checkouts are made ready.
MOST_OVER_HTTP, MOST_BY_SERVICE = 1_000, 4_000
#: Orders that each writer places before the clock runs.
WARM_UP = 20
#: Seconds for all writers to be ready.
PATIENCE = 120

HOME = Destination("GB")
#: Columns of a checkout whose address is filled in.
BUYER = {
    "email": "ines@example.com",
    "name": "Ines Rowan",
    "line1": "14 Alder Row",
    "city": "Leeds",
    "postal_code": "LS6 2AB",
    "country": "GB",
}


@dataclass(frozen=True)
class ReadyCart:
    cart: Cart
    seen: dict[int, int]
    placement: Placement


@dataclass(frozen=True)
class Written:
    """What N writers did together."""

    writers: int
    sample: Sample
    #: Placements that waited for SQLite's lock in vain.
    refused: int


def plenty(count: int) -> list[int]:
    """Variants in plenty, from all over the catalog; fewer where there are not so many."""
    ids = db.session.scalars(
        sa.select(Variant.id)
        .join(Product, Product.id == Variant.product_id)
        .join(StockItem, StockItem.variant_id == Variant.id)
        .where(Product.status == ProductStatus.PUBLISHED, StockItem.on_hand >= PLENTY)
        .order_by(Variant.id)
    ).all()
    return random.Random(3).sample(list(ids), min(count, len(ids)))


def ready_carts(checkout_id: int) -> list[ReadyCart]:
    """Priced for whoever that checkout is of."""
    variants = plenty(2 * CARTS)
    checkout = db.session.get_one(Checkout, checkout_id)
    return [
        _ready(Cart({variants[at]: 1, variants[at - 1]: 2}), checkout)
        for at in range(1, len(variants), 2)
    ]


def _ready(cart: Cart, checkout: Checkout) -> ReadyCart:
    shown = view(cart, store.current().base)
    option = pricing.shipping_options(HOME, shown.currency)[0]
    quoted = checkouts.quote_for(shown, option, pricing.tax_for(HOME))
    return ReadyCart(
        cart,
        {line.variant_id: line.unit.amount for line in shown.lines},
        checkouts.placement_of(checkout, shown, quoted, option, language="en"),
    )


def add_checkouts(count: int) -> list[tuple[int, str]]:
    """Ids and tokens of checkouts whose address is filled in."""
    first = (db.session.scalar(sa.select(sa.func.max(Checkout.id))) or 0) + 1
    made = [(first + at, f"bench-{first + at}") for at in range(count)]
    with transaction():
        db.session.execute(
            sa.insert(Checkout),
            [{"token": token, **BUYER} for _, token in made],
        )
    rows = db.session.execute(
        sa.select(Checkout.id, Checkout.token).where(Checkout.token.in_([made[0][1], made[-1][1]]))
    ).all()
    assert sorted(map(tuple, rows)) == sorted({made[0], made[-1]})
    return made


def _let_one_network_order() -> None:
    """All shoppers of a measurement are at one address."""
    with transaction():
        protection.change({"orders_of_network": MANY, "unpaid_of_network": MANY}, by=None)


# Over HTTP --------------------------------------------------------------------------------------


def payment_plan(shop: ScratchShop, count: int) -> Plan:
    """POST /checkout/payment for `count` shoppers who have given their address."""
    sessions: Any = shop.app.session_interface
    name = shop.app.config["SESSION_COOKIE_NAME"]
    with shop.app.app_context():
        made = add_checkouts(count)
        carts = ready_carts(made[0][0])
        _let_one_network_order()
        db.session.remove()
    requests = []
    for at, (_, token) in enumerate(made):
        ready = carts[at % len(carts)]
        seen = "-".join(f"{id_:x}.{amount:x}" for id_, amount in ready.seen.items())
        values = {"_permanent": True, "cart": pack(ready.cart), "seen": seen, "checkout": token}
        form = (("total", str(ready.placement.due.amount)),)
        cookie = f"{name}={sessions.seal.close(values)}"
        requests.append(Request("/checkout/payment", "POST", form, cookie))
    page = f"{shop.settings.stripe_api}/c/pay/"
    return Plan(shop.settings.port, requests, 303, (page,), is_once=True)


def placed() -> int:
    """Orders that have a payment page."""
    db.session.rollback()
    return (
        db.session.scalar(
            sa.select(sa.func.count())
            .select_from(PaymentAttempt)
            .where(PaymentAttempt.session_id.is_not(None))
        )
        or 0
    )


def check_stock() -> None:
    """Every unit that is held is held for an order. Raises WrongAnswer."""
    db.session.rollback()
    held = db.session.scalar(
        sa.select(sa.func.sum(Reservation.quantity)).where(
            Reservation.state == ReservationState.HELD
        )
    )
    reserved = db.session.scalar(sa.select(sa.func.sum(StockItem.reserved)))
    if held != reserved:
        raise WrongAnswer(f"orders hold {held} units, the stock says {reserved}")


# Through the service layer ----------------------------------------------------------------------


def write(shop: ScratchShop, writers: int, seconds: float) -> Written:
    """Each writer is a process that places one order after the other in its own transactions."""
    with shop.app.app_context():
        made = [id_ for id_, _ in add_checkouts(round(MOST_BY_SERVICE * (seconds + 1)))]
        db.session.remove()
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["bench.orders"])  # so that each writer need not import the shop
    jobs = [(shop.settings, made[at::writers], seconds) for at in range(writers)]
    together = (context.Barrier(writers),)
    with context.Pool(writers, initializer=_wait_at, initargs=together) as pool:
        done = pool.starmap_async(_place_orders, jobs, chunksize=1).get(seconds + 2 * PATIENCE)
    with shop.app.app_context():
        count = _orders_of(made[0], made[-1])
        check_stock()
        db.session.remove()
    waits = sorted(wait for job in done for wait in job.waits)
    if count != len(waits) + WARM_UP * writers:
        raise WrongAnswer(f"{count} new orders, {len(waits)} counted")
    longest = max(job.seconds for job in done)
    sample = Sample(len(waits), longest, _at(waits, 0.5) * 1000, _at(waits, 0.99) * 1000)
    return Written(writers, sample, sum(job.refused for job in done))


def _orders_of(first_checkout: int, last_checkout: int) -> int:
    found = sa.select(Order.id).where(Order.checkout_id.between(first_checkout, last_checkout))
    return db.session.scalar(sa.select(sa.func.count()).select_from(found.subquery())) or 0


@dataclass
class _Job:
    refused: int
    seconds: float
    #: Seconds for each order.
    waits: list[float]


#: Where the writers of this process's pool wait for each other.
_barriers: list[Any] = []


def _wait_at(barrier: Any) -> None:
    _barriers.append(barrier)


def _place_orders(settings: Settings, checkout_ids: Sequence[int], seconds: float) -> _Job:
    app = create_app(settings)
    with app.app_context():
        carts = ready_carts(checkout_ids[0])
        random.Random(os.getpid()).shuffle(carts)
        ids = iter(checkout_ids)
        for at in range(WARM_UP):
            _place(next(ids), carts[at % len(carts)].placement)
        _barriers[-1].wait(PATIENCE)
        job = _Job(0, 0.0, [])
        start = time.perf_counter()
        for at, checkout_id in enumerate(ids):
            before = time.perf_counter()
            if before - start >= seconds:
                break
            try:
                _place(checkout_id, carts[at % len(carts)].placement)
            except OperationalError:
                job.refused += 1
            else:
                job.waits.append(time.perf_counter() - before)
        else:
            raise WrongAnswer("too few checkouts were prepared")
        job.seconds = time.perf_counter() - start
        db.session.remove()
        db.engine.dispose()
    return job


def _place(checkout_id: int, placement: Placement) -> None:
    in_transaction(lambda: checkouts.order_for(Visitor(checkout_id), placement))


def _at(waits: list[float], part: float) -> float:
    return waits[int(len(waits) * part)] if waits else 0.0

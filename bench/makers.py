"""One row of each kind that the admin lists.

Most of them stand as they do in a shop that has been open for years: nearly all orders are paid and
sent, a few wait; one review in a hundred is still to be read.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from bench import catalog
from shop.accounts.models import Account
from shop.audit import AuditEntry
from shop.bulk.models import Action, BulkJob
from shop.checkout.models import Checkout
from shop.clock import now
from shop.content.models import Article, Page
from shop.extensions import Model
from shop.gift_cards.models import CardKind, GiftCard
from shop.imports.models import Import, ImportState
from shop.inventory.models import Reservation, ReservationState
from shop.newsletter.models import Subscriber
from shop.orders.models import LineItem, Order, OrderTag
from shop.orders.states import FulfillmentState, OrderState
from shop.outbox.models import OutboxMessage
from shop.payments.events import EVENTS
from shop.payments.models import EventStatus, Payment, StripeEvent
from shop.payments.refund_models import Refund, RefundLine, RefundMethod, RefundStatus
from shop.pricing.discount_models import StoredDiscount
from shop.purchasing.models import PurchaseLine, PurchaseOrder
from shop.recovery.models import AbandonedCheckout
from shop.redirects.models import Redirect
from shop.reviews.models import Review, ReviewStatus
from shop.search.models import Synonym
from shop.search.tally import Search, Seen
from shop.stock_takes.models import StockTake, StockTakeLine, TakeState

Row = dict[str, Any]
#: Of the staff there are so many in every shop.
STAFF = 40
FIRST_OF_STAFF = 10_000_000
FIRST = (
    "Ada", "Ben", "Cleo", "Dario", "Elsa", "Femi", "Greta", "Hugo", "Ines", "Jonas", "Karin",
    "Luis", "Mira", "Nils", "Olga", "Pavel", "Quinn", "Rosa", "Sven", "Tilda",
)  # fmt: skip
LAST = (
    "Abel", "Brandt", "Costa", "Dahl", "Eriksen", "Fischer", "Garcia", "Hansen", "Ivanov",
    "Jansen", "Keller", "Lorenz", "Meyer", "Novak", "Olsen", "Peters", "Quist", "Rossi", "Schmidt",
    "Thomsen", "Ueda", "Vogel", "Weber", "Xu", "Young", "Zimmer",
)  # fmt: skip
COUNTRIES = ("GB", "DE", "FR", "NL", "US")
#: One in so many.
SELDOM = 500
#: Between one row of a kind and the next: a shop of any size takes as much a day.
_APART = timedelta(minutes=15)
_days = {"begun": now()}


def begin(size: int) -> None:
    """With rows so many of a kind that the latest is of today."""
    _days["begun"] = now() - _APART * size


def name_of(n: int) -> str:
    return f"{FIRST[n % len(FIRST)]} {LAST[n // len(FIRST) % len(LAST)]}"


def email_of(n: int) -> str:
    return f"{name_of(n).replace(' ', '.').lower()}{n}@example.com"


def _at(n: int) -> datetime:
    """The latest is of today."""
    return _days["begun"] + _APART * n


def _is_seldom(n: int, rest: int = 0) -> bool:
    """One in SELDOM; of the first thousand more, so that a small shop fills a page too and the same
    page is compared.
    """
    return n % (40 if n <= 1000 else SELDOM) == rest


def account(n: int) -> Row:
    return {
        "id": n,
        "email": email_of(n),
        "name": name_of(n),
        "fs_uniquifier": secrets.token_hex(16),
        "tags": "wholesale" if _is_seldom(n) else "",
        "created_at": _at(n % FIRST_OF_STAFF),
    }


def _order(n: int) -> Row:
    state, sent = _state(n)
    is_paid = state == OrderState.PAID
    return {
        "id": n,
        "number": 1000 + n if is_paid else None,
        "token": secrets.token_hex(20),
        "account_id": n if n % 3 else None,
        "email": email_of(n),
        "name": name_of(n),
        "country": COUNTRIES[n % len(COUNTRIES)],
        "currency": catalog.CURRENCY,
        "state": state,
        "fulfillment_state": sent,
        "review_reason": "refund_failed" if _is_seldom(n, 7) else "",
        "is_tax_included": True,
        "placed_at": _at(n),
        "paid_at": _at(n) if is_paid else None,
        "subtotal_amount": 3400,
        "shipping_amount": 0,
        "tax_amount": 0,
        "total_amount": 3400,
        "refunded_amount": 3400 if _is_refunded(n) else 0,
    }


def _state(n: int) -> tuple[OrderState, FulfillmentState]:
    """One in twenty expires, one in SELDOM waits for its money, one in fifty to be sent."""
    if n % 20 == 3:
        return OrderState.EXPIRED, FulfillmentState.UNFULFILLED
    if _is_seldom(n, 5):
        return OrderState.AWAITING_MONEY, FulfillmentState.UNFULFILLED
    is_sent = n % 50 != 1
    return OrderState.PAID, (
        FulfillmentState.FULFILLED if is_sent else FulfillmentState.UNFULFILLED
    )


def _line(n: int) -> Row:
    return {
        "id": n,
        "order_id": n,
        "position": 1,
        "variant_id": n,
        "title": "Mug",
        "unit_amount": 3400,
        "quantity": 1,
        "total_amount": 3400,
    }


def _payment(n: int) -> Row | None:
    if _state(n)[0] != OrderState.PAID:
        return None
    return {
        "id": n,
        "order_id": n,
        "provider_payment_id": f"pi_{n}",
        "amount": 3400,
        "refunded_amount": 3400 if _is_refunded(n) else 0,
        "currency": catalog.CURRENCY,
        "method": "card",
        "method_label": "visa 4242",
        "received_at": _at(n),
    }


def _refund(n: int) -> Row | None:
    if not _is_refunded(n):
        return None
    return {
        "id": n,
        "order_id": n,
        "payment_id": n,
        "method": RefundMethod.STRIPE,
        "status": RefundStatus.SUCCEEDED,
        "amount": 3400,
        "currency": catalog.CURRENCY,
        "press": f"press-{n}",
        "created_at": _at(n),
    }


def _refund_line(n: int) -> Row | None:
    if not _is_refunded(n):
        return None
    return {"refund_id": n, "line_item_id": n, "quantity": 1, "amount": 3400, "taxes": []}


def _is_refunded(n: int) -> bool:
    return n % 100 == 9 and _state(n)[0] == OrderState.PAID


def _tag(n: int) -> Row | None:
    return {"order_id": n, "tag": "gift" if _is_seldom(n) else "fragile"} if n % 10 == 0 else None


def _reservation(n: int) -> Row:
    state = ReservationState.SOLD
    return {"order_id": n, "variant_id": n, "quantity": 1, "waiting": 1, "state": state}


def _discount(n: int) -> Row:
    """Of ten, eight are over; one in SELDOM is paused, as many are to come."""
    ended = _at(n) if n % 10 > 1 else None
    return {
        "title": f"{LAST[n % len(LAST)]} sale {n}",
        "code": f"CODE{n}",
        "kind": "percentage",
        "value": 100_000,
        "is_active": not _is_seldom(n, 1),
        "ends_at": ended,
        "starts_at": now() + timedelta(days=9) if _is_seldom(n, 10) else None,
    }


def _gift_card(n: int) -> Row:
    """Most are used up, one in ten has a balance, one in SELDOM is disabled or over."""
    return {
        "kind": CardKind.GIFT_CARD,
        "currency": catalog.CURRENCY,
        "balance_amount": 1000 if n % 10 == 0 else 0,
        "seed": secrets.token_hex(16),
        "code_digest": secrets.token_hex(32),
        "last_four": f"{n % 10_000:04d}",
        "is_active": not _is_seldom(n, 1),
        "expires_on": date(2020, 1, 1) if _is_seldom(n, 2) else None,
        "email": email_of(n),
        "line_item_id": n,
        "unit": 1,
    }


def _review(n: int) -> Row:
    status = (
        ReviewStatus.PENDING
        if n % 100 == 0
        else ReviewStatus.REJECTED if _is_seldom(n, 3) else ReviewStatus.PUBLISHED
    )  # fmt: skip
    return {
        "product_id": n,
        "order_id": n,
        "is_verified": True,
        "rating": 1 if _is_seldom(n) else 1 + n % 5,
        "title": f"Review {n}",
        "text": f"A pot that {LAST[n % len(LAST)]} likes, and so do we. It came well packed.",
        "name": name_of(n),
        "status": status,
        "created_at": _at(n),
        "published_at": _at(n) if status == ReviewStatus.PUBLISHED else None,
    }


def _page(n: int) -> Row:
    return {"handle": f"page-{n}", "title": f"{LAST[n % len(LAST)]} page {n}", "kind": "text"}


def _article(n: int) -> Row:
    title = f"{LAST[n % len(LAST)]} article {n}"
    return {"handle": f"article-{n}", "title": title, "published_at": _at(n), "created_at": _at(n)}


def _redirect(n: int) -> Row:
    return {"path": f"/old/{LAST[n % len(LAST)].lower()}-{n}", "target": f"/products/new-{n}"}


_KINDS = (
    ("product", "product.changed"), ("order", "order.fulfilled"), ("variant", "stock.changed"),
    ("account", "account.changed"), ("discount", "discount.created"),
)  # fmt: skip


def _entry(n: int) -> Row:
    """What can be brought back is young, as the rest is forgotten."""
    kind, action = ("redirect", "redirect.deleted") if _is_seldom(n) else _KINDS[n % len(_KINDS)]
    title = f"{LAST[n % len(LAST)]} {n}"
    return {
        "account_id": FIRST_OF_STAFF + n % STAFF if n % 4 else None,
        "action": action,
        "subject_kind": kind,
        "subject_id": n,
        "data": {"title": [title, f"{title} new"]},
        "text": f"{title} {title} new".lower(),
        "kept": {"path": "/"} if _is_seldom(n) else None,
        "at": _at(n),
    }


def _event(n: int) -> Row:
    types = sorted(EVENTS)
    status = EventStatus.FAILED if _is_seldom(n, 1) else EventStatus.DONE
    return {
        "id": f"evt_{n}",
        "type": types[n % len(types)],
        "object_id": f"cs_{n}",
        "is_live": True,
        "payload": {"object": {"id": f"cs_{n}", "metadata": {"order": n}}},
        "status": EventStatus.IGNORED if _is_seldom(n, 2) else status,
        "order_id": n,
        "created_at": _at(n),
        "received_at": _at(n),
    }


def _message(n: int) -> Row:
    """All but a few are sent."""
    is_parked, waits = _is_seldom(n, 1), _is_seldom(n, 2)
    return {
        "channel": "email",
        "name": "order_confirmation",
        "payload": {"order_id": n},
        "dedupe_key": f"order_confirmation:{n}",
        "created_at": _at(n),
        "due_at": _at(n),
        "sent_at": None if is_parked or waits else _at(n),
        "parked_at": _at(n) if is_parked else None,
    }


def _import(n: int) -> Row:
    return {
        "account_id": FIRST_OF_STAFF + n % STAFF,
        "press": f"press-{n}",
        "file_name": f"products-{n}.csv",
        "file_size": 1000,
        "source": "shopify",
        "currency": catalog.CURRENCY,
        "state": ImportState.DONE,
        "created_at": _at(n),
    }


def _checkout(n: int) -> Row:
    return {"id": n, "token": secrets.token_hex(20), "email": email_of(n)}


def _abandoned(n: int) -> Row:
    return {
        "checkout_id": n,
        "email": email_of(n),
        "language": "en",
        "currency": catalog.CURRENCY,
        "cart": "1:1",
        "created_at": _at(n),
        "updated_at": _at(n),
        "sent_at": now() - timedelta(minutes=n) if n % 2 else None,
        "opened_at": now() - timedelta(minutes=n) if n % 20 == 1 else None,
        "restored_id": n if n % 20 == 1 else None,
    }


def _purchase(n: int) -> Row:
    return {
        "id": n,
        "supplier": f"{LAST[n % len(LAST)]} Clay",
        "reference": f"PO-{n}",
        "press": f"press-{n}",
        "is_open": n % 100 == 0,
        "created_at": _at(n),
    }


def _purchase_line(n: int) -> Row:
    received = 0 if n % 100 == 0 else 10
    return {"purchase_order_id": n, "variant_id": n, "quantity": 10, "received": received}


def _take(n: int) -> Row:
    return {
        "id": n,
        "title": f"Stock take {n}",
        "state": TakeState.FINISHED,
        "press": f"press-{n}",
        "created_at": _at(n),
    }


def _take_line(n: int) -> Row:
    return {"stock_take_id": n, "variant_id": n, "counted": 1, "expected": 1}


def _subscriber(n: int) -> Row:
    """One in SELDOM has not answered, as many are gone again."""
    return {
        "email": email_of(n),
        "token": secrets.token_hex(20),
        "source": "footer",
        "asked_at": _at(n),
        "confirmed_at": None if _is_seldom(n, 1) else _at(n),
        "unsubscribed_at": _at(n) if _is_seldom(n, 2) else None,
    }


def _synonym(n: int) -> Row:
    return {"searched": f"cup {n}", "found": f"mug {n}", "changed_at": _at(n)}


def searched(n: int) -> tuple[Search, Seen]:
    """Over the last hundred days, a thousand words a day."""
    words = f"{LAST[n % len(LAST)].lower()} {catalog.KINDS[n % 23]} {n // 100}"
    on = now().date() - timedelta(days=n % 100)
    return Search(on, words), Seen(1 + _CHANCE.randrange(20), 0 if n % 9 == 0 else 12)


def _job(n: int) -> Row:
    job = {"action": Action.PUBLISH, "press": f"press-{n}", "total": 3, "created_at": _at(n)}
    return job | {"finished_at": _at(n)}


_CHANCE = random.Random(1)
MAKERS: tuple[tuple[type[Model], Callable[[int], Row | None]], ...] = (
    (Account, account),
    (Checkout, _checkout),
    (Order, _order),
    (LineItem, _line),
    (Payment, _payment),
    (Refund, _refund),
    (RefundLine, _refund_line),
    (OrderTag, _tag),
    (Reservation, _reservation),
    (StoredDiscount, _discount),
    (GiftCard, _gift_card),
    (Review, _review),
    (Page, _page),
    (Article, _article),
    (Redirect, _redirect),
    (AuditEntry, _entry),
    (StripeEvent, _event),
    (OutboxMessage, _message),
    (Import, _import),
    (AbandonedCheckout, _abandoned),
    (PurchaseOrder, _purchase),
    (PurchaseLine, _purchase_line),
    (StockTake, _take),
    (StockTakeLine, _take_line),
    (Subscriber, _subscriber),
    (Synonym, _synonym),
    (BulkJob, _job),
)

"""What the admin's pages show. Each function reads for one page, in a fixed number of queries."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, selectinload

from shop.admin.inventory_queries import count_low
from shop.alerts import queries as alerts
from shop.catalog.models import CollectionProduct, Product, ProductImage
from shop.clock import now
from shop.database import spelled
from shop.extensions import db
from shop.inventory.queries import Availability, availability
from shop.orders.event_kinds import ReviewReason
from shop.orders.models import Order
from shop.orders.states import FulfillmentState, OrderState
from shop.outbox.models import OutboxMessage
from shop.payments.models import AttemptStatus, EventStatus, PaymentAttempt, StripeEvent
from shop.protection import queries as protection
from shop.protection.queries import Protection
from shop.protection.rules import Reason
from shop.reviews.models import Review, ReviewStatus

T = TypeVar("T")

PAGE_SIZE = 25
#: Troubles are shown singly up to here; beyond, only their number.
SHOWN_TROUBLES = 10
#: The menu says "99+" beyond.
MOST_COUNTED = 99
#: Variants that are low are counted so far; the home page says "1,000+" beyond.
MOST_LOW = 1000
#: Authorizations that end sooner are a task.
ENDING = timedelta(days=2)


# Home ---------------------------------------------------------------------------------------


#: In the words of their indexes.
IS_TO_SEND = sa.and_(
    spelled(Order.state, OrderState.PAID),
    spelled(
        Order.fulfillment_state,
        FulfillmentState.UNFULFILLED,
        FulfillmentState.PARTLY_FULFILLED,
    ),
)
IS_UNPAID = spelled(
    Order.state,
    OrderState.PENDING_PAYMENT,
    OrderState.AWAITING_BANK,
    OrderState.AWAITING_MONEY,
    OrderState.AUTHORIZED,
)
IS_TO_REVIEW = Order.review_reason != sa.literal("", literal_execute=True)


@dataclass(frozen=True)
class Home:
    to_send: int
    unpaid: int
    to_review: int
    #: Orders whose refund came back: a person gives the money another way.
    failed_refunds: int
    #: At most MOST_LOW + 1.
    low_stock: int
    #: Authorized payments that the bank lets go of within ENDING.
    ending_authorizations: int
    reviews_to_read: int
    #: In the last 24 hours.
    refused_orders: int
    protection: Protection
    parked_count: int
    parked: Sequence[OutboxMessage]
    failed_events: Sequence[StripeEvent]

    @property
    def is_quiet(self) -> bool:
        return not (
            self.to_send
            or self.to_review
            or self.failed_refunds
            or self.ending_authorizations
            or self.low_stock
            or self.reviews_to_read
            or self.parked_count
        )


def home() -> Home:
    counts = protection.counts_since(now() - timedelta(days=1))
    is_parked = OutboxMessage.parked_at.is_not(None)
    is_failed = StripeEvent.status == EventStatus.FAILED
    is_refund = Order.review_reason == ReviewReason.REFUND_FAILED
    to_send, unpaid, to_review, failed_refunds, ending, reviews, parked = _counts(
        (Order, IS_TO_SEND),
        (Order, IS_UNPAID),
        (Order, sa.and_(IS_TO_REVIEW, sa.not_(is_refund))),
        (Order, sa.and_(IS_TO_REVIEW, is_refund)),
        (PaymentAttempt, _is_ending()),
        (Review, Review.status == ReviewStatus.PENDING),
        (OutboxMessage, is_parked),
    )
    return Home(
        to_send=to_send,
        unpaid=unpaid,
        to_review=to_review,
        failed_refunds=failed_refunds,
        low_stock=count_low(MOST_LOW),
        ending_authorizations=ending,
        reviews_to_read=reviews,
        refused_orders=sum(number for kind, number in counts.items() if kind in set(Reason)),
        protection=protection.current(),
        parked_count=parked,
        parked=_newest(sa.select(OutboxMessage).where(is_parked), OutboxMessage.parked_at),
        failed_events=_newest(sa.select(StripeEvent).where(is_failed), StripeEvent.received_at),
    )


@dataclass(frozen=True)
class MenuCounts:
    """What waits behind an entry of the menu; each up to MOST_COUNTED + 1."""

    to_send: int
    #: Orders whose money needs a decision.
    to_decide: int
    reviews_to_read: int


def menu_counts() -> MenuCounts:
    """One query, of a few entries of an index, however much waits."""
    return MenuCounts(
        *_counts(
            (Order, IS_TO_SEND),
            (Order, IS_TO_REVIEW),
            (Review, Review.status == ReviewStatus.PENDING),
            limit=MOST_COUNTED + 1,
        )
    )


# Products -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class ProductView:
    """A product as its page edits it."""

    product: Product
    stock: dict[int, Availability]
    #: People who wait for a variant, by its id.
    waiting: dict[int, int] = field(default_factory=dict)
    #: Those that hold it, by hand or by their rule.
    collection_ids: frozenset[int] = frozenset()

    @property
    def version(self) -> str:
        """Changes with everything the page edits but stock and pictures, which have checks of their
        own: they change beside this form.
        """
        product = self.product
        facts = [
            [product.title, product.handle, product.summary, product.description, product.status],
            [product.vendor, product.product_type, product.tags],
            [product.tax_category, product.is_gift_card],
            [str(product.publish_at), str(product.unpublish_at)],
            [product.seo_title, product.seo_description],
            [[v.id, v.sku, v.unit_amount, v.compare_at_amount] for v in product.variants],
            [[str(v.restock_on), str(v.measures)] for v in product.variants],
            [[v.barcode, v.weight_grams, v.cost_amount] for v in product.variants],
            sorted(self.collection_ids),
        ]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]


def product(product_id: int, *, is_locked: bool = False) -> ProductView | None:
    """With its options, variants, pictures and stock. Locked: nobody else edits it meanwhile."""
    query = (
        sa.select(Product)
        .where(Product.id == product_id)
        .options(
            selectinload(Product.options),
            selectinload(Product.variants),
            selectinload(Product.images),
        )
        .execution_options(populate_existing=True)
    )
    found = db.session.scalar(query.with_for_update() if is_locked else query)
    if found is None:
        return None
    ids = [variant.id for variant in found.variants]
    held = sa.select(CollectionProduct.collection_id).where(
        CollectionProduct.product_id == product_id
    )
    return ProductView(
        found, availability(ids), alerts.waiting(ids), frozenset(db.session.scalars(held))
    )


def image_of(product_id: int, image_id: int) -> ProductImage | None:
    return db.session.scalar(
        sa.select(ProductImage).where(
            ProductImage.id == image_id, ProductImage.product_id == product_id
        )
    )


# Inside -------------------------------------------------------------------------------------


def _counts(
    *wanted: tuple[type[Any], sa.ColumnElement[bool]], limit: int | None = None
) -> Sequence[int]:
    """Several counts by one question; none counts beyond the limit."""
    found = (
        sa.select(model.id).where(condition).limit(limit).subquery() for model, condition in wanted
    )
    return db.session.execute(
        sa.select(
            *(sa.select(sa.func.count()).select_from(rows).scalar_subquery() for rows in found)
        )
    ).one()


def _is_ending() -> sa.ColumnElement[bool]:
    return sa.and_(
        PaymentAttempt.status == AttemptStatus.AUTHORIZED,
        PaymentAttempt.capture_before <= now() + ENDING,
    )


def _newest(query: sa.Select[T], moment: InstrumentedAttribute[Any]) -> Sequence[T]:
    return db.session.scalars(query.order_by(moment.desc()).limit(SHOWN_TROUBLES)).all()

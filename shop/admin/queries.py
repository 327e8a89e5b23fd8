"""What the admin's pages show. Each function reads for one page, in a fixed number of queries."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, selectinload

from shop.admin.inventory_queries import count_low
from shop.alerts import queries as alerts
from shop.catalog.models import Product, ProductImage, ProductStatus, Variant
from shop.clock import now
from shop.extensions import db
from shop.inventory.models import StockItem
from shop.inventory.queries import Availability, availability, is_low
from shop.money import Money
from shop.orders.models import LineItem, Order
from shop.orders.service import ReviewReason
from shop.orders.states import FulfillmentState, OrderState
from shop.outbox.models import OutboxMessage
from shop.payments.models import AttemptStatus, EventStatus, PaymentAttempt, StripeEvent
from shop.protection import queries as protection
from shop.protection.queries import Protection
from shop.protection.rules import Reason
from shop.reviews.models import Review, ReviewPhoto, ReviewStatus

T = TypeVar("T")

PAGE_SIZE = 25
#: Troubles are shown singly up to here; beyond, only their number.
SHOWN_TROUBLES = 10
LOW_STOCK = 3
#: Authorizations that end sooner are a task.
ENDING = timedelta(days=2)


# Home ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Home:
    to_send: int
    unpaid: int
    to_review: int
    #: Orders whose refund came back: a person gives the money another way.
    failed_refunds: int
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
        (Order, _is_to_send()),
        (Order, _is_unpaid()),
        (Order, sa.and_(Order.review_reason != "", sa.not_(is_refund))),
        (Order, is_refund),
        (PaymentAttempt, _is_ending()),
        (Review, Review.status == ReviewStatus.PENDING),
        (OutboxMessage, is_parked),
    )
    return Home(
        to_send=to_send,
        unpaid=unpaid,
        to_review=to_review,
        failed_refunds=failed_refunds,
        low_stock=count_low(),
        ending_authorizations=ending,
        reviews_to_read=reviews,
        refused_orders=sum(number for kind, number in counts.items() if kind in set(Reason)),
        protection=protection.current(),
        parked_count=parked,
        parked=_newest(sa.select(OutboxMessage).where(is_parked), OutboxMessage.parked_at),
        failed_events=_newest(sa.select(StripeEvent).where(is_failed), StripeEvent.received_at),
    )


# Products -----------------------------------------------------------------------------------


class ProductSort(StrEnum):
    NEWEST = "newest"
    TITLE = "title"
    CHANGED = "changed"


class ProductFilter(StrEnum):
    ALL = ""
    PUBLISHED = "published"
    DRAFT = "draft"
    LOW = "low"


@dataclass(frozen=True)
class ProductRow:
    id: int
    title: str
    handle: str
    status: str
    publish_at: datetime | None
    unpublish_at: datetime | None
    file: str | None
    variant_count: int
    lowest: Money | None
    highest: Money | None
    #: None: not counted.
    available: int | None

    @property
    def is_published(self) -> bool:
        return self.status == ProductStatus.PUBLISHED

    @property
    def is_low(self) -> bool:
        return self.available is not None and self.available <= LOW_STOCK


_PRODUCT_ORDER: dict[ProductSort, tuple[Any, ...]] = {
    ProductSort.NEWEST: (Product.id.desc(),),
    ProductSort.TITLE: (sa.func.lower(Product.title), Product.id),
    ProductSort.CHANGED: (Product.updated_at.desc(), Product.id.desc()),
}


def products(
    *, currency: str, text: str, only: ProductFilter, sort: ProductSort, page: int
) -> list[ProductRow]:
    """A page and one more where another follows: four queries, however many products there are."""
    listing = (
        sa.select(
            Product.id,
            Product.title,
            Product.handle,
            Product.status,
            Product.publish_at,
            Product.unpublish_at,
        )
        .where(*_product_conditions(text, only))
        .order_by(*_PRODUCT_ORDER[sort])
    )
    found = _page(listing, page)
    ids = [row.id for row in found]
    prices, files, stock = _prices_of(ids), _first_files_of(ids), _stock_of(ids)
    return [
        ProductRow(
            row.id,
            row.title,
            row.handle,
            row.status,
            row.publish_at,
            row.unpublish_at,
            files.get(row.id),
            variant_count=prices[row.id][0] if row.id in prices else 0,
            lowest=Money(prices[row.id][1], currency) if row.id in prices else None,
            highest=Money(prices[row.id][2], currency) if row.id in prices else None,
            available=stock.get(row.id, 0),
        )
        for row in found
    ]


def has_products() -> bool:
    return db.session.scalar(sa.select(Product.id).limit(1)) is not None


@dataclass(frozen=True)
class ProductView:
    """A product as its page edits it."""

    product: Product
    stock: dict[int, Availability]
    #: People who wait for a variant, by its id.
    waiting: dict[int, int] = field(default_factory=dict)

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
    return ProductView(found, availability(ids), alerts.waiting(ids))


def image_of(product_id: int, image_id: int) -> ProductImage | None:
    return db.session.scalar(
        sa.select(ProductImage).where(
            ProductImage.id == image_id, ProductImage.product_id == product_id
        )
    )


def was_sold(product_id: int) -> bool:
    """Whether an order has a line of it, or a buyer wrote about it."""
    ordered = (
        sa.select(LineItem.id)
        .join(Variant, Variant.id == LineItem.variant_id)
        .where(Variant.product_id == product_id)
    )
    told = sa.union_all(ordered, sa.select(Review.id).where(Review.product_id == product_id))
    return db.session.scalar(told.limit(1)) is not None


def is_picture_in_use(file: str) -> bool:
    """Whether another product, a placed order or a review still shows the picture."""
    shown = sa.union_all(
        sa.select(ProductImage.id).where(ProductImage.file == file),
        sa.select(LineItem.id).where(LineItem.file == file),
        sa.select(ReviewPhoto.id).where(ReviewPhoto.file == file),
    )
    return db.session.scalar(shown.limit(1)) is not None


# Inside -------------------------------------------------------------------------------------


def _page(listing: sa.Select[*tuple[Any, ...]], number: int) -> Sequence[Any]:
    return db.session.execute(listing.limit(PAGE_SIZE + 1).offset((number - 1) * PAGE_SIZE)).all()


def _counts(*wanted: tuple[type[Any], sa.ColumnElement[bool]]) -> Sequence[int]:
    """Several counts by one question."""
    return db.session.execute(
        sa.select(
            *(
                sa.select(sa.func.count()).select_from(model).where(condition).scalar_subquery()
                for model, condition in wanted
            )
        )
    ).one()


def _is_ending() -> sa.ColumnElement[bool]:
    return sa.and_(
        PaymentAttempt.status == AttemptStatus.AUTHORIZED,
        PaymentAttempt.capture_before <= now() + ENDING,
    )


def _newest(query: sa.Select[T], moment: InstrumentedAttribute[Any]) -> Sequence[T]:
    return db.session.scalars(query.order_by(moment.desc()).limit(SHOWN_TROUBLES)).all()


def _is_to_send() -> sa.ColumnElement[bool]:
    return sa.and_(
        Order.state == OrderState.PAID,
        Order.fulfillment_state.in_(
            [FulfillmentState.UNFULFILLED, FulfillmentState.PARTLY_FULFILLED]
        ),
    )


def _is_unpaid() -> sa.ColumnElement[bool]:
    return Order.state.in_(
        [
            OrderState.PENDING_PAYMENT,
            OrderState.AWAITING_BANK,
            OrderState.AWAITING_MONEY,
            OrderState.AUTHORIZED,
        ]
    )


def _product_conditions(text: str, only: ProductFilter) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if text:
        by_sku = sa.select(Variant.product_id).where(Variant.sku.icontains(text, autoescape=True))
        conditions.append(
            sa.or_(
                Product.title.icontains(text, autoescape=True),
                Product.handle.icontains(text, autoescape=True),
                Product.id.in_(by_sku),
            )
        )
    if only in (ProductFilter.PUBLISHED, ProductFilter.DRAFT):
        conditions.append(Product.status == only)
    if only is ProductFilter.LOW:
        low = sa.select(Variant.product_id).join(StockItem, StockItem.variant_id == Variant.id)
        conditions += [
            Product.status == ProductStatus.PUBLISHED,
            Product.id.in_(low.where(is_low())),
        ]
    return conditions


def _prices_of(product_ids: Collection[int]) -> dict[int, tuple[int, int, int]]:
    """How many variants, the lowest and the highest price."""
    rows = db.session.execute(
        sa.select(
            Variant.product_id,
            sa.func.count(),
            sa.func.min(Variant.unit_amount),
            sa.func.max(Variant.unit_amount),
        )
        .where(Variant.product_id.in_(product_ids))
        .group_by(Variant.product_id)
    )
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


def _first_files_of(product_ids: Collection[int]) -> dict[int, str | None]:
    rows = db.session.execute(
        sa.select(ProductImage.product_id, ProductImage.file)
        .where(ProductImage.product_id.in_(product_ids), ProductImage.file.is_not(None))
        .order_by(ProductImage.position.desc(), ProductImage.id.desc())
    )
    return {row.product_id: row.file for row in rows}


def _stock_of(product_ids: Collection[int]) -> dict[int, int | None]:
    """Units that can be sold; None where a variant is not counted."""
    available = sa.func.sum(StockItem.on_hand - StockItem.reserved)
    uncounted = sa.func.sum(sa.case((StockItem.is_tracked, 0), else_=1))
    rows = db.session.execute(
        sa.select(Variant.product_id, available, uncounted)
        .join(StockItem, StockItem.variant_id == Variant.id)
        .where(Variant.product_id.in_(product_ids))
        .group_by(Variant.product_id)
    )
    return {row[0]: None if row[2] else int(row[1]) for row in rows}

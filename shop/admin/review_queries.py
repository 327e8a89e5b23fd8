"""The reviews as staff read and judge them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from shop import substrings
from shop.admin.queries import PAGE_SIZE
from shop.catalog.models import Product, ProductStatus
from shop.extensions import db
from shop.orders.models import Order
from shop.paging import listed
from shop.reviews.models import Review, ReviewStatus
from shop.substrings import Way


class ReviewFilter(StrEnum):
    #: The usual: what somebody has to read.
    PENDING = ""
    PUBLISHED = "published"
    REJECTED = "rejected"
    ALL = "all"


@dataclass(frozen=True)
class ReviewRow:
    review: Review
    product_title: str
    product_handle: str
    is_in_shop: bool
    order_number: int | None
    #: Whether there is an address to tell the writer by mail why it is not published.
    has_address: bool


def reviews(*, text: str, only: ReviewFilter, rating: int | None, page: int) -> list[ReviewRow]:
    """A page and one more where another follows, with their photos: two queries, one more for a
    text.

    What waits stands with the oldest first, everything else with the newest.
    """
    columns = (Review.created_at, Review.id)
    order = columns if only is ReviewFilter.PENDING else [column.desc() for column in columns]
    ids = sa.select(Review.id)
    if text:
        ids = ids.join(Product, Product.id == Review.product_id)
    ids = ids.where(*_conditions(text, only, rating))
    listing = listed(_ROWS, Review.id, ids, order, page, PAGE_SIZE)
    return [_row(row) for row in db.session.execute(listing)]


def review(review_id: int) -> ReviewRow | None:
    row = db.session.execute(_ROWS.where(Review.id == review_id)).first()
    return _row(row) if row else None


def has_reviews() -> bool:
    return db.session.scalar(sa.select(Review.id).limit(1)) is not None


_ROWS = (
    sa.select(Review, Product.title, Product.handle, Product.status, Order.number, Order.email)
    .join(Product, Product.id == Review.product_id)
    .outerjoin(Order, Order.id == Review.order_id)
    .options(selectinload(Review.photos))
    .execution_options(populate_existing=True)
)


def _row(row: Sequence[Any]) -> ReviewRow:
    found, title, handle, status, number, email = row
    return ReviewRow(found, title, handle, status == ProductStatus.PUBLISHED, number, bool(email))


def _conditions(text: str, only: ReviewFilter, rating: int | None) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if only is ReviewFilter.PENDING:
        conditions.append(Review.status == ReviewStatus.PENDING)
    elif only is not ReviewFilter.ALL:
        conditions.append(Review.status == only)
    if rating is not None:
        conditions.append(Review.rating == rating)
    if text:
        conditions.append(_holds(text))
    return conditions


def _holds(text: str) -> sa.ColumnElement[bool]:
    """In itself, or in its product's title."""
    titled = sa.select(Review.id).where(Review.product_id.in_(substrings.ids(Product, text)))
    return substrings.narrowed(
        Review.id,
        [
            substrings.holding(Review, text),
            Way(substrings.has(text, Product.title), titled),
        ],
    )

"""What readers see of reviews, and what a buyer may write about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from shop.catalog.models import Product, ProductImage, ProductStatus, Variant
from shop.catalog.queries import Picture, Rating
from shop.extensions import db
from shop.orders.event_kinds import EventKind
from shop.orders.models import LineItem, Order, OrderEvent
from shop.orders.states import OrderState
from shop.outbox.models import OutboxMessage
from shop.reviews.emails import INVITATION
from shop.reviews.models import InvitationObjection, Review, ReviewPhoto, ReviewStatus

#: Shown on the product's own page.
NEWEST = 3
#: Files that one query asks for.
MOST_AT_ONCE = 500
STARS = (5, 4, 3, 2, 1)
#: An invitation that could not be sent in so long after its day is not sent any more, so that a
#: shop which turns them on does not write to everybody of the past.
INVITATION_MAY_WAIT = timedelta(days=7)


class Sort(StrEnum):
    NEWEST = "newest"
    HIGHEST = "highest"
    LOWEST = "lowest"
    PHOTOS = "photos"


@dataclass(frozen=True)
class Summary(Rating):
    """What a product's published reviews come to."""

    #: How many gave 5, 4, 3, 2 and 1 stars.
    by_stars: Mapping[int, int]


@dataclass(frozen=True)
class PublishedReview:
    id: int
    rating: int
    title: str
    text: str
    #: Empty: without a name.
    name: str
    bought: str
    language: str
    is_verified: bool
    published_at: datetime
    reply: str
    photos: tuple[Picture, ...] = ()


@dataclass(frozen=True)
class ProductReviews:
    summary: Summary
    newest: Sequence[PublishedReview]


@dataclass(frozen=True)
class Purchase:
    """A product of an order, with what its buyer has written about it."""

    product_id: int
    title: str
    #: Variants as the order called them.
    bought: str
    file: str | None
    #: Of the product's page; empty while it is not in the shop.
    url: str
    review: Review | None


# Published ones


def summary(product_id: int) -> Summary | None:
    """None where nothing is published."""
    rows = db.session.execute(_BY_STARS, {"product_id": product_id}).all()
    by_stars = dict.fromkeys(STARS, 0) | {row.rating: int(row.reviews) for row in rows}
    count = sum(by_stars.values())
    if not count:
        return None
    return Summary(count, sum(stars * each for stars, each in by_stars.items()), by_stars)


def of_product(product_id: int) -> ProductReviews | None:
    """The summary and the newest with words, for the product's page. At most three queries."""
    found = summary(product_id)
    if found is None:
        return None
    return ProductReviews(found, published(product_id, has_words=True, limit=NEWEST))


def published(
    product_id: int,
    *,
    rating: int | None = None,
    has_words: bool = False,
    sort: Sort = Sort.NEWEST,
    limit: int,
    offset: int = 0,
) -> list[PublishedReview]:
    """In order, with their photos. At most two queries."""
    listing = sa.select(*_COLUMNS).where(
        Review.product_id == product_id, Review.status == ReviewStatus.PUBLISHED
    )
    if rating is not None:
        listing = listing.where(Review.rating == rating)
    if has_words:
        listing = listing.where(Review.text != "")
    rows = db.session.execute(listing.order_by(*_ORDER[sort]).limit(limit).offset(offset)).all()
    photos = _photos_of([row.id for row in rows if row.has_photos])
    return [_published(row, photos.get(row.id, [])) for row in rows]


def _published(row: Any, photos: Sequence[Picture]) -> PublishedReview:
    values = row._asdict()
    del values["has_photos"]
    return PublishedReview(**values, photos=tuple(photos))


def _photos_of(review_ids: Sequence[int]) -> dict[int, list[Picture]]:
    photos: dict[int, list[Picture]] = {}
    if not review_ids:
        return photos
    rows = db.session.scalars(
        sa.select(ReviewPhoto).where(ReviewPhoto.review_id.in_(review_ids)).order_by(ReviewPhoto.id)
    )
    for row in rows:
        picture = Picture(row.file, "", row.width, row.height, row.ground)
        photos.setdefault(row.review_id or 0, []).append(picture)
    return photos


# What a buyer may write about


def purchases(order: Order) -> list[Purchase]:
    """The products of a paid order that are still known, in its order. Two queries."""
    if not order.is_paid:
        return []
    products = _products_of({line.variant_id for line in order.lines if line.variant_id})
    reviews = {
        review.product_id: review
        for review in db.session.scalars(
            sa.select(Review)
            .where(Review.order_id == order.id)
            .execution_options(populate_existing=True)
        )
    }
    lines: dict[int, list[LineItem]] = {}
    for line in order.lines:
        if line.variant_id in products:
            lines.setdefault(products[line.variant_id].id, []).append(line)
    urls = {
        row.id: f"/products/{row.handle}" if row.status == ProductStatus.PUBLISHED else ""
        for row in products.values()
    }
    return [
        Purchase(
            product_id,
            title=of_product[0].title,
            bought=", ".join(dict.fromkeys(line.options for line in of_product if line.options)),
            file=of_product[0].file,
            url=urls[product_id],
            review=reviews.get(product_id),
        )
        for product_id, of_product in lines.items()
    ]


def _products_of(variant_ids: set[int]) -> dict[int, Any]:
    """By variant."""
    rows = db.session.execute(
        sa.select(Variant.id.label("variant_id"), Product.id, Product.handle, Product.status)
        .join(Product, Product.id == Variant.product_id)
        .where(Variant.id.in_(variant_ids))
    )
    return {row.variant_id: row for row in rows}


# Invitations


def orders_to_invite(at: datetime, *, days: int, limit: int = 500) -> list[int]:
    """Orders paid `days` ago, all well since, of which nothing is reviewed yet, and whose address
    may be asked: it did not object, and was not left for the order's own sake by somebody erased.
    """
    due = at - timedelta(days=days)
    has_trouble = sa.exists().where(
        OrderEvent.order_id == Order.id,
        OrderEvent.kind.in_([EventKind.REFUNDED, EventKind.REFUNDED_AT_STRIPE, EventKind.DISPUTED]),
    )
    has_review = sa.exists().where(Review.order_id == Order.id)
    has_product = sa.exists().where(LineItem.order_id == Order.id, LineItem.variant_id.is_not(None))
    is_invited = sa.exists().where(
        OutboxMessage.dedupe_key == f"{INVITATION}:" + sa.cast(Order.id, sa.String)
    )
    objects = sa.exists().where(InvitationObjection.email == sa.func.lower(Order.email))
    return list(
        db.session.scalars(
            sa.select(Order.id)
            .where(
                Order.paid_at > due - INVITATION_MAY_WAIT,
                Order.paid_at <= due,
                Order.state == OrderState.PAID,
                Order.review_reason == "",
                Order.forget_contact_at.is_(None),
                ~is_invited,
                ~has_trouble,
                ~has_review,
                ~objects,
                has_product,
            )
            .order_by(Order.paid_at, Order.id)
            .limit(limit)
        )
    )


def may_be_invited(email: str) -> bool:
    """Whether the address has not said that it wants no more invitations."""
    return db.session.get(InvitationObjection, email.lower()) is None


# Statements of the product's page, built once.

_BY_STARS = (
    sa.select(Review.rating, sa.func.count().label("reviews"))
    .where(Review.product_id == sa.bindparam("product_id"), Review.status == ReviewStatus.PUBLISHED)
    .group_by(Review.rating)
)
_COLUMNS = (
    Review.id,
    Review.rating,
    Review.title,
    Review.text,
    Review.name,
    Review.bought,
    Review.language,
    Review.is_verified,
    Review.published_at,
    Review.reply,
    Review.has_photos,
)
_NEWEST = (Review.published_at.desc(), Review.id.desc())
_ORDER: dict[Sort, tuple[Any, ...]] = {
    Sort.NEWEST: _NEWEST,
    Sort.HIGHEST: (Review.rating.desc(), *_NEWEST),
    Sort.LOWEST: (Review.rating, *_NEWEST),
    Sort.PHOTOS: (Review.has_photos.desc(), *_NEWEST),
}


def is_picture_in_use(file: str) -> bool:
    """Whether a product, a placed order or a review shows the picture."""
    shown = sa.union_all(
        sa.select(ProductImage.id).where(ProductImage.file == file),
        sa.select(LineItem.id).where(LineItem.file == file),
        sa.select(ReviewPhoto.id).where(ReviewPhoto.file == file),
    )
    return db.session.scalar(shown.limit(1)) is not None


def pictures_in_use(files: Sequence[str]) -> set[str]:
    """Those of them that a product, a placed order or a review shows, by a query for MOST_AT_ONCE
    of them.
    """
    found: set[str] = set()
    for start in range(0, len(files), MOST_AT_ONCE):
        some = files[start : start + MOST_AT_ONCE]
        shown = sa.union(
            *(
                sa.select(model.file).where(model.file.in_(some))
                for model in (ProductImage, LineItem, ReviewPhoto)
            )
        )
        found.update(file for file in db.session.scalars(shown) if file)
    return found

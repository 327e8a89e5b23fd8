"""The demo shop's reviews, and which pots it shows beside which.

A product that has reviews or picks already keeps only those.
"""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa

from shop.catalog.models import Product, ProductImage
from shop.clock import now
from shop.demo import days
from shop.extensions import db
from shop.recommendations.models import ProductPick
from shop.reviews.models import Review, ReviewPhoto, ReviewStatus
from shop.reviews.service import refresh_rating

FILE = Path(__file__).parent / "reviews.toml"
NOON = time(12, tzinfo=UTC)
#: When the last of those of stars alone was given: before all others.
STARS_ON = date(2026, 11, 14)


class ReviewEntry(msgspec.Struct, frozen=True, kw_only=True):
    on: date
    rating: int
    title: str = ""
    text: str = ""
    name: str = ""
    bought: str = ""
    reply: str = ""
    photos: tuple[str, ...] = ()


class ProductReviews(msgspec.Struct, frozen=True, kw_only=True):
    handle: str
    picks: tuple[str, ...] = ()
    stars: tuple[int, ...] = ()
    reviews: tuple[ReviewEntry, ...] = ()


class _File(msgspec.Struct, frozen=True):
    products: tuple[ProductReviews, ...]


def read_reviews() -> tuple[ProductReviews, ...]:
    return msgspec.convert(tomllib.loads(days.read(FILE)), _File).products


def add_reviews() -> None:
    entries = read_reviews()
    ids = _ids({entry.handle for entry in entries} | {h for entry in entries for h in entry.picks})
    reviewed = set(db.session.scalars(sa.select(Review.product_id)))
    picked = set(db.session.scalars(sa.select(ProductPick.product_id)))
    for entry in entries:
        product_id = ids.get(entry.handle)
        if product_id is not None and product_id not in reviewed:
            _add(product_id, entry)
        if product_id is not None and product_id not in picked:
            others = [ids[handle] for handle in entry.picks if handle in ids]
            db.session.add_all(
                ProductPick(product_id=product_id, picked_id=other, position=position)
                for position, other in enumerate(others, start=1)
            )


def _add(product_id: int, entry: ProductReviews) -> None:
    alone = [
        ReviewEntry(on=days.moved(STARS_ON) - timedelta(days=2 * number), rating=rating)
        for number, rating in enumerate(entry.stars)
    ]
    for review in [*alone, *entry.reviews]:
        _add_review(product_id, review)
    refresh_rating(product_id)


def _add_review(product_id: int, entry: ReviewEntry) -> None:
    at = min(datetime.combine(entry.on, NOON), now())  # the newest is of today
    review = Review(
        product_id=product_id,
        is_verified=True,
        bought=entry.bought,
        rating=entry.rating,
        title=entry.title,
        text=entry.text,
        name=entry.name,
        status=ReviewStatus.PUBLISHED,
        reply=entry.reply,
        replied_at=at if entry.reply else None,
        has_photos=bool(entry.photos),
        created_at=at,
        published_at=at,
    )
    db.session.add(review)
    db.session.flush()
    db.session.add_all(_photo(review, file) for file in entry.photos)


def _photo(review: Review, file: str) -> ReviewPhoto:
    """A picture that the product shows too; the files are shared, and kept while either does."""
    image: Any = db.session.scalar(sa.select(ProductImage).where(ProductImage.file == file))
    return ReviewPhoto(
        review_id=review.id,
        product_id=review.product_id,
        file=file,
        width=image.width if image else 800,
        height=image.height if image else 1000,
        ground=image.ground if image else "",
        created_at=review.created_at,
    )


def _ids(handles: set[str]) -> dict[str, int]:
    rows = db.session.execute(
        sa.select(Product.handle, Product.id).where(Product.handle.in_(handles))
    )
    return {row.handle: row.id for row in rows}

"""What happens to a review, one function each; a product's rating follows in its transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from shop import audit
from shop.catalog.models import Product, ProductImage
from shop.clock import now
from shop.database import upsert
from shop.extensions import db
from shop.media.pictures import StoredPicture
from shop.orders.models import Order
from shop.reviews.emails import enqueue_refusal
from shop.reviews.models import (
    MAX_PHOTOS,
    InvitationObjection,
    Review,
    ReviewPhoto,
    ReviewStatus,
)

#: A photo whose form never came through is kept so long.
PHOTOS_WAIT = timedelta(days=1)


class AlreadyPublished(Exception):
    """What everyone reads is not changed by its writer any more."""


class TooManyPhotos(Exception):
    """A review has MAX_PHOTOS at most."""


@dataclass(frozen=True, kw_only=True)
class ReviewDetails:
    rating: int
    title: str = ""
    text: str = ""
    name: str = ""


# The writer


def submit(order: Order, product_id: int, details: ReviewDetails, *, bought: str) -> Review:
    """Write it, or change what is not published yet; photos that waited for it join it.

    The caller holds the order's lock, so that two clicks give one review. Raises AlreadyPublished.
    """
    review = _open_review(order.id, product_id)
    if review is None:
        review = Review(
            order_id=order.id, product_id=product_id, is_verified=True, language=order.language
        )
        db.session.add(review)
    review.rating, review.bought = details.rating, bought
    review.title, review.text, review.name = details.title, details.text, details.name
    review.status, review.rejection_reason = ReviewStatus.PENDING, ""
    db.session.flush()
    _attach_photos(order.id, review)
    return review


def add_photos(order_id: int, product_id: int, stored: list[StoredPicture]) -> None:
    """Put them beside those that wait for the review or belong to it.

    Raises AlreadyPublished, TooManyPhotos.
    """
    _open_review(order_id, product_id)
    if len(photos_of(order_id, product_id)) + len(stored) > MAX_PHOTOS:
        raise TooManyPhotos
    db.session.add_all(
        ReviewPhoto(
            order_id=order_id,
            product_id=product_id,
            file=picture.file,
            width=picture.width,
            height=picture.height,
            ground=picture.ground,
        )
        for picture in stored
    )
    db.session.flush()


def remove_photos(order_id: int, product_id: int, photo_ids: set[int]) -> list[str]:
    """Base names of the files to delete once the transaction is kept. Raises AlreadyPublished."""
    review = _open_review(order_id, product_id)
    chosen = [photo for photo in photos_of(order_id, product_id) if photo.id in photo_ids]
    return _delete_photos(chosen, review)


def stop_invitations(email: str) -> None:
    """None goes to the address any more, not even one that is promised; a second time changes
    nothing.
    """
    values = {"email": email.lower(), "at": now()}
    db.session.execute(upsert(InvitationObjection).values(values).on_conflict_do_nothing())


def resume_invitations(email: str) -> None:
    """Those that fall due from here on; a second time changes nothing."""
    db.session.execute(
        sa.delete(InvitationObjection)
        .where(InvitationObjection.email == email.lower())
        .execution_options(synchronize_session=False)
    )


def review_of(order_id: int, product_id: int) -> Review | None:
    return db.session.scalar(
        sa.select(Review)
        .where(Review.order_id == order_id, Review.product_id == product_id)
        .execution_options(populate_existing=True)
    )


def photos_of(order_id: int, product_id: int) -> list[ReviewPhoto]:
    """Those of the order's review of this product, and those that wait for it."""
    of_review = sa.select(Review.id).where(
        Review.order_id == order_id, Review.product_id == product_id
    )
    waiting = sa.and_(ReviewPhoto.order_id == order_id, ReviewPhoto.product_id == product_id)
    return list(
        db.session.scalars(
            sa.select(ReviewPhoto)
            .where(sa.or_(waiting, ReviewPhoto.review_id.in_(of_review)))
            .order_by(ReviewPhoto.id)
        )
    )


def forget_waiting_photos(before: datetime) -> list[str]:
    """Base names of the files to delete once the transaction is kept."""
    waiting = db.session.scalars(
        sa.select(ReviewPhoto)
        .where(ReviewPhoto.review_id.is_(None), ReviewPhoto.created_at < before)
        .limit(1000)
    ).all()
    return _delete_photos(list(waiting), None)


# The shop


def locked(review_id: int) -> Review | None:
    """The review as it is now, its row locked until the transaction ends."""
    return db.session.get(Review, review_id, with_for_update=True, populate_existing=True)


def publish(review: Review, *, by: int | None) -> None:
    """Show it to everyone; once published nothing happens."""
    if review.is_published:
        return
    review.status, review.published_at = ReviewStatus.PUBLISHED, now()
    review.rejection_reason = ""
    _record(by, "review.published", review)
    refresh_rating(review.product_id)


def reject(review: Review, reason: str, *, by: int | None) -> bool:
    """Keep it from everyone, or take it back; its buyer may change it. Whether a mail tells why."""
    if review.is_rejected and review.rejection_reason == reason:
        return False
    review.status, review.published_at = ReviewStatus.REJECTED, None
    review.rejection_reason = reason
    _record(by, "review.rejected", review, reason=reason)
    address = db.session.scalar(sa.select(Order.email).where(Order.id == review.order_id))
    if address:
        enqueue_refusal(review.id, now())
    refresh_rating(review.product_id)
    return bool(address)


def reply(review: Review, text: str, *, by: int | None) -> None:
    """What the shop says below it; empty takes the answer away."""
    if review.reply == text:
        return
    _record(by, "review.replied", review, reply=[review.reply, text])
    review.reply, review.replied_at = text, now() if text else None
    db.session.flush()


def anonymize(review: Review, *, by: int | None) -> None:
    """Take the writer's name off, for good: the audit trail does not keep it either."""
    if not review.name:
        return
    review.name = ""
    _record(by, "review.anonymized", review)
    db.session.flush()


def remove_photo(review: Review, photo_id: int, *, by: int | None) -> list[str]:
    """Base names of the files to delete once the transaction is kept."""
    photo = db.session.get(ReviewPhoto, photo_id)
    if photo is None or photo.review_id != review.id:
        return []
    _record(by, "review.photo_removed", review, photo_id=photo_id)
    return _delete_photos([photo], review)


def refresh_rating(product_id: int) -> None:
    """Count the product's published reviews anew.

    Its row is locked first, so that of two changes at once the later one counts both.
    """
    db.session.flush()
    db.session.execute(sa.select(Product.id).where(Product.id == product_id).with_for_update())
    count, total = db.session.execute(
        sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(Review.rating), 0)).where(
            Review.product_id == product_id, Review.status == ReviewStatus.PUBLISHED
        )
    ).one()
    db.session.execute(
        sa.update(Product)
        .where(Product.id == product_id)
        # A review is no edit of the product.
        .values(rating_count=count, rating_sum=int(total), updated_at=Product.updated_at)
    )


# Inside


def _open_review(order_id: int, product_id: int) -> Review | None:
    """The review, which its writer may still change. Raises AlreadyPublished."""
    review = review_of(order_id, product_id)
    if review is not None and review.is_published:
        raise AlreadyPublished
    return review


def _attach_photos(order_id: int, review: Review) -> None:
    db.session.execute(
        sa.update(ReviewPhoto)
        .where(ReviewPhoto.order_id == order_id, ReviewPhoto.product_id == review.product_id)
        .values(review_id=review.id, order_id=None)
        .execution_options(synchronize_session=False)
    )
    _note_photos(review)


def _delete_photos(photos: list[ReviewPhoto], review: Review | None) -> list[str]:
    files = [photo.file for photo in photos]
    for photo in photos:
        db.session.delete(photo)
    db.session.flush()
    if review is not None:
        _note_photos(review)
    shown = set(
        db.session.scalars(sa.select(ProductImage.file).where(ProductImage.file.in_(files)))
    )
    return [file for file in files if file not in shown]


def _note_photos(review: Review) -> None:
    review.has_photos = bool(
        db.session.scalar(sa.select(sa.exists().where(ReviewPhoto.review_id == review.id)))
    )
    db.session.flush()


def _record(by: int | None, action: str, review: Review, **data: object) -> None:
    audit.record(by, action, subject_kind="review", subject_id=review.id, **data)

"""What buyers say about products: reviews, read by staff before anyone sees them; and who does not
want to be asked for any.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.clock import now
from shop.extensions import Model

MAX_TITLE, MAX_TEXT, MAX_NAME = 120, 5000, 60
MAX_REASON, MAX_REPLY = 500, 2000
MAX_PHOTOS = 4


class ReviewStatus(StrEnum):
    #: Waits for somebody of the staff to read it.
    PENDING = "pending"
    PUBLISHED = "published"
    REJECTED = "rejected"


class Review(Model):
    """One for each product of an order, however many variants of it were bought."""

    __tablename__ = "reviews"
    __table_args__ = (
        sa.UniqueConstraint("order_id", "product_id"),
        sa.CheckConstraint("rating BETWEEN 1 AND 5", name="rating_in_range"),
        sa.CheckConstraint("status IN ('pending', 'published', 'rejected')", name="status_known"),
        sa.CheckConstraint(
            "(status = 'published') = (published_at IS NOT NULL)", name="published_at_fits"
        ),
        sa.Index("ix_reviews_newest", "product_id", "status", "published_at", "id"),
        sa.Index("ix_reviews_rating", "product_id", "status", "rating", "published_at", "id"),
        sa.Index("ix_reviews_queue", "status", "created_at", "id"),
        sa.Index("ix_reviews_created_at", "created_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(sa.ForeignKey("products.id", ondelete="CASCADE"))
    #: None: the order was erased, or the review came from elsewhere.
    order_id: Mapped[int | None] = mapped_column(sa.ForeignKey("orders.id", ondelete="SET NULL"))
    #: Whether it was written through the link of a paid order; outlives the order.
    is_verified: Mapped[bool]
    #: The variants bought, as the order called them: "Cobalt / Medium"; empty: nothing to choose.
    bought: Mapped[str] = mapped_column(sa.String(800), default="")
    rating: Mapped[int]
    title: Mapped[str] = mapped_column(sa.String(MAX_TITLE), default="")
    text: Mapped[str] = mapped_column(sa.Text, default="")
    #: As the writer wants to be called; empty: without a name.
    name: Mapped[str] = mapped_column(sa.String(MAX_NAME), default="")
    #: Language code of the order, since that is what the text is written in.
    language: Mapped[str] = mapped_column(sa.String(20), default="en")
    status: Mapped[str] = mapped_column(sa.String(16), default=ReviewStatus.PENDING)
    #: Told to the writer; empty unless rejected.
    rejection_reason: Mapped[str] = mapped_column(sa.String(MAX_REASON), default="")
    #: What the shop answers in public.
    reply: Mapped[str] = mapped_column(sa.Text, default="")
    replied_at: Mapped[datetime | None]
    has_photos: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)
    published_at: Mapped[datetime | None]

    photos: Mapped[list[ReviewPhoto]] = relationship(
        order_by="ReviewPhoto.id", passive_deletes=True, lazy="raise_on_sql"
    )

    @property
    def is_published(self) -> bool:
        return self.status == ReviewStatus.PUBLISHED

    @property
    def is_rejected(self) -> bool:
        return self.status == ReviewStatus.REJECTED


class ReviewPhoto(Model):
    """A picture in the media folder, laid out like a product's.

    One that was sent with a form that had other faults waits for its review: it then belongs to
    the order and the product alone, and the worker takes it away after a while.
    """

    __tablename__ = "review_photos"
    __table_args__ = (
        sa.CheckConstraint("review_id IS NOT NULL OR order_id IS NOT NULL", name="has_owner"),
        sa.Index("ix_review_photos_order_id_product_id", "order_id", "product_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("reviews.id", ondelete="CASCADE"), index=True
    )
    #: Only while it waits.
    order_id: Mapped[int | None] = mapped_column(sa.ForeignKey("orders.id", ondelete="CASCADE"))
    product_id: Mapped[int] = mapped_column(
        sa.ForeignKey("products.id", ondelete="CASCADE"), index=True
    )
    file: Mapped[str] = mapped_column(sa.String(120))
    #: Size of the 800 pixel rendition.
    width: Mapped[int]
    height: Mapped[int]
    ground: Mapped[str] = mapped_column(sa.String(7), default="")
    created_at: Mapped[datetime] = mapped_column(default=now)


class InvitationObjection(Model):
    """An address that wants no invitations any more. It outlives the account: see docs/adr/0033."""

    __tablename__ = "invitation_objections"

    #: In lower case.
    email: Mapped[str] = mapped_column(sa.String(254), primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now)

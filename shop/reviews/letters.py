"""What the mails about reviews say, read when they are sent."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from shop.catalog.models import Product
from shop.extensions import db
from shop.orders.models import Order
from shop.orders.queries import order_with_lines
from shop.orders.urls import order_url
from shop.outbox.mailer import Facts, Letter
from shop.reviews.emails import INVITATION, REFUSAL
from shop.reviews.models import Review
from shop.reviews.queries import may_be_invited, purchases


def invitation(payload: dict[str, Any]) -> Letter | None:
    """None once its address wants no more of them, or its buyer was erased."""
    order = order_with_lines(payload["order_id"])
    if order is None:
        raise LookupError(f"order {payload['order_id']} does not exist")
    if order.forget_contact_at is not None or not may_be_invited(order.email):
        return None
    return Letter(
        to=order.email,
        language=order.language,
        subject=_("How is it? Your order %(number)s", number=order.number),
        template="reviews/invitation",
        stop_url=f"{order_url(order.token)}/invitations",
        order=order,
        purchases=purchases(order),
        reviews_url=f"{order_url(order.token)}/reviews",
    )


def refusal(payload: dict[str, Any]) -> Letter | None:
    """None once it was changed or published, or its buyer's address is forgotten."""
    review = db.session.get(Review, payload["review_id"])
    if review is None or not review.is_rejected or review.order_id is None:
        return None
    order = db.session.get_one(Order, review.order_id)
    if not order.email:
        return None
    product = db.session.get_one(Product, review.product_id)
    return Letter(
        to=order.email,
        language=order.language,
        subject=_("We did not publish your review of %(product)s", product=product.title),
        template="reviews/refusal",
        title=product.title,
        reason=review.rejection_reason,
        review_url=f"{order_url(order.token)}/reviews/{product.id}",
    )


LETTERS: dict[str, Facts] = {INVITATION: invitation, REFUSAL: refusal}

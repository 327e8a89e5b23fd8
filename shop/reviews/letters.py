"""What the invitation says, read when it is sent."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from shop.orders.queries import order_with_lines
from shop.orders.urls import order_url
from shop.outbox.mailer import Facts, Letter
from shop.reviews.emails import INVITATION
from shop.reviews.queries import purchases


def invitation(payload: dict[str, Any]) -> Letter:
    order = order_with_lines(payload["order_id"])
    if order is None:
        raise LookupError(f"order {payload['order_id']} does not exist")
    return Letter(
        to=order.email,
        language=order.language,
        subject=_("How is it? Your order %(number)s", number=order.number),
        template="reviews/invitation",
        order=order,
        purchases=purchases(order),
        reviews_url=f"{order_url(order.token)}/reviews",
    )


LETTERS: dict[str, Facts] = {INVITATION: invitation}

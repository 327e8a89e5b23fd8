"""What the mails of payments say, read when they are sent."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from shop.orders import queries as orders
from shop.orders.urls import order_url
from shop.outbox.mailer import Facts, Letter
from shop.payments import emails, queries
from shop.payments import refund_queries as refunds


def refunded(payload: dict[str, Any]) -> Letter | None:
    """None for a refund that failed before the mail was sent."""
    refund = refunds.refund_with_lines(payload["refund_id"])
    order = orders.order_with_lines(refund.order_id) if refund else None
    if refund is None or order is None:
        raise LookupError(f"refund {payload['refund_id']} does not exist")
    if not refund.is_counted:
        return None
    payment = next((p for p in queries.payments_of(order.id) if p.id == refund.payment_id), None)
    return Letter(
        to=order.email,
        language=order.language,
        subject=_("Your refund for order %(number)s", number=order.number or order.id),
        template="orders/refunded",
        order=order,
        order_url=order_url(order.token),
        refund=refund,
        method=refund.method,
        paid_with=payment.method_label if payment else "",
        titles={line.id: line.title for line in order.lines},
    )


LETTERS: dict[str, Facts] = {emails.REFUNDED: refunded}

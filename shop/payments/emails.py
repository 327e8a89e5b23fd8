"""The mails of payments: promised in the payment's transaction, rendered when they are sent."""

from __future__ import annotations

from shop.outbox import service as outbox
from shop.payments.refund_models import Refund

REFUNDED = "order_refunded"


def enqueue_refunded(refund: Refund) -> None:
    outbox.enqueue(
        channel=outbox.EMAIL,
        name=REFUNDED,
        payload={"refund_id": refund.id},
        dedupe_key=f"{REFUNDED}:{refund.id}",
    )

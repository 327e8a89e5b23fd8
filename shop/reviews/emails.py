"""Mails to those who write reviews: promised here, rendered when they are sent."""

from __future__ import annotations

from datetime import datetime

from shop.outbox import service as outbox

INVITATION, REFUSAL = "review_invitation", "review_refusal"


def enqueue_invitation(order_id: int) -> None:
    """Once an order."""
    outbox.enqueue(
        channel=outbox.EMAIL,
        name=INVITATION,
        payload={"order_id": order_id},
        dedupe_key=f"{INVITATION}:{order_id}",
    )


def enqueue_refusal(review_id: int, at: datetime) -> None:
    """Each time that a review is refused, or for another reason."""
    outbox.enqueue(
        channel=outbox.EMAIL,
        name=REFUSAL,
        payload={"review_id": review_id},
        dedupe_key=f"{REFUSAL}:{review_id}:{at.timestamp()}",
    )

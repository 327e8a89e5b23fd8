"""The mail that asks a buyer for reviews: promised once an order, rendered when it is sent."""

from __future__ import annotations

from shop.outbox import service as outbox

INVITATION = "review_invitation"


def enqueue_invitation(order_id: int) -> None:
    outbox.enqueue(
        channel=outbox.EMAIL,
        name=INVITATION,
        payload={"order_id": order_id},
        dedupe_key=f"{INVITATION}:{order_id}",
    )

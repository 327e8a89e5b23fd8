"""What the worker does for reviews, safe for several workers at once."""

from __future__ import annotations

from shop.clock import now
from shop.database import in_transaction
from shop.media.pictures import remove_picture
from shop.reviews import service
from shop.reviews.emails import enqueue_invitation
from shop.reviews.queries import orders_to_invite
from shop.store import queries as store
from shop.web.config import settings


def invite_buyers() -> int:
    """Promise the invitations that are due; how many. A promise is made once an order, whoever
    makes it first.
    """
    return in_transaction(_invite)


def drop_waiting_photos() -> None:
    """Photos whose forms never came through."""
    files = in_transaction(lambda: service.forget_waiting_photos(now() - service.PHOTOS_WAIT))
    for file in files:
        remove_picture(file, settings().media_path)


def _invite() -> int:
    days = store.current().review_invitation_days
    if not days:
        return 0
    due = orders_to_invite(now(), days=days)
    for order_id in due:
        enqueue_invitation(order_id)
    return len(due)

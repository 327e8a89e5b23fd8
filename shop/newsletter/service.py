"""Asking for the newsletter, agreeing to it, and ending it, in the caller's transaction.

Nothing is sent to an address before its mailbox has said yes. Time and place of asking and the time
of the yes are kept as the proof of it.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

import sqlalchemy as sa

from shop.clock import now
from shop.database import upsert
from shop.extensions import db
from shop.limits.service import Limit, limit, network_limit
from shop.newsletter import queries
from shop.newsletter.models import Subscriber
from shop.outbox import service as outbox

LETTER = "newsletter_confirmation"
WELCOME = "newsletter_welcome"
TO_ONE_MAILBOX, FOR_ONE_NETWORK = 3, 20
#: What was never confirmed, and what ended long ago.
UNCONFIRMED_KEPT_FOR = timedelta(days=30)
ENDED_KEPT_FOR = timedelta(days=365 * 3)


def limits_of(email: str, address: str | None) -> tuple[Limit, Limit]:
    return (
        limit("newsletter", email, TO_ONE_MAILBOX),
        network_limit("newsletter", address, FOR_ONE_NETWORK),
    )


def ask(email: str, *, source: str, language: str) -> None:
    """Promise a mail to `email`, in its normal form. It says whether there is anything to confirm;
    the asker learns nothing.
    """
    values = {"language": language, "source": source, "asked_at": now()}
    subscriber_id = db.session.scalar(
        upsert(Subscriber)
        .values(email=email, token=secrets.token_urlsafe(24), **values)
        .on_conflict_do_update(
            index_elements=["email"],
            # The proof of somebody's yes is not written over by somebody's asking.
            set_={
                name: sa.case((queries.is_subscribed, getattr(Subscriber, name)), else_=value)
                for name, value in values.items()
            },
        )
        .returning(Subscriber.id)
        .execution_options(synchronize_session=False)
    )
    outbox.enqueue(
        channel=outbox.EMAIL,
        name=LETTER,
        payload={"subscriber_id": subscriber_id},
        dedupe_key=f"{LETTER}:{secrets.token_hex(16)}",
    )


def confirm(subscriber: Subscriber) -> None:
    """The mailbox said yes; a second time changes nothing."""
    if subscriber.is_subscribed:
        return
    subscriber.confirmed_at, subscriber.unsubscribed_at = now(), None
    db.session.flush()
    outbox.enqueue(
        channel=outbox.EMAIL,
        name=WELCOME,
        payload={"subscriber_id": subscriber.id},
        dedupe_key=f"{WELCOME}:{subscriber.id}:{int(subscriber.asked_at.timestamp())}",
    )


def subscribe_proved(email: str, *, source: str, language: str) -> None:
    """An address whose owner is signed in needs no mail to say yes."""
    subscriber = queries.by_email(email)
    if subscriber is None:
        subscriber = Subscriber(email=email, token=secrets.token_urlsafe(24))
        db.session.add(subscriber)
    if subscriber.is_subscribed:
        return
    subscriber.language, subscriber.source, subscriber.asked_at = language, source, now()
    subscriber.confirmed_at, subscriber.unsubscribed_at = now(), None
    db.session.flush()


def unsubscribe(subscriber: Subscriber) -> None:
    """A second time changes nothing."""
    if subscriber.unsubscribed_at is None:
        subscriber.unsubscribed_at = now()


def forget(email: str) -> None:
    db.session.execute(
        sa.delete(Subscriber)
        .where(Subscriber.email == email)
        .execution_options(synchronize_session=False)
    )


def forget_old() -> None:
    """What was never confirmed, and what ended so long ago that nobody asks for a proof."""
    is_unconfirmed = sa.and_(
        Subscriber.confirmed_at.is_(None), Subscriber.asked_at < now() - UNCONFIRMED_KEPT_FOR
    )
    db.session.execute(
        sa.delete(Subscriber)
        .where(sa.or_(is_unconfirmed, Subscriber.unsubscribed_at < now() - ENDED_KEPT_FOR))
        .execution_options(synchronize_session=False)
    )

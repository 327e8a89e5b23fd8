"""Reading subscribers."""

from __future__ import annotations

import sqlalchemy as sa

from shop.extensions import db
from shop.newsletter.models import Subscriber

is_subscribed = sa.and_(Subscriber.confirmed_at.is_not(None), Subscriber.unsubscribed_at.is_(None))


def by_token(token: str) -> Subscriber | None:
    return db.session.scalar(sa.select(Subscriber).where(Subscriber.token == token))


def by_email(email: str) -> Subscriber | None:
    """`email` in its normal form."""
    return db.session.scalar(sa.select(Subscriber).where(Subscriber.email == email))


def subscribed() -> list[Subscriber]:
    """All who get the newsletter, by the time they confirmed."""
    return list(
        db.session.scalars(
            sa.select(Subscriber)
            .where(is_subscribed)
            .order_by(Subscriber.confirmed_at, Subscriber.id)
        )
    )

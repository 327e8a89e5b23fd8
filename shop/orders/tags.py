"""Words that staff put on orders, to find them by. Callers hold the order's row lock."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from shop import audit
from shop.extensions import db
from shop.orders.models import OrderTag

MAX_TAGS, MAX_TAG = 20, 40


def tags_in(text: str) -> list[str]:
    """Words as typed with commas between them, in small letters, each once."""
    typed = [" ".join(tag.lower().split()) for tag in text.split(",")]
    return list(dict.fromkeys(tag for tag in typed if tag))


def tags_of(order_ids: Collection[int]) -> dict[int, list[str]]:
    """By order, in the order of the alphabet; one query."""
    found: dict[int, list[str]] = {}
    rows = db.session.execute(
        sa.select(OrderTag.order_id, OrderTag.tag)
        .where(OrderTag.order_id.in_(order_ids))
        .order_by(OrderTag.tag)
    )
    for order_id, tag in rows:
        found.setdefault(order_id, []).append(tag)
    return found


def set_tags(order_id: int, tags: Sequence[str], *, by: int) -> None:
    before = tags_of([order_id]).get(order_id, [])
    if set(before) == set(tags):
        return
    db.session.execute(sa.delete(OrderTag).where(OrderTag.order_id == order_id))
    db.session.add_all(OrderTag(order_id=order_id, tag=tag) for tag in tags)
    audit.record(
        by, "order.tagged", subject_kind="order", subject_id=order_id, was=before, now=list(tags)
    )


def add_tag(order_id: int, tag: str, *, by: int) -> bool:
    """Whether that was news: not where the order has it, or has as many as it may have."""
    before = tags_of([order_id]).get(order_id, [])
    if len(before) >= MAX_TAGS or tag in before:
        return False
    set_tags(order_id, [*before, tag], by=by)
    return True

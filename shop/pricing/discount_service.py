"""The only writer of discounts and of who uses them. A limit is held by one conditional UPDATE, so
that two orders at once cannot both be the last. Locks: the order's row first, then discounts in the
order of their ids, then stock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from shop import audit
from shop.clock import now
from shop.extensions import db
from shop.pricing.discount_models import DiscountUse, StoredDiscount
from shop.pricing.discounts import Kind


class DiscountGone(Exception):
    """The discount may not be used any more: ended, paused, or used as often as it may be."""

    def __init__(self, discount_id: int) -> None:
        self.discount_id = discount_id
        super().__init__(f"discount {discount_id} may not be used")


class CodeTaken(Exception):
    """Another discount has this code."""


class InUse(Exception):
    """Orders carry it, so it can be paused and not deleted."""


@dataclass(frozen=True, kw_only=True)
class DiscountDetails:
    """What staff decide of a discount; as the columns of StoredDiscount."""

    title: str
    code: str | None
    kind: Kind
    value: int = 0
    product_ids: tuple[int, ...] = ()
    collection_ids: tuple[int, ...] = ()
    minimum_amount: int = 0
    minimum_quantity: int = 0
    tiers: tuple[tuple[int, int], ...] = ()
    buy_quantity: int = 0
    get_quantity: int = 0
    get_product_ids: tuple[int, ...] = ()
    get_collection_ids: tuple[int, ...] = ()
    most_times: int = 0
    combines: bool = True
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    limit_total: int | None = None
    limit_per_customer: int | None = None
    first_order_only: bool = False
    emails: tuple[str, ...] = ()

    @property
    def gets_others(self) -> bool:
        """Whether what they get are other goods than those they buy."""
        return (self.get_product_ids, self.get_collection_ids) != (
            self.product_ids,
            self.collection_ids,
        ) and self.kind is Kind.BUY_X_GET_Y


def create(details: DiscountDetails, *, by: int | None = None) -> StoredDiscount:
    """Raises CodeTaken."""
    _check_code(details.code, besides=None)
    discount = StoredDiscount()
    _describe(discount, details)
    db.session.add(discount)
    db.session.flush()
    _record(discount, "created", by)
    return discount


def change(discount: StoredDiscount, details: DiscountDetails, *, by: int) -> None:
    """Placed orders keep what they agreed. Raises CodeTaken."""
    _check_code(details.code, besides=discount.id)
    before = audit.values_of(discount)
    _describe(discount, details)
    db.session.flush()
    if changes := audit.differences(before, audit.values_of(discount)):
        # Says what the value means, also where the kind is as before.
        told = ({"kind": discount.kind} if "value" in changes else {}) | changes
        audit.record(
            by, "discount.changed", subject_kind="discount", subject_id=discount.id, **told
        )


def set_active(discount: StoredDiscount, is_active: bool, *, by: int) -> None:
    discount.is_active = is_active
    _record(discount, "activated" if is_active else "paused", by)


def delete(discount: StoredDiscount, *, by: int) -> None:
    """Raises InUse. The caller holds the row's lock."""
    if discount.used_count:
        raise InUse
    _record(discount, "deleted", by, kept=audit.values_of(discount))
    db.session.delete(discount)
    db.session.flush()


def restore(kept: Mapping[str, Any], *, by: int | None) -> StoredDiscount:
    """One that was deleted. Raises CodeTaken."""
    _check_code(kept["code"], besides=None)
    discount = audit.remade(StoredDiscount, kept)
    db.session.add(discount)
    db.session.flush()
    _record(discount, "restored", by)
    return discount


def locked(discount_id: int) -> StoredDiscount | None:
    return db.session.execute(
        sa.select(StoredDiscount)
        .where(StoredDiscount.id == discount_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()


def take(
    order_id: int, email: str, discount_ids: Iterable[int], *, has_ordered: bool = False
) -> None:
    """Count the order as one that carries the discounts. `has_ordered`: with this address, before.

    Raises DiscountGone; the caller's transaction must then roll back.
    """
    for discount_id in sorted(set(discount_ids)):
        if not _count_up(discount_id, *_is_open()):
            raise DiscountGone(discount_id)
        _check_customer(discount_id, email.lower(), has_ordered=has_ordered)
        db.session.add(DiscountUse(order_id=order_id, discount_id=discount_id, email=email.lower()))
        db.session.flush()


def take_again(order_id: int, email: str, discount_ids: Iterable[int]) -> None:
    """For an order that came back to life with its price agreed: limits count it and do not stop
    it. What was deleted meanwhile is passed over.
    """
    held = set(
        db.session.scalars(
            sa.select(DiscountUse.discount_id).where(DiscountUse.order_id == order_id)
        )
    )
    for discount_id in sorted(set(discount_ids) - held):
        if _count_up(discount_id):
            db.session.add(
                DiscountUse(order_id=order_id, discount_id=discount_id, email=email.lower())
            )
    db.session.flush()


def change_email(order_id: int, email: str) -> None:
    """The order was another address's all along: it is counted for that one. What was agreed with
    it stays, whatever the other's limit.
    """
    db.session.execute(
        sa.update(DiscountUse)
        .where(DiscountUse.order_id == order_id)
        .values(email=email.lower())
        .execution_options(synchronize_session=False)
    )


def release(order_id: int) -> None:
    """The order died unpaid: others may have its discounts. Doing it again changes nothing."""
    ids = db.session.scalars(
        sa.delete(DiscountUse)
        .where(DiscountUse.order_id == order_id)
        .returning(DiscountUse.discount_id)
        .execution_options(synchronize_session=False)
    ).all()
    for discount_id in sorted(ids):
        db.session.execute(
            sa.update(StoredDiscount)
            .where(StoredDiscount.id == discount_id)
            .values(used_count=StoredDiscount.used_count - 1)
            .execution_options(synchronize_session=False)
        )


def _is_open() -> tuple[Any, ...]:
    at = now()
    return (
        StoredDiscount.is_active,
        sa.or_(StoredDiscount.starts_at.is_(None), StoredDiscount.starts_at <= at),
        sa.or_(StoredDiscount.ends_at.is_(None), StoredDiscount.ends_at > at),
        sa.or_(
            StoredDiscount.limit_total.is_(None),
            StoredDiscount.used_count < StoredDiscount.limit_total,
        ),
    )


def _count_up(discount_id: int, *conditions: Any) -> bool:
    counted = db.session.scalar(
        sa.update(StoredDiscount)
        .where(StoredDiscount.id == discount_id, *conditions)
        .values(used_count=StoredDiscount.used_count + 1)
        .returning(StoredDiscount.id)
        .execution_options(synchronize_session=False)
    )
    return counted is not None


def _check_customer(discount_id: int, email: str, *, has_ordered: bool) -> None:
    """Behind the lock that counting up has taken, so that nobody adds a use meanwhile."""
    discount = db.session.get_one(StoredDiscount, discount_id, populate_existing=True)
    most = discount.customer_limit
    if not discount.is_for(email) or (discount.first_order_only and has_ordered):
        raise DiscountGone(discount_id)
    if most is None:
        return
    used = db.session.scalar(
        sa.select(sa.func.count())
        .select_from(DiscountUse)
        .where(DiscountUse.discount_id == discount_id, DiscountUse.email == email)
    )
    if (used or 0) >= most:
        raise DiscountGone(discount_id)


def _describe(discount: StoredDiscount, details: DiscountDetails) -> None:
    for name, value in asdict(details).items():
        setattr(discount, name, list(value) if isinstance(value, tuple) else value)


def _check_code(code: str | None, *, besides: int | None) -> None:
    taken = sa.select(StoredDiscount.id).where(
        StoredDiscount.code == code, StoredDiscount.id != (besides or 0)
    )
    if code and db.session.scalar(taken) is not None:
        raise CodeTaken


def _record(
    discount: StoredDiscount,
    action: str,
    by: int | None,
    *,
    kept: Mapping[str, Any] | None = None,
) -> None:
    audit.record_removal(
        kept,
        by,
        f"discount.{action}",
        subject_kind="discount",
        subject_id=discount.id,
        title=discount.title,
        code=discount.code or "",
        kind=discount.kind,
        value=discount.value,
    )

"""Which discounts a cart may have now, and why not the code that was typed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from shop.catalog.models import Collection, CollectionProduct
from shop.extensions import db
from shop.pricing.discount_models import MAX_CODE, DiscountUse, StoredDiscount
from shop.pricing.discounts import Discount, Goods, Kind, Tier
from shop.store.currencies import Currency

_CODE = re.compile(r"[A-Z0-9_-]+", re.ASCII)


class NotNow(StrEnum):
    """Why a code is no good, whatever is in the cart."""

    UNKNOWN = "unknown"
    NOT_YET = "not_yet"
    OVER = "over"
    USED_UP = "used_up"
    USED_BY_YOU = "used_by_you"
    FIRST_ORDER_ONLY = "first_order_only"
    NOT_YOURS = "not_yours"


@dataclass(frozen=True)
class Shopper:
    """What is known of who buys; an empty address: nothing yet."""

    email: str = ""
    has_ordered: bool = False
    #: Whether they have shown to be who they say. Of others nothing is told that only their orders
    #: could tell: a limit of theirs is looked at when the order is placed.
    is_known: bool = True
    #: Their own unpaid order: what it carries is theirs to use.
    unpaid_order_id: int | None = None


NOBODY = Shopper()


@dataclass(frozen=True)
class Offer:
    """The discounts a cart may have, and what became of the code that was typed."""

    discounts: tuple[Discount, ...] = ()
    code: str = ""
    #: The discount of that code, where there is one.
    typed: Discount | None = None
    refusal: NotNow | None = None
    starts_at: datetime | None = None

    @property
    def named(self) -> tuple[Discount, ...]:
        """All whose goods must be known."""
        return (*self.discounts, self.typed) if self.typed else self.discounts


def tidy_code(text: str) -> str:
    """As codes are kept: in capitals, without blanks; empty where it cannot be one."""
    code = "".join(text.split()).upper()[: MAX_CODE + 1]
    return code if _CODE.fullmatch(code) and len(code) <= MAX_CODE else ""


def offer(code: str, at: datetime, currency: Currency, shopper: Shopper = NOBODY) -> Offer:
    """One query, two or three where somebody's limits are asked for. Amounts are in `currency`."""
    rows = db.session.scalars(_OFFERED, {"code": code}).all()
    own = _own(rows, shopper)
    fine = [row for row in rows if _refusal(row, at, shopper, own) is None]
    discounts = {row.id: _discount(row, currency) for row in fine}
    typed = next((row for row in rows if code and row.code == code), None)
    if not code or typed is None:
        refusal = NotNow.UNKNOWN if code else None
        return Offer(tuple(discounts.values()), code, refusal=refusal)
    return Offer(
        tuple(discounts.values()),
        code,
        typed=_discount(typed, currency),
        refusal=_refusal(typed, at, shopper, own),
        starts_at=typed.starts_at,
    )


#: Those that need no code, and the one that was typed.
_OFFERED = (
    sa.select(StoredDiscount)
    .where(
        sa.or_(
            sa.and_(StoredDiscount.code.is_(None), StoredDiscount.is_active),
            StoredDiscount.code == sa.bindparam("code"),
        )
    )
    .order_by(StoredDiscount.id)
    .execution_options(populate_existing=True)
)


def collections_of(
    product_ids: Iterable[int], discounts: Iterable[Discount]
) -> dict[int, frozenset[int]]:
    """By product, of the collections that the discounts name, a collection's parts included; no
    query where none names any.
    """
    named = {
        id_
        for discount in discounts
        for id_ in discount.goods.collection_ids | discount.get_goods.collection_ids
    }
    if not named:
        return {}
    parents: dict[int, int | None] = {row.id: row.parent_id for row in db.session.execute(_PARENTS)}
    rows = db.session.execute(
        sa.select(CollectionProduct.product_id, CollectionProduct.collection_id).where(
            CollectionProduct.product_id.in_(list(product_ids))
        )
    )
    found: dict[int, frozenset[int]] = {}
    for product_id, collection_id in rows:
        holding = named & _way_up(collection_id, parents)
        found[product_id] = found.get(product_id, frozenset()) | holding
    return found


_PARENTS = sa.select(Collection.id, Collection.parent_id)


def _way_up(collection_id: int, parents: dict[int, int | None]) -> set[int]:
    """The collection and all that it lies in."""
    found: set[int] = set()
    here: int | None = collection_id
    while here is not None and here not in found:
        found.add(here)
        here = parents.get(here)
    return found


@dataclass(frozen=True)
class _Own:
    #: By discount: orders of this address that carry it, without the unpaid one.
    uses: dict[int, int]
    held: frozenset[int]


def _own(rows: Sequence[StoredDiscount], shopper: Shopper) -> _Own:
    held: frozenset[int] = frozenset()
    if rows and shopper.unpaid_order_id is not None:
        held = frozenset(
            db.session.scalars(
                sa.select(DiscountUse.discount_id).where(
                    DiscountUse.order_id == shopper.unpaid_order_id
                )
            )
        )
    limited = [row.id for row in rows if row.customer_limit is not None]
    if not limited or not shopper.email or not shopper.is_known:
        return _Own({}, held)
    counted = db.session.execute(
        sa.select(DiscountUse.discount_id, sa.func.count())
        .where(
            DiscountUse.discount_id.in_(limited),
            DiscountUse.email == shopper.email.lower(),
            DiscountUse.order_id != (shopper.unpaid_order_id or 0),
        )
        .group_by(DiscountUse.discount_id)
    )
    return _Own({row[0]: row[1] for row in counted}, held)


def _refusal(row: StoredDiscount, at: datetime, shopper: Shopper, own: _Own) -> NotNow | None:
    if not row.is_active or (row.ends_at is not None and row.ends_at <= at):
        return NotNow.OVER
    if row.starts_at is not None and row.starts_at > at:
        return NotNow.NOT_YET
    # Who has typed a code may see what it takes off before they say who they are.
    if not row.is_for(shopper.email) and (shopper.email or not row.code):
        return NotNow.NOT_YOURS
    others = row.used_count - (row.id in own.held)
    if row.limit_total is not None and others >= row.limit_total:
        return NotNow.USED_UP
    if row.first_order_only and shopper.is_known and shopper.has_ordered:
        return NotNow.FIRST_ORDER_ONLY
    if row.customer_limit is not None and own.uses.get(row.id, 0) >= row.customer_limit:
        return NotNow.USED_BY_YOU
    return None


def _discount(row: StoredDiscount, currency: Currency) -> Discount:
    def value_of(stored: int) -> int:
        return currency.of(stored).amount if row.kind == Kind.AMOUNT else stored

    # Two steps that fall together when converted are the higher one.
    tiers = {currency.of(start).amount: value_of(value) for start, value in row.tiers}
    return Discount(
        id=row.id,
        title=row.title,
        kind=Kind(row.kind),
        code=row.code or "",
        value=value_of(row.value),
        goods=Goods(frozenset(row.product_ids), frozenset(row.collection_ids)),
        minimum_amount=currency.of(row.minimum_amount).amount,
        minimum_quantity=row.minimum_quantity,
        tiers=tuple(Tier(*pair) for pair in tiers.items()),
        buy_quantity=row.buy_quantity,
        get_quantity=row.get_quantity,
        get_goods=Goods(frozenset(row.get_product_ids), frozenset(row.get_collection_ids)),
        most_times=row.most_times,
        combines=row.combines,
    )

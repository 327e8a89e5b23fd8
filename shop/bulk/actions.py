"""What a job does with one product, and how it is taken back. In the caller's transaction.

Each returns what it takes to go back, or raises Skipped and has changed nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from shop import audit
from shop.bulk.models import Action
from shop.bulk.price_change import PriceRule, PriceTooHigh, PriceTooLow
from shop.bulk.traces import was_sold
from shop.catalog import collections, lifecycle, schedule, service, variant_service
from shop.catalog.models import Collection, Product, ProductStatus, Variant
from shop.extensions import db
from shop.money import Money
from shop.store.currencies import Ending

Before = dict[str, Any]
MAX_TAGS = 50


class Reason(StrEnum):
    """Why a product was left as it is."""

    SAME = "same"
    GONE = "gone"
    CHANGED = "changed"
    NOTHING_TO_SELL = "nothing_to_sell"
    TOO_MANY_TAGS = "too_many_tags"
    PRICE_TOO_LOW = "price_too_low"
    PRICE_TOO_HIGH = "price_too_high"
    PUBLISHED = "published"
    SOLD = "sold"
    PROMISED = "promised"
    NO_COLLECTION = "no_collection"
    FAILED = "failed"


class Skipped(Exception):
    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True)
class Task:
    """What is to be done, for whom, in a shop of which currency."""

    params: Mapping[str, Any]
    by: int | None
    currency: str


def price_rule(params: Mapping[str, Any]) -> PriceRule:
    return PriceRule(
        ppm=params.get("ppm", 0),
        amount=params.get("amount", 0),
        ending=Ending(params.get("ending", Ending.EXACT)),
        is_sale=bool(params.get("is_sale")),
    )


def perform(action: Action, product: Product, task: Task) -> Before:
    """Raises Skipped."""
    return _PERFORM[action](product, task)


def revert(action: Action, product: Product, before: Before, task: Task) -> None:
    """Raises Skipped where somebody has changed it since."""
    _REVERT[action](product, before, task)


def can_revert(action: str) -> bool:
    return action in _REVERT


# Status


def _to(status: ProductStatus) -> Callable[[Product, Task], Before]:
    def bring(product: Product, task: Task) -> Before:
        if product.status == status:
            raise Skipped(Reason.SAME)
        before = {"now": str(status), **_standing(product)}
        try:
            lifecycle.bring_to(product, status, by=task.by)
        except service.NothingToSell:
            raise Skipped(Reason.NOTHING_TO_SELL) from None
        return before

    return bring


def _standing(product: Product) -> Before:
    moments = ("published_at", "publish_at", "unpublish_at")
    return {"status": product.status} | {
        name: audit.plain(getattr(product, name)) for name in moments
    }


def _status_back(product: Product, before: Before, task: Task) -> None:
    if product.status != before["now"]:
        raise Skipped(Reason.CHANGED)
    try:
        lifecycle.bring_to(product, ProductStatus(before["status"]), by=task.by)
    except service.NothingToSell:
        raise Skipped(Reason.NOTHING_TO_SELL) from None
    product.published_at = _moment(before["published_at"])
    schedule.set_schedule(
        product,
        publish_at=_moment(before["publish_at"]),
        unpublish_at=_moment(before["unpublish_at"]),
        by=task.by,
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


# Tags


def _add_tag(product: Product, task: Task) -> Before:
    tag = str(task.params["tag"])
    if any(str(known).casefold() == tag.casefold() for known in product.tags):
        raise Skipped(Reason.SAME)
    if len(product.tags) >= MAX_TAGS:
        raise Skipped(Reason.TOO_MANY_TAGS)
    return _tagged(product, [*product.tags, tag], task)


def _remove_tag(product: Product, task: Task) -> Before:
    tag = str(task.params["tag"]).casefold()
    kept = [known for known in product.tags if str(known).casefold() != tag]
    if len(kept) == len(product.tags):
        raise Skipped(Reason.SAME)
    return _tagged(product, kept, task)


def _tagged(product: Product, tags: list[Any], task: Task) -> Before:
    before = {"tags": list(product.tags), "now": tags}
    service.change_tags(product, tags, by=task.by)
    return before


def _tags_back(product: Product, before: Before, task: Task) -> None:
    if list(product.tags) != before["now"]:
        raise Skipped(Reason.CHANGED)
    service.change_tags(product, before["tags"], by=task.by)


# Prices


def _reprice(product: Product, task: Task) -> Before:
    """All variants or none of them."""
    rule = price_rule(task.params)
    variants = _variants_of(product)
    try:
        new = {each.id: _priced(each, rule, task.currency) for each in variants}
    except PriceTooLow:
        raise Skipped(Reason.PRICE_TOO_LOW) from None
    except PriceTooHigh:
        raise Skipped(Reason.PRICE_TOO_HIGH) from None
    before: Before = {"variants": {}}
    for variant in variants:
        was, now = (variant.unit_amount, variant.compare_at_amount), new[variant.id]
        if was != now:
            before["variants"][str(variant.id)] = [*was, *now]
            _set_price(variant, now, task)
    if not before["variants"]:
        raise Skipped(Reason.SAME)
    return before


def _priced(variant: Variant, rule: PriceRule, currency: str) -> tuple[int, int | None]:
    amount = rule.applied(Money(variant.unit_amount, currency)).amount
    is_reduced = rule.is_sale and amount < variant.unit_amount
    return amount, variant.unit_amount if is_reduced else variant.compare_at_amount


def _prices_back(product: Product, before: Before, task: Task) -> None:
    variants = {str(variant.id): variant for variant in _variants_of(product)}
    for id_, (_amount, _compare, *now) in before["variants"].items():
        present = variants.get(id_)
        if present is None or [present.unit_amount, present.compare_at_amount] != now:
            raise Skipped(Reason.CHANGED)
    for id_, (amount, compare_at, *_now) in before["variants"].items():
        _set_price(variants[id_], (amount, compare_at), task)


def _set_price(variant: Variant, price: tuple[int, int | None], task: Task) -> None:
    variant_service.change_price(
        variant, unit_amount=price[0], compare_at_amount=price[1], by=task.by
    )


def _variants_of(product: Product) -> Sequence[Variant]:
    return db.session.scalars(
        sa.select(Variant).where(Variant.product_id == product.id).order_by(Variant.id)
    ).all()


# Collections


def _collect(product: Product, task: Task) -> Before:
    if not collections.add_product(_picked(task.params["collection_id"]), product.id, task.by):
        raise Skipped(Reason.SAME)
    return {"collection_id": task.params["collection_id"]}


def _collected_back(product: Product, before: Before, task: Task) -> None:
    collections.remove_product(_picked(before["collection_id"]), product.id, task.by)


def _picked(collection_id: int) -> Collection:
    """Locked, so that no two products get the same place."""
    found = db.session.get(Collection, collection_id, with_for_update=True)
    if found is None or found.is_rule_based:
        raise Skipped(Reason.NO_COLLECTION)
    return found


# Deleting


def _delete(product: Product, task: Task) -> Before:
    if product.is_published:
        raise Skipped(Reason.PUBLISHED)
    if was_sold(product.id):
        raise Skipped(Reason.SOLD)
    try:
        lifecycle.delete(product, by=task.by)
    except variant_service.UnitsPromised:
        raise Skipped(Reason.PROMISED) from None
    return {}


_PERFORM: dict[Action, Callable[[Product, Task], Before]] = {
    Action.PUBLISH: _to(ProductStatus.PUBLISHED),
    Action.UNPUBLISH: _to(ProductStatus.DRAFT),
    Action.ARCHIVE: _to(ProductStatus.ARCHIVED),
    Action.ADD_TAG: _add_tag,
    Action.REMOVE_TAG: _remove_tag,
    Action.PRICE: _reprice,
    Action.COLLECT: _collect,
    Action.DELETE: _delete,
}
_REVERT: dict[str, Callable[[Product, Before, Task], None]] = {
    Action.PUBLISH: _status_back,
    Action.UNPUBLISH: _status_back,
    Action.ARCHIVE: _status_back,
    Action.ADD_TAG: _tags_back,
    Action.REMOVE_TAG: _tags_back,
    Action.PRICE: _prices_back,
    Action.COLLECT: _collected_back,
}

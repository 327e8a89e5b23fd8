"""What one press of Save changed of products, kept so that it can be taken back whole.

It is taken back by the services that change such things, so the price history, the search and the
trail tell of it; and only while everything is as the save left it, since half of a save is a state
that nobody wanted. All in the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Collection as Ids
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from shop import audit
from shop.catalog import (
    collections,
    images,
    lifecycle,
    schedule,
    service,
    snapshots,
    variant_service,
)
from shop.catalog.measures import Measures
from shop.catalog.models import Collection, CollectionProduct, Product, ProductStatus, Variant
from shop.catalog.snapshots import Changes, Snapshot
from shop.catalog.variant_service import VariantFacts
from shop.catalog.variants import details_of as variant_details
from shop.clock import now
from shop.extensions import db
from shop.inventory import service as inventory

#: The actions under which saves stand in the audit trail: of one product's page, of the table.
PAGE_SAVED, TABLE_SAVED = "product.saved", "product_table.saved"

PRODUCT = (
    "title", "handle", "description", "summary", "vendor", "product_type", "tax_category",
    "is_gift_card", "tags", "seo_title", "seo_description", "status", "published_at",
    "publish_at", "unpublish_at",
)  # fmt: skip
VARIANT = (
    "sku", "option1", "option2", "option3", "unit_amount", "compare_at_amount", "cost_amount",
    "barcode", "weight_grams", "restock_on", "measure_amount", "measure_unit", "base_amount",
    "base_unit",
)  # fmt: skip
IMAGE = ("alt", "is_decorative")

#: Of a product, what catalog.service.ProductDetails takes.
_DETAILS = PRODUCT[: PRODUCT.index("status")]
_FACTS = ("barcode", "weight_grams", "cost_amount")
_MEASURES = ("measure_amount", "measure_unit", "base_amount", "base_unit")


class ChangedSince(Exception):
    """Something is no longer as the save left it: changed once more, sold, or gone."""


@dataclass(frozen=True)
class Before:
    """Products as they are before a save."""

    states: Mapping[int, Snapshot]
    #: Of each product, where it stands in its collections.
    places: Mapping[int, Mapping[str, int]]


def before(product_ids: Ids[int]) -> Before:
    """To be called under the products' locks."""
    return Before(_states(product_ids), _places(product_ids))


def note(was: Before, action: str, *, by: int | None) -> None:
    """Record what is different now, where anything is."""
    after = _states(was.states)
    kept: list[dict[str, Any]] = [
        {"id": id_, "changes": changes, "places": dict(was.places.get(id_, {}))}
        for id_, state in was.states.items()
        if (changes := snapshots.differences(state, after[id_]))
    ]
    if not kept:
        return
    is_page = action == PAGE_SAVED
    audit.record_removal(
        {"products": kept},
        by,
        action,
        subject_kind="product" if is_page else "product_table",
        subject_id=kept[0]["id"] if is_page else 0,
        count=sum(len(each["changes"]) for each in kept),
    )
    db.session.flush()


def take_back(kept: Mapping[str, Any], *, by: int | None) -> None:
    """Raises ChangedSince, and what the services raise that change such things."""
    saved = {each["id"]: each for each in kept["products"]}
    products = _locked(saved)
    if len(products) != len(saved):
        raise ChangedSince
    states = _states(saved)
    for id_, each in saved.items():
        if any(states[id_].get(key) != became for key, (_, became) in each["changes"].items()):
            raise ChangedSince
    # In the opposite order: what a row left free, another one may have taken.
    for product in reversed(products):
        each = saved[product.id]
        _Back(product, each["changes"], each["places"], by).run()


# Inside -------------------------------------------------------------------------------------------


def _states(product_ids: Ids[int]) -> dict[int, Snapshot]:
    return snapshots.take(product_ids, product=PRODUCT, variant=VARIANT, image=IMAGE)


def _places(product_ids: Ids[int]) -> dict[int, dict[str, int]]:
    rows = db.session.execute(
        sa.select(
            CollectionProduct.product_id,
            CollectionProduct.collection_id,
            CollectionProduct.position,
        ).where(CollectionProduct.product_id.in_(product_ids))
    )
    found: dict[int, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row.product_id, {})[str(row.collection_id)] = row.position
    return found


def _locked(product_ids: Ids[int]) -> Sequence[Product]:
    return db.session.scalars(
        sa.select(Product)
        .where(Product.id.in_(product_ids))
        .order_by(Product.id)
        .options(selectinload(Product.variants), selectinload(Product.images))
        .with_for_update(of=Product)
        .execution_options(populate_existing=True)
    ).all()


@dataclass
class _Back:
    """One product on its way back."""

    product: Product
    changes: Changes
    places: Mapping[str, int]
    by: int | None

    def run(self) -> None:
        for variant in reversed(self.product.variants):
            self._describe_variant(variant)
        for variant in sorted(self.product.variants, key=lambda each: each.id):
            self._restock(variant)  # by id, the order in which orders lock stock too
        self._describe_product()
        self._describe_images()
        self._place()
        self._bring_back()

    def _was(self, names: Sequence[str], of: str = "") -> dict[str, Any]:
        """What the names were that changed; `of`: "variant:12:"."""
        return {
            name: self.changes[f"{of}{name}"][0] for name in names if f"{of}{name}" in self.changes
        }

    def _describe_product(self) -> None:
        was = self._was(_DETAILS)
        if not was:
            return
        if "tags" in was:
            was["tags"] = tuple(was["tags"])
        service.update_product(self.product, service.details_of(self.product, **was), by=self.by)

    def _describe_variant(self, variant: Variant) -> None:
        was = self._was(VARIANT, f"variant:{variant.id}:")
        if not was:
            return
        if any(name in was for name in _MEASURES):
            _measure(variant, was)
        if "restock_on" in was:
            was["restock_on"] = _day(was["restock_on"])
        facts = {name: was.pop(name, getattr(variant, name)) for name in _FACTS}
        measures = was.pop("measures", variant.measures)
        details = variant_details(
            variant, barcode=facts["barcode"], weight_grams=facts["weight_grams"],
            measures=measures, **was,
        )  # fmt: skip
        variant_service.update_variant(self.product, variant, details, by=self.by)
        variant_service.describe_facts(variant, VariantFacts(**facts), by=self.by)

    def _restock(self, variant: Variant) -> None:
        tracked = self.changes.get(f"stock:{variant.id}:is_tracked")
        if tracked:
            inventory.set_tracked(variant.id, bool(tracked[0]), by=self.by)
        units = self.changes.get(f"stock:{variant.id}:on_hand")
        if units:
            was, became = units
            inventory.set_on_hand(variant.id, was, expected=became, by=self.by)

    def _describe_images(self) -> None:
        for image in self.product.images:
            was = self._was(IMAGE, f"image:{image.id}:")
            if not was:
                continue
            alt = was.get("alt", image.alt)
            is_decorative = bool(was.get("is_decorative", image.is_decorative))
            images.describe_image(image, alt, is_decorative=is_decorative)
            audit.record(
                self.by, "image.described", subject_kind="product", subject_id=self.product.id,
                image_id=image.id, alt=image.alt,
            )  # fmt: skip

    def _place(self) -> None:
        """Back where it stood, not behind the others."""
        keys = sorted(key for key in self.changes if key.startswith("collection:"))
        for id_ in (key.split(":")[1] for key in keys):
            collection = db.session.get(Collection, int(id_), with_for_update=True)
            if collection is None:
                raise ChangedSince
            if self.changes[f"collection:{id_}"][0] is None:
                collections.remove_product(collection, self.product.id, by=self.by)
                continue
            collections.add_product(collection, self.product.id, by=self.by)
            db.session.execute(
                sa.update(CollectionProduct)
                .where(
                    CollectionProduct.collection_id == collection.id,
                    CollectionProduct.product_id == self.product.id,
                )
                .values(position=self.places[id_])
            )

    def _bring_back(self) -> None:
        """Publishing and taking out drop what was planned, and publishing is told of anew: so the
        moments are set last, those that the save left alone too.
        """
        names = ("published_at", "publish_at", "unpublish_at")
        moments = {name: getattr(self.product, name) for name in names}
        was = {name: _moment(text) for name, text in self._was(names).items()}
        moments |= was
        if (planned := was.get("publish_at")) and planned <= now():
            moments["publish_at"] = None  # it has passed without it
        if status := self.changes.get("status"):
            lifecycle.bring_to(self.product, ProductStatus(status[0]), by=self.by)
        schedule.set_schedule(
            self.product,
            publish_at=moments["publish_at"],
            unpublish_at=moments["unpublish_at"],
            by=self.by,
        )
        self.product.published_at = moments["published_at"]
        db.session.flush()


def _measure(variant: Variant, was: dict[str, Any]) -> None:
    """Put together what the columns hold apart."""
    amount, unit, base, base_unit = (was.pop(name, getattr(variant, name)) for name in _MEASURES)
    was["measures"] = None if amount is None else Measures(amount, unit, base, base_unit)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None

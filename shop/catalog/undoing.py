"""Products brought back to what they were before a file changed them. What somebody changed since
stays as it is and is told; so does what cannot be taken back any more, since it was sold.

All in the caller's transaction; none commits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from shop import audit
from shop.catalog import lifecycle, prices, service, variant_service
from shop.catalog.models import (
    MAX_OPTIONS,
    CollectionProduct,
    Product,
    ProductImage,
    ProductStatus,
    Variant,
)
from shop.catalog.snapshots import Changes, Snapshot, fingerprint, ids_in
from shop.extensions import db
from shop.inventory import service as inventory
from shop.inventory.models import Backorders, MovementReason

_OPTIONS = ("option1", "option2", "option3")
_PRICES = ("unit_amount", "compare_at_amount")
_BACKORDERS = ("backorders", "backorder_limit", "promised_on")


class Why(StrEnum):
    """Why something stays as it is."""

    CHANGED = "changed"
    SOLD = "sold"
    GONE = "gone"
    #: Something else has the SKU, or these option values, by now.
    TAKEN = "taken"
    #: Fewer than are promised to orders.
    PROMISED = "promised"
    #: A published product needs a variant.
    LAST = "last"
    #: It failed; the log tells why.
    FAILED = "failed"


@dataclass(frozen=True)
class Since:
    """What happened to variants after the file came in."""

    #: Ids of those that stand in an order.
    sold: frozenset[int] = frozenset()
    #: Ids of those whose stock somebody counted.
    counted: frozenset[int] = frozenset()


@dataclass
class Outcome:
    #: What stays, by its key in the changes; the product itself: "product".
    conflicts: dict[str, Why] = field(default_factory=dict)
    #: Base names of pictures that the product no longer shows.
    files: list[str] = field(default_factory=list)
    is_removed: bool = False


def remove(product: Product, current: Snapshot, made: str, since: Since, by: int | None) -> Outcome:
    """Take away a product that came with the file. `made`: its fingerprint then. It can be brought
    back for a while, as a draft. Once it was sold it is only taken out of the shop.
    """
    ids = set(ids_in(current, "variant"))
    if ids & since.sold:
        service.unpublish(product, by=by)
        return Outcome({"product": Why.SOLD})
    if fingerprint(current) != made or ids & since.counted:
        return Outcome({"product": Why.CHANGED})
    product.status = ProductStatus.DRAFT
    lifecycle.delete(product, by=by)
    return Outcome(is_removed=True)


def restore(
    product: Product, current: Snapshot, changes: Changes, since: Since, by: int | None
) -> Outcome:
    """`product` with its options, variants and pictures; `current`: its snapshot now. The caller
    keeps search and collections in step.
    """
    return _Restoring(product, current, changes, since, by).run()


@dataclass
class _Restoring:
    product: Product
    current: Snapshot
    changes: Changes
    since: Since
    by: int | None
    #: What is set back, with the values of before.
    back: dict[str, Any] = field(default_factory=dict)
    outcome: Outcome = field(default_factory=Outcome)
    #: Ids of variants and pictures that go.
    leaving: set[int] = field(default_factory=set)
    leaving_images: set[int] = field(default_factory=set)

    def run(self) -> Outcome:
        self.new_variants = self._new("variant")
        self.new_images = self._new("image")
        self._choose()
        self._choose_leaving()
        self._check_options()
        self._check_skus()
        self._restore_stock()
        with db.session.no_autoflush:
            self._free_unique_values()
            self._take_away_variants()
            self._restore_options()
            self._restore_variants()
            self._restore_images()
            self._restore_product()
        self._leave_collections()
        self._note()
        return self.outcome

    def _new(self, kind: str) -> set[int]:
        """Ids of what came with the file."""
        return {
            int(key.split(":")[1])
            for key, (was, _) in self.changes.items()
            if was is None and key.startswith(f"{kind}:") and key.count(":") == 1
        }

    # What is set back

    def _choose(self) -> None:
        gone: set[str] = set()
        for key, (was, became) in self.changes.items():
            kind, _, rest = key.partition(":")
            if kind in ("stock", "collection") or self._is_new(kind, rest):
                continue
            owner = f"{kind}:{rest.split(':')[0]}"
            if rest and owner not in self.current:
                gone.add(owner)
            elif self.current.get(key) == became:
                self.back[key] = was
            elif self.current.get(key) != was:
                self._keep(key, Why.CHANGED)
        for owner in gone:
            self._keep(owner, Why.GONE)

    def _is_new(self, kind: str, rest: str) -> bool:
        id_ = rest.split(":")[0]
        new = {"variant": self.new_variants, "image": self.new_images}.get(kind, set())
        return bool(id_) and int(id_) in new

    def _keep(self, key: str, why: Why) -> None:
        self.back.pop(key, None)
        self.outcome.conflicts[key] = why

    def _choose_leaving(self) -> None:
        for id_ in sorted(self.new_variants & set(ids_in(self.current, "variant"))):
            if id_ in self.since.sold:
                self._keep(f"variant:{id_}", Why.SOLD)
            elif id_ in self.since.counted or self._is_edited("variant", id_):
                self._keep(f"variant:{id_}", Why.CHANGED)
            else:
                self.leaving.add(id_)
        present = set(ids_in(self.current, "variant"))
        status = self.back.get("status", self.current["status"])
        if self.leaving and present == self.leaving and status == ProductStatus.PUBLISHED:
            kept = min(self.leaving)
            self.leaving.discard(kept)
            self._keep(f"variant:{kept}", Why.LAST)
        for id_ in sorted(self.new_images & set(ids_in(self.current, "image"))):
            if self._is_edited("image", id_):
                self._keep(f"image:{id_}", Why.CHANGED)
            else:
                self.leaving_images.add(id_)

    def _is_edited(self, kind: str, id_: int) -> bool:
        """Where it stands among the others, and which picture it shows, follow from those."""
        start = f"{kind}:{id_}:"
        return any(
            value != self.changes.get(key, [None, None])[1]
            for key, value in self.current.items()
            if key.startswith(start) and not key.endswith((":position", ":image_id"))
        )

    def _check_options(self) -> None:
        """Names and values go back together, or not at all: half of them would not fit."""
        keys = [
            key
            for key in self.changes
            if key == "options" or key.rpartition(":")[2] in _OPTIONS
            if not self._is_new(*key.partition(":")[::2])
        ]
        if not keys or (self._options_fit() and not set(keys) & set(self.outcome.conflicts)):
            return
        for key in keys:
            self.back.pop(key, None)
            self.outcome.conflicts.pop(key, None)
        self._keep("options", Why.CHANGED)

    def _options_fit(self) -> bool:
        names: list[str] = self.back["options"] if "options" in self.back else self._names()
        fit = [number < len(names) for number in range(MAX_OPTIONS)]
        seen = set()
        for id_ in set(ids_in(self.current, "variant")) - self.leaving:
            keys = [f"variant:{id_}:{name}" for name in _OPTIONS]
            values = tuple(self.back.get(key, self.current[key]) for key in keys)
            if [bool(value) for value in values] != fit or values in seen:
                return False
            seen.add(values)
        return True

    def _names(self) -> list[str]:
        return list(self.current["options"])

    def _check_skus(self) -> None:
        wanted = {
            key: sku for key, sku in self.back.items() if key.endswith(":sku") and sku is not None
        }
        if not wanted:
            return
        moving = {int(key.split(":")[1]) for key in self.back if key.endswith(":sku")}
        taken = set(
            db.session.scalars(
                sa.select(Variant.sku).where(
                    Variant.sku.in_(wanted.values()), Variant.id.not_in(moving | self.leaving)
                )
            )
        )
        for key, sku in wanted.items():
            if sku in taken:
                self._keep(key, Why.TAKEN)

    # Setting it back

    def _restore_stock(self) -> None:
        """By an opposite movement: what was sold since stays sold."""
        for id_ in sorted(self._stock_ids()):
            was, became = self.changes.get(f"stock:{id_}:on_hand", [0, 0])
            units = (became or 0) - (was or 0)
            try:
                if units and id_ in self.since.counted:
                    self._keep(f"stock:{id_}:on_hand", Why.CHANGED)
                elif units:
                    inventory.add_on_hand(
                        id_, -units, reason=MovementReason.IMPORT_UNDONE, by=self.by
                    )
                self._restore_tracking(id_)
                self._restore_backorders(id_)
            except (inventory.BelowReserved, inventory.LimitTaken):
                self._keep(f"stock:{id_}:on_hand", Why.PROMISED)
            except inventory.TooMany:
                self._keep(f"stock:{id_}:on_hand", Why.CHANGED)

    def _stock_ids(self) -> set[int]:
        ids = {int(key.split(":")[1]) for key in self.changes if key.startswith("stock:")}
        return {id_ for id_ in ids - self.new_variants if f"stock:{id_}" in self.current}

    def _restore_tracking(self, id_: int) -> None:
        if f"stock:{id_}" in self.changes:
            inventory.forget_stock(id_)
            return
        key = f"stock:{id_}:is_tracked"
        was, became = self.changes.get(key, [None, None])
        if was is None or self.current[key] == was:
            return
        if self.current[key] != became:
            self._keep(key, Why.CHANGED)
        else:
            inventory.set_tracked(id_, was, by=self.by)

    def _restore_backorders(self, id_: int) -> None:
        start = f"stock:{id_}:"
        changed = [start + name for name in _BACKORDERS if start + name in self.changes]
        if not changed or all(self.current[key] == self.changes[key][0] for key in changed):
            return
        if any(self.current[key] != self.changes[key][1] for key in changed):
            self._keep(start + "backorders", Why.CHANGED)
            return
        was = {name: self._was(start + name) for name in _BACKORDERS}
        day = was["promised_on"]
        inventory.set_backorders(
            id_, Backorders(was["backorders"]), limit=was["backorder_limit"],
            promised_on=date.fromisoformat(day) if day else None, by=self.by,
        )  # fmt: skip

    def _was(self, key: str) -> Any:
        return self.changes[key][0] if key in self.changes else self.current[key]

    def _free_unique_values(self) -> None:
        """Two variants may swap their SKUs or option values."""
        for variant in self.product.variants:
            if f"variant:{variant.id}:sku" in self.back:
                variant.sku = None
            for name in _OPTIONS:
                if f"variant:{variant.id}:{name}" in self.back:
                    setattr(variant, name, f"\t{variant.id}")
        db.session.flush()

    def _take_away_variants(self) -> None:
        for variant in [one for one in self.product.variants if one.id in self.leaving]:
            self.product.variants.remove(variant)
        db.session.flush()

    def _restore_options(self) -> None:
        if "options" in self.back:
            variant_service.set_options(self.product, self.back["options"])

    def _restore_variants(self) -> None:
        images = {image.id for image in self.product.images} | {None}
        for variant in self.product.variants:
            for name, value in self._back_of("variant", variant.id).items():
                if name == "image_id" and value not in images:
                    self._keep(f"variant:{variant.id}:image_id", Why.GONE)
                else:
                    setattr(variant, name, value)
        db.session.flush()

    def _restore_images(self) -> None:
        for image in self.product.images:
            for name, value in self._back_of("image", image.id).items():
                setattr(image, name, value)
        for image in [one for one in self.product.images if one.id in self.leaving_images]:
            self.outcome.files += [image.file] if image.file else []
            self._show_no_more(image)
            self.product.images.remove(image)
        db.session.flush()

    def _show_no_more(self, image: ProductImage) -> None:
        for variant in self.product.variants:
            if variant.image_id == image.id:
                variant.image_id = None

    def _restore_product(self) -> None:
        for key, value in self.back.items():
            if ":" in key or key == "options":
                continue
            if key == "published_at":
                value = datetime.fromisoformat(value) if value else None
            setattr(self.product, key, value)
        db.session.flush()

    def _leave_collections(self) -> None:
        ids = [
            int(key.split(":")[1])
            for key, (was, _) in self.changes.items()
            if was is None and key.startswith("collection:") and key in self.current
        ]
        if ids:
            db.session.execute(
                sa.delete(CollectionProduct).where(
                    CollectionProduct.product_id == self.product.id,
                    CollectionProduct.collection_id.in_(ids),
                )
            )

    def _note(self) -> None:
        """Into the history of prices, and who did it."""
        priced = {int(key.split(":")[1]) for key in self.back if key.endswith(_PRICES)}
        if "status" in self.back:
            prices.note(product_ids=[self.product.id])
        elif priced:
            prices.note(variant_ids=priced)
        audit.record(
            self.by,
            "product.import_undone",
            subject_kind="product",
            subject_id=self.product.id,
            changes=_told(self.back, self.current),
            removed_variants=sorted(self.leaving),
            conflicts={key: str(why) for key, why in self.outcome.conflicts.items()},
        )

    def _back_of(self, kind: str, id_: int) -> Mapping[str, Any]:
        start = f"{kind}:{id_}:"
        return {
            key.removeprefix(start): value
            for key, value in self.back.items()
            if key.startswith(start)
        }


def _told(back: Mapping[str, Any], current: Snapshot) -> dict[str, list[Any]]:
    return {
        key: [current.get(key), value]
        for key, value in back.items()
        if not key.endswith("import_columns")
    }


def files_of(outcomes: Iterable[Outcome]) -> list[str]:
    return [file for outcome in outcomes for file in outcome.files]

"""A read product CSV brought into the shop: all of it in the caller's transaction, or nothing.

Products are matched by handle, variants by SKU and else by option values, pictures by address.
What the file does not mention stays: columns, products, variants and pictures alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import islice
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from shop import audit
from shop.catalog import collections, kept, prices, service
from shop.catalog.columns import (
    MEASURE_FIELDS,
    OPTION_NAMES,
    OPTION_VALUES,
    Field,
    ImageValues,
    VariantValues,
    keys_of,
)
from shop.catalog.csvfile import Fault, FileRefused
from shop.catalog.models import (
    MAX_OPTIONS,
    Product,
    ProductImage,
    ProductOption,
    ProductStatus,
    Variant,
)
from shop.catalog.sheet import Sheet, SheetProduct, SheetVariant
from shop.clock import now
from shop.extensions import db
from shop.inventory import service as inventory
from shop.inventory.models import Backorders, MovementReason, StockItem, StockMovement
from shop.inventory.service import NewStock
from shop.money import Money, plain_amount
from shop.outbox import service as outbox
from shop.sentences import N_

#: Products brought in at a time.
BATCH = 200

T = TypeVar("T")


class Outcome(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Note:
    """`subject`: a variant or a collection, by its name; `text`: with named places for `values`."""

    subject: str
    text: str
    values: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        return f"{self.subject}: {self.text % self.values}"


@dataclass(frozen=True)
class ProductReport:
    line: int
    handle: str
    outcome: Outcome
    #: What changed, a phrase each: "CLAY-L: price 15.99 -> 16.99".
    changes: tuple[str, ...]
    #: What was left alone on purpose.
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class ImportReport:
    products: tuple[ProductReport, ...]

    def count(self, outcome: Outcome) -> int:
        return sum(product.outcome == outcome for product in self.products)


def import_sheet(sheet: Sheet, *, media_url: str, by: int | None = None) -> ImportReport:
    """Raises FileRefused with every fault; then the caller's transaction must roll back.

    New pictures are promised to the worker, which fetches them. `media_url` tells pictures of
    this shop's own export from strange ones.
    """
    db.session.flush()
    db.session.expire_all()  # collections that were loaded before may be out of date
    faults = [*sheet.faults, *_faults_with_shop(sheet)]
    if faults:
        raise FileRefused(sorted(faults, key=lambda fault: fault.line))
    importer = Importer(sheet, media_url, by)
    reports: list[ProductReport] = []
    for batch in _batches(sheet.products, BATCH):
        reports += importer.bring_in(batch)
    if importer.faults:
        raise FileRefused(importer.faults)
    return ImportReport(tuple(reports))


# What only the shop's own rows can tell


def faults_with_shop(sheet: Sheet, batch: Sequence[SheetProduct]) -> Iterator[Fault]:
    """Why these products of the sheet cannot be brought in as they are."""
    known = _products_of(batch)
    owners = _owners_of_skus(batch)
    for product in batch:
        yield from _faults_of(sheet, product, known.get(product.values.handle), owners)


def _faults_with_shop(sheet: Sheet) -> Iterator[Fault]:
    for batch in _batches(sheet.products, BATCH):
        yield from faults_with_shop(sheet, batch)


def _faults_of(
    sheet: Sheet, given: SheetProduct, product: Product | None, owners: dict[str, str]
) -> Iterator[Fault]:
    for variant in given.variants:
        owner = owners.get(variant.values.sku or "")
        if owner not in (None, given.values.handle):
            reason = N_("%(cell)s is a SKU of another product, %(handle)s")
            values = {"cell": f'"{variant.values.sku}"', "handle": owner}
            yield Fault(variant.line, sheet.name_of(Field.SKU), reason, values)
    if product is None:
        yield from _faults_of_new(sheet, given)
    else:
        yield from _faults_of_known(sheet, given, product)


def _faults_of_new(sheet: Sheet, given: SheetProduct) -> Iterator[Fault]:
    for wanted in (Field.TITLE, Field.PRICE):
        if wanted not in sheet.fields:
            yield Fault(given.line, wanted, N_("the column is missing, and the product is new"))
    if Field.PRICE in sheet.fields and not given.variants:
        yield Fault(given.line, sheet.name_of(Field.PRICE), N_("the price is missing"))
    if not set(OPTION_NAMES) & sheet.fields and any(
        any(variant.values.options) for variant in given.variants
    ):
        reason = N_("the column is missing, and the product is new")
        yield Fault(given.line, Field.OPTION1_NAME, reason)


def _faults_of_known(sheet: Sheet, given: SheetProduct, product: Product) -> Iterator[Fault]:
    """Every variant must be told apart and have its option values, the unmentioned ones too."""
    pairs = _match(product.variants, given.variants, sheet)
    for variant, match in pairs:
        if match is None:
            yield from _faults_of_new_variant(sheet, variant, product)
    if not _gives_options(sheet):
        return
    names = given.values.option_names
    if not set(OPTION_NAMES) & sheet.fields:
        names = tuple(option.name for option in product.options)
    column = sheet.name_of(Field.OPTION1_VALUE)
    for variant, _ in pairs:
        if not _fit(variant.values.options, names):
            count = {"count": len(names)}
            yield Fault(variant.line, column, N_("the product has %(count)s options"), count)
    mentioned = {id(match) for _variant, match in pairs}
    unmentioned = [variant for variant in product.variants if id(variant) not in mentioned]
    lines = {variant.values.options: variant.line for variant in given.variants}
    misfits = []
    for other in unmentioned:
        options = _options_of(other)
        label = " / ".join(other.option_values) or other.sku or "without options"
        if options in lines:
            reason = N_("the variant %(variant)s has these values")
            yield Fault(lines[options], column, reason, {"variant": label})
        elif not _fit(options, names):
            misfits.append(label)
    yield from _faults_of_misfits(given.line, column, misfits)


def _faults_of_misfits(line: int, column: str, labels: list[str]) -> Iterator[Fault]:
    """One for all: they have one cause, and one change mends it."""
    if len(labels) == 1:
        reason = N_(
            "the variant %(variant)s, which the file does not mention, does not fit the options"
        )
        yield Fault(line, column, reason, {"variant": labels[0]})
    elif labels:
        reason = N_(
            "%(count)s variants, which the file does not mention, do not fit the options:"
            " %(variant)s is one of them"
        )
        yield Fault(line, column, reason, {"count": len(labels), "variant": labels[0]})


def _faults_of_new_variant(
    sheet: Sheet, variant: SheetVariant, product: Product
) -> Iterator[Fault]:
    if product.variants and not _gives_options(sheet):
        reason = N_("no variant of the product has this SKU, and option values are not given")
        yield Fault(variant.line, sheet.name_of(Field.SKU), reason)
    elif Field.PRICE not in sheet.fields:
        reason = N_("the column is missing, and the variant is new")
        yield Fault(variant.line, Field.PRICE, reason)


def _fit(options: tuple[str, str, str], names: Sequence[str]) -> bool:
    return [bool(value) for value in options] == [n < len(names) for n in range(MAX_OPTIONS)]


def _owners_of_skus(batch: Sequence[SheetProduct]) -> dict[str, str]:
    """The handle of the product each of these SKUs belongs to."""
    skus = [variant.values.sku for product in batch for variant in product.variants]
    owners: dict[str, str] = {}
    for part in _batches([sku for sku in skus if sku], 500):
        rows = db.session.execute(
            sa.select(Variant.sku, Product.handle).join(Product).where(Variant.sku.in_(part))
        )
        owners |= {sku: handle for sku, handle in rows if sku}
    return owners


def _products_of(batch: Sequence[SheetProduct]) -> dict[str, Product]:
    """By handle, with options, variants and pictures."""
    handles = [product.values.handle for product in batch]
    products = db.session.scalars(
        sa.select(Product)
        .where(Product.handle.in_(handles))
        .options(
            selectinload(Product.options),
            selectinload(Product.variants),
            selectinload(Product.images),
        )
    )
    return {product.handle: product for product in products}


# Bringing it in


@dataclass
class Importer:
    """One run: what is being read, for whom, and what went wrong on the way."""

    sheet: Sheet
    media_url: str
    by: int | None
    #: What is wrong with products that are half brought in by now: roll that back.
    faults: list[Fault] = field(default_factory=list)
    #: Ids of collections that had to be made.
    new_collections: list[int] = field(default_factory=list)
    keys: set[str] = field(init=False)

    def __post_init__(self) -> None:
        self.keys = set(keys_of(self.sheet.header))

    def bring_in(self, batch: Sequence[SheetProduct]) -> list[ProductReport]:
        known = _products_of(batch)
        jobs = [_Job(self, given, known.get(given.values.handle)) for given in batch]
        for job in jobs:
            job.describe()
        db.session.flush()
        prices.note(
            product_ids=[job.product.id for job in jobs if job.is_shown_anew],
            variant_ids=[
                variant.id for job in jobs for variant in job.new_variants if not job.is_shown_anew
            ],
        )
        _count_stock(self, jobs)
        if Field.COLLECTION in self.sheet.fields:
            _collect(self, jobs)
        outbox.enqueue_many([_promise(image) for job in jobs for image in job.new_images])
        for job in jobs:
            job.note_audit()
        service.keep_in_step([job.product for job in jobs if job.outcome != Outcome.UNCHANGED])
        return [job.report() for job in jobs]


class _Job:
    """One product of the file and what it does to the shop's."""

    def __init__(self, run: Importer, given: SheetProduct, known: Product | None) -> None:
        self.run, self.given, self.known = run, given, known
        self.product = known or Product(handle=given.values.handle, status=ProductStatus.DRAFT)
        self.changes: list[str] = []
        self.notes: list[Note] = []
        self.variants: list[tuple[SheetVariant, Variant]] = []
        self.new_variants: set[Variant] = set()
        self.new_images: list[ProductImage] = []
        #: Its prices are seen, or no longer seen, from now on.
        self.is_shown_anew = known is None

    @property
    def outcome(self) -> Outcome:
        if self.known is None:
            return Outcome.CREATED
        return Outcome.UPDATED if self.changes else Outcome.UNCHANGED

    def report(self) -> ProductReport:
        changes = () if self.known is None else tuple(self.changes)
        return ProductReport(
            self.given.line, self.given.values.handle, self.outcome, changes, tuple(self.notes)
        )

    def describe(self) -> None:
        if self.known is None:
            db.session.add(self.product)
        self._describe_product()
        self._name_options()
        images = self._place_images()
        self._describe_variants(images)
        if self.run.sheet.is_kept:
            self._keep_columns()

    def _keep_columns(self) -> None:
        columns = kept.product_columns(
            self.product.import_columns or {}, self.given, self.run.sheet.header
        )
        if self.known is None or kept.says_more(columns, self.product.import_columns):
            self.product.import_columns = columns
            if not self.changes:
                self.changes.append("columns the shop does not use")

    def note_audit(self) -> None:
        if self.outcome == Outcome.UNCHANGED:
            return
        audit.record(
            self.run.by,
            f"product.{self.outcome}",
            subject_kind="product",
            subject_id=self.product.id,
            by_import=True,
            changes=self.changes if self.known else [],
        )

    # The product's own columns

    def _describe_product(self) -> None:
        for wanted, name in _PRODUCT_ATTRIBUTES.items():
            if self._takes(wanted):
                value = getattr(self.given.values, name)
                self._set(self.product, name, _as_json(value))
        if self._takes(Field.STATUS) or self._takes(Field.PUBLISHED):
            self._set_published(self.given.values.is_published)

    def _set_published(self, is_published: bool) -> None:
        if is_published == self.product.is_published:
            return
        self.changes.append("published" if is_published else "taken out of the shop")
        self.is_shown_anew = True
        self.product.status = ProductStatus.PUBLISHED if is_published else ProductStatus.DRAFT
        if is_published:
            self.product.published_at = now()

    def _name_options(self) -> None:
        if not any(self._takes(wanted) for wanted in OPTION_NAMES):
            return
        names = list(self.given.values.option_names)
        if names == [option.name for option in self.product.options]:
            return
        self.changes.append(f"options {', '.join(names) or 'none'}")
        for option, name in zip(self.product.options, names, strict=False):
            option.name = name
        del self.product.options[len(names) :]
        for position in range(len(self.product.options) + 1, len(names) + 1):
            self.product.options.append(ProductOption(position=position, name=names[position - 1]))

    # Pictures

    def _place_images(self) -> dict[str, ProductImage]:
        """All the product's pictures by address: the file's first, in its order."""
        images = {self._address(image): image for image in self.product.images}
        order = [self._image(given.values, images) for given in self.given.images]
        order += [image for image in self.product.images if image not in order]
        for position, image in enumerate(order, start=1):
            self._set(image, "position", position, "order of the pictures")
        return images

    def _image(self, given: ImageValues, images: dict[str, ProductImage]) -> ProductImage:
        image = images.get(given.url)
        if image is None:
            image = ProductImage(source_url=given.url, alt=given.alt, position=given.position)
            images[given.url] = image
            self.product.images.append(image)
            self.new_images.append(image)
            self.changes.append("picture added")
        elif self._takes(Field.IMAGE_ALT) and self._has_row(given.url):
            self._set(image, "alt", given.alt, "text of a picture")
        return image

    def _has_row(self, url: str) -> bool:
        return any(image.row is not None for image in self.given.images if image.values.url == url)

    def _address(self, image: ProductImage) -> str:
        return address_of(image, self.run.media_url)

    # Variants

    def _describe_variants(self, images: dict[str, ProductImage]) -> None:
        pairs = _match(self.product.variants, self.given.variants, self.run.sheet)
        _free_unique_values(pairs, self.run.sheet)
        for position, (given, match) in enumerate(pairs, start=1):
            variant = match or self._new_variant(given)
            self.variants.append((given, variant))
            self._describe_variant(given, variant, images, position)
        rest = [variant for variant in self.product.variants if not self._is_given(variant)]
        for position, variant in enumerate(rest, start=len(pairs) + 1):
            self._set(variant, "position", position, "order of the variants")

    def _is_given(self, variant: Variant) -> bool:
        return any(variant is other for _given, other in self.variants)

    def _new_variant(self, given: SheetVariant) -> Variant:
        option1, option2, option3 = given.values.options
        variant = Variant(
            option1=option1, option2=option2, option3=option3, unit_amount=given.values.unit_amount
        )
        variant.compare_at_amount = given.values.compare_at_amount
        self.product.variants.append(variant)
        self.new_variants.add(variant)
        self.changes.append(f"variant {_label(given.values)} added")
        return variant

    def _describe_variant(
        self,
        given: SheetVariant,
        variant: Variant,
        images: dict[str, ProductImage],
        position: int,
    ) -> None:
        label = _label(given.values)
        if _gives_options(self.run.sheet):
            for name, value in zip(_OPTIONS, given.values.options, strict=True):
                self._set(variant, name, value, f"{label}: options")
        for wanted, name in _VARIANT_ATTRIBUTES.items():
            if self._takes(wanted):
                self._set(variant, name, getattr(given.values, name), f"{label}: {wanted}")
        if all(self._takes(wanted) for wanted in MEASURE_FIELDS):
            self._set(variant, "measures", given.values.measures, f"{label}: unit price")
        self._set(variant, "position", position, "order of the variants")
        if given.values.cost_amount is not None:  # what it costs is often not in a file
            self._set(variant, "cost_amount", given.values.cost_amount, f"{label}: {Field.COST}")
        self._show(given, variant, images, label)
        self._price(given, variant, label)
        if self.run.sheet.is_kept:
            self._keep_cells(given, variant, label)

    def _keep_cells(self, given: SheetVariant, variant: Variant, label: str) -> None:
        columns = kept.variant_columns(variant.import_columns or {}, given, self.run.keys)
        if variant in self.new_variants or kept.says_more(columns, variant.import_columns):
            variant.import_columns = columns
            if not self.changes:
                self.changes.append(f"{label}: columns the shop does not use")

    def _show(
        self, given: SheetVariant, variant: Variant, images: dict[str, ProductImage], label: str
    ) -> None:
        if not self._takes(Field.VARIANT_IMAGE):
            return
        image = images.get(given.values.image_url)
        is_same = image is None or image.id is not None
        if is_same and variant.image_id == (image.id if image else None):
            return
        self.changes.append(f"{label}: picture")
        variant.image = image

    def _price(self, given: SheetVariant, variant: Variant, label: str) -> None:
        if variant in self.new_variants:
            return
        was = variant.unit_amount, variant.compare_at_amount
        unit = given.values.unit_amount if self._takes(Field.PRICE) else was[0]
        compare_at = given.values.compare_at_amount if self._takes(Field.COMPARE_AT) else was[1]
        if (unit, compare_at) == was:
            return
        self._note_price(label, "price", was[0], unit)
        self._note_price(label, "price before", was[1], compare_at)
        service.change_price(
            variant, unit_amount=unit, compare_at_amount=compare_at, by=self.run.by
        )

    def _note_price(self, label: str, what: str, was: int | None, now_: int | None) -> None:
        if was != now_:
            self.changes.append(f"{label}: {what} {self._amount(was)} -> {self._amount(now_)}")

    def _amount(self, amount: int | None) -> str:
        if amount is None:
            return "none"
        return plain_amount(Money(amount, self.run.sheet.currency))

    # Both

    def _takes(self, wanted: Field) -> bool:
        """A new product takes every value, the usual one where the file has no such column."""
        return self.known is None or wanted in self.run.sheet.fields

    def _set(self, row: Any, name: str, value: Any, label: str = "") -> None:
        if getattr(row, name) != value:
            change = label or name.replace("_", " ")
            setattr(row, name, value)
            if change not in self.changes:
                self.changes.append(change)


_OPTIONS = ("option1", "option2", "option3")
_PRODUCT_ATTRIBUTES = {
    Field.TITLE: "title",
    Field.DESCRIPTION: "description",
    Field.SUMMARY: "summary",
    Field.VENDOR: "vendor",
    Field.PRODUCT_TYPE: "product_type",
    Field.TAX_CATEGORY: "tax_category",
    Field.TAGS: "tags",
    Field.SEO_TITLE: "seo_title",
    Field.SEO_DESCRIPTION: "seo_description",
    Field.FACTS: "facts",
}
_VARIANT_ATTRIBUTES = {
    Field.SKU: "sku",
    Field.BARCODE: "barcode",
    Field.WEIGHT: "weight_grams",
    Field.TAXABLE: "is_taxable",
    Field.REQUIRES_SHIPPING: "requires_shipping",
}


def _as_json(value: Any) -> Any:
    """Tuples as the database gives them back: lists."""
    return [_as_json(one) for one in value] if isinstance(value, tuple) else value


def _promise(image: ProductImage) -> outbox.Promise:
    return outbox.Promise(
        outbox.IMAGE, "fetch_image", {"image_id": image.id}, f"fetch_image:{image.id}"
    )


def address_of(image: ProductImage, media_url: str) -> str:
    """Where the picture came from, or where this shop shows it."""
    return image.source_url or f"{media_url}/{image.file}-800.jpg"


def _match(
    variants: Sequence[Variant], given: Sequence[SheetVariant], sheet: Sheet
) -> list[tuple[SheetVariant, Variant | None]]:
    """By SKU, then by option values; each variant once. A file without both means the only one."""
    by_sku = {variant.sku: variant for variant in variants if variant.sku}
    matches: dict[int, Variant] = {}
    for number, one in enumerate(given):
        if one.values.sku in by_sku:
            matches[number] = by_sku[one.values.sku]
    taken = {id(variant) for variant in matches.values()}
    by_options = {_options_of(variant): variant for variant in variants if id(variant) not in taken}
    is_only = len(variants) == len(given) == 1 and not _gives_options(sheet)
    for number, one in enumerate(given):
        if number not in matches and (match := by_options.pop(one.values.options, None)):
            matches[number] = match
        elif number not in matches and is_only and Field.SKU not in sheet.fields:
            matches[number] = variants[0]
    return [(one, matches.get(number)) for number, one in enumerate(given)]


def _free_unique_values(pairs: Sequence[tuple[SheetVariant, Variant | None]], sheet: Sheet) -> None:
    """Variants that change their SKU or option values give up the old ones first, so that another
    can take them.
    """
    known = [(given, variant) for given, variant in pairs if variant]
    renamed = [
        variant
        for given, variant in known
        if _gives_options(sheet) and _options_of(variant) != given.values.options
    ]
    relabeled = [
        variant
        for given, variant in known
        if Field.SKU in sheet.fields and variant.sku and variant.sku != given.values.sku
    ]
    if len(pairs) < 2 or not (renamed or relabeled):
        return
    with db.session.no_autoflush:
        for variant in renamed:
            variant.option1 = f"\t{variant.id}"
        for variant in relabeled:
            variant.sku = None
    db.session.flush()


def _gives_options(sheet: Sheet) -> bool:
    return bool(set(OPTION_VALUES) & sheet.fields)


def _options_of(variant: Variant) -> tuple[str, str, str]:
    return variant.option1, variant.option2, variant.option3


def _label(values: VariantValues) -> str:
    options = " / ".join(value for value in values.options if value)
    return values.sku or options or "only variant"


# Stock


def _count_stock(run: Importer, jobs: Sequence[_Job]) -> None:
    """New variants begin with the file's quantity; of known ones see `_recount`."""
    known = [
        variant.id
        for job in jobs
        for _given, variant in job.variants
        if variant not in job.new_variants
    ]
    items = _stock_of(known)
    missing: list[NewStock] = []
    for job in jobs:
        for given, variant in job.variants:
            item = items.get(variant.id)
            if item is None:
                missing.append(_new_stock(variant.id, given.values))
            else:
                _track(run, job, given, item)
                _sell_on(run, job, given, item)
                _recount(run, job, given, item)
    inventory.create_stocks(missing, reason=MovementReason.IMPORT)


def _new_stock(variant_id: int, values: VariantValues) -> NewStock:
    if not (values.is_tracked and values.sells_on):
        return NewStock(variant_id, values.quantity, values.is_tracked)
    return NewStock(variant_id, values.quantity, True, *_terms(values, None))


def _track(run: Importer, job: _Job, given: SheetVariant, item: StockItem) -> None:
    is_said = Field.TRACKER in run.sheet.fields
    if not is_said or item.is_tracked == given.values.is_tracked:
        return
    try:
        inventory.set_tracked(item.variant_id, given.values.is_tracked)
    except inventory.BelowReserved as refusal:
        reason = N_("cannot be counted: %(reserved)s are promised to orders")
        values = {"reserved": refusal.reserved}
        run.faults.append(Fault(given.line, run.sheet.name_of(Field.TRACKER), reason, values))
        return
    does = "is counted" if given.values.is_tracked else "is not counted any more"
    job.changes.append(f"{_label(given.values)}: stock {does}")


def _sell_on(run: Importer, job: _Job, given: SheetVariant, item: StockItem) -> None:
    """Whether it is sold beyond its stock, and how; what the file does not say stays."""
    is_on = item.backorders != Backorders.NONE
    sells_on = is_on if given.values.sells_on is None else given.values.sells_on
    if not item.is_tracked or not (is_on or sells_on):
        return
    kind, limit, day = Backorders.NONE, 0, item.promised_on
    if sells_on:
        kind, limit, day = _terms(given.values, item)
        if (kind, limit, day) == (item.backorders, item.backorder_limit, item.promised_on):
            return
    try:
        inventory.set_backorders(item.variant_id, kind, limit=limit, promised_on=day, by=run.by)
    except inventory.LimitTaken as refusal:
        reason = N_("%(limit)s may wait, but %(waiting)s are promised to orders already")
        values = {"limit": limit, "waiting": refusal.waiting}
        run.faults.append(
            Fault(given.line, run.sheet.name_of(Field.BACKORDER_LIMIT), reason, values)
        )
        return
    does = "is sold beyond what is on hand" if sells_on else "is not sold beyond what is on hand"
    if sells_on and is_on:
        does = "how it is sold beyond what is on hand"
    job.changes.append(f"{_label(given.values)}: {does}")


def _terms(values: VariantValues, item: StockItem | None) -> tuple[Backorders, int, date | None]:
    """Kind, limit and day: the file's, else those of before, else the usual ones."""
    is_on = item is not None and item.backorders != Backorders.NONE
    was = Backorders(item.backorders) if item and is_on else Backorders.BACKORDER
    kind = {True: Backorders.PREORDER, False: Backorders.BACKORDER, None: was}[values.is_preorder]
    usual = item.backorder_limit if item and is_on else inventory.MAX_ON_HAND
    limit = usual if values.backorder_limit is None else values.backorder_limit
    return kind, limit, values.promised_on or (item.promised_on if item else None)


def _recount(run: Importer, job: _Job, given: SheetVariant, item: StockItem) -> None:
    """Take the file's quantity only where somebody typed it.

    A number that the shop itself had on hand since the last count by import is an old export or
    the same file again; taking it would undo the sales made since.
    """
    quantity, on_hand = given.values.quantity, item.on_hand
    if not given.has_quantity or quantity == on_hand:
        return
    label = _label(given.values)
    if quantity in _counts_since_import(item.variant_id):
        stays = N_("stock stays %(on_hand)s, %(quantity)s is an earlier count")
        job.notes.append(Note(label, stays, {"on_hand": on_hand, "quantity": quantity}))
        return
    try:
        inventory.set_on_hand(item.variant_id, quantity, reason=MovementReason.IMPORT, by=run.by)
    except inventory.BelowReserved as refusal:
        reason = N_("%(quantity)s in stock, but %(reserved)s are promised to orders")
        values = {"quantity": quantity, "reserved": refusal.reserved}
        run.faults.append(Fault(given.line, run.sheet.name_of(Field.QUANTITY), reason, values))
        return
    job.changes.append(f"{label}: stock {on_hand} -> {quantity}")


#: Movements that begin a history: what was there before is no count of the shop.
_COUNTS = {MovementReason.INITIAL, MovementReason.IMPORT}


def _counts_since_import(variant_id: int) -> set[int]:
    """What was on hand after the last import that counted, and after each movement since. An
    import that was undone leaves what was known before it.
    """
    movements = db.session.execute(
        sa.select(StockMovement.quantity, StockMovement.reason)
        .where(StockMovement.variant_id == variant_id)
        .order_by(StockMovement.id)
    )
    on_hand, counts = 0, {0}
    before: list[set[int]] = []
    for quantity, reason in movements:
        on_hand += quantity
        if reason in _COUNTS:
            before.append(counts)
            counts = {on_hand}
        elif reason == MovementReason.IMPORT_UNDONE and before:
            counts = before.pop() | {on_hand}
        else:
            counts = counts | {on_hand}
    return counts


# Collections


def _collect(run: Importer, jobs: Sequence[_Job]) -> None:
    """Put the products into the collections that the file names, and make those that are not here.
    What it does not name stays: nothing is taken out of a collection.
    """
    shelves = collections.Shelves(run.by)
    wanted = {way for job in jobs for way in job.given.values.collections}
    for way in sorted(wanted):
        collection = shelves.at(way)
        named = [job for job in jobs if way in job.given.values.collections]
        name = " > ".join(way)
        if collection.is_rule_based:
            by_rule = N_("a rule decides what this collection holds")
            for job in named:
                job.notes.append(Note(name, by_rule))
            continue
        added = collections.add_products(collection, [job.product.id for job in named])
        for job in named:
            if job.product.id in added:
                job.changes.append(f"collection {name}")
    run.new_collections += shelves.made


def _stock_of(variant_ids: Sequence[int]) -> dict[int, StockItem]:
    items: dict[int, StockItem] = {}
    for part in _batches(variant_ids, 500):
        rows = db.session.scalars(sa.select(StockItem).where(StockItem.variant_id.in_(part)))
        items |= {item.variant_id: item for item in rows}
    return items


def _batches(things: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(things)
    while batch := list(islice(rest, size)):
        yield batch

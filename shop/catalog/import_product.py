"""One product of a file brought into the shop: its columns, options, pictures, variants, prices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from shop import audit
from shop.catalog import kept, variant_service
from shop.catalog.columns import (
    MEASURE_FIELDS,
    OPTION_NAMES,
    Field,
    ImageValues,
    VariantValues,
    keys_of,
)
from shop.catalog.csvfile import Fault
from shop.catalog.import_matches import gives_options, match_variants, options_of
from shop.catalog.models import Product, ProductImage, ProductOption, ProductStatus, Variant
from shop.catalog.sheet import Sheet, SheetProduct, SheetVariant
from shop.clock import now
from shop.extensions import db
from shop.money import Money, plain_amount


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


@dataclass
class Run:
    """What is being read, for whom, and what went wrong on the way."""

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


class ImportedProduct:
    """One product of the file and what it does to the shop's."""

    def __init__(self, run: Run, given: SheetProduct, known: Product | None) -> None:
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
        pairs = match_variants(self.product.variants, self.given.variants, self.run.sheet)
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
        self.changes.append(f"variant {label_of(given.values)} added")
        return variant

    def _describe_variant(
        self,
        given: SheetVariant,
        variant: Variant,
        images: dict[str, ProductImage],
        position: int,
    ) -> None:
        label = label_of(given.values)
        if gives_options(self.run.sheet):
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
        variant_service.change_price(
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


def address_of(image: ProductImage, media_url: str) -> str:
    """Where the picture came from, or where this shop shows it."""
    return image.source_url or f"{media_url}/{image.file}-800.jpg"


def _free_unique_values(pairs: Sequence[tuple[SheetVariant, Variant | None]], sheet: Sheet) -> None:
    """Variants that change their SKU or option values give up the old ones first, so that another
    can take them.
    """
    known = [(given, variant) for given, variant in pairs if variant]
    renamed = [
        variant
        for given, variant in known
        if gives_options(sheet) and options_of(variant) != given.values.options
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


def label_of(values: VariantValues) -> str:
    options = " / ".join(value for value in values.options if value)
    return values.sku or options or "only variant"

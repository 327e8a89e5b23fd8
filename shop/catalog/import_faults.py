"""Why products of a file cannot be brought in as they are: what only the shop's rows can tell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from shop.catalog.columns import OPTION_NAMES, Field
from shop.catalog.csvfile import Fault
from shop.catalog.import_matches import (
    batches,
    gives_options,
    match_variants,
    options_of,
    products_of,
)
from shop.catalog.models import MAX_OPTIONS, Product, Variant
from shop.catalog.sheet import Sheet, SheetProduct, SheetVariant
from shop.extensions import db
from shop.sentences import N_


def faults_with_shop(sheet: Sheet, batch: Sequence[SheetProduct]) -> Iterator[Fault]:
    """Why these products of the sheet cannot be brought in as they are."""
    known = products_of(batch)
    owners = _owners_of_skus(batch)
    for product in batch:
        yield from _faults_of(sheet, product, known.get(product.values.handle), owners)


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
    pairs = match_variants(product.variants, given.variants, sheet)
    for variant, match in pairs:
        if match is None:
            yield from _faults_of_new_variant(sheet, variant, product)
    if not gives_options(sheet):
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
        options = options_of(other)
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
    if product.variants and not gives_options(sheet):
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
    for part in batches([sku for sku in skus if sku], 500):
        rows = db.session.execute(
            sa.select(Variant.sku, Product.handle).join(Product).where(Variant.sku.in_(part))
        )
        owners |= {sku: handle for sku, handle in rows if sku}
    return owners

"""A read product CSV brought into the shop: all of it in the caller's transaction, or nothing.

Products are matched by handle, variants by SKU and else by option values, pictures by address.
What the file does not mention stays: columns, products, variants and pictures alike.

import_faults.py tells what is in the way, import_matches.py which product and variants are meant,
import_product.py brings one product in, and import_stock.py counts what is there of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shop.catalog import collections, prices, service
from shop.catalog.columns import Field
from shop.catalog.csvfile import Fault, FileRefused
from shop.catalog.import_faults import faults_with_shop
from shop.catalog.import_matches import batches, products_of
from shop.catalog.import_product import ImportedProduct, Note, Outcome, ProductReport, Run
from shop.catalog.import_stock import count_stock
from shop.catalog.models import ProductImage
from shop.catalog.sheet import Sheet, SheetProduct
from shop.extensions import db
from shop.outbox import service as outbox
from shop.sentences import N_

#: Products brought in at a time.
BATCH = 200


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
    faults = [*sheet.faults, *_faults_of_all(sheet)]
    if faults:
        raise FileRefused(sorted(faults, key=lambda fault: fault.line))
    importer = Importer(sheet, media_url, by)
    reports: list[ProductReport] = []
    for batch in batches(sheet.products, BATCH):
        reports += importer.bring_in(batch)
    if importer.faults:
        raise FileRefused(importer.faults)
    return ImportReport(tuple(reports))


def _faults_of_all(sheet: Sheet) -> Iterator[Fault]:
    for batch in batches(sheet.products, BATCH):
        yield from faults_with_shop(sheet, batch)


class Importer(Run):
    """Brings the products of a sheet in, a batch at a time."""

    def bring_in(self, batch: Sequence[SheetProduct]) -> list[ProductReport]:
        known = products_of(batch)
        products = [ImportedProduct(self, given, known.get(given.values.handle)) for given in batch]
        for each in products:
            each.describe()
        db.session.flush()
        prices.note(
            product_ids=[each.product.id for each in products if each.is_shown_anew],
            variant_ids=[
                variant.id
                for each in products
                for variant in each.new_variants
                if not each.is_shown_anew
            ],
        )
        count_stock(self, products)
        if Field.COLLECTION in self.sheet.fields:
            _collect(self, products)
        outbox.enqueue_many([_promise(image) for each in products for image in each.new_images])
        for each in products:
            each.note_audit()
        service.keep_in_step(
            [each.product for each in products if each.outcome != Outcome.UNCHANGED]
        )
        return [each.report() for each in products]


def _promise(image: ProductImage) -> outbox.Promise:
    return outbox.Promise(
        outbox.IMAGE, "fetch_image", {"image_id": image.id}, f"fetch_image:{image.id}"
    )


def _collect(run: Run, products: Sequence[ImportedProduct]) -> None:
    """Put the products into the collections that the file names, and make those that are not here.
    What it does not name stays: nothing is taken out of a collection.
    """
    shelves = collections.Shelves(run.by)
    wanted = {way for each in products for way in each.given.values.collections}
    for way in sorted(wanted):
        collection = shelves.at(way)
        named = [each for each in products if way in each.given.values.collections]
        name = " > ".join(way)
        if collection.is_rule_based:
            by_rule = N_("a rule decides what this collection holds")
            for each in named:
                each.notes.append(Note(name, by_rule))
            continue
        added = collections.add_products(collection, [each.product.id for each in named])
        for each in named:
            if each.product.id in added:
                each.changes.append(f"collection {name}")
    run.new_collections += shelves.made

"""What a product file says of stock: begun for new variants, and counted anew for known ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa

from shop.catalog.columns import Field, VariantValues
from shop.catalog.csvfile import Fault
from shop.catalog.import_matches import batches
from shop.catalog.import_product import ImportedProduct, Note, Run, label_of
from shop.catalog.sheet import SheetVariant
from shop.extensions import db
from shop.inventory import service as inventory
from shop.inventory.models import Backorders, MovementReason, StockItem, StockMovement
from shop.inventory.service import NewStock
from shop.sentences import N_


def count_stock(run: Run, products: Sequence[ImportedProduct]) -> None:
    """New variants begin with the file's quantity; of known ones see `_recount`."""
    known = [
        variant.id
        for product in products
        for _given, variant in product.variants
        if variant not in product.new_variants
    ]
    items = _stock_of(known)
    missing: list[NewStock] = []
    for product in products:
        for given, variant in product.variants:
            item = items.get(variant.id)
            if item is None:
                missing.append(_new_stock(variant.id, given.values))
            else:
                _track(run, product, given, item)
                _sell_on(run, product, given, item)
                _recount(run, product, given, item)
    inventory.create_stocks(missing, reason=MovementReason.IMPORT)


def _new_stock(variant_id: int, values: VariantValues) -> NewStock:
    if not (values.is_tracked and values.sells_on):
        return NewStock(variant_id, values.quantity, values.is_tracked)
    return NewStock(variant_id, values.quantity, True, *_terms(values, None))


def _track(run: Run, product: ImportedProduct, given: SheetVariant, item: StockItem) -> None:
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
    product.changes.append(f"{label_of(given.values)}: stock {does}")


def _sell_on(run: Run, product: ImportedProduct, given: SheetVariant, item: StockItem) -> None:
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
    product.changes.append(f"{label_of(given.values)}: {does}")


def _terms(values: VariantValues, item: StockItem | None) -> tuple[Backorders, int, date | None]:
    """Kind, limit and day: the file's, else those of before, else the usual ones."""
    is_on = item is not None and item.backorders != Backorders.NONE
    was = Backorders(item.backorders) if item and is_on else Backorders.BACKORDER
    kind = {True: Backorders.PREORDER, False: Backorders.BACKORDER, None: was}[values.is_preorder]
    usual = item.backorder_limit if item and is_on else inventory.MAX_ON_HAND
    limit = usual if values.backorder_limit is None else values.backorder_limit
    return kind, limit, values.promised_on or (item.promised_on if item else None)


def _recount(run: Run, product: ImportedProduct, given: SheetVariant, item: StockItem) -> None:
    """Take the file's quantity only where somebody typed it.

    A number that the shop itself had on hand since the last count by import is an old export or
    the same file again; taking it would undo the sales made since.
    """
    quantity, on_hand = given.values.quantity, item.on_hand
    if not given.has_quantity or quantity == on_hand:
        return
    label = label_of(given.values)
    if quantity in _counts_since_import(item.variant_id):
        stays = N_("stock stays %(on_hand)s, %(quantity)s is an earlier count")
        product.notes.append(Note(label, stays, {"on_hand": on_hand, "quantity": quantity}))
        return
    try:
        inventory.set_on_hand(item.variant_id, quantity, reason=MovementReason.IMPORT, by=run.by)
    except inventory.BelowReserved as refusal:
        reason = N_("%(quantity)s in stock, but %(reserved)s are promised to orders")
        values = {"quantity": quantity, "reserved": refusal.reserved}
        run.faults.append(Fault(given.line, run.sheet.name_of(Field.QUANTITY), reason, values))
        return
    product.changes.append(f"{label}: stock {on_hand} -> {quantity}")


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


def _stock_of(variant_ids: Sequence[int]) -> dict[int, StockItem]:
    items: dict[int, StockItem] = {}
    for part in batches(variant_ids, 500):
        rows = db.session.scalars(sa.select(StockItem).where(StockItem.variant_id.in_(part)))
        items |= {item.variant_id: item for item in rows}
    return items

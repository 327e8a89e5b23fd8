"""The worker's part of an import: some products in one short transaction. Their rows, what is noted
of them, and the new position are kept together or not at all, so that a worker that dies has done
nothing twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from shop.catalog import collections, snapshots, undoing
from shop.catalog import service as catalog
from shop.catalog.csvfile import Fault
from shop.catalog.import_faults import faults_with_shop
from shop.catalog.import_product import ProductReport
from shop.catalog.importer import Importer
from shop.catalog.models import Collection, CollectionProduct, Product
from shop.catalog.sheet import Sheet, SheetProduct
from shop.catalog.snapshots import Snapshot
from shop.clock import now
from shop.extensions import db
from shop.imports import queries
from shop.imports.models import Import, ImportFault, ImportProduct, ImportState, Outcome
from shop.inventory.models import StockMovement
from shop.sentences import N_

#: Products worked on in one transaction. Shoppers who pay wait for it on SQLite.
BATCH = 20
#: After so many failures in a row, products are tried one by one; after as many again, the one that
#: fails is left out.
TRIES = 3

_Values = dict[str, Any]


class _TakenBack(Exception):
    """Ends a savepoint without keeping it."""


def refuse(file: Import, faults: Sequence[Fault]) -> None:
    """Not a row of it can be brought in."""
    _add_faults(file, faults)
    file.state, file.finished_at = ImportState.REFUSED, now()


def begin_check(file: Import, sheet: Sheet) -> None:
    """Note what the file itself tells; the shop's rows are asked some at a time."""
    _add_faults(file, sheet.faults)
    file.total = len(sheet.products)
    if not sheet.is_whole or not sheet.products:
        file.state, file.finished_at = ImportState.REFUSED, now()


def check_some(file: Import, sheet: Sheet, media_url: str) -> None:
    """Bring some in, note what changed, and take it all back."""
    _work_on(file, sheet, media_url, is_kept=False)
    if file.position == file.total:
        file.state = ImportState.CHECKED


def run_some(file: Import, sheet: Sheet, media_url: str) -> None:
    _work_on(file, sheet, media_url, is_kept=True)
    if file.position == file.total:
        file.state, file.finished_at = ImportState.DONE, now()


def give_up_one(file: Import, sheet: Sheet) -> None:
    """Leave out the product that could not be worked on time and again."""
    given = sheet.products[file.position]
    _forget_rows(file, file.position, file.position + 1)
    reason = N_("this product could not be brought in; the shop's log tells more")
    _note_faulty(file, file.position, given, [Fault(given.line, "", reason)])
    file.position += 1
    file.tries = 0


def size_of_batch(file: Import) -> int:
    return BATCH if file.tries < TRIES else 1


def undo_some(file: Import) -> list[str]:
    """Base names of pictures that no product shows any more, perhaps."""
    rows = _to_undo(file)
    outcomes = [outcome for row in rows if (outcome := _undo_one(file, row)) is not None]
    if not rows:
        _remove_new_collections(file)
        file.state, file.undone_at = ImportState.UNDONE, now()
    _note_success(file)
    return undoing.files_of(outcomes)


# Some products at a time


def _work_on(file: Import, sheet: Sheet, media_url: str, *, is_kept: bool) -> None:
    first, end = file.position, file.position + size_of_batch(file)
    given = dict(enumerate(sheet.products[first:end], start=first))
    _forget_rows(file, first, end)
    faulty = _faulty_lines(sheet)
    good = {number: one for number, one in given.items() if not faulty & set(one.lines)}
    told = _fault_of(good, list(faults_with_shop(sheet, list(good.values()))))
    while True:
        batch = {number: one for number, one in good.items() if number not in told}
        faults = _bring_in(file, batch, Importer(sheet, media_url, file.account_id), is_kept)
        if not faults:
            break
        told |= _fault_of(batch, faults)
    for number, one in given.items():
        if number not in batch:
            _note_faulty(file, number, one, told.get(number, ()))
    _go_on(file, len(given))


def _bring_in(
    file: Import, batch: Mapping[int, SheetProduct], importer: Importer, is_kept: bool
) -> list[Fault]:
    """All of the batch and what is noted of it; or nothing, and why."""
    handles = [one.values.handle for one in batch.values()]
    before = snapshots.take(_ids_of(handles).values())
    rows: list[_Values] = []
    with suppress(_TakenBack), db.session.begin_nested():
        reports = importer.bring_in(list(batch.values())) if batch else []
        if not importer.faults:
            rows = _rows_of(batch, reports, before)
        if importer.faults or not is_kept:
            raise _TakenBack
        file.new_collections = [*file.new_collections, *importer.new_collections]
    if importer.faults:
        return importer.faults
    _add_rows(file, rows, is_kept)
    return []


def _rows_of(
    batch: Mapping[int, SheetProduct],
    reports: Sequence[ProductReport],
    before: Mapping[int, Snapshot],
) -> list[_Values]:
    """What the batch did, while that can be seen."""
    ids = _ids_of([one.values.handle for one in batch.values()])
    after = snapshots.take(ids.values())
    movement_id = db.session.scalar(sa.select(sa.func.max(StockMovement.id))) or 0
    rows = []
    for (number, given), report in zip(batch.items(), reports, strict=True):
        product_id = ids[given.values.handle]
        row = _row(number, given, before.get(product_id), after[product_id])
        row["product_id"], row["movement_id"] = product_id, movement_id
        row["notes"] = [[note.subject, note.text, dict(note.values)] for note in report.notes]
        rows.append(row)
    return rows


def _row(number: int, given: SheetProduct, before: Snapshot | None, after: Snapshot) -> _Values:
    changes = {} if before is None else snapshots.differences(before, after)
    outcome = Outcome.CREATED if before is None else Outcome.UPDATED
    return _named(number, given, after["title"]) | {
        "outcome": outcome if changes or before is None else Outcome.UNCHANGED,
        "changes": changes,
        "labels": snapshots.labels_of({**(before or {}), **after}, changes),
        "fingerprint": snapshots.fingerprint(after) if before is None else "",
    }


def _named(number: int, given: SheetProduct, title: str) -> _Values:
    return {
        "number": number,
        "line": given.line,
        "handle": given.values.handle,
        "title": title,
        "product_id": None,
        "changes": {},
        "labels": {},
        "notes": [],
        "fingerprint": "",
        "movement_id": 0,
        "is_kept": False,
        "is_undone": False,
        "conflicts": {},
    }


def _add_rows(file: Import, rows: Sequence[_Values], is_kept: bool) -> None:
    if not rows:
        return
    for row in rows:
        row["import_id"], row["is_kept"] = file.id, is_kept
        # A product that was only tried is not here.
        if not is_kept and row["outcome"] == Outcome.CREATED:
            row["product_id"] = None
    db.session.execute(sa.insert(ImportProduct), list(rows))
    counts = Counter(row["outcome"] for row in rows)
    file.created_count += counts[Outcome.CREATED]
    file.updated_count += counts[Outcome.UPDATED]
    file.unchanged_count += counts[Outcome.UNCHANGED]


def _note_faulty(file: Import, number: int, given: SheetProduct, faults: Sequence[Fault]) -> None:
    """`faults`: those that the file alone did not show."""
    row = _named(number, given, given.values.title)
    db.session.execute(
        sa.insert(ImportProduct), [row | {"import_id": file.id, "outcome": Outcome.FAULTY}]
    )
    _add_faults(file, faults, number)
    file.faulty_count += 1


def _add_faults(file: Import, faults: Sequence[Fault], number: int | None = None) -> None:
    rows = [
        {
            "import_id": file.id,
            "number": number,
            "line": fault.line,
            "column_name": fault.column[:255],
            "reason": fault.reason,
            "data": dict(fault.values),
        }
        for fault in faults
    ]
    if rows:
        db.session.execute(sa.insert(ImportFault), rows)
    file.fault_count += len(rows)


def _forget_rows(file: Import, first: int, end: int) -> None:
    """What was noted of these products when the file was looked through."""
    db.session.execute(
        sa.delete(ImportProduct)
        .where(ImportProduct.import_id == file.id, ImportProduct.number >= first)
        .where(ImportProduct.number < end)
        .execution_options(synchronize_session=False)
    )
    forgotten = db.session.scalars(
        sa.delete(ImportFault)
        .where(ImportFault.import_id == file.id, ImportFault.number >= first)
        .where(ImportFault.number < end)
        .returning(ImportFault.id)
        .execution_options(synchronize_session=False)
    ).all()
    file.fault_count -= len(forgotten)


def _go_on(file: Import, count: int) -> None:
    file.position += count
    _note_success(file)


def _note_success(file: Import) -> None:
    """One by one it goes on until the one that fails is found."""
    file.tries = TRIES if file.tries >= TRIES else 0


def _faulty_lines(sheet: Sheet) -> set[int]:
    return {fault.line for fault in sheet.faults}


def _fault_of(
    products: Mapping[int, SheetProduct], faults: Sequence[Fault]
) -> dict[int, list[Fault]]:
    """By product."""
    numbers = {line: number for number, one in products.items() for line in one.lines}
    found: dict[int, list[Fault]] = {}
    for fault in faults:
        found.setdefault(numbers[fault.line], []).append(fault)
    return found


def _ids_of(handles: Sequence[str]) -> dict[str, int]:
    rows = db.session.execute(
        sa.select(Product.handle, Product.id).where(Product.handle.in_(handles))
    )
    return {row.handle: row.id for row in rows}


# Undoing


def _to_undo(file: Import) -> Sequence[ImportProduct]:
    """The next that are brought back, the last of the file first."""
    return db.session.scalars(
        sa.select(ImportProduct)
        .where(
            ImportProduct.import_id == file.id,
            ImportProduct.outcome.in_([Outcome.CREATED, Outcome.UPDATED]),
            ImportProduct.is_kept,
            sa.not_(ImportProduct.is_undone),
        )
        .order_by(ImportProduct.number.desc())
        .limit(size_of_batch(file))
    ).all()


def _undo_one(file: Import, row: ImportProduct) -> undoing.Outcome | None:
    row.is_undone = True
    file.position = min(file.position + 1, file.total)
    product = db.session.scalar(
        sa.select(Product)
        .where(Product.id == row.product_id)
        .with_for_update()
        .options(
            selectinload(Product.options),
            selectinload(Product.variants),
            selectinload(Product.images),
        )
        .execution_options(populate_existing=True)
    )
    if product is None:
        if row.outcome == Outcome.UPDATED:
            _keep(file, row, {"product": undoing.Why.GONE})
        return None
    outcome = _bring_back(file, row, product)
    _keep(file, row, outcome.conflicts)
    if not outcome.is_removed:
        catalog.keep_in_step([product])
    return outcome


def _bring_back(file: Import, row: ImportProduct, product: Product) -> undoing.Outcome:
    current = snapshots.take([product.id])[product.id]
    ids = snapshots.ids_in([*current, *row.changes], "variant")
    ids += snapshots.ids_in([*current, *row.changes], "stock")
    since = queries.since(set(ids), row.movement_id)
    if row.outcome == Outcome.CREATED:
        return undoing.remove(product, current, row.fingerprint, since, file.account_id)
    return undoing.restore(product, current, row.changes, since, file.account_id)


def _keep(file: Import, row: ImportProduct, conflicts: Mapping[str, undoing.Why]) -> None:
    row.conflicts = {key: str(why) for key, why in conflicts.items()}
    file.conflict_count += bool(conflicts)


def leave_one(file: Import) -> None:
    """Go on without the product that could not be brought back time and again."""
    for row in _to_undo(file)[:1]:
        row.is_undone = True
        _keep(file, row, {"product": undoing.Why.FAILED})
    file.tries = 0


def _remove_new_collections(file: Import) -> None:
    """Those that nothing lies in and nobody touched since."""
    for id_ in reversed(file.new_collections):
        collection = db.session.get(Collection, id_)
        if collection is not None and _is_bare(collection):
            collections.delete_collection(collection, by=file.account_id)


def _is_bare(collection: Collection) -> bool:
    is_held = sa.union_all(
        sa.select(CollectionProduct.product_id).where(
            CollectionProduct.collection_id == collection.id
        ),
        sa.select(Collection.id).where(Collection.parent_id == collection.id),
    )
    is_touched = (
        collection.summary or collection.file or collection.is_in_menu or collection.conditions
    )
    return not is_touched and db.session.scalar(is_held.limit(1)) is None

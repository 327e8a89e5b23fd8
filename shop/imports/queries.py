"""Imports as pages and the worker read them."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from shop.accounts.models import Account
from shop.catalog.csvfile import Fault, FileRefused, read_table, write_table
from shop.catalog.models import ProductImage
from shop.catalog.sheet import REMARKS
from shop.catalog.sheet_reader import read_sheet
from shop.catalog.undoing import Since
from shop.extensions import db
from shop.imports.models import (
    AT_WORK,
    Import,
    ImportFault,
    ImportFile,
    ImportProduct,
    ImportState,
    Outcome,
)
from shop.inventory.models import MovementReason, Reservation, ReservationState, StockMovement
from shop.orders.models import LineItem
from shop.paging import listed

PAGE_SIZE = 25
#: Pictures that could not be had are shown singly up to here.
SHOWN_PICTURES = 50
#: Movements of stock that orders made; all others a person or another file made.
_SALES = (MovementReason.SALE, MovementReason.RESTOCK)


@dataclass(frozen=True)
class ImportRow:
    file: Import
    #: Who gave it: name or email; none: nobody who is still there.
    by: str | None


@dataclass(frozen=True)
class Pictures:
    """Of an import, what is not in the media folder yet."""

    waiting: int
    failed: int
    #: The first of those that failed.
    shown: Sequence[ProductImage]


def imports(page: int) -> list[ImportRow]:
    """A page, the newest first, and one more where another follows: one query."""
    newest, ids = [Import.id.desc()], sa.select(Import.id)
    rows = db.session.execute(listed(_WITH_PERSON, Import.id, ids, newest, page, PAGE_SIZE))
    return [ImportRow(file, by) for file, by in rows]


def import_by_id(import_id: int) -> ImportRow | None:
    row = db.session.execute(_WITH_PERSON.where(Import.id == import_id)).one_or_none()
    return ImportRow(*row) if row else None


def by_press(press: str) -> int | None:
    return db.session.scalar(sa.select(Import.id).where(Import.press == press))


def at_work() -> int | None:
    """The oldest that the worker has something to do for."""
    return db.session.scalar(
        sa.select(Import.id).where(Import.state.in_(AT_WORK)).order_by(Import.id).limit(1)
    )


def is_any_waiting() -> bool:
    """Whether a file is being worked on, or was looked through and is not begun yet."""
    states = (*AT_WORK, ImportState.CHECKED)
    return bool(db.session.scalar(sa.select(sa.exists().where(Import.state.in_(states)))))


def has_content(import_id: int) -> bool:
    found = sa.select(ImportFile.import_id).where(ImportFile.import_id == import_id)
    return db.session.scalar(found) is not None


def content_of(import_id: int) -> bytes | None:
    """The file as it came; none once it was forgotten."""
    packed = db.session.scalar(
        sa.select(ImportFile.content).where(ImportFile.import_id == import_id)
    )
    return None if packed is None else zlib.decompress(packed)


def products_of(import_id: int, outcome: Outcome, page: int) -> Sequence[ImportProduct]:
    """A page in the file's order, and one more where another follows."""
    return db.session.scalars(
        sa.select(ImportProduct)
        .where(ImportProduct.import_id == import_id, ImportProduct.outcome == outcome)
        .order_by(ImportProduct.number)
        .limit(PAGE_SIZE + 1)
        .offset((page - 1) * PAGE_SIZE)
    ).all()


def conflicts_of(import_id: int, page: int) -> Sequence[ImportProduct]:
    return db.session.scalars(
        sa.select(ImportProduct)
        .where(
            ImportProduct.import_id == import_id,
            sa.cast(ImportProduct.conflicts, sa.Text) != "{}",
        )
        .order_by(ImportProduct.number)
        .limit(PAGE_SIZE + 1)
        .offset((page - 1) * PAGE_SIZE)
    ).all()


def faults_of(import_id: int, page: int) -> Sequence[ImportFault]:
    return db.session.scalars(
        _FAULTS.where(ImportFault.import_id == import_id)
        .limit(PAGE_SIZE + 1)
        .offset((page - 1) * PAGE_SIZE)
    ).all()


def all_faults(import_id: int) -> list[Fault]:
    rows = db.session.scalars(_FAULTS.where(ImportFault.import_id == import_id))
    return [row.as_fault for row in rows]


def left_out(
    file: Import, content: bytes, faults: Sequence[Fault], words: Sequence[str]
) -> Iterator[str]:
    """The rows of the products that were left out, as they came, and why: to be put right and given
    again as they are. `words`: what is told of each fault.
    """
    told: dict[int, list[str]] = {}
    for fault, text in zip(faults, words, strict=True):
        told.setdefault(fault.line, []).append(f"{fault.column}: {text}" if fault.column else text)
    try:
        table, sheet = read_table(content), read_sheet(content, file.currency)
    except FileRefused:
        return write_table(("Line", REMARKS), ((line, "; ".join(told[line])) for line in told))
    wanted = set(told).union(
        *(product.lines for product in sheet.products if told.keys() & set(product.lines))
    )
    rows = (
        (*row.cells, "; ".join(told.get(row.line, ()))) for row in table.rows if row.line in wanted
    )
    return write_table((*table.header, REMARKS), rows)


def pictures_of(import_id: int) -> Pictures:
    mine = sa.select(ImportProduct.product_id).where(
        ImportProduct.import_id == import_id, ImportProduct.product_id.is_not(None)
    )
    missing = (
        ProductImage.product_id.in_(mine),
        ProductImage.file.is_(None),
        ProductImage.source_url != "",
    )
    counts = db.session.execute(
        sa.select(
            sa.func.count(),
            sa.func.count(sa.case((ProductImage.fetch_error != "", 1))),
        ).where(*missing)
    ).one()
    shown = db.session.scalars(
        sa.select(ProductImage)
        .where(*missing, ProductImage.fetch_error != "")
        .order_by(ProductImage.id)
        .limit(SHOWN_PICTURES)
    ).all()
    return Pictures(counts[0] - counts[1], counts[1], shown)


def failed_pictures(import_id: int) -> list[int]:
    mine = sa.select(ImportProduct.product_id).where(ImportProduct.import_id == import_id)
    return list(
        db.session.scalars(
            sa.select(ProductImage.id)
            .where(
                ProductImage.product_id.in_(mine),
                ProductImage.file.is_(None),
                ProductImage.fetch_error != "",
            )
            .order_by(ProductImage.id)
        )
    )


def since(variant_ids: Collection[int], movement_id: int) -> Since:
    """What happened to these variants since that movement."""
    sold = db.session.scalars(
        sa.union(
            sa.select(LineItem.variant_id).where(LineItem.variant_id.in_(variant_ids)),
            sa.select(Reservation.variant_id).where(
                Reservation.variant_id.in_(variant_ids),
                Reservation.state == ReservationState.HELD,
            ),
        )
    )
    counted = db.session.scalars(
        sa.select(StockMovement.variant_id).where(
            StockMovement.variant_id.in_(variant_ids),
            StockMovement.id > movement_id,
            StockMovement.reason.not_in(_SALES),
        )
    )
    return Since(frozenset(sold), frozenset(counted))


_WITH_PERSON = sa.select(
    Import, sa.func.coalesce(sa.func.nullif(Account.name, ""), Account.email)
).outerjoin(Account, Account.id == Import.account_id)
_FAULTS = sa.select(ImportFault).order_by(ImportFault.line, ImportFault.id)

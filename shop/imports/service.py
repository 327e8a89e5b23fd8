"""The life of an import, as staff lead it: these set its state, and the worker goes on from there
(batches.py).
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from shop import audit
from shop.catalog.sheet import Source
from shop.clock import now
from shop.extensions import db
from shop.imports import queries
from shop.imports.models import (
    AT_WORK,
    Import,
    ImportFault,
    ImportFile,
    ImportProduct,
    ImportState,
)
from shop.outbox import service as outbox

#: Bytes that a page takes; the command line takes more.
MAX_UPLOAD = 20 * 1024 * 1024
#: How long a file is kept, and with it what is needed to undo it.
KEPT_FOR = timedelta(days=90)


@dataclass(frozen=True)
class Upload:
    name: str
    content: bytes
    source: Source
    #: What its prices are in.
    currency: str


def create(upload: Upload, *, press: str, by: int) -> Import:
    """For the worker to look through. One press gives one import: a second is answered with the
    first.
    """
    known = queries.by_press(press)
    if known is not None:
        return db.session.get_one(Import, known)
    file = Import(
        account_id=by,
        press=press,
        file_name=upload.name,
        file_size=len(upload.content),
        source=upload.source,
        currency=upload.currency,
    )
    db.session.add(file)
    db.session.flush()
    db.session.add(ImportFile(import_id=file.id, content=zlib.compress(upload.content)))
    _record(file.id, "uploaded", by, file=upload.name)
    return file


def start(import_id: int, *, by: int) -> bool:
    """Bring in what was looked through. False where somebody was quicker."""
    is_first = _move(
        import_id,
        ImportState.RUNNING,
        Import.state == ImportState.CHECKED,
        position=0,
        started_at=now(),
        **_NO_COUNTS,
    )
    if is_first:
        _record(import_id, "started", by)
    return is_first


def cancel(import_id: int, *, by: int) -> bool:
    """Stop where it stands. False where there is nothing to stop any more."""
    is_waiting = Import.state.in_([ImportState.CHECKING, ImportState.CHECKED, ImportState.REFUSED])
    is_discarded = _move(import_id, ImportState.DISCARDED, is_waiting)
    is_canceled = _move(
        import_id, ImportState.CANCELED, Import.state == ImportState.RUNNING, finished_at=now()
    )
    if is_discarded or is_canceled:
        _record(import_id, "canceled" if is_canceled else "discarded", by)
    return is_discarded or is_canceled


def undo(import_id: int, *, by: int) -> bool:
    """Bring everything back to what it was before. False where that is under way already, or what
    it was is forgotten.
    """
    is_first = _move(
        import_id,
        ImportState.UNDOING,
        Import.state.in_([ImportState.DONE, ImportState.CANCELED])
        & sa.exists().where(ImportFile.import_id == import_id),
        position=0,
        conflict_count=0,
    )
    if is_first:
        _record(import_id, "undone", by)
    return is_first


def fetch_again(import_id: int, *, press: str) -> int:
    """Promise anew the pictures that could not be had; how many."""
    ids = queries.failed_pictures(import_id)
    outbox.enqueue_many(
        [
            outbox.Promise(
                outbox.IMAGE, "fetch_image", {"image_id": id_}, f"fetch_image:{id_}:{press}"
            )
            for id_ in ids
        ]
    )
    return len(ids)


def forget_undo() -> None:
    """What finished imports changed stays: how it was before fits the shop no more."""
    ended = sa.select(Import.id).where(Import.state.not_in(AT_WORK))
    db.session.execute(
        sa.delete(ImportFile)
        .where(ImportFile.import_id.in_(ended))
        .execution_options(synchronize_session=False)
    )


def forget_old() -> None:
    """Files, and what each did; that there was one stays in the list of imports."""
    old = sa.select(Import.id).where(
        Import.created_at < now() - KEPT_FOR, Import.state.not_in(AT_WORK)
    )
    for table in (ImportFile, ImportProduct, ImportFault):
        db.session.execute(
            sa.delete(table)
            .where(table.import_id.in_(old))
            .execution_options(synchronize_session=False)
        )


# Inside

_NO_COUNTS = dict.fromkeys(("created_count", "updated_count", "unchanged_count", "faulty_count"), 0)


def _move(
    import_id: int, state: ImportState, condition: sa.ColumnElement[bool], **values: Any
) -> bool:
    """A conditional UPDATE, so that of two presses one is first."""
    moved = db.session.scalar(
        sa.update(Import)
        .where(Import.id == import_id, condition)
        .values(state=state, tries=0, **values)
        .returning(Import.id)
        .execution_options(synchronize_session=False)
    )
    return moved is not None


def _record(import_id: int, what: str, by: int, **data: Any) -> None:
    audit.record(by, f"import.{what}", subject_kind="import", subject_id=import_id, **data)

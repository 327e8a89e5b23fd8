"""The worker's part of imports: a slice at a time, so that its other chores go on meanwhile."""

from __future__ import annotations

import logging
import time

import sqlalchemy as sa

from shop.catalog.csvfile import Fault, FileRefused
from shop.catalog.restoring import could_show
from shop.catalog.sheet import Sheet
from shop.catalog.sheet_reader import read_sheet
from shop.database import in_transaction, is_busy
from shop.extensions import db
from shop.imports import batches, queries
from shop.imports.models import AT_WORK, Import, ImportState
from shop.media.pictures import remove_picture
from shop.reviews.queries import is_picture_in_use
from shop.web.config import settings

log = logging.getLogger("shop.imports")

#: Seconds that one turn takes at most, a batch more or less.
TURN = 2.0
#: On SQLite, who waits to write looks again every 0.1 s: so long a pause lets everybody pass.
BREATH = 0.12


class _Sheets:
    """The sheet that was read last: reading takes longer than bringing some of it in."""

    def __init__(self) -> None:
        self._known: tuple[int, Sheet] | None = None

    def of(self, file: Import) -> Sheet:
        """Raises FileRefused. The currency and the day are those of the upload, so that a worker
        that begins anew reads the same.
        """
        if self._known is None or self._known[0] != file.id:
            content = queries.content_of(file.id) or b""
            sheet = read_sheet(content, file.currency, today=file.created_at.date())
            self._known = file.id, sheet
        return self._known[1]

    def forget(self) -> None:
        self._known = None


_sheets = _Sheets()


def work() -> bool:
    """For at most TURN seconds; whether there is more. Several workers may do so at once."""
    deadline = time.monotonic() + TURN
    while (import_id := _next()) is not None:
        began = time.monotonic()
        if not _step(import_id):
            return False
        if time.monotonic() > deadline:
            return True
        _breathe(time.monotonic() - began)
    _sheets.forget()
    return False


def _next() -> int | None:
    import_id = queries.at_work()
    db.session.rollback()
    return import_id


def _step(import_id: int) -> bool:
    """Whether to go on at once."""
    try:
        sheet = _sheet_for(import_id)
    except FileRefused as refusal:
        faults = refusal.faults
        db.session.rollback()
        in_transaction(lambda: _refuse(import_id, faults))
        return True
    try:
        files = in_transaction(lambda: _work_on(import_id, sheet))
    except Exception as error:  # whatever it was, it is noted and the other chores go on
        db.session.rollback()
        if not is_busy(error):
            log.exception("import failed", extra={"import": import_id})
            in_transaction(lambda: _note_failure(import_id, sheet))
        return False
    if files is None:
        return False
    _remove_pictures(files)
    return True


def _sheet_for(import_id: int) -> Sheet | None:
    """Read before the transaction begins, since it takes long; undoing needs none."""
    file = db.session.get_one(Import, import_id)
    sheet = None if file.state == ImportState.UNDOING else _sheets.of(file)
    db.session.rollback()
    return sheet


def _locked(import_id: int) -> Import | None:
    """None where another worker is at it."""
    return db.session.scalar(
        sa.select(Import)
        .where(Import.id == import_id, Import.state.in_(AT_WORK))
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )


def _work_on(import_id: int, sheet: Sheet | None) -> list[str] | None:
    """Pictures that may be shown no more; none where another worker is at it."""
    file = _locked(import_id)
    if file is None:
        return None
    if file.state == ImportState.UNDOING:
        return batches.undo_some(file)
    if sheet is None:  # its state changed in this moment
        return None
    media_url = f"{settings().url}/media"
    if file.state == ImportState.RUNNING:
        batches.run_some(file, sheet, media_url)
    elif file.total == 0:
        batches.begin_check(file, sheet)
    else:
        batches.check_some(file, sheet, media_url)
    return []


def _refuse(import_id: int, faults: tuple[Fault, ...]) -> None:
    file = _locked(import_id)
    if file is not None:
        batches.refuse(file, faults)


def _note_failure(import_id: int, sheet: Sheet | None) -> None:
    """Tried again at the next turn; in the end without the product that it fails for."""
    file = _locked(import_id)
    if file is None:
        return
    file.tries += 1
    if file.tries < 2 * batches.TRIES:
        return
    if file.state == ImportState.UNDOING:
        batches.leave_one(file)
    elif sheet is not None and file.position < file.total:
        batches.give_up_one(file, sheet)


def _remove_pictures(files: list[str]) -> None:
    for file in files:
        is_needed = is_picture_in_use(file) or could_show(file)
        db.session.rollback()
        if not is_needed:
            remove_picture(file, settings().media_path)


def _breathe(worked: float) -> None:
    """Let those write who waited meanwhile."""
    if db.engine.dialect.name == "sqlite" and worked > BREATH / 4:
        time.sleep(BREATH)

"""Product files: given, looked through, brought in, undone. The worker does the work; these pages
tell how far it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import (
    Response,
    abort,
    flash,
    redirect,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.admin import import_words
from shop.admin.access import bp, staff, store
from shop.admin.downloads import marked
from shop.admin.lists import pager_of
from shop.admin.refund_forms import new_press
from shop.catalog.csvfile import Fault, FileRefused
from shop.catalog.sheet_reader import source_of
from shop.database import in_transaction
from shop.extensions import db
from shop.imports import queries, service
from shop.imports.models import ImportState, Outcome
from shop.imports.queries import PAGE_SIZE, ImportRow
from shop.web.counts import ngettext
from shop.web.forms import tidy
from shop.web.pagination import Pager, paginate, read_page

#: Parts of an import's page; each is a list.
_PARTS: dict[str, Callable[[int, int], Any]] = {
    "new": lambda id_, page: queries.products_of(id_, Outcome.CREATED, page),
    "changed": lambda id_, page: queries.products_of(id_, Outcome.UPDATED, page),
    "same": lambda id_, page: queries.products_of(id_, Outcome.UNCHANGED, page),
    "faults": queries.faults_of,
    "kept": queries.conflicts_of,
}


@bp.get("/imports")
def imports() -> ResponseReturnValue:
    pager = pager_of(queries.imports, PAGE_SIZE, ".imports")
    return render_template("admin/imports.html", pager=pager, text="", is_new_shop=not pager.rows)


@bp.get("/imports/new")
def new_import() -> ResponseReturnValue:
    return _form(new_press())


@bp.post("/imports/new")
def create_import() -> ResponseReturnValue:
    press = tidy(request.form.get("press"))[:40] or new_press()
    name, content = _uploaded()
    if not name:
        return _form(press, [_("Choose a CSV file.")]), 422
    if len(content) > service.MAX_UPLOAD:
        return _form(
            press, [_("The file is larger than 20 MB. Split it, and import the parts.")]
        ), 422
    try:
        source = source_of(content)
    except FileRefused as refusal:
        return _form(press, [_whole(fault) for fault in refusal.faults]), 422
    by = staff().id
    given = service.Upload(name, content, source, store().currency)
    import_id = in_transaction(lambda: service.create(given, press=press, by=by).id)
    return redirect(url_for(".show_import", import_id=import_id), code=303)


@bp.get("/imports/<id:import_id>")
def show_import(import_id: int) -> ResponseReturnValue:
    """`?show=` one of its lists; without it, the one that matters most."""
    row = _found(import_id)
    wanted = request.args.get("show")
    part = wanted if wanted in _PARTS else _first_part(row)
    number = read_page(request.args.get("page"))
    pager: Pager[Any] = paginate(
        _PARTS[part](import_id, number),
        number,
        PAGE_SIZE,
        lambda page: url_for(".show_import", import_id=import_id, show=part, page=page),
    )
    is_over = not row.file.is_at_work and row.file.finished_at is not None
    return render_template(
        "admin/import.html",
        file=row.file,
        by=row.by,
        part=part,
        pager=pager,
        words=import_words,
        pictures=queries.pictures_of(import_id) if is_over else None,
        can_undo=row.file.can_undo and queries.has_content(import_id),
        press=new_press(),
    )


@bp.get("/imports/<id:import_id>/progress")
def import_progress(import_id: int) -> ResponseReturnValue:
    """The part of the page that a script asks for again and again."""
    response = Response(render_template("admin/_import_progress.html", file=_found(import_id).file))
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/imports/<id:import_id>/left-out.csv")
def import_faults(import_id: int) -> ResponseReturnValue:
    """The rows that were left out, with the reason, to be put right and given again."""
    file, content = _found(import_id).file, queries.content_of(import_id)
    if content is None:
        abort(404)
    faults = queries.all_faults(import_id)
    lines = queries.left_out(file, content, faults, [import_words.reason(one) for one in faults])
    return Response(
        stream_with_context(marked(lines)),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="left-out-{import_id}.csv"'},
    )


@bp.post("/imports/<id:import_id>/start")
def start_import(import_id: int) -> ResponseReturnValue:
    _found(import_id)
    db.session.rollback()
    by = staff().id
    if not in_transaction(lambda: service.start(import_id, by=by)):
        flash(_("It was started already, or there is nothing to bring in."), "info")
    return _to(import_id)


@bp.post("/imports/<id:import_id>/cancel")
def cancel_import(import_id: int) -> ResponseReturnValue:
    _found(import_id)
    db.session.rollback()
    by = staff().id
    if not in_transaction(lambda: service.cancel(import_id, by=by)):
        flash(_("It was over already, so nothing was stopped."), "info")
    return _to(import_id)


@bp.post("/imports/<id:import_id>/undo")
def undo_import(import_id: int) -> ResponseReturnValue:
    _found(import_id)
    db.session.rollback()
    by = staff().id
    if not in_transaction(lambda: service.undo(import_id, by=by)):
        flash(_("It is being undone already, or what it was before is forgotten."), "info")
    return _to(import_id)


@bp.post("/imports/<id:import_id>/pictures")
def fetch_import_pictures(import_id: int) -> ResponseReturnValue:
    _found(import_id)
    db.session.rollback()
    press = tidy(request.form.get("press"))[:40] or new_press()
    count = in_transaction(lambda: service.fetch_again(import_id, press=press))
    sentence = ngettext(
        "%(num)s picture is asked for again.", "%(num)s pictures are asked for again.", count
    )
    flash(sentence, "ok")
    return _to(import_id)


# Inside -----------------------------------------------------------------------------------------


def _uploaded() -> tuple[str, bytes]:
    """Name and content, a byte more than is taken at most; no name: no file was chosen."""
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        return "", b""
    with upload.stream as stream:
        return tidy(upload.filename)[:255], stream.read(service.MAX_UPLOAD + 1)


def _found(import_id: int) -> ImportRow:
    row = queries.import_by_id(import_id)
    if row is None:
        abort(404)
    return row


def _form(press: str, errors: list[str] | None = None) -> str:
    return render_template("admin/import_new.html", press=press, errors=errors or [])


def _to(import_id: int) -> ResponseReturnValue:
    return redirect(url_for(".show_import", import_id=import_id), code=303)


def _first_part(row: ImportRow) -> str:
    file = row.file
    if file.state == ImportState.UNDONE and file.conflict_count:
        return "kept"
    for part, count in (
        ("changed", file.updated_count),
        ("new", file.created_count),
        ("faults", file.fault_count),
    ):
        if count:
            return part
    return "same"


def _whole(fault: Fault) -> str:
    """A sentence of its own."""
    if fault.column:
        return f"{fault.column}: {import_words.reason(fault)}"
    return f"{import_words.sentence(fault)}."

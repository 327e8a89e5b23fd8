"""Stock takes: begun, counted by scanner or by number, finished or abandoned."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import abort, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date, format_decimal
from flask_babel import gettext as _

from shop.admin import inventory_queries
from shop.admin.access import bp, staff, store
from shop.admin.inventory_forms import UnitsForm, variant_ids_in
from shop.admin.inventory_queries import StockRow
from shop.admin.lists import one_of, pager_of
from shop.admin.refund_forms import new_press
from shop.admin.stock_take_forms import ScanForm, StockTakeForm, What
from shop.clock import now
from shop.database import in_transaction
from shop.money import Money
from shop.stock_takes import queries, service
from shop.stock_takes.models import StockTake
from shop.stock_takes.queries import PAGE_SIZE, LineFilter
from shop.web.counts import ngettext
from shop.web.input import MAX_ID, wants_json
from shop.web.pagination import paginate, read_page

TAKES_ON_A_PAGE = 25


class Refused(Exception):
    """A form holds complaints that only the database knew; nothing is kept."""


@bp.get("/inventory/counts")
def stock_takes() -> ResponseReturnValue:
    pager = pager_of(
        lambda page: queries.takes(page, TAKES_ON_A_PAGE), TAKES_ON_A_PAGE, ".stock_takes"
    )
    return render_template("admin/stock_takes.html", pager=pager, text="")


@bp.get("/inventory/counts/new")
def new_stock_take() -> ResponseReturnValue:
    title = _("Stock take of %(day)s", day=format_date(now().date()))
    form = StockTakeForm(values={"title": title, "what": What.ALL, "press": new_press()})
    return _new_page(form)


@bp.post("/inventory/counts/new")
def start_stock_take() -> ResponseReturnValue:
    form, by = StockTakeForm(), staff().id
    if not form.is_valid():
        return _new_page(form), 422
    title, press = form.title.data or "", form.press.data or new_press()
    try:
        take_id = in_transaction(lambda: service.start(title, _chosen(form), press=press, by=by).id)
    except Refused:
        return _new_page(form), 422
    except service.NothingToCount:
        form.complain(form.what, _("Nothing that is counted is among these."))
        return _new_page(form), 422
    return _back(take_id)


@bp.get("/inventory/counts/<id:take_id>")
def stock_take(take_id: int) -> ResponseReturnValue:
    return _page(_take_or_404(take_id))


@bp.post("/inventory/counts/<id:take_id>/scans")
def scan(take_id: int) -> ResponseReturnValue:
    """One more of what was scanned, or as many more as were typed."""
    take, form, by = _take_or_404(take_id), ScanForm(), staff().id
    if form.is_valid():
        try:
            told = in_transaction(lambda: _add(take_id, form, by=by))
        except Refused:
            pass
        else:
            if wants_json():
                return jsonify(told=told)
            flash(told, "ok")
            return _back(take_id)
    if wants_json():
        return jsonify(errors=list(form.complaints.values())), 422
    return _page(take, scan=form), 422


@bp.post("/inventory/counts/<id:take_id>/lines")
def count_lines(take_id: int) -> ResponseReturnValue:
    """The numbers that were typed into the rows, all of them or none."""
    take, by = _take_or_404(take_id), staff().id
    ids = [one for one in variant_ids_in(request.form) if 0 < one <= MAX_ID]
    rows = {one: UnitsForm(prefix=f"v{one}-") for one in sorted(set(ids))}
    typed = {one: row for one, row in rows.items() if row.units.data}
    valid = [row.is_valid() for row in rows.values()]  # each, so that all complain
    if all(valid):
        try:
            in_transaction(lambda: _count(take_id, typed, by=by))
        except Refused:
            return _page(take, rows=rows), 422
        count = len(typed)
        flash(ngettext("%(num)s number saved.", "%(num)s numbers saved.", count), "ok")
        return _back(take_id)
    return _page(take, rows=rows), 422


@bp.post("/inventory/counts/<id:take_id>/finish")
def finish_stock_take(take_id: int) -> ResponseReturnValue:
    take, by = _take_or_404(take_id), staff().id
    try:
        changed = in_transaction(lambda: service.finish(take_id, by=by))
    except service.NotOpen:
        abort(409, _not_open())
    except service.BelowPromised as below:
        return _page(take, refused=below.reserved), 422
    flash(
        ngettext(
            "Finished. %(num)s variant changed.", "Finished. %(num)s variants changed.", changed
        ),
        "ok",
    )
    return _back(take_id)


@bp.post("/inventory/counts/<id:take_id>/abandonment")
def abandon_stock_take(take_id: int) -> ResponseReturnValue:
    _take_or_404(take_id)
    by = staff().id
    try:
        in_transaction(lambda: service.abandon(take_id, by=by))
    except service.NotOpen:
        abort(409, _not_open())
    flash(_("Abandoned. No stock was changed."), "ok")
    return _back(take_id)


# Writing, inside a transaction ------------------------------------------------------------------


def _chosen(form: StockTakeForm) -> sa.Select[*tuple[Any, ...]]:
    """Ids of variants. Raises Refused where a code names none, or several."""
    if form.what.data == What.ALL:
        return inventory_queries.all_variant_ids()
    if form.what.data == What.COLLECTION:
        return inventory_queries.variant_ids_within(form.collection_id)
    found = inventory_queries.variants_by_code(form.typed_codes)
    for code in form.typed_codes:
        if not found.get(code.lower()):
            form.complain(form.codes, _unknown(code))
            raise Refused
    ids = {one for code in form.typed_codes for one in found[code.lower()]}
    return inventory_queries.all_variant_ids(ids)


def _add(take_id: int, form: ScanForm, *, by: int) -> str:
    """What to tell. Raises Refused."""
    code = form.code.data or ""
    found = inventory_queries.variants_by_code([code]).get(code.lower(), [])
    if not found:
        raise _refused(form, _unknown(code))
    if len(found) > 1:
        sentence = _("Several variants have the barcode %(code)s. Type the SKU.", code=code[:40])
        raise _refused(form, sentence)
    try:
        counted = service.add(take_id, found[0], form.count, by=by)
    except service.NotOpen:
        raise _refused(form, _not_open()) from None
    except service.NotListed:
        raise _refused(
            form, _("%(code)s is not part of this stock take.", code=code[:40])
        ) from None
    except service.TooMany:
        raise _refused(
            form, _("At most %(most)s.", most=format_decimal(service.MAX_COUNTED))
        ) from None
    name = inventory_queries.rows_of(found)[found[0]].name
    return _("%(name)s: %(count)s counted.", name=name, count=format_decimal(counted))


def _refused(form: ScanForm, sentence: str) -> Refused:
    form.complain(form.code, sentence)
    return Refused()


def _count(take_id: int, typed: dict[int, UnitsForm], *, by: int) -> None:
    """Raises Refused once every row was tried."""
    for variant_id, form in typed.items():
        try:
            service.count(take_id, variant_id, int(form.units.data or "0"), was=form.seen, by=by)
        except service.NotOpen:
            form.complain(form.units, _not_open())
        except service.NotListed:
            form.complain(form.units, _("This variant is not part of this stock take."))
        except service.CountedMeanwhile as meanwhile:
            form.was.data = "" if meanwhile.counted is None else str(meanwhile.counted)
            form.complain(
                form.units,
                _(
                    "Meanwhile somebody counted %(now)s. Check your number and save again.",
                    now=meanwhile.counted or 0,
                ),
            )
    if any(form.complaints for form in typed.values()):
        raise Refused


# Inside -----------------------------------------------------------------------------------------


def _unknown(code: str) -> str:
    return _("No variant has the SKU or barcode %(code)s.", code=code[:40])


def _not_open() -> str:
    return _("This stock take has ended. Nothing was changed.")


def _new_page(form: StockTakeForm) -> str:
    return render_template(
        "admin/new_stock_take.html", form=form, collections=inventory_queries.collections()
    )


def _page(
    take: StockTake,
    *,
    scan: ScanForm | None = None,
    rows: dict[int, UnitsForm] | None = None,
    refused: dict[int, int] | None = None,
) -> str:
    only = one_of(LineFilter, request.args.get("show"), LineFilter.ALL)
    number = read_page(request.args.get("page"))
    found = queries.lines(take.id, only, number)
    progress = queries.progress(take.id)
    ids = {line.variant_id for line in found} | set(refused or ())
    variants = inventory_queries.rows_of(ids)
    return render_template(
        "admin/stock_take.html",
        take=take,
        only=only,
        pager=paginate(
            found,
            number,
            PAGE_SIZE,
            lambda page: url_for(".stock_take", take_id=take.id, show=only or None, page=page),
        ),
        variants=variants,
        worths={line.variant_id: _worth(line, variants.get(line.variant_id)) for line in found},
        progress=progress,
        worth=Money(progress.worth, store().currency),
        currency=store().currency,
        scan=scan or ScanForm(is_empty=True),
        rows=_rows(found) | (rows or {}),
        refused=refused or {},
    )


def _worth(line: queries.CountedLine, row: StockRow | None) -> Money | None:
    """Of the difference, at cost; none: there is none, or nobody knows what one costs."""
    if row is None or row.cost_amount is None or not line.difference:
        return None
    return Money(line.difference * row.cost_amount, store().currency)


def _rows(lines: list[queries.CountedLine]) -> dict[int, UnitsForm]:
    return {
        line.variant_id: UnitsForm(
            prefix=f"v{line.variant_id}-",
            values={"was": "" if line.counted is None else str(line.counted)},
        )
        for line in lines
    }


def _take_or_404(take_id: int) -> StockTake:
    found = queries.take(take_id)
    if found is None:
        abort(404)
    return found


def _back(take_id: int) -> ResponseReturnValue:
    return redirect(url_for(".stock_take", take_id=take_id), code=303)

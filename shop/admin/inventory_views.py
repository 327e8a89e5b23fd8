"""The inventory: every variant with its stock, changed in place, and the ledger of one."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import abort, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_decimal
from flask_babel import gettext as _

from shop.admin import inventory_queries as queries
from shop.admin import variant_stock_queries, versions
from shop.admin.access import bp, staff, store
from shop.admin.inventory_forms import (
    BackorderForm,
    How,
    StockEditor,
    StockSettingsForm,
    UnitsForm,
    variant_ids_in,
)
from shop.admin.inventory_queries import (
    PAGE_SIZE,
    StockFilter,
    StockRow,
    StockSearch,
    StockSort,
)
from shop.admin.lists import listing_text, one_of, pager_of
from shop.admin.refund_forms import new_press
from shop.admin.versions import ChangedMeanwhile
from shop.catalog import costs
from shop.clock import now
from shop.database import in_transaction
from shop.inventory import service as inventory
from shop.inventory.models import Backorders, StockItem
from shop.money import Money, plain_amount
from shop.web.counts import ngettext
from shop.web.filters import number
from shop.web.input import MAX_ID, id_in, wants_json
from shop.web.pagination import paginate, read_page

#: Rows that one press may change; more than a page has.
MAX_ROWS = 200


class Refused(Exception):
    """Rows hold complaints that only the database knew; nothing is kept."""


# Every variant ----------------------------------------------------------------------------------


@bp.get("/inventory")
def stock() -> ResponseReturnValue:
    return _list_page(_search(request.args), _page_in(request.args))


@bp.post("/inventory")
def change_stock() -> ResponseReturnValue:
    """Every row with a number changes, or none. A script sends one row and gets it as JSON."""
    ids = [one for one in variant_ids_in(request.form) if 0 < one <= MAX_ID][:MAX_ROWS]
    editor, by = StockEditor.sent(ids), staff().id
    if editor.is_valid() and not editor.typed:
        editor.change.complain(editor.change.how, _("Type a number into at least one row."))
    if not editor.complaints:
        try:
            in_transaction(lambda: _change(editor, by=by))
        except Refused:
            pass
        else:
            return _changed(editor)
    if wants_json():
        return jsonify(errors=list(editor.complaints.values())), 422
    back = dict(parse_qsl(request.form.get("back", "")))
    return _list_page(_search(back), _page_in(back), editor=editor), 422


def _change(editor: StockEditor, *, by: int) -> None:
    """Raises Refused once every row was tried."""
    for variant_id, form in editor.typed.items():  # by id, the order in which orders lock them
        change_row(variant_id, form, editor, by=by)
    if editor.complaints:
        raise Refused


def change_row(variant_id: int, form: UnitsForm, editor: StockEditor, *, by: int) -> None:
    """Complains in its form where it cannot be."""
    change, units = editor.change, int(form.units.data or "0")
    why: dict[str, Any] = {
        "reason": change.movement_reason,
        "by": by,
        "note": change.note.data or "",
        "press": f"{change.press.data}:{variant_id}",
    }
    try:
        if change.how.data == How.SET:
            inventory.set_on_hand(variant_id, units, expected=form.seen, **why)
        else:
            sign = 1 if change.how.data == How.ADD else -1
            inventory.add_on_hand(variant_id, sign * units, **why)
    except inventory.NoStock:
        form.complain(form.units, _("This variant is not in the shop any more."))
    except inventory.StockChanged as changed:
        form.was.data = str(changed.on_hand)
        form.complain(
            form.units,
            _(
                "Meanwhile it became %(now)s. Check your number and save again.",
                now=changed.on_hand,
            ),
        )
    except inventory.SoldAhead as ahead:
        form.complain(form.units, _sold_ahead(ahead.reserved))
    except inventory.BelowReserved as below:
        form.complain(
            form.units,
            _("%(reserved)s are promised to orders; it cannot be less.", reserved=below.reserved),
        )
    except inventory.TooMany:
        most = inventory.MAX_ON_HAND
        form.complain(form.units, _("At most %(most)s can be on hand.", most=format_decimal(most)))


def _sold_ahead(units: int) -> str:
    return ngettext(
        "%(num)s sold unit waits for stock, so a number cannot be set. Add what came in instead.",
        "%(num)s sold units wait for stock, so a number cannot be set. Add what came in instead.",
        units,
    )


def _changed(editor: StockEditor) -> ResponseReturnValue:
    if wants_json():
        found = queries.rows_of(list(editor.typed))
        return jsonify(press=new_press(), rows={one: _told(row) for one, row in found.items()})
    count = len(editor.typed)
    flash(ngettext("%(num)s variant changed.", "%(num)s variants changed.", count), "ok")
    back = dict(parse_qsl(request.form.get("back", "")))
    args = _search(back).as_args() | {"how": editor.change.how.data}
    args |= {"reason": editor.change.reason.data, "page": back.get("page")}
    return redirect(url_for(".stock", **args), code=303)


def _told(row: StockRow) -> dict[str, Any]:
    """A row as a script shows it anew."""
    return {
        "was": row.on_hand,
        "on_hand": number(row.on_hand),
        "reserved": number(row.reserved),
        "available": _("not counted") if row.free is None else number(row.free),
        "is_low": row.is_low,
        "said": _("%(name)s: %(count)s on hand.", name=row.name, count=number(row.on_hand)),
    }


def _search(args: Any) -> StockSearch:
    collection = id_in(args.get("collection") or "")
    return StockSearch(
        text=listing_text(args),
        only=one_of(StockFilter, args.get("show"), StockFilter.ALL),
        collection_id=collection,
        sort=one_of(StockSort, args.get("sort"), StockSort.PRODUCT),
    )


def _page_in(args: Any) -> int:
    return read_page(args.get("page"), from_end=True)


def _list_page(search: StockSearch, number: int, *, editor: StockEditor | None = None) -> str:
    found = queries.page_of_stock(search, number)
    pager = paginate(
        found.rows,
        number,
        PAGE_SIZE,
        lambda page: url_for(".stock", **search.as_args(), page=page),
        from_end=True,
    )
    on_hand = {row.variant_id: row.on_hand for row in pager.rows}
    how = one_of(How, request.args.get("how"), How.SET)
    usual = StockEditor.of(on_hand, how=how, reason=request.args.get("reason", ""))
    return render_template(
        "admin/inventory.html",
        pager=pager,
        search=search,
        text=search.text,
        only=search.only,
        editor=editor.with_rows(on_hand) if editor else usual,
        labels={f"v{row.variant_id}-units": row.name for row in pager.rows},
        collections=queries.collections(),
        back=urlencode({k: v for k, v in (search.as_args() | {"page": number}).items() if v}),
        is_newest_first=found.is_newest_first,
        is_new_shop=not found.rows and search == StockSearch(),
    )


@bp.get("/inventory/waiting")
def waiting() -> ResponseReturnValue:
    """Orders that wait for stock, the oldest first."""
    pager = pager_of(variant_stock_queries.all_waiting, PAGE_SIZE, ".waiting")
    return render_template(
        "admin/inventory_waiting.html",
        pager=pager,
        variants=queries.rows_of({row.variant_id for row in pager.rows}),
        today=now().date(),
        text="",
    )


# One variant ------------------------------------------------------------------------------------


@bp.get("/inventory/<id:variant_id>")
def stock_of_variant(variant_id: int) -> ResponseReturnValue:
    return _variant_page(_row_or_404(variant_id))


@bp.post("/inventory/<id:variant_id>")
def change_stock_of_variant(variant_id: int) -> ResponseReturnValue:
    row, by = _row_or_404(variant_id), staff().id
    editor = StockEditor.sent([variant_id])
    form = editor.rows[variant_id]
    if editor.is_valid() and not form.units.data:
        form.complain(form.units, _("Type a number."))
    if not editor.complaints:
        try:
            in_transaction(lambda: _change(editor, by=by))
        except Refused:
            row = _row_or_404(variant_id)
        else:
            flash(_("Changed."), "ok")
            return _back(variant_id)
    return _variant_page(row, editor=editor), 422


@bp.post("/inventory/<id:variant_id>/settings")
def save_stock_settings(variant_id: int) -> ResponseReturnValue:
    row, form, by = _row_or_404(variant_id), StockSettingsForm(), staff().id
    form.currency = store().currency
    if form.is_valid():
        try:
            in_transaction(lambda: _save_settings(variant_id, form, by=by))
        except inventory.BelowReserved as below:
            form.complain(
                form.is_tracked,
                _(
                    "%(reserved)s are promised to orders and fewer are on hand. Set what is on hand"
                    " first, then count its units.",
                    reserved=below.reserved,
                ),
            )
        except ChangedMeanwhile:
            form.complain(form.is_tracked, versions.sentence())
            return _variant_page(_row_or_404(variant_id), settings=form), 409
        else:
            flash(_("Saved."), "ok")
            return _back(variant_id)
    return _variant_page(row, settings=form), 422


def _save_settings(variant_id: int, form: StockSettingsForm, *, by: int) -> None:
    versions.lock(StockItem, variant_id)
    versions.check(_settings_of(_row_or_404(variant_id)), typed=[form], name="settings")
    inventory.set_tracked(variant_id, bool(form.is_tracked.data), by=by)
    inventory.set_low_stock_at(variant_id, form.threshold, by=by)
    costs.change_cost(variant_id, form.cost_amount, by=by)


@bp.post("/inventory/<id:variant_id>/backorders")
def save_backorders(variant_id: int) -> ResponseReturnValue:
    row, form, by = _row_or_404(variant_id), BackorderForm(), staff().id
    if form.is_valid():
        try:
            in_transaction(lambda: _save_backorders(variant_id, form, by=by))
        except inventory.LimitTaken as taken:
            form.complain(
                form.limit,
                ngettext(
                    "%(num)s unit waits for stock already; it cannot be less.",
                    "%(num)s units wait for stock already; it cannot be less.",
                    taken.waiting,
                ),
            )
        except ChangedMeanwhile:
            form.complain(form.kind, versions.sentence())
            return _variant_page(_row_or_404(variant_id), backorders=form), 409
        else:
            flash(_("Saved."), "ok")
            return _back(variant_id)
    return _variant_page(row, backorders=form), 422


def _save_backorders(variant_id: int, form: BackorderForm, *, by: int) -> None:
    versions.lock(StockItem, variant_id)
    versions.check(_backorders_of(_row_or_404(variant_id)), typed=[form], name="backorders")
    inventory.set_backorders(
        variant_id, Backorders(form.kind.data), limit=form.units, promised_on=form.day, by=by
    )


def _variant_page(
    row: StockRow,
    *,
    editor: StockEditor | None = None,
    settings: StockSettingsForm | None = None,
    backorders: BackorderForm | None = None,
) -> str:
    number = read_page(request.args.get("page"))
    lines = variant_stock_queries.ledger(row.variant_id, row.on_hand, number)
    return render_template(
        "admin/inventory_variant.html",
        row=row,
        promises=variant_stock_queries.promises(row.variant_id),
        pager=paginate(
            lines,
            number,
            PAGE_SIZE,
            lambda page: url_for(".stock_of_variant", variant_id=row.variant_id, page=page),
        ),
        editor=editor or StockEditor.of({row.variant_id: row.on_hand}, how=How.ADD),
        settings=settings or _settings_of(row),
        backorders=backorders or _backorders_of(row),
    )


def _settings_of(row: StockRow) -> StockSettingsForm:
    cost = row.cost_amount
    return StockSettingsForm(
        values={
            "is_tracked": row.stock.is_tracked,
            "low_stock_at": "" if row.low_stock_at is None else str(row.low_stock_at),
            "cost": "" if cost is None else plain_amount(Money(cost, store().currency)),
        }
    )


def _backorders_of(row: StockRow) -> BackorderForm:
    stock, is_on = row.stock, row.stock.takes_backorders
    return BackorderForm(
        values={
            "kind": stock.backorders,
            "limit": str(stock.backorder_limit) if is_on else "",
            "promised_on": stock.promised_on.isoformat() if stock.promised_on else "",
        }
    )


# Inside -----------------------------------------------------------------------------------------


def _row_or_404(variant_id: int) -> StockRow:
    row = queries.row_of(variant_id)
    if row is None:
        abort(404)
    return row


def _back(variant_id: int) -> ResponseReturnValue:
    return redirect(url_for(".stock_of_variant", variant_id=variant_id), code=303)

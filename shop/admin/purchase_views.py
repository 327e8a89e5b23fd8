"""Orders from suppliers: what is to come in, taking it in, calling the rest off."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_decimal
from flask_babel import gettext as _

from shop.admin import inventory_queries, versions
from shop.admin.access import bp, staff, store
from shop.admin.inventory_queries import PurchaseFilter
from shop.admin.lists import listing_text, one_of, pager_of
from shop.admin.purchase_forms import LinesForm, PurchaseForm, PurchaseLineForm, Receipt
from shop.admin.refund_forms import new_press
from shop.admin.versions import ChangedMeanwhile
from shop.clock import now
from shop.database import in_transaction
from shop.inventory.service import MAX_ON_HAND, TooMany
from shop.money import Money
from shop.purchasing import queries, service
from shop.purchasing.models import PurchaseLine, PurchaseOrder
from shop.purchasing.service import Ordered
from shop.web.counts import ngettext

PAGE_SIZE = 25


class Refused(Exception):
    """A form holds complaints that only the database knew; nothing is kept."""


@bp.get("/inventory/incoming")
def purchases() -> ResponseReturnValue:
    text = listing_text()
    only = one_of(PurchaseFilter, request.args.get("show"), PurchaseFilter.OPEN)
    is_open = None if only is PurchaseFilter.ALL else only is PurchaseFilter.OPEN
    chosen: dict[str, Any] = {"q": text or None, "show": only}
    pager = pager_of(
        lambda page: queries.orders(text=text, is_open=is_open, page=page, per_page=PAGE_SIZE),
        PAGE_SIZE,
        ".purchases",
        chosen,
    )
    return render_template(
        "admin/purchases.html",
        pager=pager,
        text=text,
        only=only,
        today=now().date(),
        is_new_shop=not pager.rows and not text and only is PurchaseFilter.OPEN,
    )


@bp.get("/inventory/incoming/new")
def new_purchase() -> ResponseReturnValue:
    form = PurchaseForm(values={"press": new_press()})
    return _new_page(form, LinesForm(is_empty=True))


@bp.post("/inventory/incoming/new")
def create_purchase() -> ResponseReturnValue:
    form, lines, by = PurchaseForm(), _lines_form(), staff().id
    lines.is_needed = True
    if not all([form.is_valid(), _is_good(lines)]):
        return _new_page(form, lines), 422
    press = form.press.data or new_press()
    try:
        order_id = in_transaction(
            lambda: service.create(form.details, _ordered(lines), press=press, by=by).id
        )
    except Refused:
        return _new_page(form, lines), 422
    flash(_("Ordered. Take it in here when it comes."), "ok")
    return _back(order_id)


@bp.get("/inventory/incoming/<id:purchase_id>")
def purchase(purchase_id: int) -> ResponseReturnValue:
    return _page(_order_or_404(purchase_id))


@bp.post("/inventory/incoming/<id:purchase_id>")
def change_purchase(purchase_id: int) -> ResponseReturnValue:
    order, form, by = _order_or_404(purchase_id), PurchaseForm(), staff().id
    if not form.is_valid():
        return _page(order, form=form), 422
    try:
        in_transaction(lambda: _describe(purchase_id, form, by=by))
    except ChangedMeanwhile:
        form.complain(form.supplier, versions.sentence())
        return _page(_order_or_404(purchase_id), form=form), 409
    flash(_("Saved."), "ok")
    return _back(purchase_id)


@bp.post("/inventory/incoming/<id:purchase_id>/lines")
def change_purchase_lines(purchase_id: int) -> ResponseReturnValue:
    """Numbers of the lines there are, and further lines."""
    order, lines, by = _order_or_404(purchase_id), _lines_form(), staff().id
    rows = {line.id: _row_form(line) for line in order.lines}
    if not all([_is_good(lines, order.lines), *(row.is_valid() for row in rows.values())]):
        return _page(order, lines=lines, rows=rows), 422

    def work() -> None:
        locked = service.locked(purchase_id)
        stored = _stored_lines(locked)
        versions.check(*stored.values(), typed=list(rows.values()), name="lines")
        for line_id, row in rows.items():
            _change_line(purchase_id, line_id, row, by=by)
        service.add_lines(purchase_id, _ordered(lines, locked.lines), by=by)
        if any(row.complaints for row in rows.values()):
            raise Refused

    try:
        in_transaction(work)
    except ChangedMeanwhile:
        lines.complain(lines.lines, versions.sentence())
        order = _order_or_404(purchase_id)
        return _page(order, lines=lines, rows=_stored_lines(order) | rows), 409
    except Refused:
        return _page(_order_or_404(purchase_id), lines=lines, rows=rows), 422
    except service.TooManyLines:
        lines.complain(lines.lines, _("At most %(most)s lines.", most=service.MAX_LINES))
        return _page(_order_or_404(purchase_id), lines=lines, rows=rows), 422
    flash(_("Saved."), "ok")
    return _back(purchase_id)


@bp.post("/inventory/incoming/<id:purchase_id>/receipts")
def receive_purchase(purchase_id: int) -> ResponseReturnValue:
    order, by = _order_or_404(purchase_id), staff().id
    receipt = Receipt.sent(order, request.form)
    if not receipt.is_valid():
        return _page(order, receipt=receipt), 422
    try:
        units = in_transaction(
            lambda: service.receive(
                purchase_id,
                receipt.units,
                press=receipt.press,
                by=by,
                may_be_over=receipt.may_be_over,
            )
        )
    except service.NothingReceived:
        return _page(order, receipt=receipt, refused=_("Type what came in.")), 422
    except service.OverReceipt as over:
        return _page(_order_or_404(purchase_id), receipt=receipt, over=over.over), 422
    except TooMany:
        sentence = _("At most %(most)s can be on hand.", most=format_decimal(MAX_ON_HAND))
        return _page(order, receipt=receipt, refused=sentence), 422
    flash(ngettext("%(num)s unit is on hand now.", "%(num)s units are on hand now.", units), "ok")
    return _back(purchase_id)


@bp.post("/inventory/incoming/<id:purchase_id>/cancellation")
def cancel_purchase(purchase_id: int) -> ResponseReturnValue:
    """What has not come yet is not expected any more."""
    _order_or_404(purchase_id)
    by = staff().id
    units = in_transaction(lambda: service.cancel_rest(purchase_id, by=by))
    flash(
        ngettext(
            "%(num)s unit is not expected any more.",
            "%(num)s units are not expected any more.",
            units,
        ),
        "ok",
    )
    return _back(purchase_id)


# Inside -----------------------------------------------------------------------------------------


def _lines_form() -> LinesForm:
    form = LinesForm()
    form.currency = store().currency
    return form


def _is_good(form: LinesForm, listed: Sequence[PurchaseLine] = ()) -> bool:
    """Before anything is written, so that all that is wrong with a page is told at once."""
    if not form.is_valid():
        return False
    try:
        _ordered(form, listed)
    except Refused:
        return False
    return True


def _ordered(form: LinesForm, listed: Sequence[PurchaseLine] = ()) -> list[Ordered]:
    """Raises Refused with complaints where lines cannot be read, or a code names no variant,
    several, or one that the order has already.
    """
    typed, faults = form.read()
    found = inventory_queries.variants_by_code([line.code for line in typed])
    had, taken = {line.variant_id for line in listed}, set[int]()
    for line in typed:
        named = found.get(line.code.lower(), [])
        if (fault := _fault_of(named, had, taken)) is not None:
            faults[line.number] = fault % {"number": line.number, "code": line.code[:40]}
        taken.update(named)
    if faults:
        form.complain_of(faults)
        raise Refused
    return [Ordered(found[line.code.lower()][0], line.quantity, line.cost_amount) for line in typed]


def _fault_of(named: Sequence[int], had: Collection[int], taken: Collection[int]) -> str | None:
    if not named:
        return _("Line %(number)s: no variant has the SKU or barcode %(code)s.")
    if len(named) > 1:
        return _("Line %(number)s: several variants have the barcode %(code)s. Type the SKU.")
    if named[0] in taken:
        return _("Line %(number)s: %(code)s is there twice.")
    if named[0] in had:
        return _("Line %(number)s: %(code)s is on this order already. Change its number above.")
    return None


def _row_form(line: PurchaseLine) -> PurchaseLineForm:
    form = PurchaseLineForm(prefix=f"line-{line.id}-")
    form.currency = store().currency
    return form


def _stored_lines(order: PurchaseOrder) -> dict[int, PurchaseLineForm]:
    currency = store().currency
    return {line.id: PurchaseLineForm.of(line, currency) for line in order.lines}


def _describe(purchase_id: int, form: PurchaseForm, *, by: int) -> None:
    order = service.locked(purchase_id)
    versions.check(PurchaseForm.of(order), typed=[form], name="order")
    service.describe(order, form.details, by=by)


def _change_line(order_id: int, line_id: int, form: PurchaseLineForm, *, by: int) -> None:
    try:
        service.change_line(
            order_id, line_id, int(form.quantity.data or "0"), form.cost_amount, by=by
        )
    except service.FewerThanReceived as refusal:
        form.complain(
            form.quantity,
            _("%(units)s came or were called off; it cannot be less.", units=refusal.settled),
        )


def _new_page(form: PurchaseForm, lines: LinesForm) -> str:
    return render_template("admin/new_purchase.html", form=form, lines=lines)


def _page(
    order: PurchaseOrder,
    *,
    form: PurchaseForm | None = None,
    lines: LinesForm | None = None,
    rows: dict[int, PurchaseLineForm] | None = None,
    receipt: Receipt | None = None,
    refused: str = "",
    over: Any = None,
) -> str:
    currency = store().currency
    return render_template(
        "admin/purchase.html",
        order=order,
        variants=inventory_queries.rows_of([line.variant_id for line in order.lines]),
        form=form or PurchaseForm.of(order),
        lines=lines or LinesForm(is_empty=True),
        rows=rows or _stored_lines(order),
        receipt=receipt or Receipt.of(order),
        refused=refused,
        over=over or {},
        today=now().date(),
        total=Money(_worth(order.lines), currency),
        unpriced=sum(
            line.cost_amount is None and line.quantity > line.canceled for line in order.lines
        ),
    )


def _worth(lines: Sequence[PurchaseLine]) -> int:
    """Of what was ordered and not called off, in minor units of the shop's currency."""
    return sum((line.quantity - line.canceled) * (line.cost_amount or 0) for line in lines)


def _order_or_404(order_id: int) -> PurchaseOrder:
    found = queries.order(order_id)
    if found is None:
        abort(404)
    return found


def _back(order_id: int) -> ResponseReturnValue:
    return redirect(url_for(".purchase", purchase_id=order_id), code=303)

"""Sending an order, whole or in parts; handing it over; taking a mistake back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, HiddenField, StringField
from wtforms.validators import ValidationError

from shop.admin.access import bp, staff
from shop.admin.checks import check_pieces
from shop.admin.refund_forms import new_press
from shop.admin.undo import flash_with_undo
from shop.database import transaction
from shop.orders import fulfillments
from shop.orders import queries as orders
from shop.orders import service as orders_service
from shop.orders.carriers import TRACKING_PAGES, tracking_url
from shop.orders.fulfillment_models import Fulfillment
from shop.orders.fulfillments import MoreThanUnsent, NotFulfillable, NothingToSend, Parcel
from shop.orders.models import Order
from shop.orders.states import FulfillmentState
from shop.payments import refunds
from shop.web.forms import Form, at_most, tidy


class UnitsForm(Form):
    """One line of the order."""

    units = StringField(_l("Pieces"), [at_most(6)], filters=[tidy])

    most = 0

    def validate_units(self, field: Field) -> None:
        check_pieces(field, self.most)


class ParcelForm(Form):
    carrier = StringField(_l("Carrier"), [at_most(60)], filters=[tidy])
    number = StringField(_l("Tracking number"), [at_most(80)], filters=[tidy])
    url = StringField(_l("Link to follow it"), [at_most(500)], filters=[tidy])
    told = StringField(_l("Mail"), [at_most(1)])
    press = HiddenField(validators=[at_most(40)])

    def validate_url(self, field: Field) -> None:
        parts = urlsplit(field.data or "")
        if field.data and not (parts.scheme in ("http", "https") and parts.hostname):
            raise ValidationError(_("Type a whole address that begins with https://."))

    @property
    def parcel(self) -> Parcel:
        carrier, number = self.carrier.data or "", self.number.data or ""
        return Parcel(carrier, number, self.url.data or tracking_url(carrier, number))


@dataclass(frozen=True)
class Editor:
    form: ParcelForm
    rows: Mapping[int, UnitsForm]

    @property
    def complaints(self) -> dict[str, str]:
        found = dict(self.form.complaints)
        for row in self.rows.values():
            found |= row.complaints
        return found

    def is_valid(self) -> bool:
        return all([self.form.is_valid(), *(row.is_valid() for row in self.rows.values())])

    @property
    def units(self) -> dict[int, int]:
        return {line: int(row.units.data or "0") for line, row in self.rows.items()}


@bp.get("/orders/<id:order_id>/fulfillments/new")
def new_fulfillment(order_id: int) -> ResponseReturnValue:
    order = _sendable(order_id)
    unsent = fulfillments.unsent_of(order)
    rows = {
        line: UnitsForm(prefix=f"line-{line}-", values={"units": str(quantity)})
        for line, quantity in unsent.items()
    }
    form = ParcelForm(values={"told": "1", "press": new_press(), "carrier": "", "url": ""})
    return _page(order, Editor(form, rows))


@bp.post("/orders/<id:order_id>/fulfillments")
def fulfill(order_id: int) -> ResponseReturnValue:
    order = _order_or_404(order_id)
    form = ParcelForm()
    if any(one.press == form.press.data for one in order.fulfillments):
        flash(_("This was written down already. Nothing was sent a second time."), "info")
        return _back(order_id)
    order = _sendable(order_id)
    rows = {line: UnitsForm(prefix=f"line-{line}-") for line in fulfillments.unsent_of(order)}
    for line, quantity in fulfillments.unsent_of(order).items():
        rows[line].most = quantity
    editor, by = Editor(form, rows), staff().id
    if not editor.is_valid():
        return _page(order, editor), 422
    try:
        with transaction():
            fulfillments.fulfill(
                orders_service.locked(order_id),
                editor.units,
                form.parcel,
                press=form.press.data or new_press(),
                by=by,
                is_told=bool(form.told.data),
            )
    except NothingToSend:
        first = next(iter(rows.values()))
        first.complain(first.units, _("Choose at least one piece."))
        return _page(_sendable(order_id), editor), 422
    except MoreThanUnsent:
        abort(409, _("Somebody sent some of it meanwhile. Nothing was changed; look again."))
    except NotFulfillable:
        abort(409, _("Only a paid order can be sent. Nothing was changed."))
    flash(_("Ready to be fetched.") if order.collect_from else _("Marked as sent."), "ok")
    return _back(order_id)


@bp.post("/orders/<id:order_id>/fulfillments/<id:fulfillment_id>/pickup")
def pick_up(order_id: int, fulfillment_id: int) -> ResponseReturnValue:
    """The buyer has fetched it."""
    found, by = _fulfillment_or_404(order_id, fulfillment_id), staff().id
    with transaction():
        fulfillments.pick_up(orders_service.locked(order_id), found, by=by)
    flash(_("Noted: it was fetched."), "ok")
    return _back(order_id)


@bp.post("/orders/<id:order_id>/fulfillments/<id:fulfillment_id>/delivery")
def deliver(order_id: int, fulfillment_id: int) -> ResponseReturnValue:
    """The parcel arrived; or it did not, after all."""
    found, by = _fulfillment_or_404(order_id, fulfillment_id), staff().id
    is_delivered = request.form.get("delivered") == "1"
    with transaction():
        order = orders_service.locked(order_id)
        is_news = fulfillments.deliver(order, found, by=by, is_delivered=is_delivered)
    if not is_news:
        flash(_("Nothing was changed: somebody was faster, or it is no parcel on its way."), "info")
    elif is_delivered:
        flash_with_undo(_("Marked as delivered."), by=by)
    else:
        flash(_("Noted: it is not delivered."), "ok")
    return _back(order_id)


@bp.post("/orders/<id:order_id>/fulfillments/<id:fulfillment_id>/delete")
def undo_fulfillment(order_id: int, fulfillment_id: int) -> ResponseReturnValue:
    """It was a mistake: its pieces are to be sent again, unless their price was given back."""
    found, by = _fulfillment_or_404(order_id, fulfillment_id), staff().id
    with transaction():
        order = orders_service.locked(order_id)
        refunds.undo_fulfillment(order, found, by=by)
        is_over = order.fulfillment_state == FulfillmentState.NOTHING_TO_SEND
    if is_over:
        flash(_("Taken back. Its pieces were refunded, so nothing is to be sent."), "ok")
    else:
        flash(_("Taken back: its pieces are to be sent again. A mail that is out stays out."), "ok")
    return _back(order_id)


# Inside -----------------------------------------------------------------------------------------


def _order_or_404(order_id: int) -> Order:
    order = orders.order_with_lines(order_id)
    if order is None:
        abort(404)
    return order


def _sendable(order_id: int) -> Order:
    order = _order_or_404(order_id)
    if not order.is_paid or not fulfillments.unsent_of(order):
        abort(409, _("There is nothing of this order to send. Nothing was changed."))
    return order


def _fulfillment_or_404(order_id: int, fulfillment_id: int) -> Fulfillment:
    found = orders.fulfillment(fulfillment_id)
    if found is None or found.order_id != order_id:
        abort(404)
    return found


def _page(order: Order, editor: Editor) -> str:
    return render_template(
        "admin/fulfillment.html",
        order=order,
        editor=editor,
        unsent=fulfillments.unsent_of(order),
        form=editor.form,
        carriers=sorted(TRACKING_PAGES),
    )


def _back(order_id: int) -> ResponseReturnValue:
    return redirect(url_for(".order", order_id=order_id), code=303)

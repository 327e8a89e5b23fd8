"""Putting right the address, the email and the phone of an order that is not sent yet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.admin import versions
from shop.admin.access import bp, staff
from shop.admin.undo import flash_with_undo
from shop.admin.versions import ChangedMeanwhile
from shop.checkout.forms import DetailsForm
from shop.checkout.service import WHOLE_ADDRESS
from shop.database import transaction
from shop.orders import contact
from shop.orders import queries as orders
from shop.orders import service as orders_service
from shop.orders.contact import Contact, NotChangeable, NotSentThere, OtherTaxes
from shop.orders.models import Order
from shop.orders.placement import Buyer
from shop.payments import taxes
from shop.payments.gateway import PaymentsError, gateway
from shop.pricing.places import Destination
from shop.store import queries as store


@bp.get("/orders/<id:order_id>/contact")
def order_contact(order_id: int) -> ResponseReturnValue:
    order = _changeable(order_id)
    return _page(order, DetailsForm.of(Buyer(order.email, order.address, order.phone)))


@bp.post("/orders/<id:order_id>/contact")
def change_order_contact(order_id: int) -> ResponseReturnValue:
    order = _changeable(order_id)
    form = DetailsForm.read(
        {**request.form, "country": order.country},
        {order.country: order.country},
        WHOLE_ADDRESS if order.is_sent else (),
    )
    if form.buyer is None:
        return _page(order, form), 422
    address = form.buyer.address if order.is_sent else order.address
    typed, by = Contact(form.buyer.email, form.buyer.phone, address), staff().id
    try:
        _know_taxes(order, typed.destination)
        with transaction():
            locked = orders_service.locked(order_id)
            _check_version(locked, typed, form)
            contact.change(locked, typed, store.current(), by=by)
    except ChangedMeanwhile:
        return _page(order, form), 409
    except OtherTaxes:
        why = _("That place is taxed otherwise than what was paid. Nothing was changed.")
        return _refused(order, form, typed, why)
    except NotSentThere:
        why = _(
            "“%(way)s”, which was paid, is not offered there. Nothing was changed.",
            way=order.shipping_name,
        )
        return _refused(order, form, typed, why)
    except NotChangeable:
        abort(409, _too_late())
    except PaymentsError:
        why = _("Stripe could not be asked about the taxes there. Nothing was changed.")
        return _refused(order, form, typed, why)
    flash_with_undo(_("Saved."), by=by)
    return redirect(url_for(".order", order_id=order_id), code=303)


# Inside -----------------------------------------------------------------------------------------


def _changeable(order_id: int) -> Order:
    order = orders.order_with_lines(order_id)
    if order is None:
        abort(404)
    if not contact.is_changeable(order):
        abort(409, _too_late())
    return order


def _too_late() -> str:
    return _(
        "Address and contact can be changed from when the order is placed until the first parcel"
        " of it is sent. Nothing was changed."
    )


def _know_taxes(order: Order, new: Destination) -> None:
    """Have both places' taxes at hand, where the shop takes them from Stripe."""
    old = Contact.of(order).destination
    if old == new:
        return
    for destination in (old, new):
        taxes.know(destination, store.current(), gateway(), None)


def _check_version(order: Order, typed: Contact, form: DetailsForm) -> None:
    stored = Contact.of(order)
    told = _differences(stored, typed, form)
    versions.check_version(versions.version_of_values(stored.values), told=told)


def _differences(stored: Contact, typed: Contact, form: DetailsForm) -> Iterator[tuple[str, str]]:
    for name, value in stored.values.items():
        if value != typed.values[name]:
            yield _label(name, form), value or _("nothing")


def _label(name: str, form: DetailsForm) -> str:
    known = {
        "email": _("Email"),
        "phone": _("Phone"),
        "name": _("Full name"),
        "line2": _("Flat, company or second line"),
    }
    return known.get(name) or form.address.label(name)


def _refused(order: Order, form: DetailsForm, typed: Contact, why: str) -> ResponseReturnValue:
    """With the reason beside what makes the place another."""
    name = "region" if typed.address.region != order.region else "postal_code"
    return _page(order, replace(form, address=replace(form.address, errors={name: why}))), 422


def _page(order: Order, form: DetailsForm) -> str:
    return render_template(
        "admin/order_contact.html",
        order=order,
        form=form,
        fields=WHOLE_ADDRESS - {"country"},
        version=versions.version_of_values(Contact.of(order).values),
    )

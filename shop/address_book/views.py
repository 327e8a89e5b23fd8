"""A customer's addresses: the list, and the form of one."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.address_book import queries, service
from shop.address_book.models import SavedAddress
from shop.address_book.service import MAX_ADDRESSES, BookFull
from shop.customers.session import customer, require_customer
from shop.database import transaction
from shop.pricing.estimates import served_countries
from shop.web.address_form import AddressForm, phone_complaint, tidy
from shop.web.context import current_site

bp = Blueprint("address_book", __name__, url_prefix="/account/addresses")
bp.before_request(require_customer)


@bp.get("")
def show() -> ResponseReturnValue:
    addresses = queries.addresses_of(customer().id)
    return render_template(
        "address_book/list.html", addresses=addresses, is_full=len(addresses) >= MAX_ADDRESSES
    )


@bp.get("/new")
def new() -> ResponseReturnValue:
    return _page(AddressForm.blank(current_site().store.country))


@bp.post("/new")
def add() -> ResponseReturnValue:
    if "update_country" in request.form:
        return _page(AddressForm.typed(request.form))
    form, phone, complaint = _read()
    if form.address is None or complaint:
        return _page(form, complaint=complaint), 422
    try:
        with transaction():
            service.add(customer().id, form.address, phone)
    except BookFull:
        sentence = _("You keep %(count)s addresses already. Remove one first.", count=MAX_ADDRESSES)
        flash(sentence, "error")
        return _page(form), 409
    flash(_("Address saved."), "ok")
    return _back()


@bp.get("/<id:address_id>")
def edit(address_id: int) -> ResponseReturnValue:
    saved = _saved_or_404(address_id)
    return _page(AddressForm.of(saved.address), saved)


@bp.post("/<id:address_id>")
def change(address_id: int) -> ResponseReturnValue:
    saved = _saved_or_404(address_id)
    if "update_country" in request.form:
        return _page(AddressForm.typed(request.form), saved)
    form, phone, complaint = _read()
    if form.address is None or complaint:
        return _page(form, saved, complaint), 422
    with transaction():
        service.change(saved, form.address, phone)
    flash(_("Address saved."), "ok")
    return _back()


@bp.post("/<id:address_id>/default")
def make_default(address_id: int) -> ResponseReturnValue:
    saved = _saved_or_404(address_id)
    with transaction():
        service.make_default(saved)
    flash(_("Your next order goes there, unless you choose another."), "ok")
    return _back()


@bp.post("/<id:address_id>/delete")
def remove(address_id: int) -> ResponseReturnValue:
    saved = _saved_or_404(address_id)
    with transaction():
        service.remove(saved)
    flash(_("Address removed."), "ok")
    return _back()


def _read() -> tuple[AddressForm, str, str]:
    """The address, the phone number, and what is wrong with that."""
    phone = tidy(request.form.get("phone", ""))
    return AddressForm.read(request.form, served_countries()), phone, phone_complaint(phone)


def _saved_or_404(address_id: int) -> SavedAddress:
    saved = queries.address_of(customer().id, address_id)
    if saved is None:
        abort(404)
    return saved


def _page(form: AddressForm, saved: SavedAddress | None = None, complaint: str = "") -> str:
    return render_template(
        "address_book/address.html",
        form=form,
        saved=saved,
        phone=request.form.get("phone", saved.phone if saved else ""),
        complaints={**form.errors, **({"phone": complaint} if complaint else {})},
        countries=served_countries(),
    )


def _back() -> ResponseReturnValue:
    return redirect(url_for(".show"), code=303)

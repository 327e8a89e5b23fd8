"""The first screen of the checkout: who buys and where to; where the bill goes, if elsewhere; and
whether a checkout that is left is to be reminded of.
"""

from __future__ import annotations

from collections.abc import Iterable

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.accounts.models import Account
from shop.accounts.security import signed_in
from shop.address_book import queries as address_book
from shop.address_book.models import SavedAddress
from shop.cart import discount_words, session
from shop.cart.service import CartView
from shop.checkout import service
from shop.checkout.current import current_cart, current_checkout, own_cart
from shop.checkout.forms import DetailsForm
from shop.checkout.models import Checkout
from shop.checkout.views import already_paid, bp, empty_cart
from shop.database import transaction
from shop.extensions import db
from shop.orders.placement import Buyer
from shop.pricing import estimates
from shop.pricing.vat import takes_vat_numbers
from shop.recovery import queries as recovery_queries
from shop.recovery import service as recovery
from shop.recovery.session import taken_up
from shop.web.address_form import AddressForm
from shop.web.context import current_site
from shop.web.countries import country_names
from shop.web.input import id_in
from shop.web.languages import current_language


@bp.get("/checkout")
def details() -> ResponseReturnValue:
    checkout = current_checkout()
    cart = current_cart(checkout)
    if cart.is_empty:
        return empty_cart()
    if checkout is not None:
        order = service.settled_order(checkout, cart)
        if order is not None:
            return already_paid(order)
    if cart.has_changed:
        return redirect(url_for("cart.show"), code=303)
    if checkout is not None and service.has_details(checkout, cart):
        return _details_page(DetailsForm.of(service.buyer_of(checkout, cart)), cart, checkout)
    customer = _customer()
    saved = address_book.default_of(customer.id) if customer else None
    if customer and saved and saved.country in estimates.served_countries():
        _send_to(customer, saved)
        return redirect(url_for("checkout.payment"), code=303)
    form = DetailsForm.blank(current_site().store.country, email=customer.email if customer else "")
    return _details_page(form, cart, checkout)


@bp.post("/checkout")
def save_details() -> ResponseReturnValue:
    cart = own_cart()
    if cart.is_empty:
        return empty_cart()
    if "update_country" in request.form:
        return _details_page(DetailsForm.typed(request.form), cart)
    asked = service.asked_of(cart)
    form = DetailsForm.read(request.form, estimates.served_countries(), asked)
    buyer = form.buyer
    if buyer is None:
        return _details_page(form, cart), 422
    _save(buyer, _customer(), asked, is_reminded="remind" in request.form)
    return redirect(url_for("checkout.payment"), code=303)


@bp.post("/checkout/address")
def choose_address() -> ResponseReturnValue:
    """One of the customer's saved addresses."""
    customer, address_id = _customer(), id_in(request.form.get("address_id", ""))
    saved = address_book.address_of(customer.id, address_id) if customer else None
    if customer is None or saved is None:
        abort(404)
    if saved.country not in estimates.served_countries():
        flash(_("We do not send to that country yet. Please choose one from the list."), "error")
        return redirect(url_for("checkout.details"), code=303)
    _send_to(customer, saved)
    return redirect(url_for("checkout.payment"), code=303)


@bp.get("/checkout/billing")
def billing() -> ResponseReturnValue:
    checkout = current_checkout()
    if checkout is None or not service.has_details(checkout, current_cart(checkout)):
        return redirect(url_for("checkout.details"), code=303)
    kept = checkout.billing_address
    country = checkout.country or current_site().store.country
    form = AddressForm.of(kept) if kept else AddressForm.blank(country)
    return _billing_page(form, checkout)


@bp.post("/checkout/billing")
def save_billing() -> ResponseReturnValue:
    checkout = current_checkout()
    if checkout is None or not service.has_details(checkout, current_cart(checkout)):
        return redirect(url_for("checkout.details"), code=303)
    if "update_country" in request.form:
        return _billing_page(AddressForm.typed(request.form), checkout)
    address = None
    if "same" not in request.form:
        form = AddressForm.read(request.form, country_names())
        address = form.address
        if address is None:
            return _billing_page(form, checkout), 422
    with transaction():
        service.save_billing(checkout, address)
    return redirect(url_for("checkout.payment"), code=303)


@bp.post("/checkout/reminder")
def change_reminder() -> ResponseReturnValue:
    """For who had no details to type, and so did not see the box beside them."""
    checkout = current_checkout()
    if checkout is None or not service.has_details(checkout, current_cart(checkout)):
        return redirect(url_for("checkout.details"), code=303)
    with transaction():
        _keep_reminder(checkout, is_wanted=request.form.get("wanted") == "yes")
    return redirect(url_for("checkout.payment"), code=303)


def _customer() -> Account | None:
    """Who is signed in and buys; staff buy as guests."""
    account = signed_in()
    return None if account is None or account.is_staff else account


def _send_to(customer: Account, saved: SavedAddress) -> None:
    _save(Buyer(customer.email, saved.address, saved.phone), customer, service.WHOLE_ADDRESS)


def _save(
    buyer: Buyer, customer: Account | None, asked: Iterable[str], *, is_reminded: bool | None = None
) -> None:
    customer_id = customer.id if customer else None
    with transaction():
        checkout = current_checkout() or service.new_checkout()
        service.save_buyer(checkout, buyer, asked)
        checkout.account_id = customer_id
        db.session.flush()
        if is_reminded is None:  # nobody was asked
            is_reminded = recovery_queries.of_checkout(checkout.id) is not None
        _keep_reminder(checkout, is_wanted=is_reminded)
        recovery.attach(taken_up(), checkout.id)
        token = checkout.token
    session.keep_checkout_token(token)


def _keep_reminder(checkout: Checkout, *, is_wanted: bool) -> None:
    recovery.keep(
        checkout.id,
        checkout.email,
        session.load(),
        current_site().store.selling.code,
        current_language(),
        is_wanted=is_wanted,
    )


def _details_page(form: DetailsForm, cart: CartView, kept: Checkout | None = None) -> str:
    """`kept`: the checkout whose reminder the box tells of, where nobody has just ticked it."""
    customer = _customer()
    country = form.address.values["country"]
    way = estimates.cheapest_way(country, cart.currency, cart.parcel)
    estimate = (
        service.quote_for(cart, way, estimates.taxes_of(country)) if way and cart.buyable else None
    )
    return render_template(
        "checkout/details.html",
        form=form,
        cart=cart,
        quote=estimate,
        code_words=discount_words.told(cart, estimate),
        refused_code=session.take_refused_code(),
        delivery=way.name if way else "",
        asked=service.asked_of(cart),
        countries=estimates.served_countries(),
        customer=customer,
        saved=address_book.addresses_of(customer.id) if customer else [],
        takes_vat_number=takes_vat_numbers(current_site().store.country),
        offers_reminder=recovery_queries.chosen().is_on,
        is_reminded="remind" in request.form or _is_reminded(kept),
    )


def _is_reminded(checkout: Checkout | None) -> bool:
    return checkout is not None and recovery_queries.of_checkout(checkout.id) is not None


def _billing_page(form: AddressForm, checkout: Checkout) -> str:
    return render_template(
        "checkout/billing.html", form=form, checkout=checkout, countries=country_names()
    )

"""The cart page and changes to it. Works by plain forms; JavaScript gets the same in JSON."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.cart import discount_words, session
from shop.cart.cart import (
    MAX_LINES,
    MAX_QUANTITY,
    Cart,
    CartFull,
    UnreadableQuantity,
    read_quantity,
)
from shop.cart.queries import VariantFacts, variant_facts
from shop.cart.service import CartView
from shop.catalog.cards import ProductCard, cards_of
from shop.checkout.current import held_units, own_cart
from shop.clock import now
from shop.pricing import estimates
from shop.pricing.queries import delivery_calendar
from shop.pricing.quote import Quote
from shop.pricing.shipping import ShippingOption
from shop.recommendations import queries as recommendations
from shop.store.queries import Store
from shop.web.context import current_site
from shop.web.currency_choice import suggested_currency
from shop.web.input import id_in, wants_json
from shop.web.visit import kept

bp = Blueprint("cart", __name__)


@bp.get("/cart")
def show() -> ResponseReturnValue:
    cart = session.load()
    shown = own_cart()
    session.remember(cart, shown)
    return page(shown, *session.take_refused_code())


@bp.post("/cart/lines")
def add_line() -> ResponseReturnValue:
    """Add units of a variant; the answer says how many the cart has now."""
    variant_id = id_in(request.form.get("variant_id", ""))
    try:
        quantity = read_quantity(request.form.get("quantity", "1"))
    except UnreadableQuantity:
        facts = _facts(variant_id, 1) if variant_id else None
        unreadable = _("Please give the quantity as a whole number, such as 2.")
        return _refuse_to_add(facts, unreadable, 422)
    cart = session.load()
    wanted = cart.quantities.get(variant_id, 0) + quantity
    facts = _facts(variant_id, wanted) if variant_id else None
    if facts is None or not facts.is_published:
        return refuse(_("That product is not for sale any more."), 404)
    if quantity == 0:
        return _refuse_to_add(facts, _("Please choose one or more."), 422)
    available = available_units(facts)
    if available is not None and available < 1:
        return _refuse_to_add(facts, _("%(title)s is sold out.", title=facts.title), 409)
    if tells_too_much(wanted, available):
        return _refuse_to_add(facts, not_so_many(facts.title), 409)
    try:
        has = cart.add(variant_id, quantity)
    except CartFull:
        return refuse(
            _("The basket is full: it holds %(count)s different things.", count=MAX_LINES), 409
        )
    has = _limit_to_stock(cart, variant_id, has, available)
    session.save(cart)
    code = facts.unit.currency
    session.note_seen(session.seen_amounts(code) | {variant_id: facts.unit.amount}, code)
    if has < wanted:
        return _changed(_("There are only %(count)s of these, so we put in those.", count=has))
    return _changed(_("%(title)s is in your basket.", title=facts.title))


@bp.post("/cart/lines/<id:variant_id>")
def change_line(variant_id: int) -> ResponseReturnValue:
    try:
        quantity = read_quantity(request.form.get("quantity", ""))
    except UnreadableQuantity:
        return refuse(_("Please give the quantity as a whole number, such as 2."), 422)
    cart = session.load()
    if quantity > cart.quantities.get(variant_id, quantity):
        facts = _facts(variant_id, quantity)
        if facts is not None and tells_too_much(quantity, available_units(facts)):
            return refuse(not_so_many(facts.title), 409)
    if variant_id in cart.quantities:
        cart.set(variant_id, quantity)
        session.save(cart)
    return _changed()


@bp.post("/cart/lines/<id:variant_id>/delete")
def remove_line(variant_id: int) -> ResponseReturnValue:
    cart = session.load()
    quantity = cart.quantities.get(variant_id, 0)
    cart.remove(variant_id)
    session.save(cart)
    undo = {
        "action": url_for("cart.add_line"),
        "fields": {"variant_id": variant_id, "quantity": quantity},
        "words": _("Undo"),
    }
    return _changed(_("Taken out of your basket."), undo if quantity else None)


def _facts(variant_id: int, wanted: int) -> VariantFacts | None:
    """Kept ones know the stock as pages tell it: up to a few units, or that there are more. Whoever
    wants more than a few is answered by the number of this moment.
    """

    def load() -> VariantFacts | None:
        return variant_facts([variant_id], selling, has_pictures=False).get(variant_id)

    shop = current_site().store
    selling, few = shop.selling, shop.stock_words.few
    known = kept(("variant", variant_id, selling.code), load) if wanted <= few else load()
    return load() if known is not None and known.stock.takes_backorders else known


def available_units(facts: VariantFacts) -> int | None:
    """Units this shopper can buy; none: no limit."""
    available = facts.stock.available
    return None if available is None else available + held_units().get(facts.variant_id, 0)


def tells_too_much(wanted: int, available: int | None) -> bool:
    """Putting in what there is, in place of what was wanted, would count out the stock."""
    if available is None or min(wanted, MAX_QUANTITY) <= available:
        return False
    return not current_site().store.stock_words.count(available)


def not_so_many(title: str) -> str:
    return _("We do not have that many of %(title)s. Please choose fewer.", title=title)


def _limit_to_stock(cart: Cart, variant_id: int, has: int, available: int | None) -> int:
    return has if available is None else cart.set(variant_id, min(has, available))


def _changed(message: str = "", undo: dict[str, Any] | None = None) -> ResponseReturnValue:
    told: Any = {"text": message, "undo": undo} if undo else message
    if wants_json():
        shown, country = own_cart(), current_site().store.country
        shipping = _shipping(shown, country)
        lines = render_template(
            "cart/_drawer.html",
            cart=shown,
            shipping=shipping,
            discounts=_estimate(shown, shipping, country).bill.discounts if shipping else (),
            told=told,
        )
        return jsonify(count=shown.count, notice=message, lines_html=lines)
    if message:
        flash(told, "ok")
    asked = request.args.get("country")
    return redirect(url_for("cart.show", country=asked) if asked else "/cart", code=303)


def refuse(message: str, status: int) -> ResponseReturnValue:
    if wants_json():
        return jsonify(error={"message": message}), status
    flash(message, "error")
    shown = own_cart()
    return page(shown), status


def _refuse_to_add(facts: VariantFacts | None, message: str, status: int) -> ResponseReturnValue:
    """An empty basket leads nowhere: the sentence stands on the page of what was to go in."""
    if wants_json() or facts is None or not facts.is_published or not session.load().is_empty:
        return refuse(message, status)
    flash(message, "error")
    address = url_for("catalog.product", handle=facts.handle, variant_id=facts.variant_id)
    return redirect(address, code=303)


def page(shown: CartView, code: str = "", complaint: str = "") -> str:
    """With delivery and tax of one country as the estimate: the one asked for, or the shop's.
    `code`: typed and refused; `complaint`: why, told at its field where there is one.
    """
    shop = current_site().store
    served = estimates.served_countries()
    asked = request.args.get("country", "").upper()
    country = asked if asked in served else shop.country
    shipping = _shipping(shown, country)
    at, calendar = now(), delivery_calendar(shop)
    quote = _estimate(shown, shipping, country) if shipping else None
    if complaint and quote is None:  # without a sum to take off, there is no field
        flash(complaint, "error")
    suggested = suggested_currency(shop, request.accept_languages.values(), country)
    return render_template(
        "cart/cart.html",
        cart=shown,
        shipping=shipping,
        quote=quote,
        code_words=discount_words.told(shown, quote),
        typed_code=code,
        code_complaint=complaint,
        country=country,
        countries=served,
        promise=calendar.promise(at, shipping.min_days, shipping.max_days) if shipping else None,
        today=calendar.today(at),
        goes_with=_goes_with(shown, shop),
        suggested_currency=suggested,
    )


def _goes_with(shown: CartView, shop: Store) -> list[ProductCard]:
    """A few that can be bought now."""
    ids = recommendations.goes_with([line.variant_id for line in shown.lines])
    cards = cards_of(ids, shop) if ids else []
    return [card for card in cards if not card.is_sold_out][: recommendations.SHOWN]


def _shipping(shown: CartView, country: str) -> ShippingOption | None:
    """The cheapest way there; none where the shop does not send, or nothing can be bought."""
    if not shown.buyable:
        return None
    return estimates.cheapest_way(country, shown.currency, shown.parcel)


def _estimate(shown: CartView, shipping: ShippingOption, country: str) -> Quote:
    return shown.quote(shipping=shipping.cost(shown.parcel), tax=estimates.taxes_of(country))

"""The cart page and changes to it. Works by plain forms; JavaScript gets the same in JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
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
from shop.cart.permalink import Wanted, read_permalink
from shop.cart.queries import VariantFacts, variant_facts, variants_named
from shop.cart.service import CartView
from shop.catalog.cards import ProductCard, cards_of
from shop.checkout.current import card_of, held_units, offer_of, own_cart
from shop.clock import now
from shop.database import transaction
from shop.gift_cards import codes as gift_card_codes
from shop.gift_cards import guesses
from shop.gift_cards import words as gift_card_words
from shop.gift_cards.queries import PresentedCard
from shop.limits import service as limits
from shop.pricing import queries as pricing
from shop.pricing.discount_queries import NotNow, Offer, tidy_code
from shop.pricing.places import Destination
from shop.pricing.quote import Quote
from shop.pricing.shipping import ShippingOption
from shop.recommendations import queries as recommendations
from shop.store.queries import Store
from shop.web.context import current_site
from shop.web.countries import country_names
from shop.web.currency_choice import suggested_currency
from shop.web.input import id_in, wants_json
from shop.web.paths import own_path
from shop.web.visit import kept

bp = Blueprint("cart", __name__)

#: On one order: their ids must fit into the session.
MAX_GIFT_CARDS = 10
#: Characters that the field takes.
MAX_CODE = 60


@bp.get("/cart")
def show() -> ResponseReturnValue:
    cart = session.load()
    shown = own_cart()
    session.remember(cart, shown)
    return _page(shown, *session.take_refused_code())


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
        return _refuse(_("That product is not for sale any more."), 404)
    if quantity == 0:
        return _refuse_to_add(facts, _("Please choose one or more."), 422)
    available = _available(facts)
    if available is not None and available < 1:
        return _refuse_to_add(facts, _("%(title)s is sold out.", title=facts.title), 409)
    if _tells_too_much(wanted, available):
        return _refuse_to_add(facts, _not_so_many(facts.title), 409)
    try:
        has = cart.add(variant_id, quantity)
    except CartFull:
        return _refuse(
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
        return _refuse(_("Please give the quantity as a whole number, such as 2."), 422)
    cart = session.load()
    if quantity > cart.quantities.get(variant_id, quantity):
        facts = _facts(variant_id, quantity)
        if facts is not None and _tells_too_much(quantity, _available(facts)):
            return _refuse(_not_so_many(facts.title), 409)
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


@bp.post("/cart/discount")
def add_discount() -> ResponseReturnValue:
    """Keep a discount code or a gift card beside the cart. What it is worth, the page it leads back
    to tells.
    """
    back = own_path(request.form.get("back", "")) or url_for("cart.show")
    typed = request.form.get("code", "")
    complaint, status = _keep_code(typed)
    if complaint and back == url_for("cart.show"):
        return _refuse_code(typed, complaint, status)
    if complaint and back in (url_for("checkout.details"), url_for("checkout.payment")):
        # A gift card's code is money, and the session's cookie can be read.
        is_card = gift_card_codes.tidy(typed) != ""
        session.note_refused_code("" if is_card else typed[:MAX_CODE], complaint)
    elif complaint:
        flash(complaint, "error")
    return redirect(back, code=303)


@bp.post("/cart/discount/delete")
def remove_discount() -> ResponseReturnValue:
    session.keep_discount_code("")
    flash(_("The code is taken off."), "ok")
    return redirect(own_path(request.form.get("back", "")) or url_for("cart.show"), code=303)


@bp.post("/cart/store-credit")
def use_credit() -> ResponseReturnValue:
    """The store credit of who is signed in pays too. How much, the page it leads back to tells."""
    back = own_path(request.form.get("back", "")) or url_for("cart.show")
    if own_cart().offered_credit is None:
        flash(_("There is no store credit that could pay this. Nothing was changed."), "info")
        return redirect(back, code=303)
    session.use_credit(is_wanted=True)
    return redirect(back, code=303)


@bp.post("/cart/gift-cards/<id:card_id>/delete")
def remove_gift_card(card_id: int) -> ResponseReturnValue:
    if card_id not in session.gift_card_ids():
        session.use_credit(is_wanted=False)
    session.keep_gift_cards([kept for kept in session.gift_card_ids() if kept != card_id])
    flash(_("The gift card is taken off. Nothing was spent of it."), "ok")
    return redirect(own_path(request.form.get("back", "")) or url_for("cart.show"), code=303)


@bp.get("/discount/<code>")
def discount_link(code: str) -> ResponseReturnValue:
    """For newsletters and posters: keeps the code, and leads on into the shop. A gift card's code
    is money, and addresses are written down on the way: it is typed instead.
    """
    complaint, _status = _keep_code(code, takes_cards=False)
    if complaint:
        flash(complaint, "error")
    else:
        flash(
            _("%(code)s is kept for you: it comes off in your basket.", code=tidy_code(code)), "ok"
        )
    return redirect(own_path(request.args.get("to", "")) or "/", code=303)


# Addresses that name what to put into the basket --------------------------------------------------


@bp.get("/cart/<wanted>")
def permalink(wanted: str) -> ResponseReturnValue:
    """Show what the address names. Looking changes nothing: browsers and mail programs open
    addresses without being asked.
    """
    offers = _offers(read_permalink(wanted))
    page = render_template(
        "cart/permalink.html",
        offers=offers,
        wanted=wanted,
        code=tidy_code(request.args.get("code", "")),
        has_cart=not session.load().is_empty,
    )
    return page, 200 if any(not offer.complaint for offer in offers) else 404


@bp.post("/cart/<wanted>")
def follow_permalink(wanted: str) -> ResponseReturnValue:
    """Put it in: beside what the basket has, or in its place."""
    offers = _offers(read_permalink(wanted))
    cart = Cart() if "replace" in request.form else session.load()
    complaints = [offer.complaint for offer in offers if offer.complaint]
    for offer in offers:
        if offer.facts is not None and not offer.complaint:
            try:
                cart.add(offer.facts.variant_id, offer.quantity)
            except CartFull:
                complaints.append(_not_put_in(offer.facts.title))
    session.save(cart)
    code = request.form.get("code", "")
    if code:
        complaint, _status = _keep_code(code, takes_cards=False)
        complaints += [complaint] if complaint else []
    for complaint in complaints:
        flash(complaint, "error")
    return redirect(url_for("cart.show"), code=303)


@dataclass(frozen=True)
class PermalinkOffer:
    """One piece that an address names. Without facts the shop has no such thing."""

    quantity: int
    facts: VariantFacts | None
    #: Why it cannot be had, in a sentence.
    complaint: str = ""


def _offers(wanted: list[Wanted]) -> list[PermalinkOffer]:
    ids = variants_named([item.code for item in wanted])
    facts = variant_facts(ids.values(), current_site().store.selling)
    return [_offer(item, facts.get(ids.get(item.code, 0))) for item in wanted]


def _offer(wanted: Wanted, facts: VariantFacts | None) -> PermalinkOffer:
    if facts is None or not facts.is_published:
        complaint = _("Nothing for sale here is called %(code)s.", code=wanted.code[:80])
        return PermalinkOffer(wanted.quantity, None, complaint)
    available = _available(facts)
    if available is not None and available < 1:
        sold_out = _("%(title)s is sold out.", title=facts.title)
        return PermalinkOffer(wanted.quantity, facts, sold_out)
    if _tells_too_much(wanted.quantity, available):
        return PermalinkOffer(wanted.quantity, facts, _not_so_many(facts.title))
    quantity = wanted.quantity if available is None else min(wanted.quantity, available)
    return PermalinkOffer(quantity, facts)


def _not_put_in(title: str) -> str:
    return _(
        "%(title)s was not put in: the basket is full. It holds %(count)s different things.",
        title=title,
        count=MAX_LINES,
    )


def _keep_code(typed: str, *, takes_cards: bool = True) -> tuple[str, int]:
    """Why it is not kept, empty: it is; and the status. Only unknown codes count as guesses."""
    if not takes_cards and gift_card_codes.tidy(typed):
        return gift_card_words.to_be_typed(), 422
    limit = guesses.limit_of(request.remote_addr)
    with transaction():
        wait = limits.take([limit])
        card = None if wait else card_of(typed)
        offer = offer_of("" if wait or card else tidy_code(typed))
        if not wait and (card or offer.refusal is not NotNow.UNKNOWN):
            limits.give_back([limit])
    if wait:
        return gift_card_words.too_many(wait), 429
    return (_keep_gift_card(card) if card else _keep_discount(offer)), 422


def _keep_discount(offer: Offer) -> str:
    if not offer.code or offer.refusal is not None:
        return discount_words.refused(offer)
    session.keep_discount_code(offer.code)
    return ""


def _keep_gift_card(card: PresentedCard) -> str:
    if card.refusal is not None:
        return gift_card_words.refused(card)
    kept = session.gift_card_ids()
    if card.id not in kept and len(kept) >= MAX_GIFT_CARDS:
        return _("One order takes %(count)s gift cards at most.", count=MAX_GIFT_CARDS)
    session.keep_gift_cards(list(dict.fromkeys([*kept, card.id])))
    return ""


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


def _available(facts: VariantFacts) -> int | None:
    """Units this shopper can buy; none: no limit."""
    available = facts.stock.available
    return None if available is None else available + held_units().get(facts.variant_id, 0)


def _tells_too_much(wanted: int, available: int | None) -> bool:
    """Putting in what there is, in place of what was wanted, would count out the stock."""
    if available is None or min(wanted, MAX_QUANTITY) <= available:
        return False
    return not current_site().store.stock_words.count(available)


def _not_so_many(title: str) -> str:
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


def _refuse(message: str, status: int) -> ResponseReturnValue:
    if wants_json():
        return jsonify(error={"message": message}), status
    flash(message, "error")
    shown = own_cart()
    return _page(shown), status


def _refuse_to_add(facts: VariantFacts | None, message: str, status: int) -> ResponseReturnValue:
    """An empty basket leads nowhere: the sentence stands on the page of what was to go in."""
    if wants_json() or facts is None or not facts.is_published or not session.load().is_empty:
        return _refuse(message, status)
    flash(message, "error")
    address = url_for("catalog.product", handle=facts.handle, variant_id=facts.variant_id)
    return redirect(address, code=303)


def _refuse_code(typed: str, complaint: str, status: int) -> ResponseReturnValue:
    if wants_json():
        return _refuse(complaint, status)
    return _page(own_cart(), typed[:MAX_CODE], complaint), status


def _page(shown: CartView, code: str = "", complaint: str = "") -> str:
    """With delivery and tax of one country as the estimate: the one asked for, or the shop's.
    `code`: typed and refused; `complaint`: why, told at its field where there is one.
    """
    shop = current_site().store
    locale = str(get_locale() or "en_GB")
    served = kept(("served", locale), lambda: pricing.served_names(country_names(locale)))
    asked = request.args.get("country", "").upper()
    country = asked if asked in served else shop.country
    shipping = _shipping(shown, country)
    at, calendar = now(), pricing.delivery_calendar(shop)
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
    parcel, chosen = shown.parcel, current_site().store.chosen
    ways = kept(
        ("shipping", country, chosen),
        lambda: pricing.shipping_options(Destination(country), shown.currency),
    )
    options = pricing.carrying(parcel, ways, shown.currency)
    return options[0] if options and shown.buyable else None


def _estimate(shown: CartView, shipping: ShippingOption, country: str) -> Quote:
    tax = kept(("tax", country), lambda: pricing.tax_for(Destination(country)))
    return shown.quote(shipping=shipping.cost(shown.parcel), tax=tax)

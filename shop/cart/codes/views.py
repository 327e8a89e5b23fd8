"""What takes off the bill or pays of it, kept beside the cart: discount codes, gift cards, store
credit.
"""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.cart import discount_words, session
from shop.cart.views import bp, page, refuse
from shop.checkout.current import card_of, offer_of, own_cart
from shop.database import transaction
from shop.gift_cards import codes as gift_card_codes
from shop.gift_cards import guesses
from shop.gift_cards import words as gift_card_words
from shop.gift_cards.queries import PresentedCard
from shop.limits import service as limits
from shop.pricing.discount_queries import NotNow, Offer, tidy_code
from shop.web.input import wants_json
from shop.web.paths import own_path

#: On one order: their ids must fit into the session.
MAX_GIFT_CARDS = 10
#: Characters that the field takes.
MAX_CODE = 60


@bp.post("/cart/discount")
def add_discount() -> ResponseReturnValue:
    """Keep a discount code or a gift card beside the cart. What it is worth, the page it leads back
    to tells.
    """
    back = _way_back()
    typed = request.form.get("code", "")
    complaint, status = keep_code(typed)
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
    return redirect(_way_back(), code=303)


@bp.post("/cart/store-credit")
def use_credit() -> ResponseReturnValue:
    """The store credit of who is signed in pays too. How much, the page it leads back to tells."""
    if own_cart().offered_credit is None:
        flash(_("There is no store credit that could pay this. Nothing was changed."), "info")
    else:
        session.use_credit(is_wanted=True)
    return redirect(_way_back(), code=303)


@bp.post("/cart/gift-cards/<id:card_id>/delete")
def remove_gift_card(card_id: int) -> ResponseReturnValue:
    """Of one that was presented, or of the store credit, which pages show as one of the cards."""
    if card_id not in session.gift_card_ids():
        session.use_credit(is_wanted=False)
    session.keep_gift_cards([kept for kept in session.gift_card_ids() if kept != card_id])
    flash(_("The gift card is taken off. Nothing was spent of it."), "ok")
    return redirect(_way_back(), code=303)


@bp.get("/discount/<code>")
def discount_link(code: str) -> ResponseReturnValue:
    """For newsletters and posters: keeps the code, and leads on into the shop. A gift card's code
    is money, and addresses are written down on the way: it is typed instead.
    """
    complaint, _status = keep_code(code, takes_cards=False)
    if complaint:
        flash(complaint, "error")
    else:
        flash(
            _("%(code)s is kept for you: it comes off in your basket.", code=tidy_code(code)), "ok"
        )
    return redirect(own_path(request.args.get("to", "")) or "/", code=303)


def keep_code(typed: str, *, takes_cards: bool = True) -> tuple[str, int]:
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


def _refuse_code(typed: str, complaint: str, status: int) -> ResponseReturnValue:
    if wants_json():
        return refuse(complaint, status)
    return page(own_cart(), typed[:MAX_CODE], complaint), status


def _way_back() -> str:
    """The page whose form it was: the basket, or a screen of the checkout."""
    return own_path(request.form.get("back", "")) or url_for("cart.show")

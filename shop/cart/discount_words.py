"""Why a discount code takes nothing off, in a sentence for its shopper."""

from __future__ import annotations

from flask_babel import gettext as _

from shop.cart.service import CartView
from shop.pricing.discount_queries import NotNow, Offer
from shop.pricing.discounts import Refusal
from shop.pricing.quote import Quote
from shop.web.counts import ngettext
from shop.web.filters import day, money


def refused(offer: Offer) -> str:
    """Of a code that is no good whatever is in the cart."""
    if not offer.code:
        return _("Please type a discount code, such as MUG10, or the code of a gift card.")
    code = offer.code
    if offer.refusal is NotNow.NOT_YET and offer.starts_at is not None:
        return _("%(code)s begins on %(day)s.", code=code, day=day(offer.starts_at))
    sentences = {
        NotNow.OVER: _("%(code)s is over.", code=code),
        NotNow.USED_UP: _("%(code)s has been used as often as it can be.", code=code),
        NotNow.USED_BY_YOU: _("You have used %(code)s as often as you can.", code=code),
        NotNow.FIRST_ORDER_ONLY: _("%(code)s is for a first order.", code=code),
        NotNow.NOT_YOURS: _("%(code)s belongs to another email address.", code=code),
    }
    unknown = _("We do not know the code %(code)s. Please check how it is spelled.", code=code)
    return sentences.get(offer.refusal, unknown) if offer.refusal else unknown


def told(cart: CartView, quoted: Quote | None) -> str:
    """Why the code beside the cart takes nothing off it; empty: it does, or there is none."""
    if not cart.offer.code or quoted is None:
        return ""
    reason = cart.refusal(quoted)
    if isinstance(reason, NotNow):
        return refused(cart.offer)
    return _of_cart(cart, reason) if reason else ""


def _of_cart(cart: CartView, reason: Refusal) -> str:
    code, missing = cart.offer.code, cart.missing
    if reason is Refusal.BELOW_MINIMUM:
        return _(
            "%(amount)s more of what %(code)s is for, and it comes off.",
            amount=money(missing.amount),
            code=code,
        )
    if reason is Refusal.TOO_FEW:
        return ngettext(
            "%(num)s more piece of what %(code)s is for, and it comes off.",
            "%(num)s more pieces of what %(code)s is for, and it comes off.",
            missing.quantity,
            code=code,
        )
    if reason is Refusal.BETTER_WITHOUT:
        return _("You pay less without %(code)s, so we have left it out.", code=code)
    if reason is Refusal.FREE_ALREADY:
        return _("Delivery is free already, so you do not need %(code)s.", code=code)
    return _("Nothing in your basket is what %(code)s is for.", code=code)

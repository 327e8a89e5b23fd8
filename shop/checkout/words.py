"""What the checkout says when it cannot go on: what happened, that no money moved, what to do."""

from __future__ import annotations

from math import ceil

from flask_babel import gettext as _

from shop.pricing.quote import Quote
from shop.web.filters import money


def total_changed(quoted: Quote) -> str:
    return _(
        "Something changed since you last looked: the total is %(total)s now. You have not been "
        "charged. Please check it and press the button below to go on.",
        total=money(quoted.due),
    )


def card_gone(quoted: Quote) -> str:
    return _(
        "A gift card was used elsewhere or ended while you were checking out: %(total)s is left to "
        "pay now. You have not been charged. Please check it and press the button below to go on.",
        total=money(quoted.due),
    )


def visit_over() -> str:
    return _(
        "Your visit had ended in the meantime, so nothing was ordered. You have not been charged. "
        "Please begin again."
    )


def no_such_way() -> str:
    return _("That way to pay is not offered. You have not been charged. Please choose another.")


def not_started() -> str:
    return _(
        "The payment could not be started. You have not been charged, and your order is kept. "
        "Please try again, or write to us."
    )


def not_reached() -> str:
    return _(
        "We could not reach our payment provider. You have not been charged, and your basket is "
        "safe. Please try again in a minute."
    )


def no_such_delivery() -> str:
    return _(
        "That way of delivery is not offered. You have not been charged. Please choose another."
    )


def too_many_places(seconds: int) -> str:
    return _(
        "Too many addresses were tried from your network. You have not been charged, and"
        " your basket is safe. Please try again in %(minutes)s minutes.",
        minutes=ceil(seconds / 60),
    )


def too_many_codes(seconds: int) -> str:
    return _(
        "Too many codes were tried from your network. You have not been charged, and"
        " your basket is safe. Please take the code off, or try again in %(minutes)s minutes.",
        minutes=ceil(seconds / 60),
    )


def taxes_unknown() -> str:
    return _(
        "We could not work out the taxes for your address. You have not been charged, and"
        " your basket is safe. Please look over the address and try again in a minute."
    )


def sold_out() -> str:
    return _(
        "Something in your basket sold out while you were checking out. "
        "You have not been charged. Please look at what is left of it."
    )

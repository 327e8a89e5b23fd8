"""The cart and the checkout's token in Flask's signed session cookie."""

from __future__ import annotations

import re
from collections.abc import Mapping

from flask import Flask, Response, g, request, session

from shop.cart import service
from shop.cart.cart import Cart, pack, unpack
from shop.cart.service import CartView
from shop.settings import Settings
from shop.web import cookies
from shop.web.proxies import g_now, session_now

CART = "cart"
#: The currency and the unit amounts last shown, for the "price changed" notice only: nothing is
#: priced from them.
SEEN = "seen"
CHECKOUT = "checkout"
#: The discount code that was typed, as codes are kept; what it is worth is looked up each time.
DISCOUNT = "discount"
#: A code that was refused and why, for the page that it was typed on.
REFUSED = "refused_code"
#: Ids of the gift cards to pay with, whose code was typed.
GIFT_CARDS = "gift_cards"
#: Whether the store credit of who is signed in pays too: their choice, and only while they are.
CREDIT = "credit"
#: The address whose limits a placing has told: what it bought before is no secret here any more.
TOLD_EMAIL = "told_email"
#: A cookie of its own with the number of units, for scripts and for the page cache: pages that
#: everybody shares get their count from it. Nothing is decided by it.
COUNT_COOKIE = "cart_count"

#: What one purchase was made with; the next begins without.
_OF_A_CHECKOUT = (CHECKOUT, DISCOUNT, REFUSED, GIFT_CARDS, CREDIT)
_SEEN = re.compile(r"([0-9a-f]{1,8})\.([0-9a-f]{1,7})", re.ASCII)


def init_app(app: Flask, settings: Settings) -> None:
    age = app.permanent_session_lifetime

    @app.after_request
    def tell_count(response: Response) -> Response:
        count = vars(g_now()).get("cart_count")
        if count:
            cookies.keep(
                response, COUNT_COOKIE, str(count), is_https=settings.is_https, max_age=age
            )
        elif count == 0 and COUNT_COOKIE in request.cookies:
            cookies.forget(response, COUNT_COOKIE, is_https=settings.is_https)
        return response


def load() -> Cart:
    return unpack(session.get(CART))


def save(cart: Cart) -> None:
    g_now().cart_count = cart.count
    kept = session_now()
    if cart.is_empty:
        kept.pop(CART, None)
        kept.pop(SEEN, None)
        return
    kept.permanent = True
    kept[CART] = pack(cart)


def clear() -> None:
    """Forget the cart and its checkout: what was in it is bought."""
    g.cart_count = 0
    _forget(CART, SEEN, *_OF_A_CHECKOUT, TOLD_EMAIL)


def take_out(bought: Mapping[int | None, int]) -> None:
    """What is bought leaves the cart; what was put in meanwhile stays, for another checkout."""
    cart = load()
    for variant_id, quantity in bought.items():
        if variant_id in cart.quantities:
            cart.set(variant_id, cart.quantities[variant_id] - quantity)
    if cart.is_empty:
        clear()
        return
    _forget(*_OF_A_CHECKOUT)
    save(cart)


def _forget(*keys: str) -> None:
    for key in keys:
        session.pop(key, None)


def seen_amounts(currency: str) -> dict[int, int]:
    """None where what was shown was in another currency."""
    text = session.get(SEEN)
    if not isinstance(text, str) or not text.startswith(f"{currency}-"):
        return {}
    pairs = (_SEEN.fullmatch(part) for part in text.split("-"))
    return {int(pair[1], 16): int(pair[2], 16) for pair in pairs if pair}


def note_seen(amounts: Mapping[int, int], currency: str) -> None:
    pairs = (f"{variant_id:x}.{amount:x}" for variant_id, amount in amounts.items())
    packed = "-".join((currency, *pairs))
    kept = session_now()
    if packed != kept.get(SEEN, ""):
        kept[SEEN] = packed


def remember(cart: Cart, shown: CartView) -> None:
    """What was shown is what was seen: each change is told once."""
    if cart.is_empty:
        return
    settled = service.settled(cart, shown)
    if settled != cart:
        save(settled)
    seen = {line.variant_id: line.unit.amount for line in shown.buyable}
    note_seen(seen, shown.currency.code)


def checkout_token() -> str | None:
    token = session.get(CHECKOUT)
    return token if isinstance(token, str) else None


def keep_checkout_token(token: str) -> None:
    session.permanent = True
    session[CHECKOUT] = token


def discount_code() -> str:
    code = session.get(DISCOUNT)
    return code if isinstance(code, str) else ""


def keep_discount_code(code: str) -> None:
    """Empty: forget the one that was typed."""
    if not code:
        session.pop(DISCOUNT, None)
        return
    session.permanent = True
    session[DISCOUNT] = code


def note_refused_code(typed: str, why: str) -> None:
    session[REFUSED] = [typed, why]


def take_refused_code() -> tuple[str, str]:
    """What was typed and why it was refused, once; empty where nothing was."""
    match session.pop(REFUSED, None):
        case [str(typed), str(why)]:
            return typed, why
    return "", ""


def told_email() -> str:
    email = session.get(TOLD_EMAIL)
    return email if isinstance(email, str) else ""


def note_told_email(email: str) -> None:
    session[TOLD_EMAIL] = email


def gift_card_ids() -> list[int]:
    ids = session.get(GIFT_CARDS)
    return [card_id for card_id in ids if isinstance(card_id, int)] if isinstance(ids, list) else []


def uses_credit() -> bool:
    return session.get(CREDIT) is True


def use_credit(*, is_wanted: bool) -> None:
    if not is_wanted:
        session.pop(CREDIT, None)
        return
    session[CREDIT] = True


def keep_gift_cards(card_ids: list[int]) -> None:
    """None: forget them."""
    if not card_ids:
        session.pop(GIFT_CARDS, None)
        return
    session.permanent = True
    session[GIFT_CARDS] = card_ids

"""The current request's cart: priced now, with what its own unpaid order holds as available."""

from __future__ import annotations

from collections.abc import Sequence

from shop.accounts.security import signed_in
from shop.cart import service as carts
from shop.cart import session
from shop.cart.service import CartView
from shop.checkout import service
from shop.checkout.models import Checkout
from shop.clock import now
from shop.gift_cards import queries as gift_cards
from shop.gift_cards.queries import PresentedCard
from shop.inventory import queries as stock
from shop.payments.amounts import least
from shop.pricing import discount_queries as discounts
from shop.pricing.discount_queries import Offer, Shopper
from shop.store.queries import Store
from shop.web.context import current_site


def current_checkout() -> Checkout | None:
    return service.checkout_by_token(session.checkout_token())


def own_cart() -> CartView:
    """For who needs nothing else of the checkout."""
    return current_cart(current_checkout())


def current_cart(checkout: Checkout | None) -> CartView:
    """`checkout`: the request's own, as `current_checkout` has read it."""
    shop, shopper = current_site().store, _shopper(checkout)
    currency = shop.selling
    typed = gift_cards.presented(session.gift_card_ids(), shop, shopper.unpaid_order_id)
    credit = _own_credit(shop, shopper, besides=typed)
    is_spent = session.uses_credit()
    return carts.view(
        session.load(),
        currency,
        session.seen_amounts(currency.code),
        stock.held_by(shopper.unpaid_order_id) if shopper.unpaid_order_id else {},
        shop.stock_words,
        discounts.offer(session.discount_code(), now(), currency, shopper),
        (*typed, credit) if credit and is_spent else typed,
        least_due=least(currency.code).amount,
        offered_credit=credit if credit and not credit.refusal and not is_spent else None,
    )


def offer_of(code: str) -> Offer:
    """What typing this code would give now."""
    return discounts.offer(code, now(), current_site().store.selling, _shopper(current_checkout()))


def card_of(typed: str) -> PresentedCard | None:
    """The gift card of the code that was typed, as this shopper can use it now."""
    card = gift_cards.card_of_code(typed)
    if card is None:
        return None
    unpaid = _shopper(current_checkout()).unpaid_order_id
    (found,) = gift_cards.presented([card.id], current_site().store, unpaid)
    return found


def held_units() -> dict[int, int]:
    """By variant; nothing for a shopper who has not pressed Pay."""
    checkout = current_checkout()
    return {} if checkout is None else service.held_units(checkout.id)


def _shopper(checkout: Checkout | None) -> Shopper:
    return service.shopper_of(checkout, told_email=session.told_email())


def _own_credit(
    shop: Store, shopper: Shopper, *, besides: Sequence[PresentedCard]
) -> PresentedCard | None:
    """Of the customer who is signed in, in the currency they pay in; none where its code was typed,
    since it pays already.
    """
    account = signed_in()
    if account is None or account.is_staff:
        return None
    card = gift_cards.store_credit_of(account.email, shop.selling.code)
    if card is None or card.id in {typed.id for typed in besides}:
        return None
    (found,) = gift_cards.presented([card.id], shop, shopper.unpaid_order_id)
    return found

"""The second screen of the checkout, where the shopper agrees and pays. The first is in
details/views.py; the page of Stripe's that follows is in payment_page/views.py.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.cart import discount_words, session
from shop.cart.service import CartView
from shop.checkout import service, words
from shop.checkout.changes import ShownLine, changes, seal, shown, unseal
from shop.checkout.current import current_cart, current_checkout
from shop.checkout.forms import MAX_WISH, WishesForm
from shop.checkout.models import Checkout
from shop.checkout.placing import Outcome, place_and_pay
from shop.checkout.ways import ways_to_pay
from shop.clock import now
from shop.database import transaction
from shop.extensions import db
from shop.gift_cards.service import GiftCardGone
from shop.inventory.reservations import OutOfStock
from shop.limits import service as limits
from shop.orders import queries as order_queries
from shop.orders.models import Order
from shop.orders.placement import PayBy, Placement
from shop.orders.urls import order_link
from shop.payments import queries as payment_queries
from shop.payments import taxes
from shop.payments.gateway import PaymentRefused, PaymentsError, PaymentsUnreachable, gateway
from shop.payments.storefront import shop_for
from shop.pricing import queries as pricing
from shop.pricing.discount_service import DiscountGone
from shop.pricing.quote import Quote
from shop.pricing.shipping import ShippingOption
from shop.protection import service as protection
from shop.protection.service import Refused
from shop.protection.session import visitor
from shop.protection.words import told
from shop.recovery import queries as recovery_queries
from shop.web.config import settings
from shop.web.context import current_site
from shop.web.languages import current_language

bp = Blueprint("checkout", __name__)

#: Orders of one network, in a quarter of an hour, whose discount turns out not to be theirs.
REFUSALS_TOLD = 10


@bp.get("/checkout/payment")
def payment() -> ResponseReturnValue:
    checkout = current_checkout()
    cart = current_cart(checkout)
    if checkout is None or not service.has_details(checkout, cart) or not _knows_taxes(checkout):
        return redirect(url_for("checkout.details"), code=303)
    if cart.is_empty:
        return empty_cart()
    order = service.settled_order(checkout, cart)
    if order is not None:
        return already_paid(order)
    if cart.has_changed:
        return redirect(url_for("cart.show"), code=303)
    return _screen(checkout, cart)


@bp.post("/checkout/delivery")
def choose_delivery() -> ResponseReturnValue:
    """Another way of delivery: the sums on the screen follow it."""
    rate_id = request.form.get("shipping_rate_id", "")
    checkout = current_checkout()
    if checkout is None:
        return redirect(url_for("checkout.details"), code=303)
    wishes = WishesForm.read(request.form)
    if wishes is not None and not wishes.complaint:
        _keep(checkout, wishes)
    cart = current_cart(checkout)
    if not cart.buyable:
        return _sold_out()
    if not _choose(checkout, _options(checkout, cart), rate_id):
        abort(422, words.no_such_delivery())
    return redirect(url_for("checkout.payment"), code=303)


@bp.post("/checkout/payment")
def pay() -> ResponseReturnValue:
    """Place the order and hand the shopper to the payment page."""
    checkout = current_checkout()
    cart = current_cart(checkout)
    if checkout is None:
        flash(words.visit_over(), "error")
    if checkout is None or not service.has_details(checkout, cart) or not _knows_taxes(checkout):
        return redirect(url_for("checkout.details"), code=303)
    if not cart.buyable:
        return _nothing_to_pay(checkout) if cart.is_empty else _sold_out()
    options, rate_id = _options(checkout, cart), request.form.get("shipping_rate_id")
    if rate_id is not None and not _choose(checkout, options, rate_id):
        return _screen(checkout, cart, words.no_such_delivery()), 422
    wishes = WishesForm.read(request.form)
    if wishes is not None:
        if wishes.complaint:
            return _screen(checkout, cart, wishes.complaint, wishes), 422
        _keep(checkout, wishes)
    option = service.chosen_option(checkout, options)
    if option is None:
        return redirect(url_for("checkout.details"), code=303)
    quoted = _quote(checkout, cart, option)
    shop = current_site().store
    if not _is_as_shown(cart, quoted, option):
        return _changed(checkout, cart, words.total_changed(quoted))
    ways = ways_to_pay(quoted.due, payment_queries.settings(), is_pickup=option.is_pickup)
    pay_by = request.form.get("pay_by", PayBy.CARD)
    if pay_by not in ways.offered:
        return _screen(checkout, cart, ways.not_by_card or words.no_such_way()), 409
    placement = service.placement_of(
        checkout,
        cart,
        quoted,
        option,
        language=current_language(),
        shop_address=shop.address or shop.name,
        offline=ways.offered[pay_by],
    )
    return _place(checkout, cart, option, placement)


def _knows_taxes(checkout: Checkout) -> bool:
    """Whether the taxes of the address are at hand; Stripe is asked where the shop goes by it."""
    try:
        taxes.know(
            service.destination_of(checkout), current_site().store, gateway(), request.remote_addr
        )
    except taxes.TooManyPlaces as refusal:
        flash(words.too_many_places(refusal.seconds), "error")
        return False
    except PaymentsError:
        flash(words.taxes_unknown(), "error")
        return False
    return True


def _quote(checkout: Checkout, cart: CartView, option: ShippingOption) -> Quote:
    tax = service.tax_rules(checkout, current_site().store)
    return service.quote_for(cart, option, tax)


def _options(checkout: Checkout, cart: CartView) -> list[ShippingOption]:
    return pricing.shipping_options(service.destination_of(checkout), cart.currency, cart.parcel)


def _screen(
    checkout: Checkout, cart: CartView, error: str = "", wishes: WishesForm | None = None
) -> str:
    options = _options(checkout, cart)
    option = service.chosen_option(checkout, options)
    if option is None:
        abort(
            409,
            _(
                "We no longer send to that country. You have not been charged. Please change the "
                "address."
            ),
        )
    quoted = _quote(checkout, cart, option)
    chosen = payment_queries.settings()
    ways = ways_to_pay(quoted.due, chosen, is_pickup=option.is_pickup)
    shop = current_site().store
    at, calendar = now(), pricing.delivery_calendar(shop)
    days = {item: calendar.promise(at, item.min_days, item.max_days) for item in options}
    before, this = _seen(), _shown(cart, quoted, option)
    offers_reminder = recovery_queries.chosen().is_on
    return render_template(
        "checkout/payment.html",
        checkout=checkout,
        wishes=wishes or checkout,
        max_wish=MAX_WISH,
        cart=cart,
        quote=quoted,
        code_words=discount_words.told(cart, quoted),
        refused_code=session.take_refused_code(),
        options=[(item, item.cost(cart.parcel), days[item].days) for item in options],
        promise=days[option],
        today=calendar.today(at),
        option=option,
        ways=ways,
        pay_by=ways.usual(checkout.pay_by),
        is_captured_later=chosen.captures_manually,
        error=error,
        changes=changes(before, this) if before and before != this else [],
        shown=seal(this, settings().secret_keys),
        is_test=gateway().is_test,
        offers_reminder=offers_reminder,
        is_reminded=offers_reminder and recovery_queries.of_checkout(checkout.id) is not None,
    )


def _choose(checkout: Checkout, options: list[ShippingOption], rate_id: str) -> bool:
    """Keep the choice; False where it is not among those offered for the address."""
    offered = {str(option.rate_id): option.rate_id for option in options}
    if rate_id not in offered:
        return False
    if offered[rate_id] and checkout.shipping_rate_id != offered[rate_id]:
        with transaction():
            checkout.shipping_rate_id = offered[rate_id]
    return True


def _keep(checkout: Checkout, wishes: WishesForm) -> None:
    typed = {name: getattr(wishes, name) for name in ("note", "gift_message", "gift_email")}
    pay_by = request.form.get("pay_by", checkout.pay_by)
    typed["pay_by"] = pay_by if pay_by in set(PayBy) else PayBy.CARD
    if any(getattr(checkout, name) != text for name, text in typed.items()):
        with transaction():
            for name, text in typed.items():
                setattr(checkout, name, text)


def _shown(cart: CartView, quoted: Quote, option: ShippingOption) -> dict[str, Any]:
    lines = [
        ShownLine(
            line.variant_id,
            f"{line.title}, {line.options}" if line.options else line.title,
            line.quantity,
            line.unit * line.quantity,
        )
        for line in cart.buyable
    ]
    return shown(lines, quoted.bill, option.name)


def _seen() -> dict[str, Any] | None:
    """What the page has shown that this request was sent from."""
    return unseal(request.form.get("shown", ""), settings().secret_keys)


def _is_as_shown(cart: CartView, quoted: Quote, option: ShippingOption) -> bool:
    """Whether the shopper has seen what is to be paid now, piece by piece."""
    seen = _seen()
    if seen is not None:
        return seen == _shown(cart, quoted, option)
    return request.form.get("total", "") == str(quoted.due.amount) and not cart.has_changed


def _changed(checkout: Checkout, cart: CartView, error: str) -> ResponseReturnValue:
    """Tell what is another now, to be agreed to once more."""
    session.remember(session.load(), cart)
    return _screen(checkout, cart, error), 409


def _place(
    checkout: Checkout, cart: CartView, option: ShippingOption, placement: Placement
) -> ResponseReturnValue:
    """Something may have gone meanwhile: then the shopper is told, and nothing is charged."""
    try:
        outcome = place_and_pay(visitor(checkout.id), placement, gateway(), shop_for)
    except Refused as refused:
        return _refused(refused, checkout, cart)
    except DiscountGone:
        return _discount_gone(checkout, cart, option)
    except OutOfStock:
        # Somebody was faster: the last piece.
        cart = current_cart(checkout)
        if not cart.buyable:
            return _sold_out()
        return _changed(checkout, cart, words.total_changed(_quote(checkout, cart, option)))
    except GiftCardGone:
        cart = current_cart(checkout)
        return _changed(checkout, cart, words.card_gone(_quote(checkout, cart, option)))
    except PaymentRefused:
        return _screen(checkout, cart, words.not_started()), 502
    except PaymentsUnreachable:
        return _screen(checkout, cart, words.not_reached()), 503, {"Retry-After": "10"}
    return _send_on(outcome)


def _discount_gone(
    checkout: Checkout, cart: CartView, option: ShippingOption
) -> ResponseReturnValue:
    """Used up, ended just now, or not for who orders, which is told to nobody who only asks."""
    wait = _may_be_told()
    if wait:
        return _screen(checkout, cart, words.too_many_codes(wait)), 429
    session.note_told_email(checkout.email)
    cart = current_cart(checkout)
    return _changed(checkout, cart, words.total_changed(_quote(checkout, cart, option)))


def _send_on(outcome: Outcome) -> ResponseReturnValue:
    if outcome.payment_url is not None:
        return redirect(outcome.payment_url, code=303)
    order = db.session.get_one(Order, outcome.order_id)
    return already_paid(order)


def already_paid(order: Order) -> ResponseReturnValue:
    session.clear()
    return redirect(url_for("orders.show", link=order_link(order.token)), code=303)


def empty_cart() -> ResponseReturnValue:
    return redirect(url_for("cart.show"), code=303)


def _nothing_to_pay(checkout: Checkout) -> ResponseReturnValue:
    """The cart is empty, most likely because another tab has paid it."""
    latest = order_queries.latest_of_checkout(checkout.id)
    if latest is not None and latest.state not in service.DEAD:
        return redirect(url_for("orders.show", link=order_link(latest.token)), code=303)
    return empty_cart()


def _may_be_told() -> int:
    """Seconds to wait for whoever tries one address after the other; zero: they are told."""
    limit = limits.network_limit("refused discounts", request.remote_addr, REFUSALS_TOLD)
    with transaction():
        return limits.take([limit])


def _sold_out() -> ResponseReturnValue:
    """Somebody was faster: say what is left, in the cart, where it can be changed."""
    flash(words.sold_out(), "error")
    return redirect(url_for("cart.show"), code=303)


def _refused(refused: Refused, checkout: Checkout, cart: CartView) -> ResponseReturnValue:
    """Counted for staff after everything else was taken back."""
    with transaction():
        protection.count(refused.reason)
    page = _screen(checkout, cart, told(refused))
    return page, 429, {"Retry-After": str(refused.seconds)}

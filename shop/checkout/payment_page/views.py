"""Stripe's payment page of an order: inside the shop's own page where it is a frame, and the ways
back from it.
"""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.cart import session
from shop.checkout import service
from shop.checkout.current import current_cart, current_checkout
from shop.checkout.views import bp
from shop.clock import now
from shop.orders import queries as order_queries
from shop.orders.models import Order
from shop.orders.urls import order_link, order_of_link
from shop.orders.words import no_such_link
from shop.payments import queries as payment_queries
from shop.payments import settlement
from shop.payments.gateway import PaymentsError, gateway
from shop.payments.keys import with_keys
from shop.pricing.explain import explain
from shop.web.config import settings
from shop.web.headers import payment_frame_headers


@bp.get("/checkout/pay/<link>")
def payment_frame(link: str) -> ResponseReturnValue:
    """The payment page inside the shop's own. Where it is over, the order's page tells what is."""
    order = _order_of(link)
    attempt = payment_queries.live_attempt(order.id)
    is_open = attempt is not None and attempt.expires_at > now() and bool(attempt.client_secret)
    if attempt is None or not is_open or not order.is_awaiting_payment:
        return redirect(url_for("orders.show", link=link), code=303)
    config = with_keys(settings())
    page = render_template(
        "checkout/frame.html",
        order=order,
        link=link,
        secret=attempt.client_secret,
        key=config.publishable_key,
        source=config.stripe_js,
        explained=explain(order.quote_steps, [line.title for line in order.lines], order.bill),
        is_test=gateway().is_test,
    )
    return page, payment_frame_headers(config)


@bp.get("/checkout/return/<link>")
def returned(link: str) -> ResponseReturnValue:
    """Stripe sends the shopper here after paying; the address alone proves nothing."""
    order = _order_of(link)
    attempt = payment_queries.attempt_of_session(request.args.get("session_id", ""))
    if attempt is None or attempt.order_id != order.id:
        abort(404)
    checkout_id, token = order.checkout_id, order.token
    try:
        settlement.settle(request.args["session_id"], gateway())
    except PaymentsError:
        # The webhook or the reconciler will tell; the order's page says that it waits.
        flash(
            _("We are waiting to hear from our payment provider. You need not pay again."), "info"
        )
    else:
        _forget_cart(checkout_id, token)
    return redirect(url_for("orders.show", link=order_link(token)), code=303)


@bp.get("/checkout/back/<link>")
def came_back(link: str) -> ResponseReturnValue:
    """The shopper left the payment page without paying; everything is kept."""
    order = _order_of(link)
    checkout = current_checkout()
    is_theirs = checkout is not None and checkout.id == order.checkout_id
    if not is_theirs or not order.is_awaiting_payment or current_cart(checkout).is_empty:
        return redirect(url_for("orders.show", link=link), code=303)
    flash(_("You have not been charged. Everything is as you left it."), "info")
    return redirect(url_for("checkout.payment"), code=303)


def _forget_cart(checkout_id: int | None, token: str) -> None:
    """The cart is bought once its order is paid or waits for the bank."""
    order = order_queries.order_by_token(token)
    checkout = current_checkout()
    if order is None or checkout is None or checkout.id != checkout_id:
        return
    if not order.is_awaiting_payment and order.state not in service.DEAD:
        session.take_out({line.variant_id: line.quantity for line in order.lines})


def _order_of(link: str) -> Order:
    order = order_of_link(link)
    if order is None:
        abort(404, no_such_link())
    return order

"""A shopper's own order, by its signed link."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_timedelta
from flask_babel import gettext as _

from shop.accounts import service as accounts
from shop.accounts.models import LinkPurpose
from shop.accounts.security import signed_in
from shop.checkout import words
from shop.clock import now
from shop.database import transaction
from shop.gift_cards.models import GiftCard
from shop.gift_cards.queries import bought_by
from shop.limits import service as limits
from shop.money import Money
from shop.orders.emails import is_confirmation_on_its_way
from shop.orders.event_kinds import EventKind
from shop.orders.models import Order
from shop.orders.states import OrderState, WrongState
from shop.orders.timeline import steps_of
from shop.orders.urls import order_of_link
from shop.orders.words import no_such_link
from shop.payments import queries as payments
from shop.payments import settlement
from shop.payments.gateway import (
    PaymentRefused,
    PaymentsError,
    PaymentsUnreachable,
    gateway,
)
from shop.payments.models import LIVE_ATTEMPTS, Closing, PaymentAttempt
from shop.payments.refund_queries import refunds_of
from shop.payments.storefront import hosted_shop_for, shop_for
from shop.pricing.explain import explain
from shop.pricing.queries import delivery_calendar
from shop.protection import service as protection
from shop.protection.service import Refused
from shop.protection.session import visitor
from shop.protection.words import told
from shop.recovery import service as recovery
from shop.web.context import current_site

bp = Blueprint("orders", __name__)

#: Seconds after which a page that waits for Stripe or the bank asks again, without JavaScript.
REFRESH_SECONDS = 5


@bp.get("/orders/<link>")
def show(link: str) -> ResponseReturnValue:
    order = _order_of(link)
    return _page(order, link)


@bp.post("/orders/<link>/pay")
def pay(link: str) -> ResponseReturnValue:
    """On to the payment page again: the open one, or a new one. With `hosted` on Stripe's own page,
    not in a frame of ours.
    """
    order = _order_of(link)
    order_id, token, checkout_id = order.id, order.token, order.checkout_id or 0
    try:
        with transaction():
            protection.admit_again(order_id, visitor(checkout_id))
        shop = hosted_shop_for if "hosted" in request.form else shop_for
        page = settlement.start(order_id, gateway(), shop(token))
    except Refused as refused:
        with transaction():
            protection.count(refused.reason)
        return _refuse(link, told(refused), 429, again_in=refused.seconds)
    except WrongState:
        flash(
            _(
                "There is nothing to pay on this order any more, and you have not been charged "
                "again. This page tells how it stands."
            ),
            "info",
        )
        return redirect(url_for("orders.show", link=link), code=303)
    except PaymentRefused:
        return _refuse(link, words.not_started(), 502)
    except PaymentsUnreachable:
        unreached = _(
            "We could not reach our payment provider. You have not been charged. "
            "Please try again in a minute."
        )
        return _refuse(link, unreached, 503, again_in=10)
    return redirect(page.url, code=303)


@bp.post("/orders/<link>/cancellation")
def cancel(link: str) -> ResponseReturnValue:
    """The shopper does not want it any more; only what nobody has paid ends so."""
    order = _order_of(link)
    order_id, checkout_id = order.id, order.checkout_id
    if not (order.is_awaiting_payment or order.is_awaiting_money):
        flash(
            _("This order cannot be called off here any more. This page tells how it stands."),
            "info",
        )
        return redirect(url_for("orders.show", link=link), code=303)
    try:
        order = settlement.close(order_id, gateway(), why=Closing.SHOPPER)
    except PaymentsError:
        unreached = _(
            "We could not reach our payment provider, so your order is not called off. "
            "You have not been charged. Please try again in a minute."
        )
        return _refuse(link, unreached, 503, again_in=10)
    if order.state not in (OrderState.CANCELED, OrderState.EXPIRED):
        flash(
            _(
                "Your order is not called off: its payment has arrived, or is on its way. "
                "Please write to us, and we give the money back."
            ),
            "warn",
        )
    elif checkout_id is not None:
        with transaction():
            recovery.forget_checkout(checkout_id)
    return redirect(url_for("orders.show", link=link), code=303)


@bp.post("/orders/<link>/account")
def make_account(link: str) -> ResponseReturnValue:
    """Save the details for next time: a mail to the order's address, whose owner alone may do that.
    The answer is the same whether there is an account.
    """
    order = _order_of(link)
    if not order.email:
        abort(409, _("This order has no email address any more. Nothing was sent."))
    with transaction():
        email = accounts.normal_email(order.email)
        wait = limits.take(accounts.link_limits(email, request.remote_addr))
        if not wait:
            accounts.mail_link(LinkPurpose.SIGN_UP, email, language=order.language)
    if wait:
        flash(_("Several mails went there already. Please look into your inbox."), "warn")
        return redirect(url_for("orders.show", link=link), code=303)
    return redirect(url_for("accounts.link_sent"), code=303)


def _order_of(link: str) -> Order:
    order = order_of_link(link)
    if order is None:
        abort(404, no_such_link())
    return order


def _refuse(link: str, why: str, status: int, *, again_in: int = 0) -> ResponseReturnValue:
    """The order's page as it is now, and why nothing was done. `again_in`: seconds."""
    flash(why, "error")
    headers = {"Retry-After": str(again_in)} if again_in else {}
    return _page(_order_of(link), link), status, headers


def _page(order: Order, link: str) -> str:
    attempts = payments.attempts_of(order.id) if order.is_awaiting_payment else []
    promised = delivery_calendar(current_site().store).promise(
        order.promised_from or now(), order.shipping_min_days, order.shipping_max_days
    )
    return render_template(
        "orders/order.html",
        order=order,
        explained=explain(order.quote_steps, [line.title for line in order.lines], order.bill),
        link=link,
        states=OrderState,
        payments=payments.payments_of(order.id),
        refunds=[one for one in refunds_of(order.id) if one.is_counted],
        arrives=promised.days,
        steps=steps_of(order, promised.days),
        refresh_seconds=REFRESH_SECONDS if _is_waiting(attempts) else None,
        time_left=_time_left(order, attempts),
        was_declined=any(
            event.kind == EventKind.CANCELED and event.data.get("reason") == Closing.DECLINED
            for event in order.events
        ),
        was_refused=any(event.kind == EventKind.BANK_REFUSED for event in order.events),
        issued_cards=_issued_cards(order),
        is_confirming=is_confirmation_on_its_way(order),
        is_test=gateway().is_test,
        account=signed_in(),
    )


def _issued_cards(order: Order) -> list[tuple[GiftCard, Money]]:
    """Those that it bought, and what was on them when they were new."""
    worth = {line.id: line.unit for line in order.lines if line.is_gift_card}
    if not worth:
        return []
    return [(card, worth[card.line_item_id]) for card in bought_by(order.id) if card.line_item_id]


def _time_left(order: Order, attempts: list[PaymentAttempt]) -> str:
    """How long it can still be paid, in words; empty where nobody can tell."""
    if not order.is_awaiting_payment or order.expires_at is None:
        return ""
    live = [attempt.expires_at for attempt in attempts if attempt.status in LIVE_ATTEMPTS]
    until = min([order.expires_at, *(at - settlement.LEAST_TIME_LEFT for at in live)])
    left = until - now()
    return format_timedelta(left, threshold=1.5) if left > timedelta(minutes=1) else ""


def _is_waiting(attempts: list[PaymentAttempt]) -> bool:
    """Stripe has the shopper's money or its promise, and the shop has not heard of it yet."""
    return any(attempt.payment_intent_id and attempt.status == "open" for attempt in attempts)

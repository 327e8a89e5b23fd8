"""Orders: the list, and the page of one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from enum import StrEnum

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.admin import order_view_queries as queries
from shop.admin import versions
from shop.admin.access import bp, staff, store
from shop.admin.forms import NoteForm
from shop.admin.lists import one_of
from shop.admin.order_view_queries import OrderView
from shop.admin.refund_forms import new_press
from shop.admin.refund_views import told_of_refund
from shop.admin.undo import flash_with_undo
from shop.admin.versions import ChangedMeanwhile
from shop.clock import now
from shop.database import transaction
from shop.gift_cards.queries import bought_by
from shop.gift_cards.service import GiftCardGone
from shop.inventory.reservations import OutOfStock
from shop.orders import contact
from shop.orders import service as orders_service
from shop.orders.emails import enqueue_confirmation_again
from shop.orders.event_kinds import EventKind
from shop.orders.models import Order
from shop.orders.placement import PayBy
from shop.orders.states import OrderState, WrongState
from shop.orders.tags import MAX_TAG, MAX_TAGS, set_tags, tags_in, tags_of
from shop.payments import refunding, settlement
from shop.payments import service as payments_service
from shop.payments.explain import ExplainedRefund, explain_refund
from shop.payments.gateway import PaymentRefused, PaymentsError, PaymentsUnreachable, gateway
from shop.payments.keys import with_keys
from shop.payments.models import Closing, PaymentAttempt
from shop.payments.refund_models import Refund
from shop.payments.refund_plan import CancelWish
from shop.payments.refund_queries import left_of, version_of
from shop.payments.refunds import RefundedMeanwhile
from shop.payments.service import NotCaptured
from shop.payments.verdicts import Verdict
from shop.pricing.explain import explain
from shop.pricing.queries import delivery_calendar
from shop.settings import Settings
from shop.web.config import settings


class CancelReason(StrEnum):
    CUSTOMER = "customer"
    OUT_OF_STOCK = "out_of_stock"
    FRAUD = "fraud"
    OTHER = "other"


@bp.get("/orders/<id:order_id>")
def order(order_id: int) -> ResponseReturnValue:
    return _page(_order_or_404(order_id), NoteForm(is_empty=True))


@bp.post("/orders/<id:order_id>/notes")
def add_note(order_id: int) -> ResponseReturnValue:
    view = _order_or_404(order_id)
    form = NoteForm()
    if not form.is_valid():
        return _page(view, form), 422
    by = staff().id
    with transaction():
        orders_service.note(
            orders_service.locked(order_id), EventKind.NOTE, by=by, text=form.text.data
        )
    flash(_("Note added."), "ok")
    return _back(order_id)


@bp.post("/orders/<id:order_id>/tags")
def tag_order(order_id: int) -> ResponseReturnValue:
    view, tags = _order_or_404(order_id), tags_in(request.form.get("tags", ""))
    if len(tags) > MAX_TAGS or any(len(tag) > MAX_TAG for tag in tags):
        sentence = _(
            "At most %(tags)s tags of %(characters)s characters each. Nothing was changed.",
            tags=MAX_TAGS,
            characters=MAX_TAG,
        )
        return _page(view, NoteForm(is_empty=True), tags, tag_error=sentence), 422
    by = staff().id
    try:
        with transaction():
            orders_service.locked(order_id)
            versions.check_version(versions.version_of_values(_tags(order_id)), name="tags")
            set_tags(order_id, tags, by=by)
    except ChangedMeanwhile:
        form = NoteForm(is_empty=True)
        return _page(view, form, tags, tag_error=versions.sentence()), 409
    flash_with_undo(_("Tags saved."), by=by)
    return _back(order_id)


@bp.post("/orders/<id:order_id>/confirmation")
def resend_confirmation(order_id: int) -> ResponseReturnValue:
    """The same mail once more, once for each press."""
    view = _order_or_404(order_id)
    if view.order.number is None:
        abort(409, _("This order is not paid, so there is nothing to confirm."))
    by, press = staff().id, request.form.get("press", "")[:40] or new_press()
    with transaction():
        order = orders_service.locked(order_id)
        if enqueue_confirmation_again(order, press):
            orders_service.note(order, EventKind.CONFIRMED_AGAIN, by=by)
    flash(_("The confirmation goes to %(email)s once more.", email=view.order.email), "ok")
    return _back(order_id)


@bp.post("/orders/<id:order_id>/payment-check")
def check_payment(order_id: int) -> ResponseReturnValue:
    """Ask Stripe what became of the latest payment page, and bring the order up to it."""
    view = _order_or_404(order_id)
    if not view.attempts:
        abort(409, _("This order has no payment page to ask Stripe about. Nothing was changed."))
    attempt_id = view.attempts[-1].id
    _ask_stripe(lambda: flash(*_told(settlement.recheck(attempt_id, gateway()))))
    return _back(order_id)


@bp.post("/orders/<id:order_id>/cancellation")
def cancel_order(order_id: int) -> ResponseReturnValue:
    """Close the payment page and call the order off, unless it turns out to be paid. A paid order
    is called off by the form of its own.
    """
    view = _order_or_404(order_id)
    if "press" in request.form:
        return _cancel_paid(view)
    if not (view.order.is_awaiting_payment or view.order.is_awaiting_money):
        abort(409, _("Only an order that waits for payment can be canceled. Nothing was changed."))
    by = staff().id

    def close() -> None:
        order = settlement.close(order_id, gateway(), why=Closing.STAFF, by=by)
        if order.state in (OrderState.CANCELED, OrderState.EXPIRED):
            flash(_("Order canceled. Its stock can be sold again."), "ok")
        else:
            flash(_("Not canceled: the payment arrived, or is on its way."), "warn")

    _ask_stripe(close)
    return _back(order_id)


@bp.post("/orders/<id:order_id>/capture")
def capture_payment(order_id: int) -> ResponseReturnValue:
    """Take the money that the bank holds for the order."""
    _order_or_404(order_id)
    return _end_authorization(order_id, lambda: settlement.capture(order_id, gateway()))


@bp.post("/orders/<id:order_id>/authorization-cancellation")
def cancel_authorization(order_id: int) -> ResponseReturnValue:
    """Let go of the money that the bank holds, and call the order off."""
    _order_or_404(order_id)
    by = staff().id
    return _end_authorization(order_id, lambda: settlement.let_go(order_id, gateway(), by=by))


@bp.post("/orders/<id:order_id>/payments")
def record_money(order_id: int) -> ResponseReturnValue:
    """Money that came without Stripe is here."""
    _order_or_404(order_id)
    by = staff().id
    try:
        with transaction():
            payments_service.record_money(order_id, by=by)
    except WrongState:
        abort(409, _("This order does not wait for money. Nothing was changed."))
    except (OutOfStock, GiftCardGone):
        flash(
            _(
                "Not marked as paid: the order had ended, and its goods or its gift card are gone "
                "meanwhile. Count the stock up first, or give the money back."
            ),
            "error",
        )
    else:
        flash(_("Paid. The customer gets a confirmation."), "ok")
    return _back(order_id)


@bp.post("/orders/<id:order_id>/review")
def decide_review(order_id: int) -> ResponseReturnValue:
    """What a person decides of an order whose money and goods did not fit."""
    decide, sentence = {
        "accept": (payments_service.accept, _("Accepted: the order is paid and can be sent.")),
        "call_off": (orders_service.call_off, _("Called off. Now refund the money.")),
        "dismiss": (orders_service.dismiss_review, _("Noted: this is dealt with.")),
    }.get(request.form.get("decision", ""), (None, ""))
    _order_or_404(order_id)
    if decide is None:
        abort(422, _("Please choose what to do. Nothing was changed."))
    by = staff().id
    try:
        with transaction():
            decide(orders_service.locked(order_id), by=by)
    except WrongState:
        abort(409, _("This order does not wait for that decision. Nothing was changed."))
    except NotCaptured:
        flash(
            _(
                "Not accepted: the bank only holds the money. Capture the payment first; the order"
                " can be accepted then."
            ),
            "error",
        )
    except OutOfStock:
        flash(_("The goods are sold meanwhile. Count the stock up first, or call it off."), "error")
    except GiftCardGone:
        flash(
            _("A gift card that paid part of it is spent meanwhile. Call the order off."), "error"
        )
    else:
        flash(sentence, "ok")
    return _back(order_id)


@bp.get("/orders/<id:order_id>/cancellation/new")
def new_cancellation(order_id: int) -> ResponseReturnValue:
    """How a paid order is called off: with its money and its goods."""
    view = _order_or_404(order_id)
    _require_cancelable(view)
    return render_template(
        "admin/cancellation.html",
        view=view,
        order=view.order,
        left=left_of(view.order, view.payments),
        press=new_press(),
        version=version_of(view.refunds),
        reasons=CancelReason,
    )


# Inside -----------------------------------------------------------------------------------------


def _require_cancelable(view: OrderView) -> None:
    if not view.may_be_canceled:
        abort(
            409,
            _(
                "Only a paid order of which nothing was sent can be canceled. Refund it instead."
                " Nothing was changed."
            ),
        )


def _cancel_paid(view: OrderView) -> ResponseReturnValue:
    form, order_id = request.form, view.order.id
    if view.order.state == OrderState.CANCELED:
        flash(_("This order is canceled already. Nothing was done a second time."), "info")
        return _back(order_id)
    _require_cancelable(view)
    wish = CancelWish(
        reason=one_of(CancelReason, form.get("reason"), CancelReason.OTHER),
        restock=bool(form.get("restock")),
        gives_back=bool(form.get("refund")),
        is_told=bool(form.get("told")),
        press=form["press"][:40] or new_press(),
        version=form.get("version", ""),
    )
    try:
        made = refunding.cancel(order_id, wish, gateway(), by=staff().id)
    except RefundedMeanwhile:
        flash(_("Somebody gave money back meanwhile. Nothing was canceled; look again."), "warn")
        return redirect(url_for(".new_cancellation", order_id=order_id), code=303)
    except WrongState:
        _require_cancelable(_order_or_404(order_id))
        return _back(order_id)
    except PaymentsUnreachable:
        flash(
            _(
                "Order canceled. Stripe did not answer; the shop asks again by itself, and the"
                " money is given back once."
            ),
            "warn",
        )
        return _back(order_id)
    flash(_("Order canceled."), "ok")
    for refund in made:
        flash(*told_of_refund(refund))
    return _back(order_id)


def _order_or_404(order_id: int) -> OrderView:
    view = queries.order(order_id)
    if view is None:
        abort(404)
    return view


def _tags(order_id: int) -> list[str]:
    return tags_of([order_id]).get(order_id, [])


def _page(
    view: OrderView, form: NoteForm, typed_tags: Sequence[str] | None = None, tag_error: str = ""
) -> str:
    config, tags = with_keys(settings()), _tags(view.order.id)
    return render_template(
        "admin/order.html",
        view=view,
        order=view.order,
        explained=explain(
            view.order.quote_steps, [line.title for line in view.order.lines], view.order.bill
        ),
        form=form,
        refunds=_refunds_of(view),
        tags=tags,
        typed_tags=tags if typed_tags is None else typed_tags,
        tag_error=tag_error,
        tags_version=versions.version_of_values(tags),
        press=new_press(),
        issued_cards=(
            bought_by(view.order.id) if any(line.is_gift_card for line in view.order.lines) else ()
        ),
        takes_money=_takes_money(view.order),
        arrives=_arrives(view.order),
        is_changeable=contact.is_changeable(view.order),
        links={attempt.id: _address_of(attempt, config) for attempt in view.attempts},
    )


def _refunds_of(view: OrderView) -> list[tuple[Refund, ExplainedRefund, str]]:
    """Newest first, explained, with who of the staff did it; empty: it was done in Stripe."""
    titles = {line.id: line.title for line in view.order.lines}
    return [
        (refund, explain_refund(refund, titles), view.names.get(refund.account_id or 0, ""))
        for refund in reversed(view.refunds)
    ]


def _arrives(order: Order) -> tuple[date, date]:
    """First and last day it is expected on."""
    calendar = delivery_calendar(store())
    days = (order.shipping_min_days, order.shipping_max_days)
    return calendar.promise(order.promised_from or now(), *days).days


def _takes_money(order: Order) -> bool:
    """Whether staff may say that its money is here: also late."""
    is_due = order.is_awaiting_money or order.state == OrderState.EXPIRED
    return order.pay_by != PayBy.CARD and is_due


def _end_authorization(order_id: int, ask: Callable[[], Verdict]) -> ResponseReturnValue:
    try:
        flash(*_told(ask()))
    except WrongState:
        abort(409, _("No money is held for this order. Nothing was changed."))
    except PaymentRefused:
        flash(_("Stripe refused: the order now shows what became of the authorization."), "error")
    except PaymentsError:
        flash(
            _("Stripe did not answer. Press again: the money is taken once, however often."),
            "error",
        )
    return _back(order_id)


def _ask_stripe(work: Callable[[], None]) -> None:
    try:
        work()
    except PaymentsError:
        flash(_("Stripe could not be asked. Nothing was changed; please try again."), "error")


def _told(verdict: Verdict) -> tuple[str, str]:
    """A sentence and its kind."""
    return {
        Verdict.PAID: (_("Stripe says: paid."), "ok"),
        Verdict.WAITING_FOR_BANK: (_("Stripe says: the bank has not answered yet."), "info"),
        Verdict.AUTHORIZED: (_("Stripe says: authorized. Nothing is charged yet."), "info"),
        Verdict.OPEN: (_("Stripe says: not paid. The payment page is still open."), "info"),
        Verdict.FAILED: (_("Stripe says: the payment failed."), "warn"),
        Verdict.EXPIRED: (_("Stripe says: not paid, and the payment page has closed."), "warn"),
        Verdict.REVIEW: (_("Stripe says: money arrived that needs your decision."), "warn"),
        Verdict.FOREIGN: (_("Stripe does not know this payment page as ours."), "warn"),
    }[verdict]


def _address_of(attempt: PaymentAttempt, config: Settings) -> str:
    """Where a person looks the payment up; empty where Stripe has nothing to show yet."""
    if config.uses_sandbox:
        page = attempt.session_id
        return f"{config.stripe_api}/_sandbox/payments/{page}" if page else ""
    payment, mode = attempt.payment_intent_id, "" if config.is_stripe_live else "/test"
    return f"https://dashboard.stripe.com{mode}/payments/{payment}" if payment else ""


def _back(order_id: int) -> ResponseReturnValue:
    return redirect(url_for(".order", order_id=order_id), code=303)

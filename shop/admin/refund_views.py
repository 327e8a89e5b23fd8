"""Giving money back: the form works the sum out first, and moves money when that sum was seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.admin import stripe_words
from shop.admin.access import bp, staff
from shop.admin.refund_forms import RefundEditor, new_press
from shop.gift_cards import queries as gift_cards
from shop.gift_cards.service import TooMuch
from shop.money import Money
from shop.orders.models import Order
from shop.orders.queries import order_with_lines
from shop.orders.states import OrderState, WrongState
from shop.payments import refund_plan, refund_queries, refunding
from shop.payments.explain import ExplainedRefund, explain_plan
from shop.payments.gateway import PaymentsUnreachable, gateway
from shop.payments.models import Payment
from shop.payments.queries import payments_of
from shop.payments.refund_models import Refund, RefundStatus
from shop.payments.refund_plan import GIFT_CARDS, NothingToRefund, Plan
from shop.payments.refunds import RefundedMeanwhile
from shop.payments.shares import MoreThanLeft, Portion
from shop.web.filters import money


@dataclass(frozen=True)
class Refundable:
    """An order as the form sees it."""

    order: Order
    refunds: list[Refund]
    payments: list[Payment]
    parts: list[Portion]

    @property
    def left(self) -> Money:
        return refund_queries.left_of(self.order, self.payments)

    @property
    def on_cards(self) -> Money:
        return gift_cards.refundable(self.order.id, self.order.currency)

    @property
    def part_of(self) -> dict[int | None, Portion]:
        return {part.line_id: part for part in self.parts}

    @property
    def titles(self) -> dict[int, str]:
        return {line.id: line.title for line in self.order.lines}

    @property
    def version(self) -> str:
        return refund_queries.version_of(self.refunds)


@bp.get("/orders/<id:order_id>/refunds/new")
def new_refund(order_id: int) -> ResponseReturnValue:
    """`?all=1`: everything that is left, ready to be given back."""
    found = _refundable(order_id)
    is_all = bool(request.args.get("all"))
    return _page(found, RefundEditor.new(found.order, found.parts, found.version, is_all=is_all))


@bp.post("/orders/<id:order_id>/refunds")
def refund_order(order_id: int) -> ResponseReturnValue:
    if refund_queries.is_pressed(request.form.get("press", "") or "-"):
        flash(_("This refund was sent already. Nothing was given back a second time."), "info")
        return _back(order_id)
    found = _refundable(order_id)
    editor = RefundEditor.typed(found.order, found.parts)
    if not editor.is_valid():
        return _page(found, editor), 422
    wish = editor.wish([GIFT_CARDS, *(payment.id for payment in found.payments)])
    try:
        plan = refund_plan.plan(found.order, found.refunds, wish)
        if editor.form.seen.data != str(plan.total.amount):
            return _page(found, editor, plan)
        made = refunding.refund(order_id, wish, gateway(), by=staff().id)
    except (NothingToRefund, MoreThanLeft, RefundedMeanwhile, TooMuch) as refusal:
        return _refused(_refundable(order_id), editor, refusal)
    except WrongState:
        abort(409, _("This order cannot be refunded as it stands. Nothing was changed."))
    except PaymentsUnreachable:
        flash(_without_answer(), "warn")
        return _back(order_id)
    return _told(order_id, made)


@bp.post("/orders/<id:order_id>/payments/<id:payment_id>/refunds")
def refund_misfit(order_id: int, payment_id: int) -> ResponseReturnValue:
    """Money in another currency than the order's goes back whole."""
    if order_with_lines(order_id) is None:
        abort(404)
    press = request.form.get("press", "")[:40] or new_press()
    try:
        made = refunding.refund_misfit(order_id, payment_id, gateway(), press=press, by=staff().id)
    except (NothingToRefund, WrongState):
        abort(409, _("There is no such money of this order to give back. Nothing was changed."))
    except PaymentsUnreachable:
        flash(_without_answer(), "warn")
        return _back(order_id)
    return _told(order_id, made)


# Inside -----------------------------------------------------------------------------------------


def _refundable(order_id: int) -> Refundable:
    order = order_with_lines(order_id)
    if order is None:
        abort(404)
    if order.state == OrderState.PAYMENT_REVIEW:
        abort(
            409,
            _(
                "Decide first whether this order is accepted or called off; its money can be given"
                " back then. Nothing was changed."
            ),
        )
    payments = payments_of(order_id)
    if not refund_plan.may_be_refunded(order) or not refund_queries.left_of(order, payments):
        abort(409, _("There is no money of this order to give back. Nothing was changed."))
    made = refund_queries.refunds_of(order_id)
    return Refundable(order, made, payments, refund_queries.portions_of(order, made))


def _without_answer() -> str:
    return _(
        "Stripe did not answer. The refund is written down, and the shop asks again by"
        " itself within minutes; the money is given back once."
    )


def _refused(found: Refundable, editor: RefundEditor, refusal: Exception) -> ResponseReturnValue:
    """The form as typed, with what is in the way."""
    form = editor.form
    if isinstance(refusal, RefundedMeanwhile):
        form.version.data, form.press.data = found.version, new_press()
        flash(
            _(
                "Somebody gave money back meanwhile, so nothing was sent. These are today's"
                " figures: please look again."
            ),
            "warn",
        )
        return _page(found, editor), 409
    if isinstance(refusal, MoreThanLeft):
        sentence = _("At most %(left)s can still be given back.", left=money(refusal.left))
    elif isinstance(refusal, TooMuch):
        sentence = _("That is more than one balance can hold.")
    else:
        sentence = _("Choose pieces, a part of the delivery, or an amount.")
    form.complain(form.amount, sentence)
    return _page(found, editor), 422


def _page(found: Refundable, editor: RefundEditor, plan: Plan | None = None) -> str:
    return render_template(
        "admin/refund.html",
        found=found,
        order=found.order,
        editor=editor,
        form=editor.form,
        plan=plan,
        explained=_explained(found, plan) if plan else None,
        voidings=refund_plan.voidings_of(found.order, found.refunds, plan.shares) if plan else [],
    )


def _explained(found: Refundable, plan: Plan) -> ExplainedRefund:
    return explain_plan(plan.shares, found.parts, found.titles, plan.total)


def told_of_refund(refund: Refund) -> tuple[str, str]:
    """A sentence and its kind."""
    amount = money(refund.total)
    if refund.status == RefundStatus.REJECTED:
        sentence = _(
            "Stripe refused to give %(amount)s back: %(reason)s. No money moved.",
            amount=amount,
            reason=stripe_words.reason(refund.failure_code),
        )
        return sentence, "error"
    if refund.status in (RefundStatus.FAILED, RefundStatus.CANCELED):
        return _(
            "The refund of %(amount)s failed. Give it back another way.", amount=amount
        ), "error"
    if refund.status == RefundStatus.SUCCEEDED:
        return _("%(amount)s given back.", amount=amount), "ok"
    return _("%(amount)s is on its way back; the bank takes some days.", amount=amount), "ok"


def _told(order_id: int, made: Sequence[Refund]) -> ResponseReturnValue:
    for refund in made:
        flash(*told_of_refund(refund))
    return _back(order_id)


def _back(order_id: int) -> ResponseReturnValue:
    return redirect(url_for(".order", order_id=order_id), code=303)

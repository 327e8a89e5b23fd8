"""The edge between the shop's transactions and Stripe: ask first, then write, never both at once.

`settle` is the one road to "paid", shared by the webhook, the page a shopper returns to, the
reconciler and the admin's button.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from shop.clock import now
from shop.database import in_transaction
from shop.extensions import db
from shop.orders import service as orders
from shop.orders.models import Order
from shop.orders.states import Move, OrderState, WrongState
from shop.payments import queries, service, verdicts
from shop.payments.gateway import PaymentRefused, StripeGateway
from shop.payments.models import LIVE_ATTEMPTS, Closing, PaymentAttempt
from shop.payments.params import Shop
from shop.payments.snapshots import SessionSnapshot
from shop.payments.verdicts import Verdict

#: A page with less time left than this is not offered again.
LEAST_TIME_LEFT = timedelta(minutes=2)
#: Stripe wants pages open for 30 minutes at least; a later request with the frozen time is refused.
CREATE_WITHIN = service.PAGE_OPEN - timedelta(minutes=31)

#: What Stripe answers for a page of another account or mode.
NO_SUCH_PAGE = "resource_missing"


@dataclass(frozen=True)
class PaymentPage:
    """Where to send the shopper."""

    url: str


def settle(session_id: str, gateway: StripeGateway) -> Verdict:
    """Ask Stripe what became of the session, and bring the order up to it.

    Raises PaymentsError when Stripe cannot be asked; nothing is changed then.
    """
    end_reading()
    snapshot = gateway.session(session_id)
    return in_transaction(lambda: verdicts.apply(snapshot, is_live=gateway.is_live))


def start(order_id: int, gateway: StripeGateway, shop: Shop) -> PaymentPage:
    """The payment page of an unpaid order: the open one, or a new one.

    Raises WrongState for an order that is not waiting for payment, PaymentRefused, and
    PaymentsUnreachable (call again: there will be no second page).
    """
    attempt = in_transaction(lambda: _attempt_to_use(order_id, shop))
    if _is_of_no_use(attempt, shop):
        _close_page(attempt, gateway, Closing.RENEWED)
        attempt = in_transaction(lambda: _attempt_to_use(order_id, shop))
    if attempt.has_page:
        return PaymentPage(attempt.url or shop.frame_url)
    is_stale = now() - attempt.created_at > CREATE_WITHIN
    try:
        return PaymentPage(open_page(attempt, gateway).url or shop.frame_url)
    except PaymentRefused:
        if not is_stale:
            raise
    # Its frozen closing time had come too near: the same press opens a page with a new one.
    attempt = in_transaction(lambda: _attempt_to_use(order_id, shop))
    return PaymentPage(open_page(attempt, gateway).url or shop.frame_url)


def close(order_id: int, gateway: StripeGateway, *, why: Closing, by: int | None = None) -> Order:
    """Close the order's payment page and call the order off, unless it turns out to be paid.

    Returns the order as it is then; raises PaymentsError when Stripe cannot be asked.
    """
    attempt = queries.live_attempt(order_id)
    if attempt is not None:
        _close_page(attempt, gateway, why, by)
    return in_transaction(lambda: _cancel_if_unpaid(order_id, why, by))


def capture(order_id: int, gateway: StripeGateway) -> Verdict:
    """Take the money of an authorized order, and bring the order up to it.

    Raises WrongState; PaymentRefused where the bank holds nothing any more; and PaymentsUnreachable
    (call again: the money is taken once).
    """
    in_transaction(lambda: service.capturable(order_id))
    return _end_authorization(order_id, gateway, gateway.capture, "cap")


def let_go(order_id: int, gateway: StripeGateway, *, by: int) -> Verdict:
    """Give the money of an authorized order free, and call the order off. Raises as `capture`."""
    attempt = in_transaction(lambda: service.authorization_of(order_id))
    attempt_id = attempt.id
    in_transaction(lambda: service.note_closing(attempt_id, Closing.STAFF, by))
    return _end_authorization(order_id, gateway, gateway.cancel_payment, "void")


def release_overdue(order_id: int, gateway: StripeGateway) -> None:
    """Free the stock of an order whose time ran out, after asking Stripe: money goes first."""
    attempt = queries.live_attempt(order_id)
    if attempt is not None:
        _close_page(attempt, gateway)
    in_transaction(lambda: service.expire_order(order_id))


def recheck(attempt_id: int, gateway: StripeGateway) -> Verdict:
    """Bring one attempt up to date, also one whose session the shop never heard of."""
    attempt = db.session.get_one(PaymentAttempt, attempt_id, populate_existing=True)
    session_id = attempt.session_id
    try:
        if session_id is None:
            if attempt.status not in LIVE_ATTEMPTS:
                return Verdict.FAILED
            session_id = open_page(attempt, gateway).id
        return settle(session_id, gateway)
    except PaymentRefused as refusal:
        code = refusal.code
        if session_id is not None and code != NO_SUCH_PAGE:
            raise
        in_transaction(lambda: service.fail_attempt(attempt_id, code))
        return Verdict.FAILED


def open_page(attempt: PaymentAttempt, gateway: StripeGateway) -> SessionSnapshot:
    """Ask Stripe with the frozen parameters and key: however often, one page."""
    attempt_id, params, key = attempt.id, attempt.params, attempt.idempotency_key
    end_reading()
    try:
        session = gateway.create_session(params, idempotency_key=key)
    except PaymentRefused as refusal:
        code = refusal.code
        in_transaction(lambda: service.fail_attempt(attempt_id, code))
        raise
    in_transaction(lambda: service.note_session(attempt_id, session))
    return session


def end_reading() -> None:
    """No transaction, not even one that only reads, stays open while Stripe thinks."""
    db.session.rollback()


# Inside -----------------------------------------------------------------------------------------


def _end_authorization(
    order_id: int, gateway: StripeGateway, ask: Callable[..., None], what: str
) -> Verdict:
    """What may be done is looked up, Stripe is asked with a key of its own, and what became of it
    is written down: also after a refusal, which may mean that it was done or over before.
    """
    attempt = in_transaction(lambda: service.authorization_of(order_id))
    session_id, intent_id = attempt.session_id or "", attempt.payment_intent_id or ""
    key = f"{what}:{attempt.idempotency_key}"
    end_reading()
    try:
        ask(intent_id, idempotency_key=key)
    except PaymentRefused:
        settle(session_id, gateway)
        raise
    return settle(session_id, gateway)


def _is_of_no_use(attempt: PaymentAttempt, shop: Shop) -> bool:
    """Nearly over, or in a frame that cannot be shown: there is one page an order, so it makes room
    for another.
    """
    is_nearly_over = attempt.expires_at - now() < LEAST_TIME_LEFT
    return (attempt.has_page and is_nearly_over) or (attempt.is_framed and not shop.frame_url)


def _attempt_to_use(order_id: int, shop: Shop) -> PaymentAttempt:
    """As it is now: the caller reads on when the transaction is over."""
    order = orders.locked_with_lines(order_id)
    if order.state != OrderState.PENDING_PAYMENT:
        raise WrongState(OrderState(order.state), Move.PAY)
    attempts = queries.attempts_of(order_id)
    live = [attempt for attempt in attempts if attempt.status in LIVE_ATTEMPTS]
    attempt = live[0] if live else service.open_attempt(order, shop, len(attempts) + 1)
    db.session.expunge(attempt)
    return attempt


def _close_page(
    attempt: PaymentAttempt,
    gateway: StripeGateway,
    why: Closing | None = None,
    by: int | None = None,
) -> None:
    """Have Stripe close the page, then bring the order up to what became of it: if it was paid just
    now, the order is. Without `why`, the page's time is simply over.
    """
    attempt_id, session_id = attempt.id, attempt.session_id
    if why is not None:
        in_transaction(lambda: service.note_closing(attempt_id, why, by))
    try:
        if session_id is None:
            session_id = open_page(attempt, gateway).id
        end_reading()
        snapshot = gateway.expire_session(session_id)
    except PaymentRefused as refusal:
        code = refusal.code
        if session_id is not None and code != NO_SUCH_PAGE:
            raise
        # Stripe never made the page and would not make it now, or knows it no more.
        in_transaction(lambda: service.fail_attempt(attempt_id, code))
        return
    in_transaction(lambda: verdicts.apply(snapshot, is_live=gateway.is_live))


def _cancel_if_unpaid(order_id: int, why: Closing, by: int | None) -> Order:
    order = orders.locked(order_id)
    is_unpaid = order.state in (OrderState.PENDING_PAYMENT, OrderState.AWAITING_MONEY)
    if is_unpaid and queries.live_attempt(order_id) is None:
        orders.cancel(order, reason=why, by=by)
    return order

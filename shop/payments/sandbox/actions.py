"""What the dashboard's buttons do: the things that, with real money, banks and people would do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation

from . import authorizations, currencies, disputes, events, payments, refunds, sessions
from .errors import ApiError
from .store import Doc, Work


def expire(work: Work, session: Doc, given: Mapping[str, str]) -> None:
    sessions.expire(work, {}, session["id"])


def capture(work: Work, session: Doc, given: Mapping[str, str]) -> None:
    amount = _amount(given, session["currency"])
    wanted = {} if amount is None else {"amount_to_capture": amount}
    authorizations.capture(work, wanted, _intent_id(session))


def void(work: Work, session: Doc, given: Mapping[str, str]) -> None:
    authorizations.cancel(work, {}, _intent_id(session))


def accept_debit(work: Work, session: Doc, given: Mapping[str, str]) -> None:
    intent = work.need("payment_intent", _intent_id(session))
    payments.settle_bank_debit(work, intent, succeeds=True)


def refuse_debit(work: Work, session: Doc, given: Mapping[str, str]) -> None:
    intent = work.need("payment_intent", _intent_id(session))
    payments.settle_bank_debit(work, intent, succeeds=False)


def refund(work: Work, session: Doc, given: Mapping[str, str], settle_seconds: float) -> None:
    params: Doc = {"payment_intent": _intent_id(session)}
    amount = _amount(given, session["currency"])
    if amount is not None:
        params["amount"] = amount
    refunds.create(work, params, settle_seconds=settle_seconds)


def dispute(work: Work, session: Doc, given: Mapping[str, str]) -> None:
    intent = work.need("payment_intent", _intent_id(session))
    charge = work.need("charge", intent["latest_charge"])
    if not charge["captured"] or charge["disputed"] or charge["refunded"]:
        raise ApiError("Only a paid charge without refund or dispute can be disputed.")
    disputes.open_dispute(work, charge, given.get("reason", "fraudulent"))


def resend(work: Work, event_id: str) -> None:
    """Send an event again, at once, to every enabled endpoint."""
    for endpoint in work.find("webhook_endpoint", status="enabled"):
        events.schedule(work, event_id, endpoint["id"])


def _intent_id(session: Doc) -> str:
    if session["payment_intent"] is None:
        raise ApiError("Nothing has been paid on this session.")
    return str(session["payment_intent"])


def _amount(given: Mapping[str, str], currency: str) -> int | None:
    """Typed in major units, such as 12.50; None for all of it."""
    typed = given.get("amount", "").strip()
    if not typed:
        return None
    try:
        amount = Decimal(typed).scaleb(currencies.exponent(currency))
    except InvalidOperation:
        raise ApiError(f"Not an amount: {typed}", param="amount") from None
    if not amount.is_finite() or amount != amount.to_integral_value() or amount < 1:
        raise ApiError(f"Not an amount: {typed}", param="amount")
    return int(amount)


SESSION_ACTIONS: dict[str, Callable[[Work, Doc, Mapping[str, str]], None]] = {
    "expire": expire,
    "capture": capture,
    "void": void,
    "accept-debit": accept_debit,
    "refuse-debit": refuse_debit,
    "dispute": dispute,
}

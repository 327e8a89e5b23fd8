"""Manual capture: taking held money, or letting it go."""

from __future__ import annotations

from .errors import ApiError, no_such, unexpected_state
from .events import emit, public
from .intents import book_charge
from .params import merge_metadata
from .store import Doc, Work


def show(work: Work, params: Doc, intent_id: str) -> Doc:
    return retrieve(work, intent_id)


def retrieve(work: Work, intent_id: str) -> Doc:
    intent = work.get("payment_intent", intent_id)
    if intent is None:
        raise no_such("payment_intent", intent_id, param="intent")
    return intent


def update(work: Work, params: Doc, intent_id: str) -> Doc:
    intent = retrieve(work, intent_id)
    if "metadata" in params:
        intent["metadata"] = merge_metadata(intent["metadata"], params["metadata"])
    for name in ("description", "receipt_email"):
        if name in params:
            intent[name] = params[name] or None
    if "shipping" in params:
        intent["shipping"] = {**(intent["shipping"] or {}), **params["shipping"]}
    return work.save(intent)


def capture(work: Work, params: Doc, intent_id: str) -> Doc:
    """Take all of the held money or a part of it, once; the rest is released."""
    intent = retrieve(work, intent_id)
    if intent["status"] != "requires_capture":
        raise unexpected_state(
            "This PaymentIntent could not be captured because it has a status of "
            f"{intent['status']}. Only a PaymentIntent with one of the following statuses may be "
            "captured: requires_capture.",
            payment_intent=public(intent),
        )
    amount: int = params.get("amount_to_capture") or intent["amount_capturable"]
    if amount > intent["amount_capturable"]:
        raise ApiError(
            "The amount to capture is greater than the amount that can be captured: "
            f"{intent['amount_capturable']}.",
            code="amount_too_large",
            param="amount_to_capture",
        )
    return _take(work, intent, amount, params.get("metadata", {}))


def cancel(work: Work, params: Doc, intent_id: str) -> Doc:
    intent = retrieve(work, intent_id)
    session = work.need("checkout.session", intent["_session"])
    if session["status"] == "open":
        raise unexpected_state(
            "You cannot cancel the PaymentIntent of an open Checkout Session; expire the session.",
            payment_intent=public(intent),
        )
    if intent["status"] not in ("requires_capture", "requires_payment_method"):
        raise unexpected_state(
            f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}.",
            payment_intent=public(intent),
        )
    return _release(work, intent, params.get("cancellation_reason"))


def expire(work: Work, intent: Doc) -> None:
    """The week is over: the hold ends by itself."""
    charge = work.need("charge", intent["latest_charge"])
    emit(work, "charge.expired", charge)
    _release(work, intent, "automatic")


def _take(work: Work, intent: Doc, amount: int, metadata: dict[str, str]) -> Doc:
    charge = work.need("charge", intent["latest_charge"])
    charge |= {"captured": True, "amount_captured": amount}
    intent |= {
        "status": "succeeded",
        "amount_capturable": 0,
        "amount_received": amount,
        "metadata": merge_metadata(intent["metadata"], metadata),
    }
    emit(work, "charge.captured", work.save(charge))
    emit(work, "payment_intent.succeeded", work.save(intent))
    session = work.need("checkout.session", intent["_session"])
    session["payment_status"] = "paid"
    work.save(session)
    book_charge(work, charge)
    return intent


def _release(work: Work, intent: Doc, reason: str | None) -> Doc:
    intent |= {
        "status": "canceled",
        "amount_capturable": 0,
        "canceled_at": work.now,
        "cancellation_reason": reason,
    }
    emit(work, "payment_intent.canceled", work.save(intent))
    return intent

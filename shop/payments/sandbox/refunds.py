"""Refunds of charges, including those that take a while and those that fail later."""

from __future__ import annotations

from . import currencies, disputes
from .errors import ApiError, missing_param, no_such
from .events import emit
from .ids import new_id
from .intents import balance_entry
from .params import merge_metadata
from .store import Doc, Work


def create(work: Work, params: Doc, *, settle_seconds: float) -> Doc:
    charge = _charge(work, params)
    amount = _amount(work, charge, params.get("amount"))
    behavior = charge.get("_refunds", "succeeded")
    refund = work.add(_new_refund(work, charge, amount, params, behavior))
    _return_money(work, refund, charge)
    emit(work, "refund.created", refund)
    emit(work, "charge.refunded", charge)
    if behavior != "succeeded":
        work.later("settle_refund", refund["id"], work.at + settle_seconds)
    return refund


def retrieve(work: Work, refund_id: str) -> Doc:
    refund = work.get("refund", refund_id)
    if refund is None:
        raise no_such("refund", refund_id, param="refund")
    return refund


def update(work: Work, params: Doc, refund_id: str) -> Doc:
    refund = retrieve(work, refund_id)
    refund["metadata"] = merge_metadata(refund["metadata"], params.get("metadata", {}))
    work.save(refund)
    emit(work, "refund.updated", refund)
    return refund


def settle(work: Work, refund: Doc) -> None:
    """How a slow refund ends: a pending one succeeds, one that looked fine fails."""
    if refund["status"] == "pending":
        refund["status"] = "succeeded"
        del refund["pending_reason"]
        emit(work, "refund.updated", work.save(refund))
        emit(work, "charge.refund.updated", refund)
    elif refund["status"] == "succeeded":
        fail(work, refund)


def fail(work: Work, refund: Doc) -> None:
    """The bank sent the money back: the charge counts as not refunded by it. Fails once."""
    if refund["status"] == "failed":
        return
    charge = work.need("charge", refund["charge"])
    entry = balance_entry(
        work,
        kind="refund_failure",
        amount=refund["amount"],
        fee=0,
        source=refund,
        description="REFUND FAILURE",
    )
    refund |= {
        "status": "failed",
        "failure_reason": "expired_or_canceled_card",
        "failure_balance_transaction": entry["id"],
    }
    refund.pop("pending_reason", None)
    charge["amount_refunded"] -= refund["amount"]
    charge["refunded"] = False
    work.save(charge)
    emit(work, "refund.failed", work.save(refund))
    emit(work, "charge.refund.updated", refund)


def _charge(work: Work, params: Doc) -> Doc:
    """The charge to refund, named by itself or by its PaymentIntent; it must hold money."""
    if "charge" not in params and "payment_intent" not in params:
        raise missing_param("payment_intent")
    charge_id = params.get("charge") or _charge_of(work, params["payment_intent"])
    charge = work.get("charge", charge_id)
    if charge is None:
        raise no_such("charge", charge_id, param="charge")
    if params.get("payment_intent", charge["payment_intent"]) != charge["payment_intent"]:
        raise ApiError("The charge does not belong to the payment_intent.", param="charge")
    if not charge["captured"] or charge["status"] != "succeeded":
        raise ApiError(
            f"Charge {charge['id']} has not been captured or has not succeeded; "
            "there is nothing to refund.",
            code="charge_not_refundable",
            param="charge",
        )
    return charge


def _charge_of(work: Work, intent_id: str) -> str:
    intent = work.get("payment_intent", intent_id)
    if intent is None:
        raise no_such("payment_intent", intent_id, param="payment_intent")
    if intent["status"] != "succeeded":
        raise ApiError(
            f"This PaymentIntent ({intent_id}) does not have a successful charge to refund.",
            param="payment_intent",
        )
    return str(intent["latest_charge"])


def _amount(work: Work, charge: Doc, wanted: int | None) -> int:
    if disputes.blocks_refunds(work, charge):
        message = f"Charge {charge['id']} has been charged back; cannot issue a refund."
        raise ApiError(message, code="charge_disputed")
    left = charge["amount_captured"] - charge["amount_refunded"]
    if left == 0:
        message = f"Charge {charge['id']} has already been refunded."
        raise ApiError(message, code="charge_already_refunded")
    amount = left if wanted is None else wanted
    if amount > left:
        currency = charge["currency"]
        raise ApiError(
            f"Refund amount ({currencies.show(amount, currency)}) is greater than unrefunded "
            f"amount on charge ({currencies.show(left, currency)})",
            param="amount",
        )
    currencies.check_amount(amount, charge["currency"], param="amount")
    return amount


def _return_money(work: Work, refund: Doc, charge: Doc) -> None:
    entry = balance_entry(
        work,
        kind="refund",
        amount=-refund["amount"],
        fee=0,
        source=refund,
        description=f"REFUND FOR CHARGE ({charge['description']})",
    )
    refund["balance_transaction"] = entry["id"]
    work.save(refund)
    charge["amount_refunded"] += refund["amount"]
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
    work.save(charge)


def _new_refund(work: Work, charge: Doc, amount: int, params: Doc, behavior: str) -> Doc:
    is_pending = behavior == "pending"
    is_card = charge["payment_method_details"]["type"] == "card"
    card = {
        "reference_status": "pending",
        "reference_type": "acquirer_reference_number",
        "type": "refund",
    }
    return {
        "id": new_id("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": work.now,
        "currency": charge["currency"],
        "destination_details": {"card": card, "type": "card"} if is_card else None,
        "metadata": merge_metadata({}, params.get("metadata", {})),
        "payment_intent": charge["payment_intent"],
        "reason": params.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "pending" if is_pending else "succeeded",
        "transfer_reversal": None,
        **({"pending_reason": "processing"} if is_pending else {}),
    }

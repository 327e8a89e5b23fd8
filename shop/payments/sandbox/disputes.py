"""Disputes, inquiries and early fraud warnings: opened by test cards or from the dashboard."""

from __future__ import annotations

from .events import emit
from .ids import new_id
from .intents import balance_entry
from .store import Doc, Work

_FEE = 1500
_TIME_TO_ANSWER = 7 * 86_400

_EVIDENCE = (
    "access_activity_log billing_address cancellation_policy cancellation_policy_disclosure "
    "cancellation_rebuttal customer_communication customer_email_address customer_name "
    "customer_purchase_ip customer_signature duplicate_charge_documentation "
    "duplicate_charge_explanation duplicate_charge_id product_description receipt "
    "refund_policy refund_policy_disclosure refund_refusal_explanation service_date "
    "service_documentation shipping_address shipping_carrier shipping_date "
    "shipping_documentation shipping_tracking_number uncategorized_file uncategorized_text"
)


def open_dispute(work: Work, charge: Doc, reason: str) -> Doc:
    """`reason` "inquiry" only asks; any other takes the money until the dispute is decided."""
    is_inquiry = reason == "inquiry"
    dispute = work.add(_new_dispute(work, charge, "general" if is_inquiry else reason, is_inquiry))
    charge["disputed"] = True
    work.save(charge)
    if not is_inquiry:
        _move_funds(work, dispute, -dispute["amount"], _FEE)
    emit(work, "charge.dispute.created", dispute)
    if not is_inquiry:
        emit(work, "charge.dispute.funds_withdrawn", dispute)
    return dispute


def close(work: Work, dispute: Doc, *, won: bool) -> None:
    """Decide a dispute once; money taken before comes back when it is won."""
    if not is_open(dispute):
        return
    if dispute["status"].startswith("warning"):
        dispute["status"] = "warning_closed"
        emit(work, "charge.dispute.closed", work.save(dispute))
        return
    dispute["status"] = "won" if won else "lost"
    if won:
        _move_funds(work, dispute, dispute["amount"], -_FEE)
    emit(work, "charge.dispute.closed", work.save(dispute))
    if won:
        emit(work, "charge.dispute.funds_reinstated", dispute)


def is_open(dispute: Doc) -> bool:
    return dispute["status"] in {
        "needs_response",
        "under_review",
        "warning_needs_response",
        "warning_under_review",
    }


def blocks_refunds(work: Work, charge: Doc) -> bool:
    """True while the money of a charge is with its disputer, or gone for good."""
    found = work.find("dispute", charge=charge["id"])
    return any(not d["is_charge_refundable"] and d["status"] != "won" for d in found)


def warn_of_fraud(work: Work, charge: Doc) -> None:
    warning = work.add(
        {
            "id": new_id("issfr"),
            "object": "radar.early_fraud_warning",
            "actionable": True,
            "charge": charge["id"],
            "created": work.now,
            "fraud_type": "misc",
            "livemode": False,
            "payment_intent": charge["payment_intent"],
        }
    )
    emit(work, "radar.early_fraud_warning.created", warning)


def _new_dispute(work: Work, charge: Doc, reason: str, is_inquiry: bool) -> Doc:
    card = charge["payment_method_details"].get("card")
    details: Doc = {"type": charge["payment_method_details"]["type"]}
    if card:
        details["card"] = {
            "brand": card["brand"],
            "case_type": "inquiry" if is_inquiry else "chargeback",
            "network_reason_code": "10",
        }
    return {
        "id": new_id("du"),
        "object": "dispute",
        "amount": charge["amount_captured"] - charge["amount_refunded"],
        "balance_transactions": [],
        "charge": charge["id"],
        "created": work.now,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**dict.fromkeys(_EVIDENCE.split()), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": work.now + _TIME_TO_ANSWER,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": is_inquiry,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": details,
        "reason": reason,
        "status": "warning_needs_response" if is_inquiry else "needs_response",
    }


def _move_funds(work: Work, dispute: Doc, amount: int, fee: int) -> None:
    text = "Chargeback withdrawal" if amount < 0 else "Chargeback reversal"
    entry = balance_entry(
        work,
        kind="adjustment",
        amount=amount,
        fee=fee,
        source=dispute,
        description=f"{text} for {dispute['charge']}",
    )
    dispute["balance_transactions"].append(entry)
    work.save(dispute)

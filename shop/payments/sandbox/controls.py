"""Addresses for tests: fault switches, the clock, and a plain ledger to compare against."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from .faults import BadFault, Faults
from .store import Doc, Store
from .tasks import run_due


def controls_blueprint(store: Store, faults: Faults) -> Blueprint:
    controls = Blueprint("controls", __name__, url_prefix="/_sandbox")

    @controls.get("/faults")
    def show_faults() -> Response:
        return jsonify(faults.as_dict())

    @controls.post("/faults")
    def set_faults() -> Response:
        faults.set(_given())
        store.after_write()
        return jsonify(faults.as_dict())

    @controls.delete("/faults")
    def clear_faults() -> Response:
        faults.clear()
        store.after_write()
        return jsonify(faults.as_dict())

    @controls.post("/clock")
    def advance_clock() -> Response:
        """Move the sandbox's time forward; what falls due is done before the answer."""
        store.clock.advance(_seconds(_given()))
        with store.writing() as work:
            run_due(work)
        store.after_write()
        return jsonify({"now": store.clock.now()})

    @controls.get("/ledger.json")
    def show_ledger() -> Response:
        return jsonify(_ledger(store))

    @controls.errorhandler(BadFault)
    def refuse(error: BadFault) -> tuple[Response, int]:
        return jsonify({"error": str(error)}), 400

    return controls


def _given() -> dict[str, Any]:
    given = request.get_json(silent=True) if request.is_json else request.form.to_dict()
    if not isinstance(given, dict):
        raise BadFault("Send a form or a JSON object.")
    return given


def _seconds(given: dict[str, Any]) -> float:
    try:
        return float(given["seconds"])
    except (KeyError, TypeError, ValueError):
        raise BadFault("Send `seconds`, a number.") from None


def _ledger(store: Store) -> Doc:
    """Everything that moved money, oldest first."""
    with store.reading() as work:
        return {
            "now": work.now,
            "sessions": [_pick(s, _SESSION) for s in work.find("checkout.session")],
            "payment_intents": [_pick(i, _INTENT) for i in work.find("payment_intent")],
            "charges": [_pick(c, _CHARGE) for c in work.find("charge")],
            "refunds": [_pick(r, _REFUND) for r in work.find("refund")],
            "disputes": [_pick(d, _DISPUTE) for d in work.find("dispute")],
            "deliveries": [dict(row) for row in work.sql(_DELIVERIES)],
        }


_SESSION = (
    "id client_reference_id metadata amount_total currency status payment_status payment_intent"
)
_INTENT = "id metadata amount amount_capturable amount_received currency status latest_charge"
_CHARGE = (
    "id payment_intent metadata amount amount_captured amount_refunded currency status captured "
    "refunded disputed"
)
_REFUND = "id charge payment_intent metadata amount currency status reason"
_DISPUTE = "id charge payment_intent amount currency status reason"
_DELIVERIES = (
    "SELECT event_id, objects.type AS event_type, endpoint_id, state, attempts FROM deliveries "
    "JOIN objects ON objects.id = event_id ORDER BY deliveries.id"
)


def _pick(doc: Doc, names: str) -> Doc:
    return {name: doc[name] for name in names.split()}

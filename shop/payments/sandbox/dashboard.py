"""The sandbox's dashboard: payments, the buttons that make things happen, and the event log."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from . import actions, disputes, overview, refunds
from .config import SandboxConfig
from .errors import ApiError
from .pages import secure
from .store import Doc, Store, Work
from .tasks import run_due


def dashboard_blueprint(store: Store, config: SandboxConfig) -> Blueprint:
    dashboard = Blueprint("dashboard", __name__, url_prefix="/_sandbox")
    dashboard.add_app_template_filter(_moment, "moment")
    dashboard.after_request(secure)

    @dashboard.get("/")
    def payments() -> Response:
        with store.writing() as work:
            run_due(work)
            found = overview.payments(work)
            hooks = work.find("webhook_endpoint", status="enabled")
        return _html("payments.html", payments=found, endpoints=hooks)

    @dashboard.get("/payments/<session_id>")
    def payment(session_id: str) -> Response:
        with store.writing() as work:
            run_due(work)
            return _payment_page(work, session_id)

    @dashboard.post("/payments/<session_id>/<action>")
    def act(session_id: str, action: str) -> BaseResponse:
        def press(work: Work) -> None:
            session = _find(work, "checkout.session", session_id)
            if action == "refund":
                actions.refund(work, session, request.form, config.settle_seconds)
            elif action in actions.SESSION_ACTIONS:
                actions.SESSION_ACTIONS[action](work, session, request.form)
            else:
                abort(404)

        try:
            with store.writing() as work:
                run_due(work)
                press(work)
        except ApiError as refusal:
            with store.reading() as work:
                return _payment_page(work, session_id, str(refusal), 409)
        return redirect(f"/_sandbox/payments/{session_id}", 303)

    @dashboard.post("/disputes/<dispute_id>/<outcome>")
    def decide_dispute(dispute_id: str, outcome: str) -> BaseResponse:
        with store.writing() as work:
            dispute = _find(work, "dispute", dispute_id)
            disputes.close(work, dispute, won=outcome == "win")
            return redirect(_payment_of(work, dispute), 303)

    @dashboard.post("/refunds/<refund_id>/<outcome>")
    def decide_refund(refund_id: str, outcome: str) -> BaseResponse:
        with store.writing() as work:
            refund = _find(work, "refund", refund_id)
            if outcome == "fail":
                refunds.fail(work, refund)
            elif refund["status"] == "pending":
                refunds.settle(work, refund)
            return redirect(_payment_of(work, refund), 303)

    @dashboard.get("/events")
    def events() -> Response:
        with store.reading() as work:
            return _html("events.html", sendings=overview.sendings(work))

    @dashboard.get("/events/<event_id>")
    def event(event_id: str) -> Response:
        with store.reading() as work:
            found = overview.sending(work, _find(work, "event", event_id))
        text = json.dumps(found.event, indent=2, ensure_ascii=False)
        return _html("event.html", sending=found, text=text)

    @dashboard.post("/events/<event_id>/resend")
    def resend(event_id: str) -> BaseResponse:
        with store.writing() as work:
            actions.resend(work, _find(work, "event", event_id)["id"])
        return redirect(f"/_sandbox/events/{event_id}", 303)

    return dashboard


def _payment_page(
    work: Work, session_id: str, complaint: str | None = None, status: int = 200
) -> Response:
    found = overview.payment(work, _find(work, "checkout.session", session_id))
    return _html(
        "payment.html",
        status,
        payment=found,
        sendings=overview.sendings_about(work, found),
        open_disputes=[dispute for dispute in found.disputes if disputes.is_open(dispute)],
        complaint=complaint,
    )


def _find(work: Work, kind: str, object_id: str) -> Doc:
    found = work.get(kind, object_id)
    if found is None:
        abort(404)
    return found


def _payment_of(work: Work, doc: Doc) -> str:
    intent = work.need("payment_intent", doc["payment_intent"])
    return f"/_sandbox/payments/{intent['_session']}"


def _html(template: str, status: int = 200, **facts: object) -> Response:
    return make_response(render_template(template, **facts), status)


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")

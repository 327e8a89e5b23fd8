"""Stripe's webhook."""

from __future__ import annotations

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from shop.payments import events
from shop.payments.gateway import BadSignature, NotAnEvent, PaymentsError, gateway

bp = Blueprint("payments", __name__)

#: Stripe's events are a few kilobytes.
MAX_EVENT_BYTES = 1024 * 1024


@bp.post("/webhooks/stripe")
def receive_event() -> ResponseReturnValue:
    """Every verified event is answered 200, also one we have no use for; a fault is answered 5xx
    so that Stripe delivers it again.
    """
    request.max_content_length = MAX_EVENT_BYTES
    payload = request.get_data(cache=True)
    stripe = gateway()
    try:
        event = stripe.read_event(payload, request.headers.get("Stripe-Signature", ""))
    except BadSignature:
        abort(400, "This is not an event that Stripe signed for this shop.")
    except NotAnEvent:
        # Anything but 2xx would have Stripe deliver it for days.
        return {"status": "ignored"}
    try:
        status = events.receive(event, stripe)
    except PaymentsError:
        # Stripe cannot be asked just now. It is recorded; the next delivery tries again.
        return {"status": "retry"}, 503
    return {"status": status}

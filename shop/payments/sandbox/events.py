"""Events: what happened, as a snapshot, and who is to be told."""

from __future__ import annotations

from .config import API_VERSION
from .ids import new_id
from .store import Doc, Work


def public(doc: Doc) -> Doc:
    """The part outsiders see: names with a leading underscore are the sandbox's own notes."""
    return {name: value for name, value in doc.items() if not name.startswith("_")}


def emit(work: Work, event_type: str, subject: Doc, previous: Doc | None = None) -> Doc:
    """Record an event and a delivery for every endpoint that listens to its type."""
    data: Doc = {"object": public(subject)}
    if previous is not None:
        data["previous_attributes"] = previous
    event = work.add(
        {
            "id": new_id("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": work.now,
            "data": data,
            "livemode": False,
            "pending_webhooks": 0,
            "request": {"id": work.request_id, "idempotency_key": work.idempotency_key},
            "type": event_type,
        }
    )
    for endpoint in work.find("webhook_endpoint", status="enabled"):
        if {"*", event_type} & set(endpoint["enabled_events"]):
            schedule(work, event["id"], endpoint["id"])
    return event


def schedule(work: Work, event_id: str, endpoint_id: str) -> None:
    work.sql(
        "INSERT INTO deliveries (event_id, endpoint_id, due_at) VALUES (?, ?, ?)",
        (event_id, endpoint_id, work.at),
    )


def with_pending(work: Work, event: Doc) -> Doc:
    """The event with the number of endpoints that have not taken it yet."""
    query = (
        "SELECT count(DISTINCT endpoint_id) FROM deliveries WHERE event_id = ? AND state != 'done'"
    )
    (pending,) = work.sql(query, (event["id"],)).fetchone()
    return {**event, "pending_webhooks": pending}

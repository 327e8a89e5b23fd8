"""Webhook endpoints: who is told about events, and the secrets that sign what they are sent."""

from __future__ import annotations

from collections.abc import Sequence

from .config import API_VERSION, Endpoint
from .errors import no_such
from .ids import new_id
from .params import merge_metadata
from .store import Doc, Work


def create(work: Work, params: Doc) -> Doc:
    """The answer to this request is the only one that carries the secret."""
    endpoint = _new(work, params["url"], new_id("whsec", 32), params["enabled_events"])
    endpoint["api_version"] = params.get("api_version")
    endpoint["description"] = params.get("description") or None
    endpoint["metadata"] = merge_metadata({}, params.get("metadata", {}))
    work.add(endpoint)
    return {**endpoint, "secret": endpoint["_secret"]}


def update(work: Work, params: Doc, endpoint_id: str) -> Doc:
    endpoint = _find(work, endpoint_id)
    for name in ("url", "enabled_events", "description"):
        endpoint[name] = params.get(name, endpoint[name])
    if "disabled" in params:
        endpoint["status"] = "disabled" if params["disabled"] else "enabled"
    endpoint["metadata"] = merge_metadata(endpoint["metadata"], params.get("metadata", {}))
    return work.save(endpoint)


def delete(work: Work, params: Doc, endpoint_id: str) -> Doc:
    work.remove(_find(work, endpoint_id))
    work.sql(
        "UPDATE deliveries SET state = 'failed' WHERE endpoint_id = ? AND state = 'pending'",
        (endpoint_id,),
    )
    return {"id": endpoint_id, "object": "webhook_endpoint", "deleted": True}


def keep_configured(work: Work, configured: Sequence[Endpoint]) -> None:
    """Make the endpoints given at the start exist, with today's secrets; others stay as they are.

    One that was given at an earlier start but not now is disabled.
    """
    wanted = {endpoint.url: endpoint.secret for endpoint in configured}
    for endpoint in work.find("webhook_endpoint"):
        if not endpoint.get("_configured"):
            continue
        secret = wanted.pop(endpoint["url"], None)
        endpoint["status"] = "enabled" if secret else "disabled"
        endpoint["_secret"] = secret or endpoint["_secret"]
        work.save(endpoint)
    for url, secret in wanted.items():
        work.add({**_new(work, url, secret, ["*"]), "_configured": True})


def _new(work: Work, url: str, secret: str, enabled_events: list[str]) -> Doc:
    return {
        "id": new_id("we"),
        "object": "webhook_endpoint",
        "api_version": API_VERSION,
        "application": None,
        "created": work.now,
        "description": None,
        "enabled_events": enabled_events,
        "livemode": False,
        "metadata": {},
        "status": "enabled",
        "url": url,
        "_secret": secret,
    }


def _find(work: Work, endpoint_id: str) -> Doc:
    endpoint = work.get("webhook_endpoint", endpoint_id)
    if endpoint is None:
        raise no_such("webhook_endpoint", endpoint_id, param="webhook_endpoint")
    return endpoint

"""Refusals in Stripe's error format."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """A refusal the API answers with an error envelope. What the request did is undone."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        **details: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        facts = {"type": kind, "message": message, "code": code, "param": param, **details}
        self.envelope = {"error": {name: fact for name, fact in facts.items() if fact is not None}}


def unknown_param(*names: str) -> ApiError:
    plural = "s" if len(names) > 1 else ""
    message = f"Received unknown parameter{plural}: {', '.join(names)}"
    return ApiError(message, code="parameter_unknown", param=names[0])


def missing_param(name: str) -> ApiError:
    return ApiError(f"Missing required param: {name}.", code="parameter_missing", param=name)


def not_simulated(name: str) -> ApiError:
    """Stripe knows this parameter, the sandbox does not: better refused than quietly ignored."""
    message = f"The sandbox does not simulate {name}; remove it or use Stripe's own test mode."
    return ApiError(message, code="sandbox_not_simulated", param=name)


def no_such(kind: str, object_id: str, *, param: str = "id", status: int = 404) -> ApiError:
    label = kind.replace(".", " ").replace("_", " ")
    message = f"No such {label}: '{object_id}'"
    return ApiError(message, status=status, code="resource_missing", param=param)


def unexpected_state(message: str, **details: Any) -> ApiError:
    return ApiError(message, code="payment_intent_unexpected_state", **details)

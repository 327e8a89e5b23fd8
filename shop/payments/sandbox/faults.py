"""Switches that make the sandbox misbehave, so that a shop's reliability can be tested.

Kept in memory: a restarted sandbox behaves.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any


@dataclass(frozen=True)
class Switches:
    """Numbers count down with each use; `path` limits the API faults to paths that begin so."""

    #: Webhooks are silently lost; an event can still be sent again from the dashboard.
    drop_webhooks: bool = False
    #: Each webhook is sent twice.
    duplicate_webhooks: bool = False
    #: Due webhooks are sent in random order.
    shuffle: bool = False
    #: So many API requests fail with 500 before any work; a retry with the same key works.
    error_500_next: int = 0
    #: So many API requests fail with 500, and the 500 is kept under their idempotency key.
    error_500_stored_next: int = 0
    #: So many API requests are refused with 429.
    rate_limit_next: int = 0
    #: So many API requests are done, and then the connection is cut instead of answered.
    reset_after_work: int = 0
    #: Every API request waits so many seconds before it is done.
    hang_seconds: float = 0.0
    path: str = "/v1/"


class BadFault(Exception):
    """A switch that does not exist, or a setting it cannot have."""


class Faults:
    def __init__(self) -> None:
        self._lock = threading.Condition()
        self._switches = Switches()
        self._stopped = False

    @property
    def now(self) -> Switches:
        return self._switches

    def set(self, given: Mapping[str, object]) -> None:
        changes: dict[str, Any] = {name: _setting(name, value) for name, value in given.items()}
        with self._lock:
            self._switches = replace(self._switches, **changes)
            self._lock.notify_all()

    def clear(self) -> None:
        with self._lock:
            self._switches = Switches()
            self._lock.notify_all()

    def stop(self) -> None:
        """Let everything that hangs go on at once."""
        with self._lock:
            self._stopped = True
            self._lock.notify_all()

    def take(self, name: str, path: str) -> bool:
        """Use up one of a counted fault, if there is one left for this path."""
        with self._lock:
            left = getattr(self._switches, name)
            if not left or not path.startswith(self._switches.path):
                return False
            self._switches = replace(self._switches, **{name: left - 1})
            return True

    def hang(self, path: str) -> None:
        """Wait as long as the switch says, or until it is switched off."""

        def is_over() -> bool:
            switches = self._switches
            return self._stopped or not (switches.hang_seconds and path.startswith(switches.path))

        with self._lock:
            self._lock.wait_for(is_over, self._switches.hang_seconds)

    def as_dict(self) -> dict[str, object]:
        return asdict(self._switches)


_TYPES: dict[str, type] = {field.name: type(field.default) for field in fields(Switches)}
_WORDS = {"true": True, "on": True, "1": True, "false": False, "off": False, "0": False, "": False}


def _setting(name: str, value: object) -> bool | int | float | str:
    kind = _TYPES.get(name)
    if kind is None:
        raise BadFault(f"There is no fault called {name}.")
    text = str(value).lower()
    if kind is bool and text in _WORDS:
        return _WORDS[text]
    if kind is int and text == "true":
        return 1
    if kind is str:
        return str(value)
    try:
        number = float(text)
    except ValueError:
        raise BadFault(f"{name} cannot be {value}.") from None
    if kind is bool or not 0 <= number <= 1_000_000:
        raise BadFault(f"{name} cannot be {value}.")
    return int(number) if kind is int else number

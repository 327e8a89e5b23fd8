"""The only clock: the present instant in UTC. Tests travel in time with time-machine."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    return datetime.now(UTC)

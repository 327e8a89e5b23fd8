"""The sandbox's time: the real one, plus an offset tests may move forward."""

from __future__ import annotations

import time


class Clock:
    """Seconds since 1970. Only forward: expiries and retries must never be undone."""

    def __init__(self) -> None:
        self._offset = 0.0

    def now(self) -> float:
        return time.time() + self._offset

    def advance(self, seconds: float) -> None:
        self._offset += max(0.0, seconds)

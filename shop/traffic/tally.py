"""Steps noted in this process's memory until they are written, some seconds later."""

from __future__ import annotations

from threading import Lock

from shop.traffic.steps import Step

#: Address of the network, and what the browser calls itself.
Visitor = tuple[str, str]
#: Beyond so many different ones between two writings nobody more is counted.
MAX_HELD = 20_000


class Tally:
    def __init__(self) -> None:
        self._lock = Lock()
        self._taken: set[tuple[Step, Visitor]] = set()

    def note(self, step: Step, address: str, agent: str) -> bool:
        """Whether it is the first since the last `take`."""
        with self._lock:
            was_empty = not self._taken
            if len(self._taken) < MAX_HELD:
                self._taken.add((step, (address, agent)))
            return was_empty

    def take(self) -> set[tuple[Step, Visitor]]:
        """All of them, for the caller to write; none is left here."""
        with self._lock:
            taken, self._taken = self._taken, set()
            return taken

    def give_back(self, taken: set[tuple[Step, Visitor]]) -> None:
        """What could not be written waits for the next time."""
        with self._lock:
            self._taken = set(list(taken | self._taken)[:MAX_HELD])

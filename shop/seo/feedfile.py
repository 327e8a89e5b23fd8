"""The feed as a file in the data folder, and beside it compressed; written by the worker.

All shops' processes on a machine share the folder. A lock lets one worker write; what it had read
of the journal of changes is kept beside the file, so that the others know what is in it.
"""

from __future__ import annotations

import fcntl
import gzip
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from shop.catalog.journal import Place

#: Higher ones take several times as long for a tenth less.
GZIP_LEVEL = 4


@dataclass(frozen=True)
class State:
    """What stands in the file."""

    #: Up to which change of the catalog.
    stamp: int
    read: list[int]
    #: Tells what the journal of changes does not: see worker.py.
    mark: str
    #: Unix time.
    checked_at: float

    @property
    def place(self) -> Place:
        return Place(self.stamp, frozenset(self.read))


class FeedFile:
    """Of the shop's own currency, or of the one that `code` names."""

    def __init__(self, data_folder: Path, code: str = "") -> None:
        self._folder = data_folder / "feeds"
        end = f"-{code}" if code else ""
        self.plain = self._folder / f"products{end}.xml"
        self.gzipped = self._folder / f"products{end}.xml.gz"
        self._state = self._folder / f"state{end}.json"

    @contextmanager
    def locked(self) -> Iterator[bool]:
        """Whether nobody else writes now. The lock ends with the process that holds it."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True

    def state(self) -> State | None:
        """None where there is no file, or nobody knows what is in it."""
        try:
            self.plain.stat(), self.gzipped.stat()
            return State(**json.loads(self._state.read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def keep_state(self, state: State) -> None:
        new = self._state.with_suffix(".new")
        new.write_text(json.dumps(asdict(state)))
        new.replace(self._state)

    def write(self, parts: Iterable[str]) -> None:
        """Whoever reads meanwhile has the old file to its end."""
        new, new_gzipped = (path.with_name(path.name + ".new") for path in self._both)
        with (
            new.open("wb") as plain,
            new_gzipped.open("wb") as file,
            gzip.GzipFile("", "wb", GZIP_LEVEL, file, mtime=0) as gzipped,
        ):
            for part in parts:
                data = part.encode()
                plain.write(data)
                gzipped.write(data)
        for path in (new, new_gzipped):
            with path.open("rb") as written:
                os.fsync(written.fileno())
        new_gzipped.replace(self.gzipped)
        new.replace(self.plain)

    @property
    def _both(self) -> tuple[Path, Path]:
        return self.plain, self.gzipped

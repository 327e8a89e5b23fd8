"""CPU time of server processes: what a request costs, whatever else the machine is doing."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")
#: Places in /proc/<pid>/stat after the command's name.
_SESSION, _USER, _SYSTEM = 3, 11, 12


def cpu_seconds(session: int) -> float | None:
    """Used until now by all processes of a session; none where there is no /proc."""
    if not PROC.is_dir():
        return None
    ticks = 0
    for file in PROC.glob("[0-9]*/stat"):
        with suppress(OSError):  # the process has just ended
            facts = file.read_text().rpartition(")")[2].split()
            if int(facts[_SESSION]) == session:
                ticks += int(facts[_USER]) + int(facts[_SYSTEM])
    return ticks / os.sysconf("SC_CLK_TCK")

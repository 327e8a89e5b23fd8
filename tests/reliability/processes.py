"""Real processes for tests: started fast, each in a session of its own, and surely ended.

They are forked from a process that has imported the shop and made its app already, which saves
seconds each; from there on they are what the command line starts, arguments and all.
"""

from __future__ import annotations

import contextlib
import ctypes
import multiprocessing
import os
import random
import runpy
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeVar

import shop

T = TypeVar("T")

#: Far more than a busy machine needs; reached only where something is broken.
PATIENCE = 120.0
PR_SET_PDEATHSIG = 1
ROOT = Path(__file__).resolve().parents[2]

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["tests.reliability.preloaded"])


def wait_until(is_so: Callable[[], T], what: str, seconds: float = PATIENCE) -> T:
    """What `is_so` gave once it is true; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        found = is_so()
        if found:
            return found
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.02)


def free_port(in_a_row: int = 1) -> int:
    """The first of so many, below the range from which the system gives out ports to clients, and
    above the last one that browsers refuse.
    """
    while True:
        port = random.randint(10_100, 29_998)
        if all(_is_free(port + number) for number in range(in_a_row)):
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@dataclass
class Running:
    """A process and everything it started: one process group."""

    name: str
    pid: int
    nursery: Nursery
    #: Its number may belong to somebody else by now.
    is_gone: bool = False

    @property
    def is_alive(self) -> bool:
        return self.nursery.exit_code(self.pid) is None

    def wait(self, seconds: float = PATIENCE) -> int:
        """The exit code; negative: the signal that ended it."""
        wait_until(lambda: not self.is_alive, f"the end of {self.name}", seconds)
        code = self.nursery.exit_code(self.pid)
        assert code is not None
        return code

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        """The whole group at once, as a power cut would."""
        if self.is_gone:
            return
        self._kill_group()
        self.wait()
        wait_until(lambda: not self._group_lives(), f"the end of {self.name}'s group")
        self.is_gone = True

    def stop(self) -> int:
        """As an operator would; what then is left of the group is killed."""
        if self.is_alive:
            self.signal(signal.SIGTERM)
        try:
            return self.wait()
        finally:
            self.kill()

    def _kill_group(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def _group_lives(self) -> bool:
        return any(group == self.pid for group in living_groups().values())


def living_groups() -> dict[int, int]:
    """Process id -> process group of everything that runs and is not a zombie."""
    groups = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, IndexError):
            state, _parent, group = (folder / "stat").read_text().rpartition(")")[2].split()[:3]
            if state != "Z":
                groups[int(folder.name)] = int(group)
    return groups


class Nursery:
    """A process that has made the app of one environment, and forks what is to run with it."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._pipe, far_end = multiprocessing.Pipe()
        self._in_turn = threading.Lock()
        self._process = _forks.Process(target=_nurse, args=(far_end, dict(environment)))
        self._process.start()
        far_end.close()

    def spawn(self, name: str, command: Sequence[str], log: Path) -> Running:
        """`command` is what the supervisor would execute: a Python module or granian."""
        pid = self._ask((list(command), str(log)))
        assert pid is not None
        return Running(name, pid, self)

    def exit_code(self, pid: int) -> int | None:
        """None while it runs."""
        return self._ask(pid)

    def close(self) -> None:
        """Everything that it forked is gone by then."""
        self._pipe.close()
        self._process.join(PATIENCE)

    def _ask(self, what: tuple[list[str], str] | int) -> int | None:
        with self._in_turn:
            self._pipe.send(what)
            answer: int | None = self._pipe.recv()
            return answer


def end_with_parent() -> None:
    """In a new process, on Linux: a test run that is killed leaves nothing behind."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _nurse(pipe: Connection, environment: dict[str, str]) -> None:
    """In the nursery, until the test closes the pipe: a process for a command, the exit code for a
    process.
    """
    end_with_parent()
    os.chdir(ROOT)
    os.environ.update(environment)
    app = shop.create_app()
    shop.create_app = lambda settings=None: app
    forks, processes = multiprocessing.get_context("fork"), {}
    with contextlib.suppress(EOFError):
        while True:
            asked = pipe.recv()
            if isinstance(asked, int):
                pipe.send(processes[asked].exitcode)
                continue
            process = forks.Process(target=_become, args=asked)
            process.start()
            processes[process.pid] = process
            pipe.send(process.pid)


def _become(command: list[str], log: str) -> None:
    """In the new process: the log and the arguments of the real command."""
    os.setsid()
    multiprocessing.set_start_method("fork", force=True)  # what granian finds on a command line
    end_with_parent()
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(output, stream)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(
            number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
        )
    module, arguments = _module_of(command)
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _module_of(command: list[str]) -> tuple[str, list[str]]:
    if command[1] == "-m":
        return command[2], command[3:]
    return Path(command[0]).name, command[1:]

"""One command runs the shop: it comes up, comes down whole, and keeps its data."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from shop.settings import Settings
from tests.conftest import Databases
from tests.reliability.processes import ROOT, end_with_parent, free_port, living_groups, wait_until
from tests.reliability.shop_processes import KEY, SECRET

#: A supervisor promises to be gone within this after Ctrl-C.
GONE_WITHIN = 30.0
COMMAND = [sys.executable, "-m", "shop.supervisor"]


@dataclass
class Supervised:
    """`python -m shop.supervisor` as a person starts it."""

    process: subprocess.Popen[bytes]
    url: str
    output: Path

    @property
    def children(self) -> list[int]:
        """Everything it started, and what those started."""
        return descendants(self.process.pid)

    def is_ready(self) -> bool:
        assert self.process.poll() is None, self.output.read_text()
        with contextlib.suppress(requests.RequestException):
            return requests.get(f"{self.url}/readyz", timeout=5).status_code == 200
        return False

    def end(self, number: int) -> int:
        self.process.send_signal(number)
        return self.process.wait(GONE_WITHIN)


def descendants(pid: int) -> list[int]:
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, IndexError):
            parents[int(folder.name)] = int(
                (folder / "stat").read_text().rpartition(")")[2].split()[1]
            )
    found, more = [], [pid]
    while more:
        parent = more.pop()
        children = [child for child, its_parent in parents.items() if its_parent == parent]
        found += children
        more += children
    return found


@pytest.fixture
def environment(dialect: str, tmp_path: Path, databases: Databases) -> Iterator[dict[str, str]]:
    with databases(dialect, tmp_path, is_empty=True) as url:
        yield environment_of(url, tmp_path)


def environment_of(database_url: str, folder: Path) -> dict[str, str]:
    """A whole shop's settings; a developer's .env has no say."""
    port = free_port(in_a_row=2)
    empty = dict.fromkeys((name.upper() for name in Settings.__dataclass_fields__), "")
    return {
        **os.environ,
        **empty,
        "SECRET_KEY": "only-for-this-test-0123456789-abcdefghij",
        "STRIPE_SECRET_KEY": KEY,
        "STRIPE_WEBHOOK_SECRET": SECRET,
        "STRIPE_API_BASE": f"http://127.0.0.1:{port + 1}",
        "PORT": str(port),
        "DATABASE_URL": database_url,
        "DATA_PATH": str(folder / "data"),
    }


@contextlib.contextmanager
def supervised(environment: dict[str, str], output: Path) -> Iterator[Supervised]:
    with output.open("ab") as log:
        process = subprocess.Popen(
            COMMAND,
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=end_with_parent,
        )
    running = Supervised(process, f"http://127.0.0.1:{environment['PORT']}", output)
    try:
        wait_until(running.is_ready, "the supervised shop", 300)
        yield running
    finally:
        for pid in [*running.children, process.pid]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()


def test_it_comes_up_heals_stops_whole_and_keeps_its_data(
    environment: dict[str, str], tmp_path: Path
) -> None:
    output = tmp_path / "output"

    with supervised(environment, output) as first:
        (kept,) = (tmp_path / "data").glob("demo-sign-in-*")
        sign_in = kept.read_text()
        began_with = first.children
        (web,) = [pid for pid in began_with if is_named(pid, "granian") and leads_a_group(pid)]
        os.killpg(web, signal.SIGKILL)
        wait_until(lambda: web not in first.children and first.is_ready(), "a new web server")
        second_crew = first.children
        code = first.end(signal.SIGINT)
        left = living_groups().keys() & {*began_with, *second_crew}

    assert len(began_with) >= 5  # web with two workers, worker, sandbox
    assert code == 0
    assert not left
    assert "web ended (-9); starting it again" in output.read_text()

    with supervised(environment, output) as second:
        again = kept.read_text()
        page = requests.get(f"{second.url}/", timeout=60)
        crew = second.children
        code = second.end(signal.SIGTERM)
        left = living_groups().keys() & set(crew)

    assert again == sign_in
    assert page.status_code == 200
    assert code == 0
    assert not left
    assert output.read_text().count("Loading the demo shop") == 1


def test_it_minds_its_ports_and_killed_itself_it_leaves_nobody_behind(
    tmp_path: Path,
) -> None:
    environment = environment_of(f"sqlite:///{tmp_path / 'till.sqlite'}", tmp_path)

    with supervised(environment, tmp_path / "output") as first:
        crew = first.children
        second = subprocess.run(
            COMMAND, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
        )
        first.process.kill()
        wait_until(lambda: not living_groups().keys() & set(crew), "the end of the children")

    assert second.returncode == 2
    assert f"Port {environment['PORT']} is in use" in second.stdout


def is_named(pid: int, name: str) -> bool:
    with contextlib.suppress(OSError):
        return name in Path(f"/proc/{pid}/cmdline").read_text()
    return False


def leads_a_group(pid: int) -> bool:
    return living_groups().get(pid) == pid

"""Asks one server for prepared requests as fast as it answers.

`wrk` does it where it is installed; else processes of our own, which are slower than a bare route.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

#: Connections kept open at once: eight for each of two server processes.
CONNECTIONS = 16
#: An answer that takes longer is an error.
TIMEOUT = 10
SCRIPT = Path(__file__).with_name("wrk.lua")


class WrongAnswer(Exception):
    """Some answer was not the page that was asked for: the figure would mean nothing."""


@dataclass(frozen=True)
class Request:
    path: str
    method: str = "GET"
    form: tuple[tuple[str, str], ...] = ()
    cookie: str = ""
    #: What Accept-Encoding says; empty: nothing.
    encoding: str = ""

    def raw(self, host: str) -> bytes:
        body = urlencode(self.form).encode()
        lines = [f"{self.method} {self.path} HTTP/1.1", f"Host: {host}", "Accept: text/html"]
        if self.cookie:
            lines.append(f"Cookie: {self.cookie}")
        if self.encoding:
            lines.append(f"Accept-Encoding: {self.encoding}")
        if self.method != "GET":
            lines.append("Sec-Fetch-Site: same-origin")
            lines.append("Content-Type: application/x-www-form-urlencoded")
            lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join([*lines, "", ""]).encode() + body


@dataclass(frozen=True)
class Plan:
    """Requests taken in turn, and how their answers must look."""

    port: int
    requests: Sequence[Request]
    status: int
    #: Each of them stands in every answer's body; of a compressed one, nothing can be asked.
    texts: tuple[str, ...]
    #: Every answer's Content-Encoding.
    encoding: str = ""
    #: Each request may be sent once only; its answer is read.
    is_once: bool = False

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"


@dataclass(frozen=True)
class Sample:
    requests: int
    seconds: float
    #: Milliseconds.
    p50: float
    p99: float
    #: CPU seconds of the server's processes; none where that is not known.
    cpu: float | None = None

    @property
    def rate(self) -> float:
        return self.requests / self.seconds

    @property
    def cpu_ms(self) -> float:
        """Of one request; 0 where it is not known."""
        return (self.cpu or 0.0) / max(self.requests, 1) * 1000


def generator() -> str:
    """What produces the load, for the report."""
    wrk = shutil.which("wrk")
    if wrk is None:
        return "our own Python client, 2 processes (no wrk: fast routes are limited by the client)"
    words = subprocess.run([wrk, "-v"], capture_output=True, text=True, check=False).stdout.split()
    return f"{words[0]} {words[1]}" if len(words) > 1 else "wrk"


def measure(plan: Plan, seconds: float, folder: Path) -> Sample:
    """Raises WrongAnswer at the first window with an answer that is not the page."""
    wrk = shutil.which("wrk")
    if wrk is None:
        from bench.client import run

        return run(plan, seconds, CONNECTIONS)
    return _run_wrk(wrk, plan, seconds, folder)


def _run_wrk(wrk: str, plan: Plan, seconds: float, folder: Path) -> Sample:
    file = folder / "plan.lua"
    file.write_bytes(_lua(plan))
    whole = max(1, round(seconds))  # wrk counts in whole seconds
    command = [
        wrk, "--threads", "1", "--connections", str(CONNECTIONS), "--duration", f"{whole}s",
        "--timeout", f"{TIMEOUT}s", "--script", str(SCRIPT), f"http://{plan.host}", "--", str(file),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=whole + 30, check=False)
    line = next((line for line in done.stdout.splitlines() if line.startswith("{")), None)
    if line is None:
        raise WrongAnswer(f"wrk gave no figures: {done.stdout[-500:]}{done.stderr[-500:]}")
    facts = json.loads(line)
    complain(plan, facts["wrong"], facts["errors"], facts["example"], facts["used"])
    return Sample(facts["requests"], facts["us"] / 1e6, facts["p50"] / 1000, facts["p99"] / 1000)


def complain(plan: Plan, wrong: int, errors: int, example: str, used: int) -> None:
    """Raises WrongAnswer where the window may not be counted."""
    what = f"{plan.requests[0].method} {plan.requests[0].path}"
    if wrong:
        raise WrongAnswer(f"{what}: {wrong} answers were not the page, such as: {example}")
    if errors:
        raise WrongAnswer(
            f"{what}: {errors} requests failed, were cut off or took over {TIMEOUT} s"
        )
    if plan.is_once and used > len(plan.requests):
        raise WrongAnswer(f"{what}: only {len(plan.requests)} requests were prepared, too few")


def _lua(plan: Plan) -> bytes:
    encoding = _quoted(plan.encoding.encode())
    is_read = b"true" if plan.is_once else b"false"
    parts = [b"return {is_read=%s,status=%d,encoding=%s,texts={" % (is_read, plan.status, encoding)]
    parts += [_quoted(text.encode()) + b"," for text in plan.texts]
    parts.append(b"},requests={\n")
    parts += [_quoted(request.raw(plan.host)) + b",\n" for request in plan.requests]
    parts.append(b"}}\n")
    return b"".join(parts)


def _quoted(text: bytes) -> bytes:
    escaped = text.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    return b'"' + escaped.replace(b"\r", b"\\r").replace(b"\n", b"\\n") + b'"'

"""What was measured, as a table on the screen and as bench/RESULTS.md."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import sqlite3
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from statistics import median

import psycopg

from bench.load import CONNECTIONS, Sample
from bench.orders import Written
from shop.settings import ROOT

FILE = Path(__file__).with_name("RESULTS.md")
PACKAGES = ("flask", "granian", "sqlalchemy", "psycopg")


@dataclass(frozen=True)
class Pair:
    """One window of the bare route and, right after it, one of the shop's route."""

    bare: Sample
    shop: Sample

    @property
    def ratio(self) -> float:
        return self.shop.rate / self.bare.rate

    @property
    def cpu_ratio(self) -> float:
        return self.bare.cpu_ms / self.shop.cpu_ms if self.shop.cpu_ms else 0.0


@dataclass(frozen=True)
class Figure:
    name: str
    pairs: Sequence[Pair]
    aim: float | None = None

    @property
    def rate(self) -> float:
        return median(pair.shop.rate for pair in self.pairs)

    @property
    def p50(self) -> float:
        return median(pair.shop.p50 for pair in self.pairs)

    @property
    def p99(self) -> float:
        return median(pair.shop.p99 for pair in self.pairs)

    @property
    def bare_rate(self) -> float:
        return median(pair.bare.rate for pair in self.pairs)

    @property
    def ratio(self) -> float:
        return median(pair.ratio for pair in self.pairs)

    @property
    def cpu_ms(self) -> float:
        return median(pair.shop.cpu_ms for pair in self.pairs)

    @property
    def bare_cpu_ms(self) -> float:
        return median(pair.bare.cpu_ms for pair in self.pairs)

    @property
    def cpu_ratio(self) -> float:
        return median(pair.cpu_ratio for pair in self.pairs)

    @property
    def is_missed(self) -> bool:
        return self.aim is not None and self.ratio < self.aim


@dataclass
class Run:
    """Everything measured on one shop."""

    database: str
    products: int
    filled_in: float
    #: Of one minute, before and after.
    load_before: float
    load_after: float = 0.0
    figures: list[Figure] = field(default_factory=list)
    written: list[Written] = field(default_factory=list)

    @property
    def title(self) -> str:
        name = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[self.database]
        return f"{name}, {self.products:,} products"

    @property
    def bare_p99(self) -> float:
        return median(pair.bare.p99 for figure in self.figures for pair in figure.pairs)


def table(run: Run) -> str:
    lines = [
        "| route | requests/s | p50 ms | p99 ms | bare requests/s | ratio to bare | aim "
        "| CPU ms | bare CPU ms | ratio by CPU |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for figure in run.figures:
        aim = f"{figure.aim:.3g}" if figure.aim is not None else ""
        lines.append(
            f"| {figure.name} | {figure.rate:,.0f} | {figure.p50:,.1f} | {figure.p99:,.1f} "
            f"| {figure.bare_rate:,.0f} | {figure.ratio:.3f} | {aim} "
            f"| {figure.cpu_ms:.2f} | {figure.bare_cpu_ms:.3f} | {figure.cpu_ratio:.3f} |"
        )
    return "\n".join(lines)


def writers_table(run: Run) -> str:
    lines = [
        "| orders placed by the service layer, no HTTP, no payment page | orders/s | p50 ms "
        "| p99 ms | refused |",
        "|---|---:|---:|---:|---:|",
    ]
    for done in run.written:
        sample = done.sample
        name = "1 writer process" if done.writers == 1 else f"{done.writers} writer processes"
        lines.append(
            f"| {name} | {sample.rate:,.0f} | {sample.p50:,.1f} | {sample.p99:,.1f} "
            f"| {done.refused} |"
        )
    return "\n".join(lines)


def misses(run: Run) -> list[str]:
    """One sentence for each figure under its aim."""
    return [
        f"{figure.name} misses its aim of {figure.aim:.3g}: it reaches {figure.ratio:.3f} of the "
        f"bare route, {figure.cpu_ratio:.3f} by CPU time."
        for figure in run.figures
        if figure.is_missed and figure.aim is not None
    ]


def screen(run: Run) -> str:
    """Markdown reads well enough on a screen."""
    parts = [
        f"\n{run.title} (filled in {run.filled_in:.0f} s, load {run.load_before:.1f} before, "
        f"{run.load_after:.1f} after)",
        table(run),
        f"The bare route's own p99: {run.bare_p99:.1f} ms.",
        writers_table(run),
        *misses(run),
    ]
    return "\n\n".join(parts)


def results(runs: Sequence[Run], *, command: str, plan: str, load: str, server: str | None) -> str:
    """The whole file."""
    now = datetime.now().astimezone()
    machine = [
        f"- Date: {now:%Y-%m-%d %H:%M %Z}, commit {_commit()}",
        f"- Machine: {os.cpu_count()} CPUs ({_processor()}), {platform.system()}, "
        f"Python {platform.python_version()}",
        f"- Versions: {_versions(server)}",
        f"- Command: `{command}`",
        f"- Plan: {plan}",
        f"- Load: {load}, {CONNECTIONS} connections",
        "- Other load on the machine (1 minute average; it includes our own earlier windows): "
        + ", ".join(f"{run.load_before:.1f} before {run.title}" for run in runs),
    ]
    parts = [_INTRO, "\n".join(machine), *(_section(run) for run in runs), _NOTES]
    return "\n\n".join(parts) + "\n"


_INTRO = """# Measurements

How fast the shop is beside a bare Flask route of 2 kB, on the same machine, in the same run, under
the same server and flags (granian, 2 processes, one blocking thread each). Routes named "cached"
come from the page cache in front of Flask. Those without a word are made anew for each request: no
whole page is kept (`PAGE_CACHE_MB=0`), but parts of pages are, while the catalog stays the same
(docs/adr/0020), and the measured pages have theirs. With "nothing kept" (`PAGE_CACHE_MB=-1`) not
even those are: so the first page after each change, and products that are seldom looked at."""

_NOTES = """## How to read this

- A figure is the median of the rounds. In each round the bare route is measured first and the
  shop's route right after it; the ratio is that of the two windows of one round. A warm-up before
  each route is thrown away.
- Before and after measuring, every address is asked for and its page checked for its own title
  and the number of its cards; in between, one answer of an error's status ends the run, so no
  error page is in any figure. Of orders, every answer is read.
- p50 and p99 are those of a server kept busy by 16 connections, so they hold the time in its
  queue. The load generator, the server, the database and, for orders, the payment sandbox share
  the machine's CPUs.
- CPU ms is the time that the web server's processes computed for one request, and the ratio by CPU
  is the bare route's over the shop's. Where the machine is busy with other things, a route that
  computes long loses more of its turns than one that computes briefly; then this ratio comes nearer
  to a quiet machine's. A PostgreSQL server's own time is not in it.
- `add to cart` is POST /cart/lines with carts that grow from nothing to eight lines and start anew.
- `the server alone` gives the bytes and headers of the cached list again, from an application of a
  few lines that holds nothing else: what the shop's own page cache can reach at most here.
- `place order` is POST /checkout/payment, all of it: the order, its reservation, its payment
  attempt, and a payment page opened at the shop's own sandbox, which is one Python process on the
  same CPUs. Orders are counted in the database afterwards.
- Placing by the service layer is the one transaction that locks the checkout, writes the order
  with two lines and reserves their stock; carts are priced before the clock runs.
- `list, brotli` is the list as browsers ask for it, compressed anew each time; all other requests
  ask for no compression, so that every answer can be read.
- The worker does not run. SQLite is as the shop leaves it; on PostgreSQL `VACUUM ANALYZE` has run,
  as autovacuum would have soon."""


def keeping_notes(text: str, before: str) -> str:
    """`text`, and behind it those sections of the file as it was that no such run writes."""
    written = {_heading(part) for part in _sections(text)}
    notes = [
        part
        for part in _sections(before)
        if _heading(part) not in written and not part.startswith(("## SQLite,", "## PostgreSQL,"))
    ]
    return "\n".join(part.rstrip() + "\n" for part in (text, *notes))


def _sections(text: str) -> list[str]:
    """Without what stands before the first."""
    return re.split(r"^(?=## )", text, flags=re.MULTILINE)[1:]


def _heading(section: str) -> str:
    return section.partition("\n")[0]


def _section(run: Run) -> str:
    sentences = misses(run)
    said = "\n".join(f"- {text}" for text in sentences) or "- No figure misses an aim."
    return "\n\n".join(
        [
            f"## {run.title}",
            table(run),
            f"The bare route's own p99: {run.bare_p99:.1f} ms.",
            writers_table(run),
            said,
        ]
    )


def _commit() -> str:
    def git(*words: str) -> str:
        done = subprocess.run(
            ["git", *words], cwd=ROOT, capture_output=True, text=True, check=False
        )
        return done.stdout.strip()

    commit = git("rev-parse", "--short", "HEAD") or "unknown"
    changed = git("status", "--porcelain", "--", "shop", "templates", "bench", "migrations")
    return f"{commit}, with changes not committed" if changed else commit


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _versions(server: str | None) -> str:
    versions = [f"{name} {importlib.metadata.version(name)}" for name in PACKAGES]
    versions.append(f"SQLite {sqlite3.sqlite_version}")
    if server is not None:
        with psycopg.connect(server) as connection:
            versions.append(f"PostgreSQL {connection.info.server_version // 10_000}")
    return ", ".join(versions)

"""python -m bench.admin [--sizes 1000,100000] [--databases NAMES] [--only PATH] [--write].

How long the admin's index pages take, and how many questions they ask the database, in a small shop
and in one with as many rows of everything as asked for. In one process, without a server: what is
compared is the shop with itself, each page in one shop and then at once in the other, by the time
that processors worked on it here and in the database.
"""

from __future__ import annotations

import argparse
import gc
import logging
import secrets
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import flask_migrate
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from bench import catalog, report, rows, tables
from bench.lists import PAGES, ListPage
from bench.shops import _database, _dispose, _environment, _folder, _settings, find_postgres
from shop import create_app
from shop.accounts.models import Account, AccountSession, Role
from shop.accounts.permissions import OWNER
from shop.accounts.security import LAST_SEEN_AT, SESSION_KEY, SIGNED_IN_AT
from shop.clock import now
from shop.database import transaction
from shop.extensions import db
from shop.recovery.worker import count_figures
from shop.reports.worker import count_best_sellers

#: A look at a larger shop may take so many times as long.
MOST_TIMES = 1.5
ROUNDS = 9
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass(frozen=True)
class Look:
    """One page in one shop: milliseconds of work of the quickest of ROUNDS, questions, and what it
    answered.
    """

    status: int
    milliseconds: float
    questions: int
    #: Of the table on the page.
    rows: int


#: By the names of the looks.
Looks = dict[str, Look]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.admin", description=__doc__)
    parser.add_argument("--sizes", default="1000,100000", help="rows of each kind")
    parser.add_argument("--databases", default="sqlite,postgresql")
    parser.add_argument("--only", default="", help="pages whose address begins so")
    parser.add_argument("--write", action="store_true", help="put the tables into RESULTS.md")
    options = parser.parse_args()
    logging.disable(logging.INFO)
    sizes = sorted(int(part) for part in options.sizes.split(","))
    pages = [page for page in PAGES if page.path.startswith(options.only)]
    found = {
        database: _measured(database, sizes, pages) for database in options.databases.split(",")
    }
    text = _section(pages, sizes, found)
    print(text)
    if options.write:
        _write(text)
    return 0


def _measured(database: str, sizes: Sequence[int], pages: Sequence[ListPage]) -> list[Looks]:
    """Of each size."""
    with ExitStack() as stack:
        shops = [(stack.enter_context(_filled(database, size)), size) for size in sizes]
        return look_at(shops, pages)


@contextmanager
def _filled(database: str, size: int) -> Iterator[Flask]:
    with _folder() as folder, _database(database, folder, find_postgres()) as url:
        settings = _settings(url, folder)
        with _environment(settings):
            app = create_app(settings)
            with app.app_context():
                flask_migrate.upgrade()
                fill(size)
        try:
            yield app
        finally:
            _dispose(app)


def fill(size: int) -> None:
    """The catalog and all the rest, into a migrated shop."""
    catalog.fill(size, is_found=False)  # no page of the admin asks the shop's search
    rows.fill(size)
    count_figures()
    count_best_sellers()
    db.session.remove()


def look_at(shops: Sequence[tuple[Flask, int]], pages: Sequence[ListPage]) -> list[Looks]:
    """Of each shop. `shops`: with how many rows each has."""
    viewers = [(_viewer(app), size) for app, size in shops]
    found: list[Looks] = [{} for _ in shops]
    for page in pages:
        for at, name in enumerate(page.names):
            addresses = [page.addresses(size)[at] for _, size in viewers]
            looks = _looks([viewer for viewer, _ in viewers], addresses)
            for known, look in zip(found, looks, strict=True):
                known[name] = look
    return found


def _looks(viewers: Sequence[Viewer], addresses: Sequence[str]) -> list[Look]:
    """At one page in each shop, by turns: what else a machine does meanwhile slows all of them."""
    answers = [viewer.counted(path) for viewer, path in zip(viewers, addresses, strict=True)]
    times: list[list[float]] = [[] for _ in viewers]
    gc.collect()
    for _ in range(ROUNDS):
        for taken, viewer, path in zip(times, viewers, addresses, strict=True):
            taken.append(viewer.milliseconds(path))
    return [
        Look(status, min(taken), questions, rows)
        for (status, questions, rows), taken in zip(answers, times, strict=True)
    ]


@dataclass(frozen=True)
class Viewer:
    """A signed-in browser at one shop."""

    client: FlaskClient
    engine: sa.Engine
    #: Of the database's processes that answer this one.
    backends: set[int]

    def counted(self, path: str) -> tuple[int, int, int]:
        """Its status, the questions that it takes once what is kept is kept, and its rows."""
        self.client.get(path)
        with _counted(self.engine) as questions:
            response = self.client.get(path)
        rows = response.text.partition("<tbody")[2].count("<tr")
        rows = rows or response.text.count('class="review-queue__words"')
        return response.status_code, len(questions), rows

    def milliseconds(self, path: str) -> float:
        """Of processors' work, here and in the database."""
        began = self._worked()
        self.client.get(path)
        return (self._worked() - began) * 1000

    def _worked(self) -> float:
        return time.process_time() + sum(_worked_by(pid) for pid in self.backends)


def _worked_by(pid: int) -> float:
    """Seconds that a processor worked for another process, as Linux tells."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
    except FileNotFoundError:
        return 0.0


def _viewer(app: Flask) -> Viewer:
    with app.app_context():
        client, engine = _signed_in(app), db.engine
        db.session.remove()  # so that each look asks for itself who is there
    backends: set[int] = set()
    if engine.dialect.name == "postgresql":

        @sa.event.listens_for(engine, "connect")
        def _note(connection: Any, _record: Any) -> None:
            # Its helpers would work unseen.
            connection.execute("SET max_parallel_workers_per_gather = 0")
            connection.commit()
            backends.add(connection.info.backend_pid)

        engine.dispose()
    return Viewer(client, engine, backends)


@contextmanager
def _counted(engine: sa.Engine) -> Iterator[list[str]]:
    asked: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith(("SELECT", "WITH")):
            asked.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


# Who looks --------------------------------------------------------------------------------------


def _signed_in(app: Flask) -> FlaskClient:
    with transaction():
        role = db.session.scalar(sa.select(Role).where(Role.name == OWNER)) or Role(name=OWNER)
        account = Account(
            email=f"bench-{secrets.token_hex(4)}@example.com",
            fs_uniquifier=secrets.token_hex(16),
            roles=[role],
        )
        db.session.add(account)
        db.session.flush()
        session_row = AccountSession(account_id=account.id, key=secrets.token_hex(16))
        db.session.add(session_row)
        db.session.flush()
        user, key = account.fs_uniquifier, session_row.key
    client, at = app.test_client(), int(now().timestamp())
    with client.session_transaction() as session:
        session.update({"_user_id": user, "_fresh": True, SIGNED_IN_AT: at, LAST_SEEN_AT: at})
        session[SESSION_KEY] = key
    return client


# The tables -------------------------------------------------------------------------------------


def _section(pages: Sequence[ListPage], sizes: Sequence[int], found: dict[str, list[Looks]]) -> str:
    small, large = sizes[0], sizes[-1]
    lines = [
        tables.MARK,
        "",
        f"Milliseconds of processors' work, the database's included, of the quickest of {ROUNDS}"
        f" looks in shops with {small:,} and {large:,} rows of everything that is listed, looked at"
        " by turns; questions are those of one look, with the three that every page of the admin"
        " asks (who it is, their roles, the shop); rows are those on the page of the one and of the"
        " other, as a page with more of them takes longer to write: where the small shop finds"
        " fewer, its fullest page is what the large one's is compared with. bench/rows.py fills,"
        f" bench/lists.py looks. More than {MOST_TIMES} times is marked. Made by"
        " `python -m bench.admin --write`.",
    ]
    for database, looks in found.items():
        lines += ["", f"### {NAMES[database]}", "", *_table(pages, sizes, looks[0], looks[-1])]
    return "\n".join(lines) + "\n"


def _table(
    pages: Sequence[ListPage], sizes: Sequence[int], first: Looks, last: Looks
) -> Iterator[str]:
    yield f"| look | {sizes[0]:,} | {sizes[-1]:,} | times | rows | questions |"
    yield "|---|---|---|---|---|---|"
    for page in pages:
        fullest = max((first[name] for name in page.names), key=lambda look: look.rows)
        for name in page.names:
            yield _line(name, first[name], last[name], fullest)


def _line(name: str, before: Look, after: Look, fullest: Look) -> str:
    """`fullest`: the look at the list with the most rows, in the small shop."""
    if before.status != 200 or after.status != 200:
        return f"| {name} | - | - | answered {before.status}, {after.status} | - | - |"
    # A page of a few rows is no measure for a full one.
    is_fuller = before.rows < after.rows <= fullest.rows
    times = after.milliseconds / (fullest if is_fuller else before).milliseconds
    told = f"**{times:.2f}**" if times > MOST_TIMES else f"{times:.2f}"
    return (
        f"| {name.replace('|', ' ')} | {before.milliseconds:.1f} | {after.milliseconds:.1f}"
        f" | {told} | {before.rows}, {after.rows} | {after.questions} |"
    )


def _write(text: str) -> None:
    """Looks that were not measured keep their lines, and what was noted beside them stays."""
    file: Path = report.FILE
    before, names = file.read_text(), [name for page in PAGES for name in page.names]
    file.write_text(tables.put(before, tables.merged(text, tables.section(before), names)))


if __name__ == "__main__":
    sys.exit(main())

"""python -m bench.admin [--sizes 1000,100000] [--databases NAMES] [--only PATH] [--write].

How long the admin's index pages take, and how many questions they ask the database, in a small shop
and in one with as many rows of everything as asked for. In one process, without a server: what is
compared is the shop with itself.
"""

from __future__ import annotations

import argparse
import gc
import logging
import secrets
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import flask_migrate
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from bench import catalog, report, rows
from bench.lists import PAGES, ListPage
from bench.shops import _database, _dispose, _environment, _folder, _settings, find_postgres
from shop import create_app
from shop.accounts.models import Account, AccountSession, Role
from shop.accounts.permissions import OWNER
from shop.accounts.security import LAST_SEEN_AT, SESSION_KEY, SIGNED_IN_AT
from shop.clock import now
from shop.database import transaction
from shop.extensions import db

#: A look at a larger shop may take so many times as long.
MOST_TIMES = 1.5
ROUNDS = 9
MARK = "## The admin's index pages"
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass(frozen=True)
class Look:
    """One page in one shop: milliseconds of the quickest of ROUNDS, questions, and what it
    answered.
    """

    status: int
    milliseconds: float
    questions: int


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
        database: [_measured(database, size, pages) for size in sizes]
        for database in options.databases.split(",")
    }
    text = _section(pages, sizes, found)
    print(text)
    if options.write:
        _write(text)
    return 0


def _measured(database: str, size: int, pages: Sequence[ListPage]) -> Looks:
    with _folder() as folder, _database(database, folder, find_postgres()) as url:
        settings = _settings(url, folder)
        with _environment(settings):
            app = create_app(settings)
            try:
                with app.app_context():
                    flask_migrate.upgrade()
                    fill(size)
                return look_at(app, size, pages)
            finally:
                _dispose(app)


def fill(size: int) -> None:
    """The catalog and all the rest, into a migrated shop."""
    catalog.fill(size)
    rows.fill(size)
    db.session.remove()


def look_at(app: Flask, size: int, pages: Sequence[ListPage]) -> Looks:
    with app.app_context():
        client, engine = _signed_in(app), db.engine
        db.session.remove()
    # Outside, so that each look asks for itself who is there.
    return {
        name: _look(client, engine, address)
        for page in pages
        for name, address in zip(page.names, page.addresses(size), strict=True)
    }


def _look(client: FlaskClient, engine: sa.Engine, path: str) -> Look:
    client.get(path)
    with _counted(engine) as questions:
        response = client.get(path)
    times = []
    gc.collect()
    for _ in range(ROUNDS):
        began = time.perf_counter()
        client.get(path)
        times.append((time.perf_counter() - began) * 1000)
    return Look(response.status_code, min(times), len(questions))


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
        MARK,
        "",
        f"Milliseconds of the quickest of {ROUNDS} looks in one process, in shops with {small:,}"
        f" and {large:,} rows of everything that is listed; questions are those of one look, with"
        " the three that every page of the admin asks (who it is, their roles, the shop)."
        f" bench/rows.py fills, bench/lists.py looks. More than {MOST_TIMES} times is marked."
        " Made by `python -m bench.admin --write`.",
    ]
    for database, looks in found.items():
        lines += ["", f"### {NAMES[database]}", "", *_table(pages, sizes, looks[0], looks[-1])]
    return "\n".join(lines) + "\n"


def _table(
    pages: Sequence[ListPage], sizes: Sequence[int], first: Looks, last: Looks
) -> Iterator[str]:
    yield f"| look | {sizes[0]:,} | {sizes[-1]:,} | times | questions |"
    yield "|---|---|---|---|---|"
    for name in (name for page in pages for name in page.names):
        before, after = first[name], last[name]
        if before.status != 200 or after.status != 200:
            yield f"| {name} | - | - | answered {before.status}, {after.status} | - |"
            continue
        times = after.milliseconds / before.milliseconds
        told = f"**{times:.2f}**" if times > MOST_TIMES else f"{times:.2f}"
        yield (
            f"| {name.replace('|', ' ')} | {before.milliseconds:.1f} | {after.milliseconds:.1f}"
            f" | {told} | {after.questions} |"
        )


def _write(text: str) -> None:
    """In place of the section that is there, or behind the rest."""
    file: Path = report.FILE
    before = file.read_text()
    start = before.find(MARK)
    if start < 0:
        file.write_text(before.rstrip() + "\n\n" + text)
        return
    end = before.find("\n## ", start + 1)
    file.write_text(before[:start] + text + (before[end:] if end > 0 else ""))


if __name__ == "__main__":
    sys.exit(main())

"""python -m bench.admin [--sizes 1000,100000] [--write].

How long the admin's lists take, and how many questions they ask the database, in a small shop and
in one with as many products, orders, customers and discounts as asked for. In one process, without
a server: what is compared is the shop with itself.
"""

from __future__ import annotations

import argparse
import logging
import secrets
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import flask_migrate
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from bench import catalog, report
from bench.shops import _database, _dispose, _environment, _folder, _settings
from shop import create_app
from shop.accounts.models import Account, AccountSession, Role
from shop.accounts.permissions import OWNER
from shop.accounts.security import LAST_SEEN_AT, SESSION_KEY, SIGNED_IN_AT
from shop.clock import now
from shop.database import transaction
from shop.extensions import Model, db
from shop.orders.models import Order
from shop.pricing.discount_models import StoredDiscount

LISTS = (
    "/admin/products",
    "/admin/products?sort=title",
    "/admin/products?sort=changed",
    "/admin/products?show=draft",
    "/admin/products?page=1000",
    "/admin/inventory",
    "/admin/orders",
    "/admin/orders?show=paid",
    "/admin/customers",
    "/admin/discounts",
    "/admin/collections",
    "/admin/reviews",
    "/admin/gift-cards",
)
ROUNDS = 9
BATCH = 2000
MARK = "## The admin's lists"


@dataclass(frozen=True)
class Look:
    """One page in one shop: median milliseconds, questions, and what it answered."""

    status: int
    milliseconds: float
    questions: int


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.admin", description=__doc__)
    parser.add_argument("--sizes", default="1000,100000", help="rows of each kind")
    parser.add_argument("--write", action="store_true", help="put the table into RESULTS.md")
    options = parser.parse_args()
    logging.disable(logging.INFO)
    sizes = [int(part) for part in options.sizes.split(",")]
    found = {size: _measured(size) for size in sizes}
    text = _table(found)
    print(text)
    if options.write:
        _write(text)
    return 0


def _measured(size: int) -> dict[str, Look]:
    with _folder() as folder, _database("sqlite", folder, None) as url:
        settings = _settings(url, folder)
        with _environment(settings):
            app = create_app(settings)
            try:
                with app.app_context():
                    flask_migrate.upgrade()
                    catalog.fill(size)
                    _add_others(size)
                    client, engine = _signed_in(app), db.engine
                    db.session.remove()
                # Outside, so that each look asks for itself who is there.
                return {path: _look(client, engine, path) for path in LISTS}
            finally:
                _dispose(app)


def _look(client: FlaskClient, engine: sa.Engine, path: str) -> Look:
    client.get(path)
    times = []
    with _counted(engine) as questions:
        response = client.get(path)
    for _ in range(ROUNDS):
        began = time.perf_counter()
        client.get(path)
        times.append((time.perf_counter() - began) * 1000)
    return Look(response.status_code, statistics.median(times), len(questions))


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


# Filling ----------------------------------------------------------------------------------------


def _add_others(size: int) -> None:
    begun = now() - timedelta(days=365)
    _insert(
        Account,
        (
            {
                "email": f"person{n}@example.com",
                "name": f"Person {n}",
                "fs_uniquifier": secrets.token_hex(16),
            }
            for n in range(size)
        ),
    )
    _insert(
        Order,
        (
            {
                "number": 1000 + n,
                "token": secrets.token_hex(20),
                "email": f"person{n}@example.com",
                "name": f"Person {n}",
                "country": "GB",
                "currency": catalog.CURRENCY,
                "state": "paid",
                "placed_at": begun + timedelta(minutes=n),
                "paid_at": begun + timedelta(minutes=n),
                "subtotal_amount": 3400,
                "shipping_amount": 0,
                "tax_amount": 0,
                "total_amount": 3400,
            }
            for n in range(size)
        ),
    )
    _insert(
        StoredDiscount,
        (
            {"title": f"Discount {n}", "code": f"CODE{n}", "kind": "percentage", "value": 100_000}
            for n in range(size)
        ),
    )
    with db.engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")


def _insert(model: type[Model], rows: Iterator[dict[str, Any]]) -> None:
    """What a row does not say is whatever its column can hold."""
    table: sa.Table = model.__table__  # type: ignore[assignment]  # of a mapped class
    usual = {column.name: _anything(column) for column in table.columns if _is_needed(column)}
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(usual | row)
        if len(batch) == BATCH:
            _flush(model, batch)
    _flush(model, batch)


def _flush(model: type[Model], batch: list[dict[str, Any]]) -> None:
    if batch:
        with transaction():
            db.session.execute(sa.insert(model), batch)
        batch.clear()


def _is_needed(column: sa.Column[Any]) -> bool:
    has_default = column.default is not None or column.server_default is not None
    return not (column.nullable or column.primary_key or has_default)


def _anything(column: sa.Column[Any]) -> Any:
    kind = column.type.python_type
    if kind is datetime:
        return now()
    return {str: "", int: 0, bool: False, dict: {}, list: [], date: now().date()}[kind]


def _signed_in(app: Flask) -> FlaskClient:
    with transaction():
        role = db.session.scalar(sa.select(Role).where(Role.name == OWNER)) or Role(name=OWNER)
        account = Account(
            email="bench@example.com", fs_uniquifier=secrets.token_hex(16), roles=[role]
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


# The table --------------------------------------------------------------------------------------


def _table(found: dict[int, dict[str, Look]]) -> str:
    sizes = sorted(found)
    small, large = sizes[0], sizes[-1]
    lines = [
        f"{MARK}",
        "",
        f"Median of {ROUNDS} looks in one process on SQLite, in milliseconds, in shops with"
        f" {small:,} and {large:,} products, orders, customers and discounts each. Questions are"
        " those of one look, who asks included. Made by `python -m bench.admin --write`.",
        "",
        f"| list | {small:,} | {large:,} | times | questions |",
        "|---|---|---|---|---|",
    ]
    for path in LISTS:
        first, last = found[small][path], found[large][path]
        if first.status == last.status == 200:
            times = f"{last.milliseconds / first.milliseconds:.2f}"
        else:
            times = "-"
        shown = f"{first.milliseconds:.1f}" if first.status == 200 else "-"
        lines.append(f"| {path} | {shown} | {last.milliseconds:.1f} | {times} | {last.questions} |")
    return "\n".join(lines) + "\n"


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

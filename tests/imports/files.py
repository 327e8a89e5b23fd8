"""Imports for tests: a file given, and the worker's turns until nothing is left to do."""

from __future__ import annotations

from shop.accounts.models import Account
from shop.catalog.sheet_reader import source_of
from shop.database import in_transaction
from shop.extensions import db
from shop.imports import service, worker
from shop.imports.models import Import
from tests.accounts.people import make_admin
from tests.catalog.sheets import export

__all__ = ["export", "give", "import_of", "run", "start", "undo", "work"]


def give(file: str | bytes, *, press: str = "press", currency: str = "GBP") -> int:
    data = file.encode() if isinstance(file, str) else file
    db.session.commit()
    upload = service.Upload("products.csv", data, source_of(data), currency)
    by = person()
    return in_transaction(lambda: service.create(upload, press=press, by=by).id)


def person() -> int:
    account = db.session.query(Account).first() or make_admin()
    db.session.commit()
    return account.id


def work() -> None:
    """All that is due."""
    db.session.commit()
    worker._sheets.forget()
    while worker.work():
        pass


def start(import_id: int) -> bool:
    by = person()
    return in_transaction(lambda: service.start(import_id, by=by))


def undo(import_id: int) -> Import:
    by = person()
    assert in_transaction(lambda: service.undo(import_id, by=by))
    work()
    return import_of(import_id)


def run(file: str | bytes, *, press: str = "press") -> Import:
    """Looked through and brought in."""
    import_id = give(file, press=press)
    work()
    assert start(import_id)
    work()
    return import_of(import_id)


def import_of(import_id: int) -> Import:
    return db.session.get_one(Import, import_id, populate_existing=True)

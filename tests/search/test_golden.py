"""Sixty searches of the demo shop, equal on both databases."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from shop.catalog.models import Product
from shop.database import transaction
from shop.demo.loader import load
from shop.extensions import db
from shop.search.queries import Found, search
from tests.conftest import Apps


@dataclass(frozen=True)
class Golden:
    typed: str
    first: list[str]
    only: bool = False
    match: str = "all"
    words: str = ""


FILE = Path(__file__).parent / "golden.toml"
GOLDEN = [Golden(**query) for query in tomllib.loads(FILE.read_text())["query"]]


@pytest.fixture(scope="module")
def demo_app(dialect: str, tmp_path_factory: pytest.TempPathFactory, apps: Apps) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp(f"golden-{dialect}")
    with apps(dialect, folder) as app:
        with app.app_context(), transaction():
            load()
        yield app


def found_by(app: Flask, typed: str) -> tuple[Found, list[str]]:
    with app.app_context():
        found = search(typed)
        rows = db.session.execute(sa.select(Product.id, Product.handle))
        handles = {row.id: row.handle for row in rows}
        db.session.remove()
    return found, [handles[product_id] for product_id in found.product_ids]


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden.typed)
def test_the_demo_shop_finds(demo_app: Flask, golden: Golden) -> None:
    found, handles = found_by(demo_app, golden.typed)

    assert (found.match, found.words) == (golden.match, golden.words or golden.typed)
    assert handles[: len(golden.first)] == golden.first
    if golden.only or not golden.first:
        assert handles == golden.first


def test_there_are_sixty() -> None:
    assert len({golden.typed for golden in GOLDEN}) >= 60

"""Where a page's templates come from: its theme first, then the core."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from shop.clock import now
from shop.extensions import db
from shop.settings import ROOT
from shop.theme.models import ThemeVersion, VersionState
from shop.web import bundles
from tests.conftest import dispose, make_settings, migrated_app
from tests.factories import make_product, make_store

TOML = (ROOT / "themes" / "fettle" / "theme.toml").read_text()
FILES = {
    "theme.toml": f'stylesheet = "mine.css"\n{TOML}'.replace('"Fettle"', '"Mine"', 1),
    "static/mine.css": "@layer theme { body { color: red } }",
    "templates/components/picture.html": (
        "{% from 'core:components/picture.html' import thumbnail %}"
        "{% macro picture(image, sizes, is_eager=false, alt=none, words='') %}"
        "{% set _later = (varargs, kwargs) %}"
        "<b>no picture of {{ words }}</b>{% endmacro %}"
    ),
    "templates/content/page.html": (
        "{% extends 'core:content/page.html' %}{% block title %}My {{ super() }}{% endblock %}"
    ),
}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Flask]:
    """A shop with a theme of its own beside its data."""
    for name, text in FILES.items():
        path = tmp_path / "themes" / "mine" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    app = migrated_app(make_settings(f"sqlite:///{tmp_path / 'till.sqlite'}", tmp_path))
    with app.app_context():
        make_store()
        make_product("Blue mug", handle="blue-mug")
        db.session.commit()
    yield app
    dispose(app)


def show_in(app: Flask, theme: str) -> None:
    with app.app_context():
        db.session.execute(db.delete(ThemeVersion))
        db.session.add(ThemeVersion(state=VersionState.LIVE, theme=theme, published_at=now()))
        db.session.commit()


def test_a_theme_replaces_a_template_wherever_the_core_uses_it(shop: Flask) -> None:
    client = shop.test_client()
    before = client.get("/products").text
    show_in(shop, "mine")

    after = client.get("/products").text
    show_in(shop, "fettle")
    again = client.get("/products").text

    assert "no picture of" not in before + again
    assert "<b>no picture of Blue mug</b>" in after


def test_a_template_may_extend_the_core_one_of_its_name(shop: Flask) -> None:
    from shop.content.models import Page

    show_in(shop, "mine")
    with shop.app_context():
        db.session.add(Page(handle="about", title="About", body="Words"))
        db.session.commit()

    page = shop.test_client().get("/pages/about").text

    assert "<title>My About | Fettle</title>" in page
    assert "Words" in page


def test_a_themes_static_files_are_hashed_and_kept(shop: Flask) -> None:
    show_in(shop, "mine")
    client = shop.test_client()
    page = client.get("/products").text
    start = page.index("/static/themes/mine/mine.")
    address = page[start : page.index('"', start)]

    with client.get(address) as answer:
        text = answer.text

    assert text == bundles.compact(FILES["static/mine.css"].encode()).decode()
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_a_theme_that_was_taken_away_leaves_the_core_look(shop: Flask) -> None:
    show_in(shop, "gone")

    page = shop.test_client().get("/products")

    assert page.status_code == 200
    assert "/static/themes/" not in page.text


def test_staff_and_broken_pages_are_the_cores_in_any_theme(shop: Flask, tmp_path: Path) -> None:
    folder = tmp_path / "themes" / "mine" / "templates" / "errors"
    folder.mkdir(parents=True)
    (folder / "error.html").write_text("mine")
    show_in(shop, "mine")

    assert shop.test_client().get("/nothing-here").text != "mine"

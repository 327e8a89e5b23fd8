"""The second theme, and the worked example of docs/themes.md."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from shop.clock import now
from shop.content.models import Page
from shop.extensions import db
from shop.settings import ROOT
from shop.store.menus import FOOTER
from shop.theme.models import ThemeVersion, VersionState
from shop.theme.sections import FeaturedCollection, Hero, SectionPicture
from tests.catalog.test_queries import make_collection
from tests.conftest import dispose, make_settings, migrated_app
from tests.factories import make_product, make_store, variants_of
from tests.pages import read
from tests.theme.looks import show

DOCS = (ROOT / "docs" / "themes.md").read_text()
PICTURE = SectionPicture(file="hero", width=1920, height=880, is_cut=True)


def plain_home(client: FlaskClient) -> str:
    make_store(name="Fettle")
    make_collection("table", [make_product("Blue mug", unit_amount=3400)], is_in_menu=True)
    show(
        Hero(id="h", heading="Pots", picture=PICTURE),
        FeaturedCollection(id="c", collection="table"),
        theme="plain",
    )
    return client.get("/").text


def test_plain_has_a_frame_a_banner_and_a_card_of_its_own(client: FlaskClient) -> None:
    text = plain_home(client)

    assert 'class="dip"' not in text
    assert "footer__wordmark" not in text
    assert 'class="hero' not in text
    assert "plain-hero--pictured" in text
    assert "product-card--plain" in text
    assert "£34.00" in text
    assert '<a href="/collections/table">' in text[text.index("plain-footer") :]


def test_a_card_of_plain_wishes_for_the_variant_that_it_shows(client: FlaskClient) -> None:
    plain_home(client)
    pot = make_product("Pot", options={"Glaze": ["Milk", "Cobalt"]})

    text = client.get("/products?glaze=cobalt").text

    assert (
        f'name="variant_id" value="{variants_of(pot)[1].id}"'
        ' aria-label="Put Pot, Cobalt on the wishlist"'
    ) in text


@pytest.mark.parametrize(
    "path",
    [
        "/products", "/collections/table", "/products/mug", "/search?q=mug", "/search?q=zzzz",
        "/cart", "/wishlist", "/track", "/pages/contact", "/blogs/journal",
    ],
)  # fmt: skip
def test_every_page_stands_in_the_frame_of_plain(client: FlaskClient, path: str) -> None:
    plain_home(client)
    make_product("Mug", handle="mug")
    db.session.commit()

    answer = client.get(path)

    assert answer.status_code == 200
    assert "plain-footer" in answer.text
    assert 'class="product-card"' not in answer.text  # the core's own


def test_what_every_footer_leads_to_stays_in_that_of_plain(client: FlaskClient) -> None:
    make_store(menus={FOOTER: [{"label": "The studio", "target": "/pages/studio"}]})
    db.session.add(Page(handle="imprint", title="Imprint"))
    show(theme="plain")

    text = client.get("/").text

    links = re.findall(r'<a href="([^"]+)"', text[text.index("plain-footer") :])
    help_ = {"/account", "/track", "/gift-card", "/pages/contact", "/newsletter"}
    assert help_ | {"/pages/studio", "/pages/imprint"} <= set(links)


def test_plain_fetches_no_font_and_brings_its_colors(client: FlaskClient) -> None:
    page = read(plain_home(client))
    links = [link["href"] for link in page.having("link", rel="stylesheet")]

    tokens = client.get(next(link for link in links if link.startswith("/theme/"))).text

    assert page.having("link", rel="preload", as_="font") == []
    assert "--action:#b3261e" in tokens
    assert "--r2:0" in tokens
    assert any(link.startswith("/static/themes/plain/plain.") for link in links)
    assert page.having("meta", name="theme-color", content="#121212")


def test_what_a_merchant_changes_comes_after_the_theme(client: FlaskClient) -> None:
    make_store()
    show(theme="plain", look={"light": {"action": "#0a7d3c"}}, stylesheet="x", digest="d00d")

    sheets = [link["href"] for link in read(client.get("/").text).having("link", rel="stylesheet")]

    assert sheets[-1] == "/theme/d00d.css"


# The example


@pytest.fixture
def seaside(tmp_path: Path) -> Iterator[Flask]:
    """The theme that docs/themes.md builds, out of its own lines."""
    folder = tmp_path / "themes" / "seaside"
    (folder / "templates" / "content").mkdir(parents=True)
    (folder / "static").mkdir()
    page = re.search(r"```jinja\n\{# templates/content/page.html #\}\n(.*?)```", DOCS, re.DOTALL)
    css = re.search(r"```css\n(.*?)```", DOCS, re.DOTALL)
    assert page is not None
    assert css is not None
    (folder / "templates" / "content" / "page.html").write_text(page[1])
    (folder / "static" / "seaside.css").write_text(css[1])
    toml = (ROOT / "themes" / "plain" / "theme.toml").read_text()
    (folder / "theme.toml").write_text(toml.replace("plain.css", "seaside.css"))
    app = migrated_app(make_settings(f"sqlite:///{tmp_path / 'till.sqlite'}", tmp_path))
    with app.app_context():
        make_store()
        db.session.add_all(
            [
                Page(handle="about", title="About", body="Words"),
                ThemeVersion(state=VersionState.LIVE, theme="seaside", published_at=now()),
            ]
        )
        db.session.commit()
    yield app
    dispose(app)


def test_the_example_of_the_docs_works(seaside: Flask) -> None:
    client = seaside.test_client()

    page = client.get("/pages/about").text
    address = re.search(r"/static/themes/seaside/seaside\.[0-9a-f]{8}\.css", page)

    assert re.search(r"<title>About \| Fettle by the sea</title>", page)
    assert address is not None
    with client.get(address[0]) as sheet:
        assert "border-block-end-style:dashed" in sheet.text


def test_the_docs_name_every_role(app: Flask) -> None:
    from shop.theme.palette import ROLES

    assert [role for role in ROLES if role not in DOCS] == []
    assert [token for token in ROLES.values() if f"`{token}`" not in DOCS] == []

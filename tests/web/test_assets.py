"""Static files: named by their content, compressed once, kept by browsers for good."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import brotli
from flask import Flask
from flask.testing import FlaskClient

from shop.web import bundles
from tests.factories import make_store


def address(app: Flask, name: str) -> str:
    asset: Any = app.jinja_env.globals["asset"]
    return str(asset(name))


def test_text_is_sent_compressed_and_kept_for_good(app: Flask, client: FlaskClient) -> None:
    plain = client.get(address(app, "css/components.css"))
    packed = client.get(address(app, "css/components.css"), headers={"Accept-Encoding": "br, gzip"})

    assert packed.headers["Content-Encoding"] == "br"
    assert brotli.decompress(packed.data) == plain.data
    assert len(packed.data) * 3 < len(plain.data)
    assert packed.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert packed.headers["X-Content-Type-Options"] == "nosniff"


def test_what_a_browser_has_is_not_sent_again(app: Flask, client: FlaskClient) -> None:
    tag = client.get(address(app, "js/cart.js")).headers["ETag"]

    answer = client.get(address(app, "js/cart.js"), headers={"If-None-Match": tag})

    assert answer.status_code == 304
    assert answer.data == b""


def test_files_name_each_other_by_their_content(app: Flask, client: FlaskClient) -> None:
    sheet = client.get(address(app, "css/base.css")).text
    script = client.get(address(app, "js/product.js")).text

    font = address(app, "fonts/text.woff2").rpartition("/")[2]
    assert f'url("../fonts/{font}")' in sheet
    module = address(app, "js/zoom.js").rpartition("/")[2]
    assert f'import("./{module}")' in script
    assert "/static/fonts/" + font in client.get("/products").text


def test_every_static_file_that_a_page_names_is_there(app: Flask, client: FlaskClient) -> None:
    make_store()
    html = client.get("/products").text

    for path in set(re.findall(r'(?:href|src)="(/static/[^"#]+)', html)):
        assert re.search(r"\.[0-9a-f]{8}\.\w+$", path), path
        with client.get(path) as answer:
            assert answer.status_code == 200, path


def test_browsers_are_told_which_pages_they_may_fetch_in_advance(client: FlaskClient) -> None:
    make_store()
    rules = client.get("/products").headers["Speculation-Rules"]

    answer = client.get(rules.strip('"'))

    assert answer.mimetype == "application/speculationrules+json"
    assert "Speculation-Rules" not in client.get("/cart").headers
    for personal in ("/cart*", "/checkout*", "/admin*", "/search*", "nofollow"):
        assert personal in answer.text


def test_a_sheet_that_imports_others_is_sent_as_one(app: Flask, client: FlaskClient) -> None:
    whole = client.get(address(app, "css/page-home.css")).text

    assert "@import" not in whole
    for part in ("base", "components", "storefront", "catalog", "home"):
        assert client.get(address(app, f"css/{part}.css")).text in whole
    assert len(re.findall(r'rel="stylesheet"', client.get("/").text)) == 1


def test_a_script_that_gathers_others_is_sent_as_one(app: Flask, client: FlaskClient) -> None:
    whole = client.get(address(app, "js/site.js")).text

    assert not re.search(r"^import ", whole, re.MULTILINE)
    for mark in ("till-cart-count", "till-wishlist", "data-opens", "data-suggest", "pageswap"):
        assert mark in whole
    assert whole.count("function announce(") == 1


SHEET = b"""\
/* a comment; with { signs } and "quotes' */
@media (width > 60rem) {
  .a > .b :hover, li::before {
    content: "a  /* b */ ; c";
    margin: calc(1px + 2px) 0 ;
  }
}
"""


def test_a_style_sheet_loses_only_what_means_nothing() -> None:
    assert bundles.compact(SHEET) == (
        b"@media (width > 60rem){.a > .b :hover,li::before{"
        b'content:"a  /* b */ ; c";margin:calc(1px + 2px) 0;}}'
    )


def test_files_are_gathered_wherever_they_lie(tmp_path: Path) -> None:
    texts = {
        "js/page.js": 'import "./parts/one.js";\nimport "./parts/two.js";\n',
        "js/parts/one.js": 'import { say } from "../say.js";\nconst name = 1;\nsay(name);\n',
        "js/parts/two.js": 'import { say } from "../say.js";\nconst name = 2;\nsay(name);\n',
        "js/say.js": "export function say() {}\n",
        "js/foreign.js": 'import "https://elsewhere.example/a.js";\n',
        "css/foreign.css": '@import "https://elsewhere.example/a.css";',
    }
    files = {name: tmp_path / name for name in texts}
    for name, text in texts.items():
        files[name].parent.mkdir(parents=True, exist_ok=True)
        files[name].write_text(text)

    made = {name: content.decode() for name, content in bundles.contents(files).items()}

    assert made["js/page.js"] == (
        "export function say() {}\n"
        "{\nconst name = 1;\nsay(name);\n}\n{\nconst name = 2;\nsay(name);\n}\n"
    )
    assert made["js/foreign.js"] == texts["js/foreign.js"]
    assert made["css/foreign.css"] == texts["css/foreign.css"]

"""Garbage at every door of the app's own map: never a fault, never a traceback, nothing moved."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from shop.extensions import db
from tests.admin.conftest import admin, staff, store  # noqa: F401 - fixtures
from tests.factories import make_checkout, make_order, make_product, variants_of
from tests.reliability.snapshots import rows_here

SEED = int(os.environ.get("RELIABILITY_SEED", "20261123"))
ROUNDS = 40 if os.environ.get("RELIABILITY") == "full" else 2

NUMBERS = (
    "", "0", "-1", "-0", "+5", "1.5", "0.5", "1e2", "1e999999", "NaN", "sNaN", "Infinity",
    "-Infinity", " 1 ", "1_000", "１２", "٣", "0x10", "1,5", "99999", "2147483648", "4294967296",
    "9223372036854775808", "9" * 400, "²", "1\n2", "0b1", "1;DROP TABLE orders", "None", "true",
)  # fmt: skip
TEXTS = (
    "x\x00y", "\x1b[31mred", "\u202eevil", "\u200b\ufeff", "a\u0301" * 50, "\U0001f3fa" * 40, "Ω≈ç",
    "' OR 1=1 --", '"; DROP TABLE orders; --', "%' OR '%", "\\", "%", "_", '"AND" OR NEAR(a b)',
    "{{7*191}}", "{% raise %}", "%(name)s %s %d {0} {name}", "<script>alert(1)</script>",
    "javascript:alert(1)", "../../../etc/passwd", "..%2f..%2fetc/passwd", "C:\\nul", "a" * 10_000,
    "x" * 300 + "@example.com", "a@b", "İ@example.com", "me@example.com\r\nBcc: you@example.com",
    "=1+1", "-" * 200, "\r\n\r\n", "//evil.example", "https:evil.example", "日本語" * 60,
)  # fmt: skip
JUNK = NUMBERS + TEXTS
#: What a browser never writes but a socket can.
RAW_PATHS = (
    "/%", "/%zz", "/%00", "/%ff%fe", "/products/%ed%a0%80", "/products/%c0%af", "//", "///products",
    "/products//", "/%2e%2e/%2e%2e/etc/passwd", "/static/../shop/settings.py", "/static/%2e%2e/x",
    "/.env", "/.git/config", "/media/../till.sqlite", "/media/%2e%2e%2ftill.sqlite",
    "/media/x%00.jpg", "/" + "a" * 5000, "/products?page=1e20", "/products?page=-1&per_page=1e9",
    "/products?sort=price);DROP", "/search?q=%00", "/search?q=%ed%a0%80", "/search?q=" + "x" * 8000,
    "/cart?" + "&".join(f"a{n}=1" for n in range(2000)), "/checkout/return/x?session_id=%ff",
)  # fmt: skip
HEADERS = (
    {"Host": "evil.example"}, {"Host": ""}, {"Host": "a" * 300}, {"Host": "localhost:99999999"},
    {"Host": "localhost, evil"}, {"Host": "[::1"}, {"Host": "localhost\x00"}, {"Host": "ÿ"},
    {"X-Forwarded-Host": "evil.example"}, {"X-Forwarded-For": "a" * 4000},
    {"X-Forwarded-Proto": "javascript"}, {"Forwarded": "for=;host=evil.example"},
    {"Accept": "*/*;q=nan"}, {"Accept": "a" * 8000}, {"Accept-Language": "xx-YY-zz;q=9,," * 99},
    {"Accept-Encoding": "gzip;q=x, \x7f"}, {"Range": "bytes=9-1,a-b"}, {"If-None-Match": '"' * 99},
    {"If-Modified-Since": "Mon, 99 Nov 99999 99:99:99 GMT"}, {"Content-Type": "text/\xff"},
    {"Content-Length": "-1"}, {"Content-Length": "x"}, {"Cookie": "a" * 8192}, {"Cookie": ";;=;=a"},
    {"Referer": "\xff\xfe"}, {"Origin": "null"}, {"Origin": "http://[::1"},
    {"User-Agent": "\x7f" * 99}, {"Sec-Fetch-Site": "cross-site"},
    {"Authorization": "Basic \xff"}, {"X-HTTP-Method-Override": "DELETE"},
)  # fmt: skip
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "TRACE", "BREW")


@pytest.fixture
def dice(dialect: str) -> random.Random:
    print(f"RELIABILITY_SEED={SEED}")
    return random.Random(SEED)


@pytest.fixture
def quiet(app: Flask, store: None) -> Iterator[dict[str, Any]]:  # noqa: F811 - the fixture
    """A shop with a paid, an unpaid and no order; whatever the test sends, money and goods stay.

    The values that open its doors, by the names of the addresses' parts.
    """
    app.config["TESTING"] = False
    app.config["PROPAGATE_EXCEPTIONS"] = False
    product = make_product(on_hand=9, handle="tuesday-mug")
    (variant,) = variants_of(product)
    order = make_order(variant, paid=True)
    make_order(variant)
    db.session.commit()
    values = {"variant_id": variant.id, "product_id": product.id, "order_id": order.id}
    before = rows_here()
    yield {**values, "handle": product.handle, "number": order.number}
    app.config["TESTING"] = True
    app.config["PROPAGATE_EXCEPTIONS"] = None
    changed = {name for name, found in rows_here().items() if found != before[name]}
    assert not changed


def check(answer: Any) -> None:
    body = answer.get_data()
    assert answer.status_code < 500, f"{answer.request.method} {answer.request.full_path!r}"
    assert b"Traceback" not in body
    assert b"sqlalchemy" not in body.lower()


def rules(app: Flask, *, is_admin: bool) -> list[Rule]:
    """New routes are covered as soon as they exist."""
    return [
        rule
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/admin") == is_admin and rule.endpoint != "static"
    ]


def path_of(rule: Rule, value: Callable[[str], str]) -> str:
    """The address with each part filled in, escaped as a browser would."""
    parts = (
        quote(value(content).encode("utf-8", "surrogatepass"), safe="") if is_part else content
        for is_part, content in rule._trace
    )
    return "".join(parts).replace("|", "") or "/"


def fields_of(app: Flask, dice: random.Random) -> dict[str, str]:
    """Names that the shop's forms use, and some they must not, with junk in them."""
    names = (
        "variant_id", "quantity", "email", "country", "name", "line1", "line2", "postal_code",
        "city", "region", "phone", "total", "shipping_rate_id", "password", "next", "q", "sort",
        "page", "price", "unit_amount", "discount", "tax", "currency", "status", "state",
        "is_admin", "role", "paid", "created_at", "id", "title", "handle", "description",
        "on_hand", "expected", "sku",
    )  # fmt: skip
    return {name: dice.choice(JUNK) for name in dice.sample(names, dice.randint(1, len(names)))}


def hit(client: FlaskClient, rule: Rule, dice: random.Random, known: dict[str, Any]) -> None:
    """One request with everything it can carry: the address, the query, the form or the body."""
    methods = sorted((rule.methods or {"GET"}) - {"HEAD", "OPTIONS"})
    usual = {key: str(value) for key, value in known.items()}
    path = path_of(rule, lambda name: dice.choice((usual.get(name, "1"), dice.choice(JUNK))))
    query = {key: dice.choice(JUNK) for key in dice.sample(("q", "page", "sort", "next", "x"), 2)}
    for method in methods:
        options: dict[str, Any] = {"method": method, "query_string": query}
        if method == "POST":
            options |= body(fields_of(client.application, dice), dice)
        check(client.open(path, **options))


def body(fields: dict[str, str], dice: random.Random) -> dict[str, Any]:
    kind = dice.randrange(5)
    if kind == 0:
        return {"data": json.dumps(fields), "content_type": "application/json"}
    if kind == 1:
        return {"data": b"quantity=%ff&variant_id=%ed%a0%80&%zz", "content_type": FORM}
    if kind == 2:
        return {"data": fields, "content_type": "multipart/form-data"}
    return {"data": fields}


FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_every_public_door_takes_junk(
    app: Flask, client: FlaskClient, quiet: dict[str, Any], dice: random.Random, turn: int
) -> None:
    dice.seed(SEED + turn)
    public = rules(app, is_admin=False)

    for rule in public:
        for _ in range(6):
            hit(client, rule, dice, quiet)

    assert len(public) >= 20


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_every_door_of_the_admin_takes_junk(
    app: Flask,
    staff: FlaskClient,  # noqa: F811 - the fixture
    quiet: dict[str, Any],
    dice: random.Random,
    turn: int,
) -> None:
    dice.seed(SEED + 1000 + turn)

    for rule in rules(app, is_admin=True):
        for _ in range(6):
            hit(staff, rule, dice, quiet | {"variant_id": 10**9, "order_id": 10**9})


@pytest.mark.parametrize("value", JUNK)
def test_the_fields_of_a_purchase_take_junk(
    client: FlaskClient, quiet: dict[str, Any], value: str
) -> None:
    variant = str(quiet["variant_id"])
    details = {"email": "a@example.com", "country": "GB", "name": "A", "line1": "1 A Road"}
    check(client.post("/cart/lines", data={"variant_id": value, "quantity": value}))
    check(client.post("/cart/lines", data={"variant_id": variant, "quantity": value}))
    check(client.post("/cart/lines", data={"variant_id": variant, "quantity": ["1", value]}))
    client.post("/cart/lines", data={"variant_id": variant, "quantity": "1"})
    check(client.post(f"/cart/lines/{variant}", data={"quantity": value}))
    for name in ("email", "country", "name", "line1", "postal_code", "city", "phone"):
        check(client.post("/checkout", data=details | {"city": "L", name: value}))
    check(client.post("/checkout/delivery", data={"shipping_rate_id": value}))
    check(client.post("/checkout/payment", data={"total": value, "shipping_rate_id": value}))
    check(client.get("/checkout/payment"))


def test_odd_addresses_are_answered(client: FlaskClient, quiet: dict[str, Any]) -> None:
    for path in RAW_PATHS:
        check(client.get(path))


def test_odd_headers_are_answered(client: FlaskClient, quiet: dict[str, Any]) -> None:
    for headers in HEADERS:
        for path in ("/", "/products/tuesday-mug", "/cart", "/nowhere"):
            answer = client.get(path, headers=headers)
            check(answer)
            assert b"evil.example" not in answer.get_data()
        check(client.post("/cart/lines", headers=headers, data={"variant_id": "1"}))


def test_wrong_methods_are_refused_everywhere(
    app: Flask, client: FlaskClient, quiet: dict[str, Any]
) -> None:
    known = {key: str(value) for key, value in quiet.items()}
    addresses = app.url_map.bind("localhost")
    for rule in rules(app, is_admin=False):
        path = path_of(rule, lambda name: known.get(name, "1"))
        for method in set(METHODS) - set(addresses.allowed_methods(path)):
            answer = client.open(path, method=method)
            check(answer)
            assert answer.status_code != 200 or method == "OPTIONS"


def test_odd_bodies_are_answered(client: FlaskClient, quiet: dict[str, Any]) -> None:
    bodies: list[tuple[str, bytes]] = [
        ("application/json", b"[" * 200_000),
        ("application/json", b'{"quantity": NaN, "quantity": "\\ud800"}'),
        ("application/json", b"\xff\xfe"),
        (FORM, b"a=1&" * 100_000),
        (FORM, b"quantity=" + b"9" * 600_000),
        (FORM, b"\x00\xff" * 1000),
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=x", b"--x\r\n" * 5000),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a'),
        ("text/\x00", b"x"),
    ]
    for path in ("/cart/lines", "/checkout", "/checkout/payment", "/sign-in", "/webhooks/stripe"):
        for content_type, data in bodies:
            check(client.post(path, data=data, content_type=content_type))


def test_broken_cookies_are_a_strangers(client: FlaskClient, quiet: dict[str, Any]) -> None:
    variant = str(quiet["variant_id"])
    client.post("/cart/lines", data={"variant_id": variant, "quantity": "1"})
    make_checkout()
    genuine = client.get_cookie("till").value
    flipped = [genuine[:n] + chr(ord(genuine[n]) ^ 1) + genuine[n + 1 :] for n in range(0, 60, 7)]
    cut = [genuine[: len(genuine) // 2], genuine[:-1], genuine + "x", "." + genuine, ""]
    forged = ["e30.e30.e30", '{"cart": "1.1"}', "x" * 8192, "\u00ff" * 10, "a.b.c", "=" * 40]

    stranger = client.application.test_client(use_cookies=False)
    for value in flipped + cut + forged:
        cookie = {"Cookie": f"till={value}"}
        for path in ("/", "/cart", "/checkout", "/checkout/payment", "/admin", "/sign-in"):
            check(stranger.get(path, headers=cookie))
        assert b"Tuesday mug" not in stranger.get("/cart", headers=cookie).get_data()

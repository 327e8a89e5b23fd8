"""What every request passes through: origin, input, headers, errors, the log."""

from __future__ import annotations

import json
import logging

import pytest
from flask import Flask
from flask.testing import FlaskClient

from shop.settings import Settings
from shop.web.headers import content_security_policy
from shop.web.input import MAX_FORM
from shop.web.requestlog import JsonFormatter
from tests.factories import make_variant

ADD = "/cart/lines"


def has_cart(client: FlaskClient) -> bool:
    with client.session_transaction() as session:
        return "cart" in session


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://localhost"},
    ],
)
def test_our_own_pages_may_change_things(client: FlaskClient, headers: dict[str, str]) -> None:
    variant = make_variant()
    client.environ_base.pop("HTTP_SEC_FETCH_SITE")

    answer = client.post(ADD, data={"variant_id": variant.id}, headers=headers)

    assert answer.status_code == 303
    assert has_cart(client)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
        {"Origin": "null"},
        {"Origin": "http://evil.example"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://evil.example/http://localhost"},
        {"Referer": "http://localhost/cart"},
    ],
)
def test_a_strangers_page_changes_nothing(client: FlaskClient, headers: dict[str, str]) -> None:
    variant = make_variant()
    client.environ_base.pop("HTTP_SEC_FETCH_SITE")

    answer = client.post(ADD, data={"variant_id": variant.id}, headers=headers)

    assert answer.status_code == 403
    assert not has_cart(client)


#: What answers strangers too, since something in the request is its proof: a signature, a token.
#: Without the proof nothing happens.
OPEN = {
    "payments.receive_event": 400,
    "newsletter.unsubscribe": 200,
    "recovery.stop": 404,
    "reviews.stop_invitations": 404,
}


def test_every_unsafe_route_refuses_strangers(client: FlaskClient, app: Flask) -> None:
    client.environ_base.pop("HTTP_SEC_FETCH_SITE")
    rules = [rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())]

    for rule in rules:
        address = rule.build(dict.fromkeys(rule.arguments, 1), append_unknown=False)
        assert address is not None
        status = client.post(address[1]).status_code
        assert status == OPEN.get(rule.endpoint, 403), rule


def test_a_form_that_is_too_long_is_refused_unread(client: FlaskClient) -> None:
    variant = make_variant()
    fields = "&".join(["a="] * (MAX_FORM // 3)) + f"&variant_id={variant.id}"

    answer = client.post(ADD, data=fields, content_type="application/x-www-form-urlencoded")

    assert answer.status_code == 413
    assert "larger than the shop accepts" in answer.text
    assert not has_cart(client)


@pytest.mark.parametrize("text", ["a\x00b", "\x1b[31m", "\ud800", "\x08"])
def test_characters_that_are_no_text_are_refused(client: FlaskClient, text: str) -> None:
    answer = client.post("/checkout", data={"name": text.encode("utf-8", "surrogatepass")})

    assert answer.status_code in (302, 303, 400)
    assert client.get(
        "/", query_string={"q": text.encode("utf-8", "surrogatepass")}
    ).status_code in (
        200,
        400,
    )


@pytest.mark.parametrize("number", ["0", "-1", "2147483648", "9" * 40, "１", "1_0", "1.0"])
def test_a_row_that_cannot_exist_is_not_found(client: FlaskClient, number: str) -> None:
    assert client.post(f"/cart/lines/{number}").status_code == 404


def test_a_strange_host_is_refused_without_an_error(client: FlaskClient) -> None:
    answer = client.get("/", headers={"Host": "evil.example"})

    assert answer.status_code == 400
    assert b"evil.example" not in answer.data


def test_every_answer_carries_the_headers_that_keep_the_browser_on_our_side(
    client: FlaskClient,
) -> None:
    for path in ("/", "/cart", "/nowhere", "/healthz"):
        headers = client.get(path).headers

        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Request-Id"]


def test_the_payment_page_is_the_only_foreign_target_of_a_form() -> None:
    own = Settings(secret_key="k", stripe_secret_key="sk_test_1")
    sandbox = Settings(secret_key="k", stripe_secret_key="sk_test_sandbox_1", port=9000)

    assert "form-action 'self' https://checkout.stripe.com;" in content_security_policy(own)
    assert "form-action 'self' http://127.0.0.1:9001 https" in content_security_policy(sandbox)


def test_an_unknown_page_says_so_in_words_and_in_json(client: FlaskClient) -> None:
    page = client.get("/nowhere")
    machine = client.get("/nowhere", headers={"Accept": "application/json"})

    assert page.status_code == machine.status_code == 404
    assert "There is no page at this address" in page.text
    assert machine.get_json()["error"]["message"]


def test_a_wrong_method_names_the_right_ones(client: FlaskClient) -> None:
    answer = client.delete("/cart")

    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize("cookie", ["x", "a.b.c", "." * 500, "eyJjYXJ0IjoiMSJ9.x.y", "é" * 20])
def test_a_broken_session_cookie_is_a_stranger(client: FlaskClient, cookie: str) -> None:
    client.set_cookie("till", cookie)

    assert client.get("/cart").status_code == 200


def test_the_shop_is_alive_and_ready(client: FlaskClient) -> None:
    assert client.get("/healthz").get_json() == {"status": "ok"}
    assert client.get("/readyz").status_code == 200


def test_a_log_line_is_one_line_whatever_was_sent() -> None:
    record = logging.LogRecord("shop", logging.INFO, "", 0, "a\r\nb\x1b[31m %s", ("c\n",), None)

    line = JsonFormatter().format(record)

    assert "\n" not in line
    assert "\x1b" not in line
    assert json.loads(line)["message"] == "a\r\nb\x1b[31m c\n"


def test_an_orders_link_is_not_logged(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    logger = logging.getLogger("shop")
    logger.addHandler(caplog.handler)
    logger.setLevel(logging.INFO)
    try:
        client.get("/orders/secret-link-of-a-shopper")
        client.get("/orders/secret-link-of-a-shopper/")
        client.get("/orders/secret-link-of-a-shopper/pay")
        client.get("/checkout/return/secret-link-of-a-shopper/x")
        for place in ("links", "gift-card", "basket", "reminders"):
            client.get(f"/{place}/secret-link-of-a-shopper")
            client.get(f"/{place}/secret-link-of-a-shopper/")
    finally:
        logger.removeHandler(caplog.handler)
        logger.setLevel(logging.ERROR)

    logged = [getattr(record, "path", "") for record in caplog.records]
    assert "/orders/<link>" in logged
    assert not any("secret-link" in path for path in logged)

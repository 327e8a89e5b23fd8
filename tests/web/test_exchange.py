"""Answers as they leave the shop; an HTTP header's name has no case."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import create_environ, run_wsgi_app

from shop.web.exchange import ShopRequest, ShopResponse


def test_the_length_is_told_once_however_its_name_is_written() -> None:
    answer = ShopResponse("tea")
    answer.headers["content-length"] = "9"

    _body, status, headers = run_wsgi_app(answer, create_environ())

    assert status == "200 OK"
    assert headers.getlist("Content-Length") == ["3"]


def test_an_address_is_sent_in_ascii_however_its_name_is_written() -> None:
    answer = ShopResponse("", 303, headers=[("location", "/search?q=glasür")])

    _body, _status, headers = run_wsgi_app(answer, create_environ())

    assert headers["Location"] == "/search?q=glas%C3%BCr"


@pytest.mark.parametrize(
    ("said", "host"),
    [
        ({"HTTP_HOST": "localhost:8000"}, "localhost:8000"),
        ({"HTTP_HOST": "localhost:80"}, "localhost"),
        ({"HTTP_HOST": "localhost:443", "wsgi.url_scheme": "https"}, "localhost"),
        ({"HTTP_HOST": "127.0.0.1:8000", "PATH_INFO": "//a//b"}, "127.0.0.1:8000"),
    ],
)
def test_an_address_is_taken_apart_as_flask_would(
    app: Flask, said: dict[str, str], host: str
) -> None:
    environ = create_environ("/products?q=glas%C3%BCr") | said
    ours, flasks = ShopRequest(environ.copy()), ShopRequest(environ.copy())

    found = vars(app.create_url_adapter(ours))
    wanted = vars(Flask.create_url_adapter(app, flasks))

    assert found.pop("path_info").lstrip("/") == wanted.pop("path_info").lstrip("/")
    assert found == wanted
    assert (ours.host, ours.trusted_hosts) == (flasks.host, flasks.trusted_hosts)
    assert ours.host == host


def test_a_host_that_is_not_the_shops_is_refused_each_time(client: FlaskClient) -> None:
    for _ in range(2):
        assert client.get("/products", headers={"Host": "evil.example"}).status_code == 400
    assert client.get("/products").status_code == 200


def test_a_page_is_no_web_socket(client: FlaskClient) -> None:
    asks = {"Connection": "Upgrade", "Upgrade": "websocket"}

    assert client.get("/products", headers=asks).status_code == 400

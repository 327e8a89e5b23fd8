"""Answers as they leave the shop; an HTTP header's name has no case."""

from __future__ import annotations

from werkzeug.test import create_environ, run_wsgi_app

from shop.web.exchange import ShopResponse


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

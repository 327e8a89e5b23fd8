"""A shop that is closed for a while."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from shop.web import maintenance

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def switch(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(maintenance, "PAUSE", 0)
    file = app.extensions["settings"].data_folder / "maintenance"
    yield file
    file.unlink(missing_ok=True)
    app.test_client().get("/healthz")  # the door looks, and stands open for the next test


def flask(app: Flask, *words: str) -> str:
    result = app.test_cli_runner().invoke(args=["maintenance", *words])
    assert result.exit_code == 0, result.output
    return result.output


@time_machine.travel(NOON, tick=False)
def test_a_closed_shop_says_when_to_come_back(
    client: FlaskClient, app: Flask, switch: Path
) -> None:
    flask(app, "on", "--minutes", "20")

    answer = client.get("/products")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "1200"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Your basket is safe." in answer.text


def test_a_closed_shop_speaks_the_visitors_language(
    client: FlaskClient, app: Flask, switch: Path
) -> None:
    flask(app, "on")

    browsers = client.get("/products", headers={"Accept-Language": "de"})
    client.set_cookie("language", "en")
    chosen = client.get("/products", headers={"Accept-Language": "de"})

    assert '<html lang="de">' in browsers.text
    assert "Dein Warenkorb ist sicher." in browsers.text
    assert "Your basket is safe." in chosen.text


@pytest.mark.parametrize("path", ["/admin", "/sign-in", "/healthz", "/readyz"])
def test_staff_and_machines_come_through(
    client: FlaskClient, app: Flask, switch: Path, path: str
) -> None:
    flask(app, "on")

    assert client.get(path).status_code in (200, 303)


def test_payments_are_still_heard(client: FlaskClient, app: Flask, switch: Path) -> None:
    flask(app, "on")

    assert client.post("/webhooks/stripe", data=b"{}").status_code == 400


def test_it_opens_again(client: FlaskClient, app: Flask, switch: Path) -> None:
    flask(app, "on")
    flask(app, "off")
    flask(app, "off")

    assert client.get("/").status_code == 200


@pytest.mark.parametrize("text", ["", "soon", "2026-11-20", (NOON - timedelta(days=1)).isoformat()])
@time_machine.travel(NOON, tick=False)
def test_a_switch_made_by_hand_closes_too(client: FlaskClient, switch: Path, text: str) -> None:
    switch.write_text(text)

    answer = client.post("/cart/lines")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")

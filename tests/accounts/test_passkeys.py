"""Passkeys in a real Chromium, with an authenticator of its own instead of a finger."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from shop.accounts.second_step.models import Passkey
from shop.extensions import db
from tests.accounts.people import PASSWORD, make_admin
from tests.conftest import dispose, make_settings, migrated_app
from tests.factories import make_store
from tests.reliability.processes import free_port

CODES, EMAIL = 10, "ann@example.com"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Flask]:
    """A shop at localhost, the one name that passkeys know without HTTPS."""
    port = free_port()
    url = f"http://localhost:{port}"
    app = migrated_app(
        make_settings(f"sqlite:///{tmp_path / 'till.sqlite'}", tmp_path, shop_url=url)
    )
    with app.app_context():
        make_store()
        make_admin(email=EMAIL, name="Ann")
        db.session.commit()
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield app
    server.shutdown()
    thread.join()
    dispose(app)


@pytest.fixture
def page(browser: Browser, shop: Flask) -> Iterator[Page]:
    context = browser.new_context(base_url=shop.extensions["settings"].url)
    page = context.new_page()
    devices = context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
               "hasUserVerification": True, "isUserVerified": True,
               "automaticPresenceSimulation": True}  # fmt: skip
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    yield page
    context.close()


def sign_in(page: Page) -> None:
    page.goto("/sign-in?next=/admin/account")
    page.get_by_label("Email", exact=True).fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()


def add_passkey(page: Page) -> list[str]:
    """The recovery codes that come with it."""
    page.get_by_label("Name of the passkey").fill("Laptop")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes", level=1)).to_be_visible()
    listed = page.locator(".codes code")
    expect(listed).to_have_count(CODES)
    codes = listed.all_inner_texts()
    page.get_by_role("link", name="I have kept them").click()
    return codes


@pytest.mark.browser
def test_a_passkey_is_added_signs_in_alone_and_is_removed(page: Page, shop: Flask) -> None:
    sign_in(page)
    add_passkey(page)
    expect(page.get_by_text("Laptop", exact=True)).to_be_visible()
    sign_out(page)

    expect(page.get_by_text("That did not work in this browser.")).to_be_hidden()
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url("/admin")
    page.goto("/admin/account")
    with shop.app_context():
        assert db.session.scalars(sa.select(Passkey.last_used_at)).one() is not None

    page.get_by_role("button", name="Remove the passkey Laptop").click()
    expect(page.get_by_text("The passkey is removed here.")).to_be_visible()
    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("This passkey does not open an account here.")).to_be_visible()


@pytest.mark.parametrize(
    ("wanted", "is_offered"),
    [
        ("/admin", True),
        ("/admin/orders", True),
        ("/account", False),
        ("/checkout", False),
        ("", False),
    ],
)
def test_a_passkey_is_offered_on_the_way_to_the_admin_alone(
    client: FlaskClient, wanted: str, is_offered: bool
) -> None:
    make_store()
    make_admin()

    asked = client.get("/sign-in", query_string={"next": wanted}).text
    refused = client.post("/sign-in", data={"email": "x@example.com", "next": wanted}).text

    assert ("Sign in with a passkey" in asked, "js/passkeys" in asked) == (is_offered, is_offered)
    assert ("Sign in with a passkey" in refused) == is_offered


@pytest.mark.browser
def test_after_the_password_the_passkey_or_a_recovery_code_is_asked_for(page: Page) -> None:
    sign_in(page)
    codes = add_passkey(page)
    sign_out(page)

    sign_in(page)
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="My account")).to_be_visible()
    sign_out(page)

    sign_in(page)
    page.get_by_label("Recovery code").fill(codes[0])
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="My account")).to_be_visible()
    expect(page.get_by_text("9 recovery codes are left.")).to_be_visible()


@pytest.mark.browser
def test_a_device_is_asked_for_nothing_while_the_name_is_missing(page: Page, shop: Flask) -> None:
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url) if "options" in one.url else None)
    sign_in(page)

    page.get_by_role("button", name="Add a passkey").click()

    expect(page.get_by_role("link", name="Give the passkey a name.")).to_be_visible()
    assert asked == []
    with shop.app_context():
        assert db.session.scalars(sa.select(Passkey)).all() == []


@pytest.mark.browser
def test_a_device_that_has_a_passkey_is_told_so(page: Page, shop: Flask) -> None:
    sign_in(page)
    add_passkey(page)

    page.get_by_label("Name of the passkey").fill("Laptop again")
    page.get_by_role("button", name="Add a passkey").click()

    expect(page.get_by_text("This device has a passkey for your account already.")).to_be_visible()
    expect(page.get_by_text("No passkey was added.")).to_be_hidden()
    with shop.app_context():
        assert db.session.scalars(sa.select(Passkey.name)).all() == ["Laptop"]


@pytest.mark.browser
def test_without_scripts_no_passkey_is_offered(browser: Browser, shop: Flask) -> None:
    url = shop.extensions["settings"].url
    context = browser.new_context(base_url=url, java_script_enabled=False)
    page = context.new_page()
    sign_in(page)

    expect(page.get_by_text("its scripts are off")).to_be_visible()
    expect(page.get_by_role("button", name="Add a passkey")).to_be_hidden()
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
    context.close()

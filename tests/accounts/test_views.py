from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shop.accounts import passwords, service
from shop.accounts.models import Account
from shop.accounts.permissions import OWNER
from shop.extensions import db
from shop.limits.models import RateLimit
from shop.web.paths import own_path
from tests.accounts.people import CHEAP_HASH, PASSWORD, be_signed_in, make_account, make_admin

NOBODY = passwords._NOBODY
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _cheap_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stand-in for unknown accounts costs as little as the accounts of these tests."""
    monkeypatch.setattr(passwords, "_NOBODY", CHEAP_HASH)


def sign_in(
    client: FlaskClient, email: str, password: str = PASSWORD, **more: object
) -> TestResponse:
    data = {"email": email, "password": password, "next": more.pop("next", "")}
    return client.post("/sign-in", data=data, **more)


def failures() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(RateLimit)) or 0


def may_enter(client: FlaskClient) -> bool:
    return client.get("/admin").status_code == 200


def test_the_page_asks_for_two_things(client: FlaskClient) -> None:
    make_admin()

    page = client.get("/sign-in?next=/admin/orders").text

    assert 'autocomplete="username"' in page
    assert 'autocomplete="current-password"' in page
    assert 'name="next" value="/admin/orders"' in page


def test_on_the_way_to_the_admin_nothing_is_offered_that_leads_staff_nowhere(
    client: FlaskClient,
) -> None:
    make_admin(email="ann@example.com")

    shopper, staff = client.get("/sign-in").text, client.get("/sign-in?next=/admin/orders").text
    refused = sign_in(client, "ann@example.com", "wrong", next="/admin/orders").text

    for offer in ("Create an account", "Email me a link"):
        assert [offer in page for page in (shopper, staff, refused)] == [True, False, False]
    assert "Caps Lock" in refused
    assert "mailed to you" not in refused
    assert "Forgot your password?" in staff


def test_an_admin_signs_in_and_arrives_where_they_wanted(client: FlaskClient) -> None:
    make_admin(email="ann@example.com")

    response = sign_in(client, " ANN@Example.com ", next="/admin/orders?show=paid")

    assert (response.status_code, response.location) == (303, "/admin/orders?show=paid")
    assert may_enter(client)
    assert failures() == 1  # the address's own, which runs out by itself


def test_without_a_wish_an_admin_arrives_at_the_admin_and_others_in_the_shop(
    app: Flask, client: FlaskClient
) -> None:
    make_admin(email="ann@example.com")
    make_account(email="bob@example.com")

    assert sign_in(client, "ann@example.com").location == "/admin"
    assert sign_in(app.test_client(), "bob@example.com").location == "/account"


def test_wrong_password_unknown_and_disabled_accounts_get_the_same_answer(
    app: Flask,
) -> None:
    make_admin(email="ann@example.com")
    make_admin(email="bob@example.com", active=False)

    answers = [
        sign_in(app.test_client(), "ann@example.com", "wrong"),
        sign_in(app.test_client(), "nobody@example.com"),
        sign_in(app.test_client(), "bob@example.com"),
    ]

    assert {answer.status_code for answer in answers} == {422}
    pages = {
        answer.text.replace(email, "")
        for answer, email in zip(
            answers, ["ann@example.com", "nobody@example.com", "bob@example.com"], strict=True
        )
    }
    assert len(pages) == 1
    assert "do not fit together" in pages.pop()
    assert not any("Set-Cookie" in answer.headers for answer in answers)


def test_an_unknown_account_costs_a_hash_too(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashes: list[str] = []
    monkeypatch.setattr(
        passwords, "verify_password", lambda _password, stored: hashes.append(stored) or False
    )

    sign_in(client, "nobody@example.com")
    sign_in(client, "not an address")

    assert hashes == [passwords._NOBODY] * 2


def test_the_stand_in_has_the_parameters_of_real_hashes(app: Flask) -> None:
    real = passwords.hashed("a long enough password")

    assert NOBODY.split("$")[:4] == real.split("$")[:4]


def test_the_email_stays_and_the_password_does_not(client: FlaskClient) -> None:
    page = sign_in(client, "ann@example.com", "hunter2hunter2").text

    assert 'value="ann@example.com"' in page
    assert "hunter2" not in page


@pytest.mark.parametrize(
    ("email", "password", "sentence"),
    [
        ("", "x", "Type the email address"),
        ("ann@example.com", "", "Type your password"),
        ("a" * 255, "x", "at most 254"),
        ("ann@example.com", "x" * 257, "at most 256"),
    ],
)
def test_incomplete_forms_are_told_so_and_counted_as_nothing(
    client: FlaskClient, email: str, password: str, sentence: str
) -> None:
    response = sign_in(client, email, password)

    assert response.status_code == 422
    assert sentence in response.text
    assert failures() == 0


def test_the_sixth_try_waits_even_with_the_right_password(client: FlaskClient) -> None:
    make_admin(email="ann@example.com")
    with time_machine.travel(NOON, tick=False) as clock:
        for _ in range(5):
            assert sign_in(client, "ann@example.com", "wrong").status_code == 422

        response = sign_in(client, "ann@example.com")

        assert response.status_code == 429
        assert response.headers["Retry-After"] == "900"
        assert "wait 15 minutes" in response.text
        assert not may_enter(client)
        clock.shift(timedelta(minutes=15))
        assert sign_in(client, "ann@example.com").status_code == 303


def test_success_forgets_the_accounts_failures(app: Flask) -> None:
    make_admin(email="ann@example.com")
    for _ in range(4):
        sign_in(app.test_client(), "ann@example.com", "wrong")
    assert sign_in(app.test_client(), "ann@example.com").status_code == 303

    answers = [sign_in(app.test_client(), "ann@example.com", "wrong") for _ in range(5)]

    assert [answer.status_code for answer in answers] == [422] * 5


def test_strangers_cannot_lock_the_owner_out_of_a_known_browser(
    app: Flask, client: FlaskClient
) -> None:
    make_admin(email="ann@example.com")
    sign_in(client, "ann@example.com")
    client.post("/sign-out")
    for _ in range(6):
        sign_in(
            app.test_client(),
            "ann@example.com",
            "guess",
            environ_base={"REMOTE_ADDR": "198.51.100.7"},
        )

    assert sign_in(app.test_client(), "ann@example.com").status_code == 429
    assert sign_in(client, "ann@example.com").status_code == 303


def test_a_forwarded_address_is_not_believed(app: Flask) -> None:
    answers = [
        sign_in(
            app.test_client(),
            f"person{n}@example.com",
            headers={"X-Forwarded-For": f"203.0.113.{n}", "Forwarded": f"for=203.0.113.{n}"},
        ).status_code
        for n in range(31)
    ]

    assert answers == [422] * 30 + [429]


def test_signing_in_keeps_the_cart_and_nothing_else_of_the_session(client: FlaskClient) -> None:
    make_admin(email="ann@example.com")
    with client.session_transaction() as session:
        session.update({"cart": "1a-2", "checkout": "token", "planted": "x", "_user_id": "x"})

    sign_in(client, "ann@example.com")

    with client.session_transaction() as session:
        assert (session["cart"], session["checkout"]) == ("1a-2", "token")
        assert "planted" not in session
        assert session["_user_id"] != "x"


def test_signing_out_ends_every_copy_of_the_cookie_and_keeps_the_cart(
    app: Flask, client: FlaskClient
) -> None:
    make_admin(email="ann@example.com")
    with client.session_transaction() as session:
        session["cart"] = "1a-2"
    sign_in(client, "ann@example.com")
    cookie = client.get_cookie("till")
    assert cookie is not None
    thief = app.test_client()
    thief.set_cookie("till", cookie.value)
    assert may_enter(thief)

    response = client.post("/sign-out")

    assert (response.status_code, response.location) == (303, "/sign-in?next=/admin")
    assert not may_enter(client)
    assert not may_enter(thief)
    with client.session_transaction() as session:
        assert session["cart"] == "1a-2"


def test_signing_out_is_no_link(client: FlaskClient) -> None:
    account = make_admin()
    be_signed_in(client, account)

    assert client.get("/sign-out").status_code == 405
    assert may_enter(client)


def test_other_sites_can_neither_sign_in_nor_out(client: FlaskClient) -> None:
    account = make_admin(email="ann@example.com")
    stranger = {"Sec-Fetch-Site": "cross-site"}

    assert sign_in(client, "ann@example.com", headers=stranger).status_code == 403
    assert not may_enter(client)
    be_signed_in(client, account)
    assert client.post("/sign-out", headers=stranger).status_code == 403
    assert may_enter(client)


def test_signing_out_without_a_session_is_harmless(client: FlaskClient) -> None:
    assert client.post("/sign-out").status_code == 303


def test_staff_idle_out_after_half_an_hour(client: FlaskClient) -> None:
    account = make_admin()
    with time_machine.travel(NOON, tick=False) as clock:
        be_signed_in(client, account)
        for _ in range(4):
            clock.shift(timedelta(minutes=29))
            assert may_enter(client)

        clock.shift(timedelta(minutes=30, seconds=1))

        assert not may_enter(client)


def test_staff_sign_in_anew_after_twelve_hours_of_work(client: FlaskClient) -> None:
    account = make_admin()
    with time_machine.travel(NOON, tick=False) as clock:
        be_signed_in(client, account)
        for _ in range(24):
            clock.shift(timedelta(minutes=29))
            assert may_enter(client)

        clock.move_to(NOON + timedelta(hours=12, seconds=1))

        assert not may_enter(client)


def test_an_old_copy_of_the_cookie_idles_out_though_the_session_is_used(
    app: Flask, client: FlaskClient
) -> None:
    account = make_admin()
    with time_machine.travel(NOON, tick=False) as clock:
        be_signed_in(client, account)
        cookie = client.get_cookie("till")
        assert cookie is not None
        clock.shift(timedelta(minutes=20))
        assert may_enter(client)
        clock.shift(timedelta(minutes=20))
        assert may_enter(client)

        copy = app.test_client()
        copy.set_cookie("till", cookie.value)

        assert not may_enter(copy)


@pytest.mark.parametrize("change", ["disable", "role", "password"])
def test_what_takes_rights_away_ends_the_session_at_once(client: FlaskClient, change: str) -> None:
    make_admin()
    account = make_admin()
    be_signed_in(client, account)
    assert may_enter(client)
    account = db.session.get_one(Account, account.id)

    if change == "disable":
        service.disable(account, by=None)
    elif change == "role":
        service.take_role(account, OWNER, by=None)
    else:
        service.set_password(account, "another long password", by=None)

    assert client.get("/admin").location == "/sign-in?next=/admin"


@pytest.mark.parametrize(
    "session",
    [
        {"_user_id": 17}, {"_user_id": ""}, {"_user_id": None}, {"_user_id": "' OR 1=1 --"},
        {"_user_id": ["x"]}, {"signed_in_at": "x", "last_seen_at": None},
    ],
)  # fmt: skip
def test_odd_sessions_are_guests(client: FlaskClient, session: dict[str, object]) -> None:
    account = make_admin()
    be_signed_in(client, account)
    with client.session_transaction() as held:
        held.update(session)

    assert client.get("/admin").status_code == 303


@pytest.mark.parametrize("cookie", ["", "x", "." * 8000, "eyJfdXNlcl9pZCI6IjEifQ.Zx.x", "%00"])
def test_broken_cookies_are_guests(client: FlaskClient, cookie: str) -> None:
    response = client.get("/admin", headers={"Cookie": f"till={cookie}"})

    assert response.status_code == 303


def test_who_is_signed_in_is_not_asked_again(client: FlaskClient) -> None:
    be_signed_in(client, make_admin())

    assert client.get("/sign-in?next=/admin/orders").location == "/admin/orders"
    assert client.get("/sign-in?next=//evil.example").location == "/admin"


@pytest.mark.parametrize(
    "path", ["/", "/admin", "/admin/orders?show=paid&q=a%20b", "/admin/orders/7", "/cart"]
)
def test_own_paths_are_followed(path: str) -> None:
    assert own_path(path) == path


@pytest.mark.parametrize(
    "elsewhere",
    [
        "", "admin", "//evil.example", "///evil.example", "////evil.example", "/\\evil.example",
        "\\\\evil.example", "\\/evil.example", "/\\/evil.example", "https://evil.example",
        "https:evil.example", "https:/evil.example", "HTTPS://evil.example", "//evil.example/admin",
        "http://localhost@evil.example", "//localhost@evil.example", "javascript:alert(1)",
        "data:text/html,x", " //evil.example", "\t//evil.example", "/\t/evil.example",
        "/\n/evil.example", "/\r\nLocation: //evil.example", "\x00//evil.example",
        "\u3000//evil.example", "/\u2044evil.example", "\uff0f\uff0fevil.example", "//[::1]/",
        "//3627734734",
        "/.//evil.example", "/..//evil.example", "/%5c\\evil.example", ".", "..//evil.example",
        "//evil%2eexample", "/" + "a" * 2001, "/x#fragment",
    ],
)  # fmt: skip
def test_ways_to_elsewhere_are_not_followed(client: FlaskClient, elsewhere: str) -> None:
    make_admin(email="ann@example.com")

    assert own_path(elsewhere) is None
    response = sign_in(client, "ann@example.com", next=elsewhere)
    assert response.status_code in (303, 400, 422)
    assert response.headers.get("Location", "/admin") == "/admin"


def test_only_what_exists_has_an_address(app: Flask) -> None:
    rules = {rule.rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("account")}

    assert rules == {
        "/sign-in", "/sign-in/link", "/sign-up", "/forgot-password", "/link-sent", "/links/<text>",
        "/sign-out",
    }  # fmt: skip
    for path in ("/login", "/logout", "/register", "/reset", "/verify", "/tf-setup", "/us-signin"):
        assert app.test_client().get(path).status_code == 404
    assert not {"users", "roles"} & set(app.cli.commands)


def test_a_guests_page_does_not_look_at_the_session(app: Flask, client: FlaskClient) -> None:
    """Else every answer would depend on the cookie, and none could be shared."""
    response = client.get("/healthz")

    assert "Cookie" not in response.headers.get("Vary", "")
    assert "Set-Cookie" not in response.headers

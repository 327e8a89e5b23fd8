"""The publishable key beside one that was typed in the admin."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shop.audit import AuditEntry
from shop.clock import now
from shop.extensions import db
from shop.orders.urls import order_link
from shop.payments import keys
from shop.payments.keys import FILE, TypedKeys, with_keys
from shop.payments.models import PaymentAttempt, PaymentSettings
from shop.payments.snapshots import AccountFacts
from shop.payments.storefront import is_embedded
from shop.web.config import settings
from tests.accounts.people import be_signed_in, make_admin
from tests.factories import make_order, make_store
from tests.fakes import FakeGateway

SECRET, PUBLISHABLE = "sk_test_typed_0123456789", "pk_test_typed_0123456789"
ADDRESS = "/admin/settings/payments"


@pytest.fixture
def typed(app: Flask) -> Iterator[None]:
    """A shop whose only key was typed in the admin."""
    before = app.extensions["settings"]
    app.extensions["settings"] = replace(
        before, stripe_secret_key="", stripe_webhook_secret="", stripe_publishable_key="",
        stripe_api_base="",
    )  # fmt: skip
    keys.keep(settings(), TypedKeys(SECRET, "whsec_0123456789abcdef"))
    yield
    (settings().data_folder / FILE).unlink(missing_ok=True)
    app.extensions["settings"] = before


@pytest.fixture
def owner(client: FlaskClient, typed: None) -> FlaskClient:
    make_store()
    be_signed_in(client, make_admin())
    return client


def save(owner: FlaskClient, key: str, *, embedded: bool = True) -> TestResponse:
    data = {"hold_days": "7", "publishable_key": key} | ({"is_embedded": "1"} if embedded else {})
    return owner.post(ADDRESS, data=data)


def kept() -> TypedKeys:
    found = keys.typed_keys(settings())
    assert found is not None
    return found


def entries() -> list[AuditEntry]:
    return list(db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id)))


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("", "The form inside the checkout needs the publishable key too."),
        ("sk_test_0123456789", "it begins with pk_"),
        ("pk_test_0123\nSTRIPE_SECRET_KEY=x", "it begins with pk_"),
        ("pk_live_0123456789", "it begins with pk_test_"),
    ],
)
def test_the_form_inside_the_checkout_wants_the_key(
    owner: FlaskClient, key: str, sentence: str
) -> None:
    answer = save(owner, key)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert kept() == TypedKeys(SECRET, "whsec_0123456789abcdef")
    assert db.session.get(PaymentSettings, 1) is None
    assert entries() == []


def test_a_key_is_kept_beside_the_secret_one(owner: FlaskClient) -> None:
    assert save(owner, PUBLISHABLE).status_code == 303

    assert kept() == TypedKeys(SECRET, "whsec_0123456789abcdef", PUBLISHABLE)
    assert with_keys(settings()).publishable_key == PUBLISHABLE
    assert is_embedded()
    assert f'value="{PUBLISHABLE}"' in owner.get(ADDRESS).text
    assert [entry.action for entry in entries()] == ["payments.changed"] * 2
    assert entries()[0].data == {"publishable_key": ["", PUBLISHABLE]}
    assert save(owner, PUBLISHABLE).status_code == 303
    assert len(entries()) == 2  # nothing changed


def test_without_the_form_none_is_wanted(owner: FlaskClient) -> None:
    assert save(owner, "", embedded=False).status_code == 303
    assert not is_embedded()


def test_the_payment_page_tells_it_to_the_browser(owner: FlaskClient) -> None:
    save(owner, PUBLISHABLE)
    order = make_order()
    db.session.add(
        PaymentAttempt(
            order_id=order.id, ordinal=1, session_id="cs_1", amount=order.total_amount,
            currency=order.currency, status="open", client_secret="cs_1_secret", params={},
            idempotency_key="k", expires_at=now() + timedelta(minutes=30),
        )
    )  # fmt: skip
    db.session.commit()

    answer = owner.get(f"/checkout/pay/{order_link(order.token)}")

    assert answer.status_code == 200
    assert f'data-key="{PUBLISHABLE}"' in answer.text
    assert "https://js.stripe.com" in answer.headers["Content-Security-Policy"]


def test_the_environments_key_serves_where_it_is_of_the_same_mode(app: Flask, typed: None) -> None:
    for key, told in (("pk_test_env_0123456789", "pk_test_env_0123456789"), ("pk_live_1", "")):
        deployment = replace(settings(), stripe_publishable_key=key)
        assert with_keys(deployment).publishable_key == told


def test_another_secret_key_drops_it_and_says_so(
    owner: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(owner, PUBLISHABLE)
    stripe = FakeGateway()
    monkeypatch.setattr(
        stripe,
        "account",
        lambda: AccountFacts("acct_2", "Fettle", "GB", True, False),
        raising=False,
    )
    monkeypatch.setattr("shop.admin.setup_views.gateway_of", lambda _settings: stripe)

    page = owner.post(
        "/admin/setup/payments",
        data={"secret_key": "sk_test_another_0123456789"},
        follow_redirects=True,
    ).text

    assert kept() == TypedKeys("sk_test_another_0123456789")
    assert "the form inside the checkout needs the publishable key" in page
    assert not is_embedded()

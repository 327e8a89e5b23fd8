"""The questions of the first run: what they change, and what is still missing afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from shop.audit import AuditEntry
from shop.extensions import db
from shop.outbox.models import OutboxMessage
from shop.payments import keys
from shop.payments.events import EVENTS
from shop.payments.gateway import gateway
from shop.payments.keys import FILE, KeySource, source_of
from shop.pricing.models import ShippingRate, ShippingZone, TaxRate, TaxZone
from shop.setup import queries, service
from shop.setup.queries import Probe
from shop.store import queries as store
from shop.web.config import settings
from tests.accounts.people import be_signed_in, make_admin
from tests.factories import make_product, make_rates, make_store
from tests.payments.sandbox.harness import KEY, SECRET, World

SHOP = {
    "name": "Fettle",
    "contact_email": "hello@fettle.example",
    "country": "DE",
    "currency": "EUR",
    "language": "de",
    "also": ["en"],
}
WAY = {"name": "Standard", "price": "4.50", "free_from": "60", "min_days": "2", "max_days": "4"}


@pytest.fixture
def owner(client: FlaskClient) -> FlaskClient:
    be_signed_in(client, make_admin())
    return client


def facts() -> dict[Probe, bool]:
    return dict(queries.progress(store.current(), settings()).facts)


def count(table: type) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


# The shop ----------------------------------------------------------------------------------------


def test_the_first_answer_names_the_shop_and_sets_its_clock(owner: FlaskClient) -> None:
    answer = owner.post("/admin/setup/shop", data=SHOP)

    assert (answer.status_code, answer.location) == (303, "/admin/setup/delivery")
    shop = store.current()
    assert (shop.name, shop.country, shop.currency) == ("Fettle", "DE", "EUR")
    assert (list(shop.languages), shop.time_zone) == (["de", "en"], "Europe/Berlin")
    assert facts()[Probe.SHOP]


def test_the_browser_proposes_country_money_and_language(owner: FlaskClient) -> None:
    page = owner.get("/admin/setup/shop", headers={"Accept-Language": "de-AT,de;q=0.8"}).text

    assert '<option value="AT" selected>' in page
    assert 'value="EUR"' in page
    assert '<option value="de" selected>' in page


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"contact_email": "nobody"},
        {"country": "XX"},
        {"currency": "EURO"},
        {"language": "tlh"},
        {"also": ["tlh"]},
    ],
)
def test_a_shop_that_cannot_be_is_refused(owner: FlaskClient, change: dict[str, object]) -> None:
    answer = owner.post("/admin/setup/shop", data=SHOP | change)

    assert answer.status_code == 422
    assert store.current().name == "Till"
    assert count(AuditEntry) == 0


def test_prices_keep_their_currency(owner: FlaskClient) -> None:
    make_store()
    make_product()

    answer = owner.post("/admin/setup/shop", data=SHOP)

    assert answer.status_code == 422
    assert "There are prices in GBP" in answer.text
    assert store.current().currency == "GBP"


# Delivery and taxes ------------------------------------------------------------------------------


def test_one_way_reaches_the_home_country(owner: FlaskClient) -> None:
    make_store(country="DE", currency="EUR")

    answer = owner.post("/admin/setup/delivery", data=WAY)

    assert answer.status_code == 303
    rate = db.session.scalars(sa.select(ShippingRate)).one()
    assert (rate.amount, rate.free_from_amount) == (450, 6000)
    zone = db.session.scalars(sa.select(ShippingZone)).one()
    assert [place["country"] for place in zone.places] == ["DE"]
    assert facts()[Probe.DELIVERY]


def test_pressed_twice_it_is_one_zone(owner: FlaskClient) -> None:
    make_store()
    owner.post("/admin/setup/delivery", data=WAY)

    again = owner.post("/admin/setup/delivery", data=WAY)

    assert again.status_code == 409
    assert (count(ShippingZone), count(ShippingRate)) == (1, 1)


@pytest.mark.parametrize("change", [{"price": "much"}, {"max_days": "1"}, {"name": ""}])
def test_a_way_without_sense_is_refused(owner: FlaskClient, change: dict[str, str]) -> None:
    make_store()

    assert owner.post("/admin/setup/delivery", data=WAY | change).status_code == 422
    assert (count(ShippingZone), count(ShippingRate)) == (0, 0)


def test_only_the_countrys_own_rates_are_loaded(owner: FlaskClient) -> None:
    make_store(country="DE", currency="EUR")

    owner.post("/admin/setup/taxes", data={"charges": "home"})

    zone = db.session.scalars(sa.select(TaxZone)).one()
    assert [place["country"] for place in zone.places] == ["DE"]
    assert count(TaxRate) > 0


def test_of_a_country_of_states_it_is_the_shops_own(owner: FlaskClient) -> None:
    make_store(country="US", currency="USD")

    unsaid = owner.post("/admin/setup/taxes", data={"charges": "home"})
    owner.post("/admin/setup/taxes", data={"charges": "home", "region": "California"})

    assert unsaid.status_code == 422
    zone = db.session.scalars(sa.select(TaxZone)).one()
    assert {place["region"] for place in zone.places} == {"California", "CA"}


def test_no_tax_is_an_answer_too(owner: FlaskClient) -> None:
    make_store()
    assert not facts()[Probe.TAXES]

    owner.post("/admin/setup/taxes", data={"charges": "no"})

    assert facts()[Probe.TAXES]
    assert count(TaxZone) == 0


def test_a_country_without_published_rates_says_so(owner: FlaskClient) -> None:
    make_store(country="NZ", currency="NZD")

    assert "No rates of New Zealand" in owner.get("/admin/setup/taxes").text
    assert owner.post("/admin/setup/taxes", data={"charges": "home"}).status_code == 422
    assert count(TaxZone) == 0


# Skipping, and what is missing -------------------------------------------------------------------


def test_a_step_is_left_for_later_and_returned_to(owner: FlaskClient) -> None:
    make_store()

    answer = owner.post("/admin/setup/delivery/skip")
    assert answer.location == "/admin/setup/taxes"
    assert "Left for later" in owner.get("/admin/setup").text

    owner.post("/admin/setup/delivery", data=WAY)
    assert facts()[Probe.DELIVERY]


def test_the_home_page_lists_what_is_missing_until_nothing_is(
    owner: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_store()
    listed = "What a shop needs before it sells"
    assert listed not in owner.get("/admin").text  # nobody sets this shop up

    service._keep("begun", service.StepState.DONE)
    assert listed in owner.get("/admin").text

    monkeypatch.setattr(queries, "_facts", lambda: (True, True, True, queries.now(), {
        "terms", "privacy", "returns"}))  # fmt: skip
    make_rates()
    owner.post("/admin/setup/shop", data=SHOP | {"currency": "GBP", "country": "GB"})
    assert facts() == dict.fromkeys(facts(), True)
    assert listed not in owner.get("/admin").text


def test_the_list_can_be_hidden(owner: FlaskClient) -> None:
    make_store()
    service._keep("begun", service.StepState.DONE)

    owner.post("/admin/setup/hidden")

    assert "What a shop needs before it sells" not in owner.get("/admin").text


def test_a_test_mail_goes_once_for_each_press(owner: FlaskClient) -> None:
    make_store()
    for _ in range(2):
        owner.post("/admin/setup/test-mail", data={"press": "a-press-of-the-button"})

    assert count(OutboxMessage) == 1


def test_what_is_missing_is_read_in_few_queries(owner: FlaskClient, count_queries) -> None:
    make_store()
    shop = store.current()
    with count_queries() as statements:
        queries.progress(shop, settings())

    assert len(statements) == 3


# Stripe's key ------------------------------------------------------------------------------------


@pytest.fixture
def folder(app: Flask) -> Iterator[Path]:
    file: Path = settings().data_folder / FILE
    yield file.parent
    file.unlink(missing_ok=True)


@pytest.fixture
def at_sandbox(
    app: Flask, folder: Path, world: World, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    """The shop finds a running sandbox, and has no key of its own."""
    before, installed = app.extensions["settings"], app.extensions["payments"]
    bare = replace(
        before, stripe_secret_key="", stripe_webhook_secret="", stripe_api_base=world.url
    )
    app.extensions["settings"] = bare
    monkeypatch.setattr(installed, "_settings", bare)
    monkeypatch.setattr(installed, "_made", None)
    yield world
    app.extensions["settings"] = before


def endpoints() -> list[str]:
    found = gateway()._client.v1.webhook_endpoints.list({"limit": 100})
    return [each.url for each in found.data if each.url.startswith("http://localhost/")]


def test_a_key_is_checked_kept_and_told_where_events_go(
    owner: FlaskClient, at_sandbox: World
) -> None:
    make_store()
    assert not gateway().is_set_up

    answer = owner.post("/admin/setup/payments", data={"secret_key": KEY}, follow_redirects=True)

    assert "test mode" in answer.text
    assert "Stripe sends its events" in answer.text
    assert KEY not in answer.text
    file = settings().data_folder / FILE
    assert file.stat().st_mode & 0o777 == 0o600
    assert source_of(settings()) is KeySource.TYPED
    assert gateway().is_set_up
    assert facts()[Probe.KEY]
    assert endpoints() == ["http://localhost/webhooks/stripe"]
    entry = db.session.scalars(sa.select(AuditEntry)).one()
    assert KEY not in str(entry.data)


def test_typed_twice_there_is_one_address_for_events(owner: FlaskClient, at_sandbox: World) -> None:
    for _ in range(2):
        owner.post("/admin/setup/payments", data={"secret_key": KEY})

    assert len(endpoints()) == 1
    typed = keys.typed_keys(settings())
    assert typed is not None
    assert typed.webhook_secret.startswith("whsec_")


@pytest.mark.parametrize(
    ("key", "status"),
    [
        ("", 422),
        ("pk_test_0123456789", 422),
        ("hello", 422),
        ("sk_test_sandbox_0123\nSTRIPE=1", 422),
        ("sk_live_0123456789", 422),
        ("sk_test_unknown_0123456789", 422),
    ],
)
def test_a_key_that_is_none_changes_nothing(
    owner: FlaskClient, at_sandbox: World, key: str, status: int
) -> None:
    answer = owner.post("/admin/setup/payments", data={"secret_key": key})

    assert answer.status_code == status
    assert not (settings().data_folder / FILE).exists()
    assert count(AuditEntry) == 0


def test_a_silent_stripe_is_told_apart_from_a_wrong_key(
    owner: FlaskClient, at_sandbox: World, app: Flask
) -> None:
    app.extensions["settings"] = replace(settings(), stripe_api_base="http://127.0.0.1:9")

    answer = owner.post("/admin/setup/payments", data={"secret_key": KEY})

    assert answer.status_code == 503
    assert "does not answer" in answer.text
    assert not (settings().data_folder / FILE).exists()


def test_the_environments_key_counts_before_a_typed_one(
    owner: FlaskClient, at_sandbox: World, app: Flask
) -> None:
    keys.keep(settings(), keys.TypedKeys("sk_test_typed_0123456789", SECRET))
    app.extensions["settings"] = replace(
        settings(), stripe_secret_key="sk_test_env_0123456789", stripe_webhook_secret=SECRET
    )

    answer = owner.post("/admin/setup/payments", data={"secret_key": KEY})

    assert answer.status_code == 409
    assert source_of(settings()) is KeySource.ENVIRONMENT
    typed = keys.typed_keys(settings())
    assert typed is not None
    assert typed.secret_key == "sk_test_typed_0123456789"


def test_a_removed_key_takes_no_cards(owner: FlaskClient, at_sandbox: World) -> None:
    make_store()
    owner.post("/admin/setup/payments", data={"secret_key": KEY})

    owner.post("/admin/setup/payments/delete")

    assert not gateway().is_set_up
    assert not facts()[Probe.KEY]


def test_what_events_are_asked_for_is_what_the_shop_reads(
    owner: FlaskClient, at_sandbox: World
) -> None:
    owner.post("/admin/setup/payments", data={"secret_key": KEY})

    found = gateway()._client.v1.webhook_endpoints.list({"limit": 100}).data
    mine = next(each for each in found if each.url.startswith("http://localhost"))
    assert sorted(mine.enabled_events) == sorted(EVENTS)


def test_the_step_of_the_products_leads_to_the_import_and_to_a_new_one(owner: FlaskClient) -> None:
    make_store()

    page = owner.get("/admin/setup/products").text

    assert 'href="/admin/imports/new"' in page
    assert 'href="/admin/products/new"' in page

"""Telling people that a variant is back: whom, when, how many, and what others may learn of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from shop.alerts import letters, queries, service
from shop.alerts.models import StockAlert
from shop.audit import AuditEntry
from shop.catalog import lifecycle, restoring
from shop.catalog import service as catalog
from shop.catalog.models import ProductStatus, Variant
from shop.clock import now
from shop.extensions import db
from shop.inventory import reservations
from shop.inventory import service as inventory
from shop.outbox import mailer
from shop.outbox.models import OutboxMessage
from tests.factories import make_order, make_product, make_store, make_variant, variants_of
from tests.pages import read


def ask(client: FlaskClient, variant: Variant, email: str = "ines@example.com", **more: str):
    return client.post("/stock-alerts", data={"variant_id": variant.id, "email": email, **more})


def alerts() -> list[StockAlert]:
    return list(db.session.scalars(sa.select(StockAlert).order_by(StockAlert.id)))


def mails() -> list[int]:
    rows = db.session.scalars(
        sa.select(OutboxMessage)
        .where(OutboxMessage.name == service.LETTER)
        .order_by(OutboxMessage.id)
    )
    return [row.payload["alert_id"] for row in rows]


def make_waiting(variant: Variant, number: int) -> list[int]:
    for place in range(number):
        service.wait_for(variant.id, f"person{place}@example.com", "en")
    return [alert.id for alert in alerts()]


# Asking


def test_a_sold_out_variant_offers_to_write(client: FlaskClient) -> None:
    make_store()
    sold_out = make_product(handle="mug", options={"Size": ["Small", "Large"]})
    _small, large = variants_of(sold_out)
    inventory.set_on_hand(large.id, 0)

    page = read(client.get("/products/mug?size=large").text)
    other = client.get("/products/mug?size=small").text

    assert page.having("form", action="/stock-alerts") != []
    assert page.value("variant_id") == str(large.id)
    assert 'action="/stock-alerts"' not in other


def test_an_address_is_noted_once_and_the_answer_is_the_same(client: FlaskClient) -> None:
    make_store()
    mug = make_variant(on_hand=0)

    first, second = ask(client, mug), ask(client, mug, "Ines@EXAMPLE.com")

    assert (first.status_code, first.location) == (303, f"/stock-alerts/noted?variant_id={mug.id}")
    assert (second.status_code, second.location) == (first.status_code, first.location)
    assert [alert.email for alert in alerts()] == ["ines@example.com"]
    page = read(client.get(first.location).text)
    assert "Once, when Tuesday mug can be bought again." in page.text
    assert "ines@example.com" not in page.text


@pytest.mark.parametrize(
    "email", ["", "ines", "ines@", "a" * 300 + "@example.com", "a b@c.example"]
)
def test_what_is_no_address_is_told_beside_the_field(client: FlaskClient, email: str) -> None:
    make_store()
    mug = make_variant(on_hand=0)

    answer = ask(client, mug, email)

    assert answer.status_code == 422
    assert "That is not an email address." in answer.text
    assert alerts() == []


def test_programs_fill_the_field_that_people_do_not_see(client: FlaskClient) -> None:
    make_store()

    answer = ask(client, make_variant(on_hand=0), website="https://spam.example")

    assert answer.status_code == 303
    assert alerts() == []


def test_what_can_be_bought_leads_to_its_page(client: FlaskClient) -> None:
    make_store()
    mug = make_variant(make_product(handle="mug", options={"Size": []}), on_hand=1)

    answer = ask(client, mug)

    assert answer.location == f"/products/mug?variant_id={mug.id}"
    assert alerts() == []


@pytest.mark.parametrize("variant_id", ["", "0", "999", "x", "99999999999"])
def test_a_variant_that_is_not_there_is_a_404(client: FlaskClient, variant_id: str) -> None:
    make_store()

    answer = client.post(
        "/stock-alerts", data={"variant_id": variant_id, "email": "ines@example.com"}
    )

    assert answer.status_code == 404
    assert alerts() == []


def test_one_network_may_ask_only_so_often(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_store()
    monkeypatch.setattr("shop.alerts.views.ALLOWED", 2)
    mug = make_variant(on_hand=0)

    codes = [ask(client, mug, f"person{n}@example.com").status_code for n in range(3)]

    assert codes == [303, 303, 429]
    assert len(alerts()) == 2


def test_a_variant_keeps_no_more_than_its_limit(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MAX_WAITING", 2)

    assert len(make_waiting(make_variant(on_hand=0), 3)) == 2


# Telling


def test_a_count_that_finds_units_tells_those_who_asked_first(app: Flask) -> None:
    mug = make_variant(on_hand=0)
    ids = make_waiting(mug, 10)
    assert service.tell_waiting() == 0

    inventory.set_on_hand(mug.id, 2)

    assert service.tell_waiting() == 6  # three for each unit
    assert mails() == ids[:6]
    assert queries.waiting([mug.id]) == {mug.id: 4}


def test_nobody_is_told_twice_and_the_rest_waits_for_the_pause(app: Flask) -> None:
    mug = make_variant(on_hand=0)
    ids = make_waiting(mug, 5)
    inventory.set_on_hand(mug.id, 1)

    assert [service.tell_waiting(), service.tell_waiting()] == [3, 0]
    with time_machine.travel(now() + timedelta(hours=13)):
        assert service.tell_waiting() == 2
        assert service.tell_waiting() == 0
    assert mails() == ids


def test_more_units_tell_more_people_at_once(app: Flask) -> None:
    mug = make_variant(on_hand=0)
    make_waiting(mug, 10)
    inventory.set_on_hand(mug.id, 1)
    service.tell_waiting()

    inventory.set_on_hand(mug.id, 3)

    assert service.tell_waiting() == 6


def test_stock_that_an_unpaid_order_gives_back_tells_too(app: Flask) -> None:
    make_store()
    mug = make_variant(on_hand=1)
    order = make_order(mug)
    make_waiting(mug, 1)
    assert service.tell_waiting() == 0

    reservations.release(order.id)

    assert service.tell_waiting() == 1


def test_a_variant_that_is_not_counted_any_more_tells_everybody(app: Flask) -> None:
    mug = make_variant(on_hand=0)
    make_waiting(mug, 7)

    inventory.set_tracked(mug.id, False)

    assert service.tell_waiting() == 7


def test_a_draft_tells_nobody(app: Flask) -> None:
    product = make_product(on_hand=0)
    (mug,) = variants_of(product)
    make_waiting(mug, 1)
    inventory.set_on_hand(mug.id, 1)
    catalog.unpublish(product)

    assert service.tell_waiting() == 0


def test_one_turn_tells_no_more_than_a_batch(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "BATCH", 4)
    mug, jug = make_variant(on_hand=0), make_variant(on_hand=0)
    make_waiting(mug, 3)
    make_waiting(jug, 3)
    for variant in (mug, jug):
        inventory.set_on_hand(variant.id, 9)

    assert [service.tell_waiting() for _ in range(3)] == [4, 2, 0]


def test_who_was_told_may_ask_again(app: Flask) -> None:
    mug = make_variant(on_hand=0)
    make_waiting(mug, 1)
    inventory.set_on_hand(mug.id, 1)
    service.tell_waiting()
    inventory.set_on_hand(mug.id, 0)

    make_waiting(mug, 1)

    assert [alert.notified_at is None for alert in alerts()] == [False, True]


# The mail and being forgotten


def test_the_mail_names_the_variant_its_price_and_the_way_out(app: Flask) -> None:
    make_store()
    product = make_product(handle="mug", options={"Size": ["Large"]}, on_hand=0)
    (mug,) = variants_of(product)
    (alert_id,) = make_waiting(mug, 1)
    (alert,) = alerts()

    letter = letters.back_in_stock({"alert_id": alert_id})
    assert letter is not None
    text, html = mailer.render(letter)

    assert (letter.to, str(letter.subject)) == ("person0@example.com", "Tuesday mug is back")
    for words in (text, html):
        assert "£34.00" in words
        assert f"http://localhost/products/mug?variant_id={mug.id}" in words
        assert f"http://localhost/stock-alerts/{alert.token}" in words
        assert "no real money" not in words, "nothing was ordered"


def test_the_link_in_the_mail_asks_first_and_then_forgets(client: FlaskClient) -> None:
    make_store()
    make_waiting(make_variant(on_hand=0), 1)
    (alert,) = alerts()
    path = f"/stock-alerts/{alert.token}"

    shown = client.get(path)
    assert "person0@example.com" in shown.text
    assert len(alerts()) == 1

    assert "Your address is forgotten" in client.post(path).text
    assert alerts() == []
    assert client.get(path).status_code == 404
    assert client.post(path).status_code == 200


def told_and_asked_again(mug: Variant) -> tuple[str, str]:
    """Ways out: of a mail to somebody who waits again, and of somebody else who was told."""
    make_waiting(mug, 2)
    inventory.set_on_hand(mug.id, 1)
    service.tell_waiting()
    inventory.set_on_hand(mug.id, 0)
    first, second = alerts()
    make_waiting(mug, 1)
    return f"/stock-alerts/{first.token}", f"/stock-alerts/{second.token}"


def kept() -> dict[str, Any]:
    """Of the product that is deleted."""
    db.session.expire_all()
    is_it = AuditEntry.action == restoring.DELETED
    return db.session.scalars(sa.select(AuditEntry.kept).where(is_it)).one() or {}


def test_the_link_forgets_who_asked_again_too(client: FlaskClient) -> None:
    make_store()
    mug = make_variant(on_hand=0)
    path, _other = told_and_asked_again(mug)
    service.wait_for(make_variant(on_hand=0).id, "person0@example.com", "en")

    client.post(path)

    left = [(alert.variant_id == mug.id, alert.email) for alert in alerts()]
    assert left == [(True, "person1@example.com"), (False, "person0@example.com")]


def test_the_link_works_while_its_product_is_deleted(client: FlaskClient) -> None:
    make_store()
    product = make_product("Tuesday mug", on_hand=0)
    (mug,) = variants_of(product)
    path, other = told_and_asked_again(mug)
    product.status = ProductStatus.DRAFT
    lifecycle.delete(product)
    db.session.commit()

    shown = client.get(path)
    assert (shown.status_code, alerts()) == (200, [])
    assert "person0@example.com when Tuesday mug is back" in shown.text
    assert "Your address is forgotten" in client.post(path).text
    assert client.get(path).status_code == 404
    assert client.get(other).status_code == 200

    restoring.restore_product(kept(), by=None)
    assert [alert.email for alert in alerts()] == ["person1@example.com"]
    assert client.get(other).status_code == 200


@pytest.mark.parametrize("token", ["", "%", "_", "alerts", "Tuesday mug", "en", '"', "x" * 5000])
def test_a_word_of_what_was_deleted_is_no_link(client: FlaskClient, token: str) -> None:
    make_store()
    product = make_product("Tuesday mug", published=False, on_hand=0)
    told_and_asked_again(variants_of(product)[0])
    lifecycle.delete(product)
    db.session.commit()
    before = kept()

    assert client.get(f"/stock-alerts/{quote(token)}").status_code in (404, 405)
    client.post(f"/stock-alerts/{quote(token, safe='')}")

    assert kept() == before


def test_one_network_may_try_few_links_that_no_alert_has(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_store()
    monkeypatch.setattr("shop.alerts.views.ALLOWED", 2)
    product = make_product(published=False, on_hand=0)
    path, _other = told_and_asked_again(variants_of(product)[0])
    lifecycle.delete(product)
    db.session.commit()
    before = kept()

    assert [client.get(f"/stock-alerts/guess{n}").status_code for n in range(2)] == [404, 404]
    assert (client.get(path).status_code, client.post(path).status_code) == (429, 429)
    assert kept() == before


def test_who_took_the_wish_back_before_the_mail_gets_none(app: Flask) -> None:
    assert letters.back_in_stock({"alert_id": 404}) is None


def test_addresses_are_forgotten_in_time(app: Flask) -> None:
    mug = make_variant(on_hand=0)
    make_waiting(mug, 4)
    inventory.set_on_hand(mug.id, 1)
    service.tell_waiting()

    with time_machine.travel(now() + timedelta(days=31)):
        service.forget_old()
    assert len(alerts()) == 1
    with time_machine.travel(now() + timedelta(days=366)):
        service.forget_old()
    assert alerts() == []


def test_addresses_of_a_deleted_product_are_forgotten_as_soon(app: Flask) -> None:
    product = make_product(on_hand=0)
    told_and_asked_again(variants_of(product)[0])
    product.status = ProductStatus.DRAFT
    lifecycle.delete(product)
    db.session.commit()
    assert len(kept()["alerts"]) == 3

    with time_machine.travel(now() + timedelta(days=31)):
        service.forget_old()
        db.session.commit()
    assert [alert["notified_at"] for alert in kept()["alerts"]] == [None]
    with time_machine.travel(now() + timedelta(days=366)):
        service.forget_old()
        db.session.commit()
    assert kept()["alerts"] == []

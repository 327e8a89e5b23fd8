"""Zones of delivery and tax, their ways and rates."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from shop.audit import AuditEntry
from shop.extensions import db
from shop.money import Money
from shop.pricing import queries
from shop.pricing.models import ShippingRate, ShippingZone, TaxRate, TaxZone
from shop.pricing.places import Destination
from shop.pricing.shipping import Parcel
from shop.pricing.tax import Rate, ShippingTax
from shop.store.currencies import Currency
from tests.accounts.people import be_signed_in, make_admin
from tests.factories import make_rates, make_store
from tests.pages import read

ZONES, TAXES = "/admin/settings/zones", "/admin/settings/taxes"
WAY = {
    "name": "By weight",
    "price": "4.50",
    "basis": "weight",
    "free_from": "60.00",
    "min_days": "2",
    "max_days": "3",
    "position": "1",
    "is_active": "1",
    "step-0-start": "2000",
    "step-0-amount": "7.95",
    "step-1-start": "20000",
    "step-1-amount": "",
    "step-2-start": "",
    "step-2-amount": "",
}
INDIA = {
    "name": "India, Karnataka",
    "countries": [],
    "regions": "IN: Karnataka, KA",
    "postcodes": "",
    "is_included": "0",
    "shipping_tax": "like_goods",
    "source": "CBIC",
    "checked_on": "2025-09-22",
    "rate-0-category": "standard",
    "rate-0-name": "CGST",
    "rate-0-percent": "9",
    "rate-1-category": "standard",
    "rate-1-name": "SGST",
    "rate-1-percent": "9.0",
    "rate-2-category": "standard",
    "rate-2-name": "",
    "rate-2-percent": "",
}


@pytest.fixture
def admin(client: FlaskClient) -> FlaskClient:
    make_store()
    be_signed_in(client, make_admin())
    return client


def rows(model: type[Any]) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def entries() -> list[str]:
    return list(db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)))


def test_without_zones_the_pages_say_how_to_begin(admin: FlaskClient) -> None:
    assert "Until there is one, nobody can check out." in read(admin.get(ZONES).text).text
    assert "nothing is taxed" in read(admin.get(TAXES).text).text


def test_a_zone_is_a_list_of_countries_regions_and_postcodes(admin: FlaskClient) -> None:
    answer = admin.post(
        f"{ZONES}/new",
        data={
            "name": "Far away",
            "countries": ["IE", "*"],
            "regions": "US: Alaska, Hawaii",
            "postcodes": "United Kingdom: bt, IV1-IV28",
        },
    )

    zone = db.session.scalars(sa.select(ShippingZone)).one()
    assert (answer.status_code, answer.location) == (303, f"{ZONES}/{zone.id}")
    assert zone.places == [
        {"country": "IE"},
        {"country": "*"},
        {"country": "US", "region": "Alaska"},
        {"country": "US", "region": "Hawaii"},
        {"country": "GB", "postcode_from": "BT"},
        {"country": "GB", "postcode_from": "IV1", "postcode_to": "IV28"},
    ]
    assert entries() == ["shipping_zone.added"]
    page = admin.get(f"{ZONES}/{zone.id}").text
    assert "GB: BT, IV1-IV28" in page
    assert "US: Alaska, Hawaii" in page
    assert "nothing is sent to this zone" in page
    listed = read(admin.get(ZONES).text).text
    assert "Ireland, Everywhere else, United States: Alaska, United States: Hawaii" in listed
    assert "and 2 more" in listed


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": ""}, "Give the zone a name."),
        ({"name": "GB"}, "Another zone has that name."),
        ({"countries": []}, "Choose at least one country, region or postcode."),
        ({"countries": ["XX"]}, "“XX” is not a country."),
        ({"regions": "Atlantis: North"}, "“Atlantis” is not a country we know."),
        ({"regions": "US"}, "Begin each line with a country and a colon"),
        ({"postcodes": "GB: LS29-LS1"}, "“LS29-LS1” is not a postcode area or a rising range."),
        ({"postcodes": "GB: ?"}, "“?” is not a postcode area or a rising range."),
        ({"countries": ["GB"]}, "United Kingdom is in the zone “GB” already."),
    ],
)
def test_a_zone_that_cannot_be_is_refused_and_nothing_moves(
    admin: FlaskClient, change: dict[str, Any], sentence: str
) -> None:
    make_rates("GB")
    form = {"name": "Ours", "countries": ["IE"], "regions": "", "postcodes": ""} | change

    answer = admin.post(f"{ZONES}/new", data=form)

    assert answer.status_code == 422
    assert sentence in read(answer.text).text
    assert (rows(ShippingZone), entries()) == (1, [])


def test_overlapping_postcodes_name_the_other_zone(admin: FlaskClient) -> None:
    db.session.add(
        ShippingZone(
            name="Leeds",
            places=[{"country": "GB", "postcode_from": "LS1", "postcode_to": "LS29"}],
        )
    )

    answer = admin.post(f"{ZONES}/new", data={"name": "B", "postcodes": "GB: LS29-LS40"})

    assert answer.status_code == 422
    assert "United Kingdom: LS29-LS40 is in the zone “Leeds” already." in read(answer.text).text


def test_a_zone_is_changed_and_its_own_places_are_no_overlap(admin: FlaskClient) -> None:
    rate, _tax = make_rates("GB")

    answer = admin.post(
        f"{ZONES}/{rate.zone_id}", data={"name": "Isles", "countries": ["GB", "IE"]}
    )

    assert answer.status_code == 303
    zone = db.session.get_one(ShippingZone, rate.zone_id)
    assert (zone.name, zone.places) == ("Isles", [{"country": "GB"}, {"country": "IE"}])
    (entry,) = db.session.scalars(sa.select(AuditEntry)).all()
    assert (entry.action, entry.data["name"]) == ("shipping_zone.changed", ["GB", "Isles"])


def test_a_deleted_zone_takes_its_ways_along(admin: FlaskClient) -> None:
    rate, _tax = make_rates("GB")

    assert "Its way of delivery goes too" in admin.get(f"{ZONES}/{rate.zone_id}").text
    answer = admin.post(f"{ZONES}/{rate.zone_id}/delete")

    assert (answer.status_code, rows(ShippingZone), rows(ShippingRate)) == (303, 0, 0)
    assert entries() == ["shipping_zone.removed"]


def test_a_way_by_weight_costs_what_its_steps_say(admin: FlaskClient) -> None:
    make_rates("GB")
    zone_id = db.session.scalars(sa.select(ShippingZone.id)).one()

    answer = admin.post(f"{ZONES}/{zone_id}/ways/new", data=WAY)

    assert (answer.status_code, answer.location) == (303, f"{ZONES}/{zone_id}")
    assert entries() == ["shipping_rate.added"]
    options = queries.shipping_options(Destination("GB"), Currency("GBP"))
    (option,) = [option for option in options if option.name == "By weight"]
    light, heavy = (Parcel(Money(100, "GBP"), grams, 1) for grams in (1999, 2000))
    assert (option.cost(light).amount, option.cost(heavy).amount) == (450, 795)
    assert not option.carries(Parcel(Money(100, "GBP"), 20_000, 1))
    page = read(admin.get(f"{ZONES}/{zone_id}/ways/{option.rate_id}").text)
    assert (page.value("step-0-start"), page.value("step-0-amount")) == ("2000", "7.95")
    assert (page.value("step-1-start"), page.value("step-1-amount")) == ("20000", "")
    assert page.value("step-2-start") == ""


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": ""}, "Give it a name."),
        ({"name": "Standard"}, "Another way of this zone has that name."),
        ({"price": "-1"}, "Type an amount like 34.00"),
        ({"basis": "moon"}, "Choose what the price rises with."),
        ({"basis": "flat"}, "A flat price has no steps."),
        ({"max_days": "1"}, "That is less than the least number of days."),
        ({"min_days": "soon"}, "Type a whole number from 0 to 99."),
        ({"step-1-start": "2000"}, "Each step begins above the one before it."),
        ({"step-0-start": "2 kg"}, "Type a whole number like 500."),
        ({"basis": "price", "step-0-start": "1,000"}, "Type an amount like 34.00"),
        ({"basis": "price", "step-0-start": "0"}, "Type an amount above zero."),
        ({"step-2-amount": "3"}, "Say from how much on."),
        ({"step-0-amount": "dear"}, "Type an amount like 34.00"),
    ],
)
def test_a_way_that_cannot_be_is_refused_and_nothing_moves(
    admin: FlaskClient, change: dict[str, str], sentence: str
) -> None:
    rate, _tax = make_rates("GB")

    answer = admin.post(f"{ZONES}/{rate.zone_id}/ways/new", data=WAY | change)

    assert answer.status_code == 422
    assert sentence in read(answer.text).text
    assert (rows(ShippingRate), entries()) == (1, [])


def test_a_way_is_changed_taken_off_and_deleted(admin: FlaskClient) -> None:
    rate, _tax = make_rates("GB")
    address = f"{ZONES}/{rate.zone_id}/ways/{rate.id}"
    form = {"name": "Standard", "price": "5", "basis": "flat", "min_days": "2", "max_days": "3",
            "position": "1"}  # fmt: skip

    assert admin.post(address, data=form).status_code == 303
    entry = db.session.scalars(sa.select(AuditEntry)).one()
    assert entry.data == {
        "amount": [450, 500],
        "free_from_amount": [6000, None],
        "is_active": [True, False],
    }
    assert queries.shipping_options(Destination("GB"), Currency("GBP")) == []
    assert "Not offered" in admin.get(f"{ZONES}/{rate.zone_id}").text
    assert admin.post(f"{address}/delete").status_code == 303
    assert rows(ShippingRate) == 0


def test_a_way_of_another_zone_is_not_found(admin: FlaskClient) -> None:
    rate, _tax = make_rates("GB")
    other, _tax = make_rates("IE")

    assert admin.get(f"{ZONES}/{other.zone_id}/ways/{rate.id}").status_code == 404


def test_a_tax_of_two_components_is_added(admin: FlaskClient) -> None:
    answer = admin.post(f"{TAXES}/new", data=INDIA)

    assert (answer.status_code, answer.location) == (303, TAXES)
    assert entries() == ["tax_zone.added"]
    rules = queries.tax_for(Destination("IN", "karnataka"))
    assert not rules.is_included
    assert rules.rates == {"standard": (Rate("CGST", 90_000), Rate("SGST", 90_000))}
    assert "CGST 9%, SGST 9%" in read(admin.get(TAXES).text).text


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"is_included": "2"}, "Choose whether prices contain the tax."),
        ({"shipping_tax": ""}, "Choose how the delivery is taxed."),
        ({"checked_on": "lately"}, "Type a date like 2026-11-27."),
        ({"rate-0-percent": "101"}, "Type a number from 0 to 100"),
        ({"rate-0-percent": "1.23456"}, "Type a number from 0 to 100"),
        ({"rate-0-category": "cake"}, "Choose one of the kinds of goods."),
        ({"rate-1-name": "CGST"}, "These goods have a rate of that name already."),
        ({"rate-2-percent": "5"}, "Say what the bill calls it: VAT."),
        ({"countries": ["GB"]}, "United Kingdom is in the zone “GB” already."),
    ],
)
def test_a_tax_that_cannot_be_is_refused_and_nothing_moves(
    admin: FlaskClient, change: dict[str, Any], sentence: str
) -> None:
    make_rates("GB")

    answer = admin.post(f"{TAXES}/new", data=INDIA | change)

    assert answer.status_code == 422
    assert sentence in read(answer.text).text
    assert (rows(TaxZone), rows(TaxRate), entries()) == (1, 1, [])


def test_a_tax_is_changed_with_what_it_was_on_record(admin: FlaskClient) -> None:
    _rate, tax = make_rates("GB")
    page = read(admin.get(f"{TAXES}/{tax.zone_id}").text)
    assert (page.value("rate-0-name"), page.value("rate-0-percent")) == ("VAT", "20")

    answer = admin.post(
        f"{TAXES}/{tax.zone_id}",
        data={
            "name": "GB",
            "countries": ["GB"],
            "is_included": "1",
            "shipping_tax": "standard",
            "rate-0-category": "standard",
            "rate-0-name": "VAT",
            "rate-0-percent": "20",
            "rate-1-category": "zero",
            "rate-1-name": "VAT",
            "rate-1-percent": "0",
        },
    )

    assert answer.status_code == 303
    rules = queries.tax_for(Destination("GB"))
    assert (rules.shipping, rules.rates["zero"]) == (ShippingTax.STANDARD, (Rate("VAT", 0),))
    entry = db.session.scalars(sa.select(AuditEntry)).one()
    assert entry.data == {
        "shipping_tax": ["like_goods", "standard"],
        "rates": [
            [["standard", "VAT", 200_000]],
            [["standard", "VAT", 200_000], ["zero", "VAT", 0]],
        ],
    }


def test_a_deleted_tax_zone_takes_its_rates_along(admin: FlaskClient) -> None:
    _rate, tax = make_rates("GB")

    answer = admin.post(f"{TAXES}/{tax.zone_id}/delete")

    assert (answer.status_code, rows(TaxZone), rows(TaxRate)) == (303, 0, 0)
    assert entries() == ["tax_zone.removed"]


def test_published_rates_are_loaded_beside_what_is_there(admin: FlaskClient) -> None:
    make_rates("DE")
    assert "European Commission" in admin.get(TAXES).text

    answer = admin.post(f"{TAXES}/rates", data={"name": "eu"})

    assert (answer.status_code, rows(TaxZone)) == (303, 27)
    page = read(admin.get(TAXES).text).text
    assert "26 zones added." in page
    assert "1 zone was left out, since yours stays as it is." in page
    assert entries() == ["tax_zone.added"] * 26


def test_a_table_that_is_not_there_loads_nothing(admin: FlaskClient) -> None:
    answer = admin.post(f"{TAXES}/rates", data={"name": "../eu"})

    assert (answer.status_code, rows(TaxZone)) == (422, 0)

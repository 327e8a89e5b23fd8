"""Published rates: the files, and what loading them adds."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa
from flask import Flask

from shop.extensions import db
from shop.pricing import published, queries, service
from shop.pricing.models import TaxZone
from shop.pricing.places import Destination, Place
from shop.pricing.tax import CATEGORIES, Rate
from shop.pricing.territories import EUROPEAN_UNION
from tests.factories import make_rates


@pytest.mark.parametrize("name", published.SETS)
def test_every_table_can_be_read_and_names_its_source(name: str) -> None:
    found = published.read(name)

    assert found.source
    assert date(2019, 1, 1) < found.checked_on < date(2026, 12, 31)
    for zone in found.zones:
        assert {category for category, _name, _percent in zone.rates} <= set(CATEGORIES)
        assert zone.rates[0][0] == "standard"


def test_the_union_is_whole_and_each_state_taxes_at_the_least_allowed() -> None:
    """At least 15 %: Directive 2006/112/EC, article 97."""
    zones = published.read("eu").zones

    assert {place for zone in zones for place in zone.places} == EUROPEAN_UNION
    assert all(zone.rates[0][2] >= 15 for zone in zones)


def test_every_state_of_the_united_states_is_there_by_name_and_by_letters() -> None:
    zones = published.read("us").zones

    assert len(zones) == 51
    assert zones[4].places == ("US:California", "US:CA")


def test_loading_adds_zones_with_source_and_date(app: Flask) -> None:
    loaded = published.load("eu", by=None)

    assert (len(loaded.added), loaded.kept) == (27, ())
    assert queries.tax_for(Destination("DE")).rates == {
        "standard": (Rate("VAT", 190_000),),
        "reduced": (Rate("VAT", 70_000),),
    }
    assert queries.tax_for(Destination("FI")).rates["standard"] == (Rate("VAT", 255_000),)
    zone = db.session.scalars(sa.select(TaxZone).where(TaxZone.name == "Germany")).one()
    assert (zone.checked_on, zone.is_included) == (date(2026, 1, 10), True)
    assert zone.source.startswith("European Commission")


def test_what_the_shop_has_is_never_overwritten(app: Flask) -> None:
    make_rates("DE", tax_ppm=160_000)
    published.load("eu", by=None)
    zone = db.session.scalars(sa.select(TaxZone).where(TaxZone.name == "France")).one()
    details = service.TaxZoneDetails(
        name="Ours",
        places=tuple(Place(**place) for place in zone.places),
        rates=(service.RateDetails("standard", "TVA", 1),),
    )
    service.change_tax_zone(zone, details, by=None)

    again = published.load("eu", by=None)

    assert (len(again.added), len(again.kept)) == (0, 27)
    assert queries.tax_for(Destination("DE")).rates["standard"] == (Rate("VAT", 160_000),)
    assert queries.tax_for(Destination("FR")).rates["standard"] == (Rate("TVA", 1),)


def test_india_taxes_in_halves_within_the_state_of_the_shop(app: Flask) -> None:
    loaded = published.load("india", region="Karnataka", by=None)

    assert loaded.added == ("India", "India, state of the shop")
    inside = queries.tax_for(Destination("IN", "Karnataka"))
    outside = queries.tax_for(Destination("IN", "Kerala"))
    assert inside.rates["standard"] == (Rate("CGST", 90_000), Rate("SGST", 90_000))
    assert outside.rates["standard"] == (Rate("IGST", 180_000),)


def test_without_a_state_india_is_one_place(app: Flask) -> None:
    assert published.load("india", by=None).added == ("India",)


def test_states_are_known_by_their_letters_too(app: Flask) -> None:
    published.load("us", by=None)

    for region in ("California", "ca"):
        rules = queries.tax_for(Destination("US", region))
        assert (rules.is_included, rules.rates["standard"]) == (
            False,
            (Rate("Sales tax", 72_500),),
        )
    assert queries.tax_for(Destination("US", "")).rates == {}


def test_a_table_that_is_not_there_is_refused(app: Flask) -> None:
    with pytest.raises(published.UnknownSet):
        published.load("../eu", by=None)


def test_the_command_tells_what_it_added(app: Flask) -> None:
    make_rates("GB")
    db.session.commit()

    result = app.test_cli_runner().invoke(args=["pricing", "load-rates", "uk"])

    assert result.exit_code == 0
    assert "0 zones added, 1 left out." in result.output

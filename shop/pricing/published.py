"""Published rates of tax that a merchant can load, as the TOML files in rates/ keep them.

They are data to begin with: what is loaded is the merchant's own, and never overwritten.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import msgspec

from shop.pricing import service
from shop.pricing.places import Place
from shop.pricing.service import NameTaken, PlaceTaken, RateDetails, TaxZoneDetails
from shop.pricing.tax import ShippingTax

FOLDER = Path(__file__).resolve().parent / "rates"
#: Names of the files.
SETS = tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


class UnknownSet(Exception):
    """No file has the name."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    name: str
    #: Countries, or a country and its region: "US:Ohio".
    places: tuple[str, ...]
    #: Category, name on the bill, percent.
    rates: tuple[tuple[str, str, float], ...]
    #: Of each place only the region in which the shop stands.
    is_home: bool = False


@dataclass(frozen=True, kw_only=True)
class RateSet:
    title: str
    source: str
    #: The day of the table that the rates are from.
    checked_on: date
    is_included: bool
    shipping_tax: ShippingTax
    zones: tuple[Entry, ...]


@dataclass(frozen=True)
class Loaded:
    #: Names of zones.
    added: tuple[str, ...]
    #: Left out, since a zone of the shop has the name or the place.
    kept: tuple[str, ...]


def read(name: str) -> RateSet:
    """Raises UnknownSet."""
    if name not in SETS:
        raise UnknownSet(name)
    values = tomllib.loads((FOLDER / f"{name}.toml").read_text())
    return msgspec.convert(values, RateSet)


def sets_of(country: str) -> list[str]:
    """Names of those that know what the country takes."""
    return [name for name in SETS if any(map(_names(country, ""), read(name).zones))]


def regions_of(name: str, country: str) -> list[str]:
    """Those of the country that the set tells apart. Raises UnknownSet."""
    parts = [place.partition(":") for entry in read(name).zones for place in entry.places]
    return [region for code, _, region in parts if code == country and len(region) > 2]


def load(name: str, *, country: str = "", region: str = "", by: int | None) -> Loaded:
    """Add the zones that the shop has not; `region`: where it stands, for a set that parts a
    country by that; `country`: none but the zones that name it. Raises UnknownSet.
    """
    found = read(name)
    added, kept = [], []
    for entry in found.zones:
        if entry.is_home and not region:
            continue
        if country and not _names(country, region)(entry):
            continue
        try:
            service.add_tax_zone(_details(found, entry, region), by=by)
        except (NameTaken, PlaceTaken):
            kept.append(entry.name)
        else:
            added.append(entry.name)
    return Loaded(tuple(added), tuple(kept))


def _names(country: str, region: str) -> Callable[[Entry], bool]:
    """Whether an entry is of the country, and of the region where both name one."""

    def names(entry: Entry) -> bool:
        parts = (place.partition(":") for place in entry.places)
        return any(
            code == country and (not part or not region or part.casefold() == region.casefold())
            for code, _, part in parts
        )

    return names


def _details(found: RateSet, entry: Entry, region: str) -> TaxZoneDetails:
    parts = (place.partition(":") for place in entry.places)
    return TaxZoneDetails(
        name=entry.name,
        places=tuple(
            Place(country, region if entry.is_home else part) for country, _, part in parts
        ),
        is_included=found.is_included,
        shipping_tax=found.shipping_tax,
        source=found.source,
        checked_on=found.checked_on,
        rates=tuple(
            RateDetails(category, name, round(percent * 10_000))
            for category, name, percent in entry.rates
        ),
    )

"""Where a parcel goes, and which of the merchant's zones that is. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

EVERYWHERE_ELSE = "*"
#: A UK postcode ends in a digit and two letters that say nothing about the district.
_UK_INWARD = re.compile(r"[0-9][A-Z]{2}\Z")
_DISTRICT = re.compile(r"([A-Z]*)([0-9]*)")


@dataclass(frozen=True)
class Destination:
    """An address as far as rates go. What is not known yet is empty."""

    #: ISO 3166-1 alpha-2.
    country: str
    #: As the address forms keep it: "CA", "Ontario".
    region: str = ""
    postal_code: str = ""


@dataclass(frozen=True)
class Place:
    """A country or "*"; of it one region, or the postcodes from one to another, where named."""

    country: str
    region: str = ""
    postcode_from: str = ""
    postcode_to: str = ""

    def match(self, destination: Destination) -> int:
        """How exactly it names the destination: 0 not at all, 1 "*", 2 the country, 3 the region,
        4 the postcodes.
        """
        if self.country == EVERYWHERE_ELSE:
            return 1
        if self.country != destination.country:
            return 0
        if self.postcode_from:
            return 4 if self._has_postcode(destination) else 0
        if self.region:
            return 3 if self.region.casefold() == destination.region.casefold() else 0
        return 2

    def _has_postcode(self, destination: Destination) -> bool:
        if not destination.postal_code:
            return False
        here = district(destination.postal_code, destination.country)
        first = _parts(_plain(self.postcode_from))
        last = _parts(_plain(self.postcode_to or self.postcode_from))
        if not first[1] and not last[1]:  # letters alone name whole areas: BT, HS to KW
            return first[0] <= here[0] <= last[0]
        numbers = [int(part[1] or 0) for part in (first, here, last)]
        return here[0] == first[0] == last[0] and numbers == sorted(numbers)


def best(places: Iterable[tuple[int, Place]], destination: Destination) -> int | None:
    """Id of the zone that names the destination most exactly; the lower id settles ties."""
    ranked = [(-place.match(destination), zone_id) for zone_id, place in places]
    return min(((match, zone_id) for match, zone_id in ranked if match), default=(0, None))[1]


def district(postal_code: str, country: str) -> tuple[str, str]:
    """Letters and digits by which postcodes are told apart: "LS6 2AB" -> ("LS", "6")."""
    plain = _plain(postal_code)
    if country == "GB" and len(plain) > 4:
        plain = _UK_INWARD.sub("", plain)
    return _parts(plain)


def _plain(postal_code: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", postal_code.upper())


def _parts(plain: str) -> tuple[str, str]:
    match = _DISTRICT.match(plain)
    assert match is not None  # noqa: S101 - both groups may be empty
    return match[1], match[2]

"""Where a parcel goes, and which of the merchant's zones that is. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from shop.addresses import region_code

EVERYWHERE_ELSE = "*"
#: A UK postcode ends in a digit and two letters that say nothing about the district.
_UK_INWARD = re.compile(r"[0-9][A-Z]{2}\Z")
_DISTRICT = re.compile(r"([A-Z]*)([0-9]*)")
_POSTCODE = re.compile(r"[A-Z]{0,4}[0-9]{0,8}", re.ASCII)


class UnreadablePostcodes(ValueError):
    """The word that is no postcode and no range of them."""

    def __init__(self, word: str) -> None:
        self.word = word
        super().__init__(word)


@dataclass(frozen=True)
class Destination:
    """An address as far as rates go. What is not known yet is empty."""

    #: ISO 3166-1 alpha-2.
    country: str
    #: As the address forms keep it: "CA", "Abu Dhabi".
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
            here = region_code(destination.country, destination.region)
            return 3 if self._region == here.casefold() else 0
        return 2

    def overlaps(self, other: Place) -> bool:
        """Whether some address is named by both, and by none more exactly than by the other."""
        if self.country != other.country or bool(self.region) != bool(other.region):
            return False
        if bool(self.postcode_from) != bool(other.postcode_from):
            return False
        if not self.postcode_from:
            return self._region == other._region
        first, last = self._ends
        other_first, other_last = other._ends
        if first[1] and other_first[1]:
            return (
                first[0] == other_first[0]
                and int(first[1]) <= int(other_last[1])
                and int(other_first[1]) <= int(last[1])
            )
        return first[0] <= other_last[0] and other_first[0] <= last[0]

    @property
    def _region(self) -> str:
        """The same for "Ohio", "ohio" and "OH"."""
        return region_code(self.country, self.region).casefold()

    @property
    def _ends(self) -> tuple[tuple[str, str], tuple[str, str]]:
        first = _parts(_plain(self.postcode_from))
        return first, _parts(_plain(self.postcode_to or self.postcode_from))

    def _has_postcode(self, destination: Destination) -> bool:
        if not destination.postal_code:
            return False
        here = district(destination.postal_code, destination.country)
        first, last = self._ends
        if not first[1] and not last[1]:  # letters alone name whole areas: BT, HS to KW
            return first[0] <= here[0] <= last[0]
        numbers = [int(part[1] or 0) for part in (first, here, last)]
        return here[0] == first[0] == last[0] and numbers == sorted(numbers)


def best(places: Iterable[tuple[int, Place]], destination: Destination) -> int | None:
    """Id of the zone that names the destination most exactly; the lower id settles ties."""
    ranked = [(-place.match(destination), zone_id) for zone_id, place in places]
    return min(((match, zone_id) for match, zone_id in ranked if match), default=(0, None))[1]


def read_postcodes(text: str, country: str) -> tuple[Place, ...]:
    """ "LS1-LS29, BT": districts, areas and ranges of them. Raises UnreadablePostcodes."""
    return tuple(_read_range(word.strip(), country) for word in text.split(",") if word.strip())


def plain_postcodes(place: Place) -> str:
    """As read_postcodes takes it."""
    if place.postcode_to in ("", place.postcode_from):
        return place.postcode_from
    return f"{place.postcode_from}-{place.postcode_to}"


def _read_range(word: str, country: str) -> Place:
    first, dash, last = (
        part.strip().upper() for part in word.replace("\u2013", "-").partition("-")
    )
    if not first or not _POSTCODE.fullmatch(first) or not _POSTCODE.fullmatch(last or first):
        raise UnreadablePostcodes(word)
    if not dash:
        return Place(country, postcode_from=first)
    start, end = _parts(first), _parts(last)
    if start[1] and end[1]:
        is_rising = start[0] == end[0] and int(start[1]) <= int(end[1])
    else:
        is_rising = not start[1] and not end[1] and start[0] <= end[0]
    if not is_rising or not last:
        raise UnreadablePostcodes(word)
    return Place(country, postcode_from=first, postcode_to=last)


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

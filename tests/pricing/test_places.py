from __future__ import annotations

import pytest

from shop.pricing.places import (
    Destination,
    Place,
    UnreadablePostcodes,
    best,
    plain_postcodes,
    read_postcodes,
)

LEEDS = Destination("GB", "", "LS6 2AB")


@pytest.mark.parametrize(
    ("place", "destination", "match"),
    [
        (Place("*"), LEEDS, 1),
        (Place("GB"), LEEDS, 2),
        (Place("FR"), LEEDS, 0),
        (Place("US", "CA"), Destination("US", "ca", "94103"), 3),
        (Place("US", "CA"), Destination("US", "NY", "10001"), 0),
        (Place("GB", "", "LS1", "LS29"), LEEDS, 4),
        (Place("GB", "", "LS1", "LS5"), LEEDS, 0),
        (Place("GB", "", "IV1", "IV28"), Destination("GB", "", "iv9 1aa"), 4),
        (Place("GB", "", "IV1", "IV28"), Destination("GB", "", "IV36 1AA"), 0),
        (Place("GB", "", "BT"), Destination("GB", "", "BT1 5GS"), 4),
        (Place("DE", "", "01000", "09999"), Destination("DE", "", "01067"), 4),
        (Place("DE", "", "01000", "09999"), Destination("DE", "", "10115"), 0),
        (Place("GB", "", "LS1", "LS29"), Destination("GB"), 0),
    ],
)
def test_how_exactly_a_place_names_an_address(
    place: Place, destination: Destination, match: int
) -> None:
    assert place.match(destination) == match


def test_the_most_exact_zone_counts_and_the_first_of_equals() -> None:
    places = [(1, Place("*")), (2, Place("GB")), (3, Place("GB", "", "BT")), (4, Place("GB"))]

    assert best(places, Destination("GB", "", "BT1 5GS")) == 3
    assert best(places, LEEDS) == 2
    assert best(places, Destination("NZ")) == 1
    assert best([(2, Place("GB"))], Destination("NZ")) is None


@pytest.mark.parametrize(
    ("one", "other", "overlaps"),
    [
        (Place("*"), Place("*"), True),
        (Place("*"), Place("GB"), False),
        (Place("GB"), Place("GB"), True),
        (Place("GB"), Place("GB", "", "BT"), False),
        (Place("US", "Ohio"), Place("US", "ohio"), True),
        (Place("US", "Ohio"), Place("US", "Utah"), False),
        (Place("GB", "", "LS1", "LS9"), Place("GB", "", "LS9", "LS20"), True),
        (Place("GB", "", "LS1", "LS9"), Place("GB", "", "LS10", "LS20"), False),
        (Place("GB", "", "LS"), Place("GB", "", "LS10", "LS20"), True),
        (Place("GB", "", "HS", "KW"), Place("GB", "", "IV1"), True),
        (Place("GB", "", "BT"), Place("GB", "", "LS10"), False),
    ],
)
def test_two_places_overlap_where_neither_is_more_exact(
    one: Place, other: Place, overlaps: bool
) -> None:
    assert one.overlaps(other) is overlaps
    assert other.overlaps(one) is overlaps


def test_postcodes_are_read_and_written_the_same_way() -> None:
    places = read_postcodes("ls1-ls29, BT , 01000\u201309999, HS-KW", "GB")

    assert [plain_postcodes(place) for place in places] == ["LS1-LS29", "BT", "01000-09999",
                                                            "HS-KW"]  # fmt: skip
    assert {place.country for place in places} == {"GB"}


@pytest.mark.parametrize("text", ["LS29-LS1", "LS1-BT5", "LS-LS5", "-LS5", "LS1-", "LS1 2AB", "é"])
def test_what_is_no_rising_range_is_refused(text: str) -> None:
    with pytest.raises(UnreadablePostcodes):
        read_postcodes(text, "GB")

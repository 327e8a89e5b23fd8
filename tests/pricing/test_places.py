from __future__ import annotations

import pytest

from shop.pricing.places import Destination, Place, best

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

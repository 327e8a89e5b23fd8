"""Menus: links nested one deep, however they are moved."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.store.menus import (
    FOOTER,
    HEADER,
    MenuLink,
    NoLink,
    entries,
    moved,
    nested,
    raised,
    read,
    removed,
    renamed,
    written,
)

#: Words of links; a nested one begins with a blank.
TREE = ["Shop", " Mugs", " Bowls", "Journal", "Help", " Contact"]


def links(words: list[str]) -> list[MenuLink]:
    return [MenuLink(word.strip(), "/x", word.startswith(" ")) for word in words]


def words(of: list[MenuLink]) -> list[str]:
    return [f"{' ' if link.is_nested else ''}{link.label}" for link in of]


def test_links_lie_in_the_one_above() -> None:
    told = [(each.label, [link.label for link in each.children]) for each in entries(links(TREE))]

    assert told == [("Shop", ["Mugs", "Bowls"]), ("Journal", []), ("Help", ["Contact"])]


def test_a_link_moves_with_what_lies_in_it() -> None:
    after = words(moved(links(TREE), 3, -1))

    assert after == ["Journal", "Shop", " Mugs", " Bowls", "Help", " Contact"]
    assert words(moved(links(TREE), 0, 1)) == after


def test_a_nested_link_moves_among_its_own() -> None:
    assert words(moved(links(TREE), 1, 1))[:3] == ["Shop", " Bowls", " Mugs"]
    for place, step in [(1, -1), (2, 1), (5, 1)]:
        with pytest.raises(NoLink):
            moved(links(TREE), place, step)


def test_a_link_goes_in_and_out() -> None:
    assert words(nested(links(TREE), 3))[3] == " Journal"
    assert words(raised(links(TREE), 1))[:3] == ["Shop", "Mugs", " Bowls"]
    for work, place in [(nested, 0), (nested, 1), (raised, 0), (nested, 99), (raised, -1)]:
        with pytest.raises(NoLink):
            work(links(TREE), place)


def test_what_lay_in_a_removed_link_takes_its_place() -> None:
    assert words(removed(links(TREE), 0))[:3] == ["Mugs", "Bowls", "Journal"]
    assert words(removed(links(TREE), 1))[:2] == ["Shop", " Bowls"]


def test_a_link_is_renamed() -> None:
    after = renamed(links(TREE), 1, label="Cups", target="/collections/cups")

    assert (after[1].label, after[1].target, after[1].is_nested) == (
        "Cups", "/collections/cups", True,
    )  # fmt: skip


def test_what_is_stored_is_read_again() -> None:
    assert read({HEADER: written(links(TREE))}, HEADER) == links(TREE)
    assert read({}, FOOTER) == []


def went(present: list[MenuLink], direction: str, place: int) -> list[MenuLink]:
    if direction in ("up", "down"):
        return moved(present, place, -1 if direction == "up" else 1)
    return (nested if direction == "in" else raised)(present, place)


@given(
    st.lists(st.booleans(), min_size=1, max_size=8),
    st.lists(st.tuples(st.sampled_from(["up", "down", "in", "out"]), st.integers(0, 8))),
)
def test_no_move_loses_a_link(shape: list[bool], moves: list[tuple[str, int]]) -> None:
    present = [
        MenuLink(str(number), "/x", is_nested and number > 0)
        for number, is_nested in enumerate(shape)
    ]
    for direction, place in moves:
        try:
            present = went(present, direction, place)
        except NoLink:
            continue

    assert sorted(link.label for link in present) == sorted(map(str, range(len(shape))))
    assert not present[0].is_nested

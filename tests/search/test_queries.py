"""Searches that forgive, equal on both databases."""

from __future__ import annotations

import pytest
from flask import Flask

from shop.search import index
from shop.search.index import Document
from shop.search.queries import Found, Match, search

MUG, VASE, BASE, PLATE, TEAPOT, CREME = range(1, 7)

SHELF = [
    Document(MUG, "Tuesday mug", "FTMUGCOB FT-MUG-02", "Cobalt stoneware for coffee"),
    Document(VASE, "Moon vase", "MOON", "Holds three branches"),
    Document(BASE, "Lamp base", "LMP", "Cobalt"),
    Document(PLATE, "Dinner plate", "PLT27", "27 cm across"),
    Document(TEAPOT, "Half-past teapot", "TEA", "Three mugs of tea"),
    Document(CREME, "Crème brûlée dish", "CRM", "For the oven"),
]


@pytest.fixture
def shelf(app: Flask) -> None:
    index.put_many(SHELF)


@pytest.mark.parametrize(
    ("typed", "words", "product_ids"),
    [
        ("moon vsae", "moon vase", [VASE]),
        ("mooon vase", "moon vase", [VASE]),
        ("tuseday mgu", "tuesday mug", [MUG]),
        ("TEAPTO", "teapot", [TEAPOT]),
        ("creme brulle", "creme brûlée", [CREME]),
        ("dinnerplate", "dinner plate", [PLATE]),
        ("moonvase", "moon vase", [VASE]),
        ("cobald base", "cobalt base", [BASE]),
    ],
)
def test_a_misspelled_query_is_put_right(
    shelf: None, typed: str, words: str, product_ids: list[int]
) -> None:
    assert search(typed) == Found(product_ids, Match.CORRECTED, words)


@pytest.mark.parametrize(
    ("typed", "product_ids"),
    [
        ("base", [BASE]),  # one letter from "vase"
        ("vases", [VASE]),
        ("tea pot", [TEAPOT]),
        ("ft-mug-cob", [MUG]),
        ("ft mug 02", [MUG]),
        ("ftmug02", [MUG]),
        ("plt-27", [PLATE]),
    ],
)
def test_words_that_find_something_are_left_alone(
    shelf: None, typed: str, product_ids: list[int]
) -> None:
    assert search(typed) == Found(product_ids, Match.ALL, typed)


@pytest.mark.parametrize(
    ("typed", "words", "product_ids"),
    [
        ("cobalt zebra", "cobalt", [BASE, MUG]),
        ("cobalt teapot", "cobalt teapot", [TEAPOT, BASE, MUG]),
        ("zebra cobald", "cobalt", [BASE, MUG]),
    ],
)
def test_where_no_product_has_all_words_the_closest_are_shown(
    shelf: None, typed: str, words: str, product_ids: list[int]
) -> None:
    assert search(typed) == Found(product_ids, Match.SOME, words)


def test_taken_as_they_are_words_find_nothing_and_another_spelling_is_offered(shelf: None) -> None:
    assert search("moon vsae", is_verbatim=True) == Found(
        [], Match.NOTHING, "moon vsae", suggestion="moon vase"
    )


@pytest.mark.parametrize("typed", ["", "🎁", "zebra", "zz 99999"])
def test_what_resembles_nothing_finds_nothing(shelf: None, typed: str) -> None:
    assert search(typed) == Found([], Match.NOTHING, typed)


def test_a_word_of_a_product_that_is_gone_corrects_nothing(shelf: None) -> None:
    index.remove(VASE)

    assert search("vsae") == Found([], Match.NOTHING, "vsae")

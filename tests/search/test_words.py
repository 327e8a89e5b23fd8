"""How text becomes words."""

from __future__ import annotations

import pytest

from shop.search.words import MAX_WORD, sku_words_of, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Potter's Crème-Brûlée", ["potters", "creme", "brulee"]),
        ("STRASSE straße Łódź Øre Ærø", ["strasse", "strasse", "lodz", "ore", "aero"]),
        ("L'eau 12,5 cm", ["l", "eau", "12", "5", "cm"]),
        ("陶器 bowl", ["陶", "器", "bowl"]),
        ("ΚΕΡΑΜΙΚΌΣ", ["κεραμικοσ"]),
        ("ﬁne ½", ["fine", "1", "2"]),
        ("🎁 _ -- \u202e", []),
        ("e\u0301" + "\u0301" * 3000, ["e"]),
    ],
)
def test_words_have_neither_case_nor_accents_nor_punctuation(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def test_a_very_long_word_is_cut() -> None:
    assert words_of("x" * 10_000) == ["x" * MAX_WORD]


def test_a_sku_is_found_in_parts_and_as_a_whole() -> None:
    assert sku_words_of("MUG-COB.01") == ["mug", "cob", "01", "mugcob01"]
    assert sku_words_of("MUG") == ["mug"]
    assert sku_words_of("--") == []

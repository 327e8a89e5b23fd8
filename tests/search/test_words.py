"""How text becomes words."""

from __future__ import annotations

import pytest

from shop.search.words import MAX_WORD, Term, sku_words_of, terms_of, words_of


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
    assert sku_words_of("MUG01-B") == ["mug01", "mug", "01", "b", "mug01b"]
    assert sku_words_of("MUG") == ["mug"]
    assert sku_words_of("--") == []


@pytest.mark.parametrize(
    "forms",
    [
        "mug mugs", "vase vases Vasen", "dish dishes", "glass glasses", "berry berries",
        "cookie cookies", "knife knives", "shelf shelves", "leaf leaves", "box boxes",
        "tray trays", "cactus cactuses", "tomato tomatoes", "candle candles", "olive olives",
        "Krug Krüge Krügen", "Glas Gläser Gläsern", "Buch Bücher", "Topf Töpfe Töpfen",
        "Tasse Tassen", "Kanne Kannen", "Teller Tellern", "Schüssel Schüsseln", "Becher Bechern",
    ],
)  # fmt: skip
def test_forms_of_a_word_share_a_stem(forms: str) -> None:
    assert len({term.stem for term in terms_of(forms)}) == 1


@pytest.mark.parametrize(
    "words",
    ["plate platter", "glass glas", "oven over", "bowl bowler", "gas gash", "bus bu",
     "Teller Tell", "Becher Bech", "planter plants", "S5 S", "10s 10"],
)  # fmt: skip
def test_other_words_do_not(words: str) -> None:
    assert len({term.stem for term in terms_of(words)}) == 2


def test_a_term_keeps_how_it_is_written() -> None:
    assert terms_of("Crème  BRÛLÉE, 2") == [
        Term("creme", "crem", "crème"), Term("brulee", "brule", "brûlée"), Term("2", "2", "2"),
    ]  # fmt: skip

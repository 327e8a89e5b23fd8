from __future__ import annotations

import pytest

from shop.store.wording import StockDisplay, StockWords

NEVER, FEW, ALWAYS = (StockWords(display, 3) for display in StockDisplay)


@pytest.mark.parametrize(
    ("words", "units", "count"),
    [
        (NEVER, 1, 0),
        (NEVER, 40, 0),
        (FEW, 3, 3),
        (FEW, 4, 0),
        (ALWAYS, 40, 40),
        (ALWAYS, 0, 0),
        (ALWAYS, None, 0),
    ],
)
def test_the_number_is_said_where_the_merchant_wants_it(
    words: StockWords, units: int | None, count: int
) -> None:
    assert words.count(units) == count


@pytest.mark.parametrize("words", [NEVER, FEW, ALWAYS])
def test_few_are_few_however_they_are_told(words: StockWords) -> None:
    assert [words.is_low(units) for units in (0, 1, 3, 4, None)] == [
        False, True, True, False, False,
    ]  # fmt: skip


def test_the_end_of_a_form_tells_no_more_than_the_words() -> None:
    assert [words.most(2, 99) for words in (NEVER, FEW, ALWAYS)] == [99, 2, 2]
    assert [words.most(40, 99) for words in (NEVER, FEW, ALWAYS)] == [99, 99, 40]
    assert ALWAYS.most(500, 99) == 99

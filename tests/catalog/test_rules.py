from __future__ import annotations

from typing import Any

import pytest

from shop.catalog.rules import (
    About,
    Comparison,
    Condition,
    Rule,
    Traits,
    as_rows,
    fit_together,
    from_rows,
)


def traits(**values: Any) -> Traits:
    usual: dict[str, Any] = {
        "title": "Tuesday mug",
        "product_type": "Mugs",
        "vendor": "Fettle",
        "tags": ("Coffee", "dishwasher safe"),
        "options": ("Cobalt", "Small"),
        "prices": (2900, 3400),
        "compare_ats": (),
        "stock": 5,
    }
    return Traits(**(usual | values))


def rule(about: str, comparison: str, value: str | int) -> Rule:
    return Rule((Condition(About(about), Comparison(comparison), value),))


@pytest.mark.parametrize(
    ("about", "comparison", "value", "expected"),
    [
        ("title", "contains", "DAY", True),
        ("title", "starts", "tuesday", True),
        ("title", "starts", "mug", False),
        ("type", "equals", "mugs", True),
        ("type", "not-equals", "Mugs", False),
        ("vendor", "equals", "fett", False),
        ("tag", "equals", "coffee", True),
        ("tag", "contains", "washer", True),
        ("tag", "not-equals", "coffee", False),
        ("tag", "not-equals", "tea", True),
        ("option", "equals", "cobalt", True),
        ("price", "less", 3000, True),
        ("price", "less", 2900, False),
        ("price", "greater", 3000, True),
        ("price", "equals", 3400, True),
        ("compare-at", "greater", 0, False),
        ("stock", "less", 6, True),
        ("stock", "equals", 5, True),
        ("stock", "greater", 5, False),
    ],
)
def test_conditions(about: str, comparison: str, value: str | int, expected: bool) -> None:
    assert rule(about, comparison, value).holds(traits()) is expected


def test_what_is_not_counted_is_more_than_any_number() -> None:
    assert rule("stock", "greater", 1_000_000).holds(traits(stock=None))
    assert not rule("stock", "less", 1_000_000).holds(traits(stock=None))


def test_a_reduced_price_can_be_asked_for() -> None:
    assert rule("compare-at", "greater", 0).holds(traits(compare_ats=(4800,)))


def test_all_conditions_or_any() -> None:
    mug = Condition(About.TYPE, Comparison.EQUALS, "mugs")
    dear = Condition(About.PRICE, Comparison.GREATER, 10_000)

    assert not Rule((mug, dear), needs_all=True).holds(traits())
    assert Rule((mug, dear), needs_all=False).holds(traits())


def test_rules_outlive_the_database() -> None:
    kept = Rule(
        (
            Condition(About.PRICE, Comparison.LESS, 2500),
            Condition(About.TAG, Comparison.STARTS, "x"),
        ),
        needs_all=False,
    )

    assert from_rows(as_rows(kept.conditions), needs_all=False) == kept


def test_numbers_and_words_are_compared_in_their_own_ways() -> None:
    assert fit_together(About.PRICE, Comparison.LESS)
    assert not fit_together(About.PRICE, Comparison.CONTAINS)
    assert fit_together(About.TAG, Comparison.CONTAINS)
    assert not fit_together(About.TAG, Comparison.GREATER)

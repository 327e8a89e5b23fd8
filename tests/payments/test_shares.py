"""Refunds in any order add up to exactly what was paid, taxes included."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shop.money import Money, total_of
from shop.payments.shares import (
    Given,
    MoreThanLeft,
    Portion,
    Share,
    SoldLine,
    cut,
    portions,
    shares,
)
from shop.pricing.discounts import Discount, Kind
from shop.pricing.quote import Item, Quote, quote
from shop.pricing.tax import STANDARD, Rate, TaxRules

EXAMPLES = int(os.environ.get("MONEY_EXAMPLES", "150"))
NONE = Money.zero("GBP")


def pounds(amount: int) -> Money:
    return Money(amount, "GBP")


def rules(*, included: bool = True, relief: str = "") -> TaxRules:
    rates = {STANDARD: (Rate("VAT", 200_000),), "reduced": (Rate("A", 50_000), Rate("B", 21_250))}
    return TaxRules(is_included=included, rates=rates, relief=relief)


def sold(quoted: Quote, steps: bool = True) -> list[Portion]:
    lines = [
        SoldLine(at, line.quantity, line.total, line.tax)
        for at, line in enumerate(quoted.lines, start=1)
    ]
    return portions(quoted.bill, quoted.steps if steps else (), lines, {})


def after(parts: list[Portion], taken: list[Share]) -> tuple[list[Portion], Counter[object]]:
    """The portions when the shares are given back, and their taxes."""
    by_line = {share.line_id: share for share in taken}
    changed, taxes = [], Counter[object]()
    for part in parts:
        share = by_line.get(part.line_id)
        if share is None:
            changed.append(part)
            continue
        of_share = part.taxes_of(share.amount)
        for key, tax in of_share.items():
            taxes[key] += tax.amount
        total = dict(part.given.taxes)
        for key, tax in of_share.items():
            total[key] = total.get(key, Money.zero(tax.currency)) + tax
        given_now = Given(
            part.given.quantity + share.quantity, part.given.amount + share.amount, total
        )
        changed.append(replace(part, given=given_now))
    return changed, taxes


items = st.lists(
    st.tuples(
        st.integers(0, 5000), st.integers(1, 7), st.sampled_from([STANDARD, "reduced", "zero", ""])
    ),
    min_size=1,
    max_size=4,
)


@st.composite
def quotes(draw: st.DrawFn) -> Quote:
    percent = draw(st.sampled_from([0, 100_000, 333_333]))
    discounts = [Discount(1, "Off", Kind.PERCENTAGE, percent)] if percent else []
    return quote(
        [
            Item(at, pounds(unit), quantity, tax_category=category)
            for at, (unit, quantity, category) in enumerate(draw(items), start=1)
        ],
        shipping=pounds(draw(st.sampled_from([0, 1, 450, 999]))),
        tax=rules(included=draw(st.booleans()), relief=draw(st.sampled_from(["", "Reverse"]))),
        discounts=discounts,
        round_to=draw(st.sampled_from([1, 5])),
    )


@settings(max_examples=EXAMPLES)
@given(quotes(), st.booleans())
def test_portions_add_up_to_the_total(quoted: Quote, has_steps: bool) -> None:
    if not has_steps and (quoted.relief or quoted.rules.relief or len(quoted.taxes) > 1):
        return  # orders without steps knew neither

    parts = sold(quoted, has_steps)

    assert total_of([part.amount for part in parts], "GBP") == quoted.total
    taxes = Counter[object]()
    for part in parts:
        for key, tax in part.taxes.items():
            taxes[key] += tax.amount
    assert taxes.total() == quoted.tax.amount


@settings(max_examples=EXAMPLES)
@given(quotes(), st.data())
def test_refunds_in_any_order_add_up_to_exactly_what_was_paid(
    quoted: Quote, data: st.DataObject
) -> None:
    parts, given_back, taxes = sold(quoted), NONE, Counter[object]()
    for _ in range(data.draw(st.integers(0, 4))):
        units = {
            part.line_id: data.draw(st.integers(0, part.units_left))
            for part in parts
            if part.line_id is not None
        }
        delivery = pounds(data.draw(st.integers(0, max(0, parts[-1].left.amount))))
        chosen = total_of([s.amount for s in shares(parts, units=units, delivery=delivery,
                                                    surplus=NONE)], "GBP")  # fmt: skip
        left = quoted.total - given_back
        amount = pounds(data.draw(st.sampled_from([chosen.amount, 1, left.amount // 2])))
        if not 0 < amount.amount <= left.amount:
            continue
        taken = shares(parts, units=units, delivery=delivery, amount=amount, surplus=NONE)
        assert total_of([share.amount for share in taken], "GBP") == amount
        parts, of_refund = after(parts, taken)
        given_back, taxes = given_back + amount, taxes + of_refund
        assert all(part.left.amount >= 0 for part in parts)

    rest = quoted.total - given_back
    if rest.amount > 0:
        taken = shares(parts, units={}, delivery=NONE, amount=rest, surplus=NONE)
        parts, of_refund = after(parts, taken)
        taxes += of_refund

    assert [part.left for part in parts] == [NONE] * len(parts)
    expected = {(t.rate.name, t.rate.rate_ppm): t.amount.amount for t in quoted.taxes}
    assert taxes == Counter({key: amount for key, amount in expected.items() if amount})


@settings(max_examples=EXAMPLES)
@given(st.integers(0, 10_000), st.integers(1, 9), st.data())
def test_the_last_unit_takes_the_rest(total: int, quantity: int, data: st.DataObject) -> None:
    part = Portion(1, quantity, pounds(total), {}, Given(0, NONE))
    while part.units_left:
        units = data.draw(st.integers(1, part.units_left))
        worth = part.worth(units)
        part = replace(part, given=Given(part.given.quantity + units, part.given.amount + worth))

    assert part.left == NONE


def two_lines() -> list[Portion]:
    """20.00 twice and 5.00 once with 20 % VAT inside, delivery 4.50: 49.50."""
    quoted = quote(
        [Item(1, pounds(2000), 2), Item(2, pounds(500), 1)], shipping=pounds(450), tax=rules()
    )
    return sold(quoted)


@pytest.mark.parametrize(
    ("units", "delivery", "amount", "expected"),
    [
        ({1: 1}, 0, None, [Share(1, 1, pounds(2000))]),
        ({1: 2, 2: 1}, 450, None,
         [Share(1, 2, pounds(4000)), Share(2, 1, pounds(500)), Share(None, 0, pounds(450))]),
        # Five pounds are kept back: 2,000 of 2,500 spread 4 : 1.
        ({1: 1, 2: 1}, 0, 2000, [Share(1, 1, pounds(1600)), Share(2, 1, pounds(400))]),
        # Nothing chosen: spread over all there is, 4000 : 500 : 450 of 4,950.
        ({}, 0, 495,
         [Share(1, 0, pounds(400)), Share(2, 0, pounds(50)), Share(None, 0, pounds(45))]),
    ],
)  # fmt: skip
def test_what_a_refund_takes(
    units: dict[int, int], delivery: int, amount: int | None, expected: list[Share]
) -> None:
    wanted = None if amount is None else pounds(amount)

    found = shares(two_lines(), units=units, delivery=pounds(delivery), amount=wanted, surplus=NONE)

    assert found == expected


def test_what_was_held_back_of_one_unit_is_not_paid_out_with_the_next() -> None:
    parts = two_lines()
    parts, _ = after(parts, shares(parts, units={1: 1}, delivery=NONE, amount=pounds(1500),
                                   surplus=NONE))  # fmt: skip

    (share,) = shares(parts, units={1: 1}, delivery=NONE, surplus=NONE)

    assert share.amount == pounds(2000)
    assert parts[0].left == pounds(2500)


def test_money_beyond_the_total_has_no_share() -> None:
    found = shares(two_lines(), units={}, delivery=NONE, amount=pounds(4950), surplus=pounds(4950))

    assert found == []


@pytest.mark.parametrize(
    ("units", "delivery", "amount", "left"),
    [({1: 3}, 0, None, 4000), ({}, 451, None, 450), ({1: 1}, 0, 4951, 4950)],
)
def test_more_than_is_left_is_refused(
    units: dict[int, int], delivery: int, amount: int | None, left: int
) -> None:
    wanted = None if amount is None else pounds(amount)

    with pytest.raises(MoreThanLeft) as refusal:
        shares(two_lines(), units=units, delivery=pounds(delivery), amount=wanted, surplus=NONE)

    assert refusal.value.left == pounds(left)


def test_one_decision_is_cut_for_the_payments_that_give() -> None:
    taken = [Share(1, 2, pounds(4000)), Share(2, 1, pounds(500)), Share(3, 1, NONE)]

    first, second = cut(taken, [pounds(3000), pounds(1500)])

    assert first == [Share(1, 2, pounds(3000))]
    assert second == [Share(1, 0, pounds(1000)), Share(2, 1, pounds(500)), Share(3, 1, NONE)]

"""Worked examples: what the law of six places takes, each sum worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from shop.money import Money
from shop.pricing.discounts import Discount, Kind
from shop.pricing.quote import Item, quote
from shop.pricing.tax import STANDARD, Rate, ShippingTax, TaxRules


@dataclass(frozen=True, kw_only=True)
class Example:
    name: str
    source: str
    currency: str
    #: Unit amount, quantity, category.
    lines: Sequence[tuple[int, int, str]]
    shipping: int
    rules: TaxRules
    #: Name, parts per million, base without tax, tax.
    taxes: Sequence[tuple[str, int, int, int]]
    total: int
    percent_off: int = 0
    round_to: int = 1
    rounding: int = 0


EXAMPLES = [
    Example(
        name="United Kingdom: 20 % in the price",
        source="VAT Act 1994, s. 2(1) and 19(2): the VAT fraction is 1/6",
        currency="GBP",
        # 2 x 34.00 = 68.00, of which 1/6 = 11.3333 -> 11.33; delivery 4.50 / 6 = 0.75.
        # Tax 12.08 on 72.50 - 12.08 = 60.42.
        lines=[(3400, 2, STANDARD)],
        shipping=450,
        rules=TaxRules(rates={STANDARD: (Rate("VAT", 200_000),)}),
        taxes=[("VAT", 200_000, 6042, 1208)],
        total=7250,
    ),
    Example(
        name="Germany: 19 % and 7 %, the delivery in proportion",
        source="UStG § 12(1) and (2); UStAE 3.10(5): what is ancillary is taxed like the goods",
        currency="EUR",
        # Goods 30.00 at 19 % and 20.00 at 7 %: delivery 5.00 = 3.00 + 2.00.
        # 19 %: 30.00 x 19/119 = 4.7899 -> 4.79; 3.00 x 19/119 = 0.4790 -> 0.48; sum 5.27 of 33.00.
        #  7 %: 20.00 x 7/107 = 1.3084 -> 1.31; 2.00 x 7/107 = 0.1308 -> 0.13; sum 1.44 of 22.00.
        lines=[(3000, 1, STANDARD), (1000, 2, "reduced")],
        shipping=500,
        rules=TaxRules(
            rates={STANDARD: (Rate("USt", 190_000),), "reduced": (Rate("USt", 70_000),)}
        ),
        taxes=[("USt", 190_000, 2773, 527), ("USt", 70_000, 2056, 144)],
        total=5500,
    ),
    Example(
        name="California: 7.25 % added, the delivery not taxed",
        source="CDTFA, statewide base rate; Regulation 1628 (common carrier, stated separately)",
        currency="USD",
        # 2 x 34.00 = 68.00, x 0.0725 = 4.93; 68.00 + 6.00 + 4.93 = 78.93.
        lines=[(3400, 2, STANDARD)],
        shipping=600,
        rules=TaxRules(False, {STANDARD: (Rate("Sales tax", 72_500),)}, ShippingTax.NONE),
        taxes=[("Sales tax", 72_500, 6800, 493)],
        total=7893,
    ),
    Example(
        name="India, within the state: 9 % CGST and 9 % SGST",
        source="CGST Act 2017, s. 9 and the State's SGST Act, s. 9; rate of 18 %",
        currency="INR",
        # 1,499.00 x 0.09 = 134.91, twice; 1,499.00 + 269.82 = 1,768.82.
        lines=[(149_900, 1, STANDARD)],
        shipping=0,
        rules=TaxRules(False, {STANDARD: (Rate("CGST", 90_000), Rate("SGST", 90_000))}),
        taxes=[("CGST", 90_000, 149_900, 13_491), ("SGST", 90_000, 149_900, 13_491)],
        total=176_882,
    ),
    Example(
        name="India, to another state: 18 % IGST",
        source="IGST Act 2017, s. 5",
        currency="INR",
        # 1,499.00 x 0.18 = 269.82.
        lines=[(149_900, 1, STANDARD)],
        shipping=0,
        rules=TaxRules(False, {STANDARD: (Rate("IGST", 180_000),)}),
        taxes=[("IGST", 180_000, 149_900, 26_982)],
        total=176_882,
    ),
    Example(
        name="Switzerland: 8.1 % in the price, paid in steps of 5 centimes",
        source="MWSTG art. 25(1), rate since 1 January 2024; the least coin is 5 centimes",
        currency="CHF",
        # 3 x 12.95 = 38.85, less 10 % = 3.885 -> 3.89: 34.96.
        # Tax 34.96 x 81/1081 = 2.6196 -> 2.62. To pay: 34.96 -> 34.95, rounding -0.01.
        lines=[(1295, 3, STANDARD)],
        shipping=0,
        rules=TaxRules(rates={STANDARD: (Rate("MWST", 81_000),)}),
        taxes=[("MWST", 81_000, 3234, 262)],
        total=3495,
        percent_off=10,
        round_to=5,
        rounding=-1,
    ),
    Example(
        name="Japan: 10 %, food 8 %, the delivery 10 %",
        source="Consumption Tax Act, art. 29 with the Local Tax Act; National Tax Agency, No. 6303",
        currency="JPY",
        # 2,200 x 10/110 = 200; 1,080 x 8/108 = 80; delivery 660 x 10/110 = 60.
        lines=[(2200, 1, STANDARD), (1080, 1, "reduced")],
        shipping=660,
        rules=TaxRules(
            True,
            {STANDARD: (Rate("消費税", 100_000),), "reduced": (Rate("消費税", 80_000),)},
            ShippingTax.STANDARD,
        ),
        taxes=[("消費税", 100_000, 2600, 260), ("消費税", 80_000, 1000, 80)],
        total=3940,
    ),
]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_a_worked_example_comes_out_to_the_cent(example: Example) -> None:
    discounts = [
        Discount(1, "Off", Kind.PERCENTAGE, value=example.percent_off * 10_000)
    ] * bool(example.percent_off)  # fmt: skip

    result = quote(
        [
            Item(number, Money(amount, example.currency), quantity, category)
            for number, (amount, quantity, category) in enumerate(example.lines, start=1)
        ],
        shipping=Money(example.shipping, example.currency),
        tax=example.rules,
        discounts=discounts,
        round_to=example.round_to,
    )

    assert [
        (tax.rate.name, tax.rate.rate_ppm, tax.base.amount, tax.amount.amount)
        for tax in result.taxes
    ] == list(example.taxes)
    assert (result.total.amount, result.rounding.amount) == (example.total, example.rounding)

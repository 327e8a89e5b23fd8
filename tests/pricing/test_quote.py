from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from shop.money import Money, step
from shop.pricing.quote import Item, Tax, quote

CURRENCIES = st.sampled_from(["EUR", "JPY", "KWD"])


@st.composite
def bills(draw: st.DrawFn) -> tuple[list[Item], Money, Tax]:
    currency = draw(CURRENCIES)
    amounts = st.integers(0, 100_000).map(lambda units: units * step(currency))
    items = [
        Item(number, Money(draw(amounts), currency), draw(st.integers(1, 99)), draw(st.booleans()))
        for number in range(1, draw(st.integers(1, 12)))
    ]
    tax = Tax("VAT", draw(st.integers(0, 400_000)), draw(st.booleans()))
    return items, Money(draw(amounts), currency), tax


@settings(max_examples=500)
@given(bill=bills())
def test_the_lines_always_add_up_to_the_total(bill: tuple[list[Item], Money, Tax]) -> None:
    items, shipping, tax = bill

    result = quote(items, shipping=shipping, tax=tax)

    lines = sum(line.total.amount for line in result.lines)
    taxes = sum(line.tax.amount for line in result.lines) + result.shipping_tax.amount
    added = 0 if tax.is_included else taxes
    assert result.subtotal.amount == lines == sum(i.unit.amount * i.quantity for i in items)
    assert result.tax.amount == taxes
    assert result.total.amount == lines + shipping.amount + added
    assert result.total.amount % step(result.currency) == 0
    assert min(result.total.amount, result.tax.amount) >= 0


def test_a_british_bill_contains_its_vat() -> None:
    # 2 x 34.00 + 4.50 delivery; VAT within: 68.00/6 = 11.33, 4.50/6 = 0.75.
    items = [Item(1, Money(3400, "GBP"), 2)]

    result = quote(items, shipping=Money(450, "GBP"), tax=Tax("VAT", 200_000, is_included=True))

    assert (result.subtotal.amount, result.tax.amount, result.total.amount) == (6800, 1208, 7250)


def test_added_tax_is_rounded_per_line() -> None:
    # 8.875 % of 1.99 = 0.1766 -> 0.18, three lines: 0.54; of 5.97 at once it would be 0.53.
    items = [Item(n, Money(199, "USD"), 1) for n in (1, 2, 3)]

    result = quote(items, shipping=Money(0, "USD"), tax=Tax("Sales tax", 88_750, is_included=False))

    assert (result.tax.amount, result.total.amount) == (54, 651)


def test_what_is_not_taxable_is_not_taxed() -> None:
    items = [Item(1, Money(1000, "EUR"), 1, is_taxable=False)]

    result = quote(items, shipping=Money(0, "EUR"), tax=Tax("VAT", 190_000, is_included=False))

    assert (result.tax.amount, result.total.amount) == (0, 1000)

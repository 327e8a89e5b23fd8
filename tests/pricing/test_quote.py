"""The bill: it adds up for any cart, and worked examples come out to the cent."""

from __future__ import annotations

import os

from hypothesis import given, settings
from hypothesis import strategies as st

from shop.money import Money, step
from shop.pricing.discounts import Discount, Goods, Kind, Tier
from shop.pricing.quote import GiftCardBalance, Item, Quote, quote
from shop.pricing.tax import NO_TAX, Rate, ShippingTax, TaxRules
from shop.store.currencies import Currency, Ending

#: 20,000 with MONEY_EXAMPLES=20000; a tenth of a minute otherwise.
EXAMPLES = int(os.environ.get("MONEY_EXAMPLES", "500"))
CURRENCIES = st.sampled_from(["EUR", "USD", "JPY", "KWD", "CHF", "INR"])
CATEGORIES = st.sampled_from(["standard", "reduced", ""])


@st.composite
def tax_rules(draw: st.DrawFn) -> TaxRules:
    rates = st.lists(st.builds(Rate, st.sampled_from("ABC"), st.integers(0, 400_000)), max_size=2)
    return TaxRules(
        is_included=draw(st.booleans()),
        rates={name: tuple(draw(rates)) for name in ("standard", "reduced")},
        shipping=draw(st.sampled_from(ShippingTax)),
        relief=draw(st.sampled_from(["", "", "Reverse charge"])),
    )


@st.composite
def discounts(draw: st.DrawFn, unit: int) -> list[Discount]:
    def one(number: int) -> Discount:
        kind = draw(st.sampled_from(Kind))
        most = 1_000_000 if kind in (Kind.PERCENTAGE, Kind.BUY_X_GET_Y) else 50_000
        values = st.integers(0, most).map(lambda value: value // unit * unit)
        tiers = sorted(draw(st.sets(st.integers(1, 100_000), max_size=3)))
        return Discount(
            number,
            f"Discount {number}",
            kind,
            code=draw(st.sampled_from(["", "CODE"])),
            value=draw(values),
            goods=draw(st.sampled_from([Goods(), Goods(frozenset({1, 2}))])),
            minimum_amount=draw(st.sampled_from([0, 5_000])),
            tiers=tuple(Tier(start, draw(values)) for start in tiers)
            if kind in (Kind.PERCENTAGE, Kind.AMOUNT)
            else (),
            buy_quantity=draw(st.integers(0, 3)),
            get_quantity=draw(st.integers(1, 2)),
            most_times=draw(st.integers(0, 2)),
            combines=draw(st.booleans()),
        )

    return [one(number) for number in range(draw(st.integers(0, 4)))]


def converted(code: str) -> st.SearchStrategy[int]:
    """Amounts typed in pounds, at some rate and with any ending that the currency has."""
    endings = [ending for ending in Ending if ending.rounding.fits(code)]
    currencies = st.builds(
        Currency,
        code=st.just(code),
        base=st.just("GBP"),
        rate=st.sampled_from(["0.4123", "1", "1.1734", "1.07256", "198.4"]),
        margin_ppm=st.integers(0, 100_000),
        ending=st.sampled_from(endings),
    )
    return st.builds(
        lambda currency, amount: currency.of(amount).amount, currencies, st.integers(0, 5_000)
    )


@st.composite
def bills(draw: st.DrawFn) -> tuple[list[Item], Quote]:
    currency = draw(CURRENCIES)
    unit = step(currency)
    typed = st.integers(0, 100_000).map(lambda value: value // unit * unit)
    amounts = typed | converted(currency)
    items = [
        Item(
            number,
            Money(draw(amounts), currency),
            draw(st.integers(1, 99)),
            tax_category=draw(CATEGORIES),
            product_id=draw(st.integers(1, 4)),
            is_discountable=draw(st.booleans()),
        )
        for number in range(1, draw(st.integers(1, 8)))
    ]
    cards = draw(st.lists(amounts, max_size=3))
    quoted = quote(
        items,
        shipping=Money(draw(amounts), currency),
        tax=draw(tax_rules()),
        discounts=draw(discounts(unit)),
        gift_cards=[GiftCardBalance(n, Money(card, currency)) for n, card in enumerate(cards)],
        round_to=draw(st.sampled_from([1, 5])) * unit,
        least_due=draw(st.sampled_from([0, 50, 17_500])) // unit * unit,
    )
    return items, quoted


@settings(max_examples=EXAMPLES, deadline=None)
@given(bill=bills())
def test_the_lines_always_add_up_to_the_total(bill: tuple[list[Item], Quote]) -> None:
    items, result = bill

    lines = result.lines
    assert [line.subtotal for line in lines] == [item.unit * item.quantity for item in items]
    assert result.subtotal.amount == sum(line.subtotal.amount for line in lines)
    assert result.discount.amount == result.shipping_discount.amount + sum(
        line.discount.amount for line in lines
    )
    assert result.discount.amount == sum(one.amount.amount for one in result.bill.discounts)
    assert all(line.total == line.subtotal - line.discount for line in lines)
    added = 0 if result.rules.is_included else result.tax.amount
    assert result.total.amount == (
        result.subtotal.amount
        - result.discount.amount
        + result.shipping.amount
        + added
        - result.relief.amount
        + result.rounding.amount
    )
    assert result.tax.amount == sum(tax.amount.amount for tax in result.taxes)
    assert result.due.amount == result.total.amount - sum(
        u.amount.amount for u in result.gift_cards
    )


@settings(max_examples=EXAMPLES, deadline=None)
@given(bill=bills())
def test_the_steps_lead_to_what_is_due(bill: tuple[list[Item], Quote]) -> None:
    _items, result = bill

    moving = [step.amount.amount for step in result.steps if not step.is_contained]
    assert sum(moving) == result.due.amount


@settings(max_examples=EXAMPLES, deadline=None)
@given(bill=bills())
def test_nothing_is_ever_negative_or_unpayable(bill: tuple[list[Item], Quote]) -> None:
    items, result = bill

    unit = step(result.currency)
    sums = [result.subtotal, result.discount, result.shipping, result.tax, result.total, result.due]
    parts = [each for line in result.lines for each in (line.discount, line.total, line.tax)]
    assert all(money.amount >= 0 and money.amount % unit == 0 for money in sums + parts)
    given_away = [
        line.discount
        for item, line in zip(items, result.lines, strict=True)
        if not item.is_discountable
    ]
    assert not any(given_away)


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    total=st.integers(0, 10_000),
    balances=st.lists(st.integers(0, 6_000), max_size=5),
    least=st.integers(0, 500),
)
def test_cards_and_what_is_due_add_up_to_the_total(
    total: int, balances: list[int], least: int
) -> None:
    cards = [GiftCardBalance(n, Money(card, "GBP")) for n, card in enumerate(balances)]

    result = quote([item(total)], shipping=nothing(), gift_cards=cards, least_due=least)

    used = {use.id: use.amount.amount for use in result.gift_cards}
    assert sum(used.values()) + result.due.amount == total
    assert all(0 < amount <= balances[card] for card, amount in used.items())
    assert (result.due.amount == 0) == (sum(balances) >= total)
    assert not result.due or result.due.amount >= min(least, total)
    assert result.bill.gift_card.amount == sum(one.amount.amount for one in result.bill.gift_cards)


# Small rules


def item(amount: int, quantity: int = 1, currency: str = "GBP", **values: object) -> Item:
    return Item(1, Money(amount, currency), quantity, **values)  # type: ignore[arg-type]  # any field


def nothing(currency: str = "GBP") -> Money:
    return Money.zero(currency)


def vat(ppm: int, name: str = "VAT", *, is_included: bool = True, **values: object) -> TaxRules:
    rates = {"standard": (Rate(name, ppm),)}
    return TaxRules(is_included, rates, **values)  # type: ignore[arg-type]  # any field


def test_added_tax_is_rounded_per_line() -> None:
    # 8.875 % of 1.99 = 0.1766 -> 0.18, three lines: 0.54; of 5.97 at once it would be 0.53.
    items = [item(199, currency="USD") for _ in range(3)]

    result = quote(items, shipping=nothing("USD"), tax=vat(88_750, is_included=False))

    assert (result.tax.amount, result.total.amount) == (54, 651)


def test_what_has_no_category_is_not_taxed() -> None:
    result = quote([item(1000, tax_category="")], shipping=nothing(), tax=vat(190_000))

    assert (result.tax.amount, result.total.amount, result.taxes) == (0, 1000, ())


def test_reverse_charge_takes_the_contained_tax_off_the_price() -> None:
    # 119.00 holds 19.00 of VAT at 19 %: a business elsewhere in the EU pays 100.00.
    rules = vat(190_000, relief="Reverse charge")

    result = quote([item(11_900, currency="EUR")], shipping=nothing("EUR"), tax=rules)

    assert (result.relief.amount, result.tax.amount, result.total.amount) == (1900, 0, 10_000)


def test_gift_cards_pay_in_the_order_given_and_never_more_than_is_due() -> None:
    cards = [GiftCardBalance(7, Money(2000, "GBP")), GiftCardBalance(8, Money(5000, "GBP"))]

    result = quote([item(3000)], shipping=nothing(), gift_cards=cards)

    assert [(use.id, use.amount.amount) for use in result.gift_cards] == [(7, 2000), (8, 1000)]
    assert (result.total.amount, result.due.amount) == (3000, 0)


def test_a_gift_card_leaves_what_can_be_paid_by_other_means() -> None:
    card = GiftCardBalance(7, Money(2980, "GBP"))

    result = quote([item(3000)], shipping=nothing(), gift_cards=[card], least_due=30)

    assert (result.bill.gift_card.amount, result.due.amount) == (2970, 30)


def test_an_empty_cart_costs_its_delivery() -> None:
    result = quote([], shipping=Money(450, "GBP"), tax=NO_TAX)

    assert (result.subtotal.amount, result.total.amount) == (0, 450)

"""What Stripe is asked for is what is due, and what is given back is what was paid, to the last
unit, for any bill in any currency: discounts, taxes, delivery, gift cards and store credit or not.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given

from shop.clock import now
from shop.money import Money, step, total_of
from shop.orders.models import LineItem, Order
from shop.orders.placement import Placement
from shop.orders.service import _new_order
from shop.payments.amounts import to_stripe
from shop.payments.params import Shop, session_params
from shop.payments.refund_models import Refund, RefundLine, RefundStatus
from shop.payments.refund_queries import portions_of
from shop.payments.shares import MoreThanLeft, Portion, Share, shares
from shop.pricing.quote import Quote
from tests.factories import BUYER
from tests.pricing.test_quote import EXAMPLES, MANY, RANDOMS, bill_of

SHOP = Shop("Fettle", "till", "https://shop.example/ok", "https://shop.example/back")


def order_of(quoted: Quote) -> Order:
    placement = Placement(
        buyer=BUYER,
        lines=(),
        bill=quoted.bill,
        steps=quoted.steps,
        shipping_name="Standard",
        shipping_min_days=2,
        shipping_max_days=3,
    )
    order = _new_order(placement, checkout_id=1, revision=1, expires_at=now())
    order.id = 1
    order.lines = [
        LineItem(
            id=number,
            variant_id=line.variant_id,
            title="Tuesday mug",
            options="",
            sku="",
            file=None,
            unit_amount=line.unit.amount,
            quantity=line.quantity,
            discount_amount=line.discount.amount,
            total_amount=line.total.amount,
            tax_amount=line.tax.amount,
        )
        for number, line in enumerate(quoted.lines, start=1)
    ]
    return order


@pytest.mark.timeout(900 + EXAMPLES)
@MANY
@given(RANDOMS)
def test_the_sum_sent_is_the_orders_and_refunds_in_any_order_end_at_nothing(
    random: Random,
) -> None:
    _items, quoted = bill_of(random)
    order = order_of(quoted)

    if order.due:
        assert_sent_is_due(order)
    give_all_back(order, random)


def assert_sent_is_due(order: Order) -> None:
    params = session_params(order, SHOP, ordinal=1, expires_at=0)

    prices = [(line["quantity"], line["price_data"]) for line in params["line_items"]]
    ways = [option["shipping_rate_data"]["fixed_amount"] for option in params["shipping_options"]]
    sent = sum(quantity * price["unit_amount"] for quantity, price in prices)
    assert sent + sum(way["amount"] for way in ways) == to_stripe(order.due)
    assert all(price["unit_amount"] >= 0 for _quantity, price in prices)
    assert all(way["amount"] >= 0 for way in ways)
    assert {price["currency"] for _quantity, price in prices} <= {order.currency.lower()}
    assert {way["currency"] for way in ways} <= {order.currency.lower()}


def test_the_payment_page_bears_the_shops_own_name() -> None:
    _items, quoted = bill_of(Random(7))

    params = session_params(order_of(quoted), SHOP, ordinal=1, expires_at=0)

    assert params["branding_settings"] == {"display_name": "Fettle"}


@pytest.mark.parametrize(
    ("language", "told"), [("de", "de"), ("pt-BR", "pt-BR"), ("ar", "auto"), ("", "auto")]
)
@pytest.mark.parametrize("frame_url", ["", "https://shop.example/checkout/pay/1"])
def test_the_payment_page_speaks_the_orders_language_where_stripe_does(
    frame_url: str, language: str, told: str
) -> None:
    _items, quoted = bill_of(Random(7))
    order = order_of(quoted)
    order.language = language

    params = session_params(order, replace(SHOP, frame_url=frame_url), ordinal=1, expires_at=0)

    assert params["locale"] == told


def test_a_page_in_a_frame_has_one_way_on_and_the_same_sum() -> None:
    _items, quoted = bill_of(Random(7))
    order = order_of(quoted)
    framed = replace(SHOP, frame_url="https://shop.example/checkout/pay/1")

    hosted, embedded = (
        session_params(order, shop, ordinal=1, expires_at=0) for shop in (SHOP, framed)
    )

    assert {
        "success_url": SHOP.success_url,
        "cancel_url": SHOP.cancel_url,
    }.items() <= hosted.items()
    ways_on = {
        "ui_mode": "embedded_page",
        "return_url": SHOP.success_url,
        "redirect_on_completion": "always",
    }
    assert embedded.items() >= ways_on.items()
    others = {"success_url", "cancel_url", *ways_on}
    assert {name: hosted[name] for name in hosted.keys() - others} == {
        name: embedded[name] for name in embedded.keys() - others
    }


def give_all_back(order: Order, random: Random) -> None:
    """By pieces, by parts of the delivery and by amounts, and the rest in the end."""
    unit, nothing = step(order.currency), Money.zero(order.currency)
    refunds: list[Refund] = []
    for _ in range(random.randint(0, 3)):
        parts = portions_of(order, refunds)
        left = total_of([part.left for part in parts], order.currency)
        units = {
            part.line_id: random.randint(0, part.units_left)
            for part in parts
            if part.line_id is not None and part.units_left
        }
        most = random.randint(0, left.amount // unit) * unit
        amount = order.money(most) if most and random.random() < 0.5 else None
        refunds.append(refund_of(order, parts, units, amount))
        assert all(part.left.amount >= 0 for part in portions_of(order, refunds))

    parts = portions_of(order, refunds)
    left = total_of([part.left for part in parts], order.currency)
    if left:
        refunds.append(refund_of(order, parts, {}, left))

    assert all(part.left == nothing for part in portions_of(order, refunds))
    lines = [line for refund in refunds for line in refund.lines]
    assert sum(line.amount for line in lines) == order.total_amount
    assert all(line.amount >= 0 for line in lines)
    taxes = Counter[tuple[str, int]]()
    for line in lines:
        taxes.update({(tax["name"], tax["rate_ppm"]): tax["amount"] for tax in line.taxes})
    sold = Counter({(tax.name, tax.rate_ppm): tax.amount.amount for tax in order.bill.taxes})
    assert +taxes == +sold
    if order.total:
        assert_refused_beyond(order, refunds)


def assert_refused_beyond(order: Order, refunds: list[Refund]) -> None:
    try:
        refund_of(order, portions_of(order, refunds), {}, order.money(step(order.currency)))
    except MoreThanLeft:
        return
    raise AssertionError("more was given back than was paid")


def refund_of(
    order: Order, parts: list[Portion], units: dict[Any, int], amount: Money | None
) -> Refund:
    nothing = Money.zero(order.currency)
    taken = shares(parts, units=units, delivery=nothing, amount=amount, surplus=nothing)
    by_line = {part.line_id: part for part in parts}
    return Refund(
        status=RefundStatus.SUCCEEDED,
        lines=[_line(share, by_line[share.line_id]) for share in taken],
    )


def _line(share: Share, part: Portion) -> RefundLine:
    taxes = part.taxes_of(share.amount)
    return RefundLine(
        line_item_id=share.line_id,
        quantity=share.quantity,
        amount=share.amount.amount,
        taxes=[
            {"name": name, "rate_ppm": rate_ppm, "amount": tax.amount}
            for (name, rate_ppm), tax in taxes.items()
        ],
    )

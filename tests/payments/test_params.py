"""What Stripe is asked for is what is due, for any bill in any currency."""

from __future__ import annotations

from hypothesis import assume, given, settings

from shop.clock import now
from shop.orders.models import LineItem, Order
from shop.orders.placement import Placement
from shop.orders.service import _new_order
from shop.payments.amounts import to_stripe
from shop.payments.params import Shop, session_params
from shop.pricing.quote import Item, Quote
from tests.factories import BUYER
from tests.pricing.test_quote import EXAMPLES, bills

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
        for line in quoted.lines
    ]
    return order


@settings(max_examples=EXAMPLES, deadline=None)
@given(bill=bills())
def test_the_sum_sent_is_the_orders(bill: tuple[list[Item], Quote]) -> None:
    _items, quoted = bill
    order = order_of(quoted)
    assume(order.due)

    params = session_params(order, SHOP, ordinal=1, expires_at=0)

    prices = [(line["quantity"], line["price_data"]) for line in params["line_items"]]
    ways = [option["shipping_rate_data"]["fixed_amount"] for option in params["shipping_options"]]
    sent = sum(quantity * price["unit_amount"] for quantity, price in prices)
    assert sent + sum(way["amount"] for way in ways) == to_stripe(order.due)
    assert all(price["unit_amount"] >= 0 for _quantity, price in prices)
    assert {price["currency"] for _quantity, price in prices} <= {quoted.currency.lower()}
    assert {way["currency"] for way in ways} <= {quoted.currency.lower()}

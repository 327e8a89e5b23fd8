"""Orders as CSV, for spreadsheets: one line an order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from shop.catalog.csvfile import write_table
from shop.money import Money, plain_amount
from shop.orders.models import Order

HEADERS = (
    "Number", "Placed at", "Paid at", "State", "Fulfillment", "Name", "Email", "Phone", "Street",
    "Second line", "Postal code", "City", "Region", "Country", "Currency", "Subtotal", "Discount",
    "Delivery", "Tax", "Total", "Paid by gift card", "Refunded", "Tags",
)  # fmt: skip


def lines(orders: Iterable[tuple[Order, Sequence[str]]]) -> Iterator[str]:
    """The file, line by line."""
    return write_table(HEADERS, (_cells(order, tags) for order, tags in orders))


def _cells(order: Order, tags: Sequence[str]) -> Sequence[str]:
    def amount(units: int) -> str:
        return plain_amount(Money(units, order.currency))

    return (
        str(order.number or ""),
        order.placed_at.isoformat(timespec="seconds"),
        order.paid_at.isoformat(timespec="seconds") if order.paid_at else "",
        order.state,
        order.fulfillment_state if order.paid_at else "",
        order.name,
        order.email,
        order.phone,
        order.line1,
        order.line2,
        order.postal_code,
        order.city,
        order.region,
        order.country,
        order.currency,
        amount(order.subtotal_amount),
        amount(order.discount_amount),
        amount(order.shipping_amount),
        amount(order.tax_amount),
        amount(order.total_amount),
        amount(order.gift_card_amount),
        amount(order.refunded_amount),
        ", ".join(tags),
    )

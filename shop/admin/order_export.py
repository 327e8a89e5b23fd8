"""Orders as CSV, for spreadsheets: one line an order."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from shop.money import Money, plain_amount
from shop.orders.models import Order

HEADERS = (
    "Number", "Placed at", "Paid at", "State", "Fulfillment", "Name", "E-mail", "Street",
    "Postal code", "City", "Country", "Currency", "Subtotal", "Discount", "Delivery", "Tax",
    "Total", "Paid by gift card", "Refunded", "Tags",
)  # fmt: skip
#: A spreadsheet would take what begins so for a formula and run it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def lines(orders: Iterable[tuple[Order, Sequence[str]]]) -> Iterator[str]:
    """The file, line by line."""
    yield _line(HEADERS)
    for order, tags in orders:
        yield _line(_cells(order, tags))


def harmless(text: str) -> str:
    """What people typed is text to a spreadsheet, never a formula.

    Source: owasp.org/www-community/attacks/CSV_Injection.
    """
    return f"'{text}" if text.startswith(_FORMULA) else text


def _cells(order: Order, tags: Sequence[str]) -> Sequence[str]:
    def amount(units: int) -> str:
        return plain_amount(Money(units, order.currency))

    return (
        str(order.number or ""),
        order.placed_at.isoformat(timespec="seconds"),
        order.paid_at.isoformat(timespec="seconds") if order.paid_at else "",
        order.state,
        order.fulfillment_state if order.paid_at else "",
        harmless(order.name),
        harmless(order.email),
        harmless(order.line1),
        harmless(order.postal_code),
        harmless(order.city),
        order.country,
        order.currency,
        amount(order.subtotal_amount),
        amount(order.discount_amount),
        amount(order.shipping_amount),
        amount(order.tax_amount),
        amount(order.total_amount),
        amount(order.gift_card_amount),
        amount(order.refunded_amount),
        harmless(", ".join(tags)),
    )


def _line(cells: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()

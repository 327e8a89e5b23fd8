"""Every part of the templates in every state on one page, in development only."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from shop.money import Money
from shop.pricing.bill import Bill
from shop.pricing.discounts import Discount, Kind
from shop.pricing.quote import GiftCardBalance, Item, quote
from shop.pricing.tax import STANDARD, Rate, TaxRules
from shop.web.pagination import Pager

bp = Blueprint("styleguide", __name__)


@bp.get("/dev/components")
def components() -> ResponseReturnValue:
    pagers = [
        Pager(range(24), number, 24, number < 42, "?page={}".format, total, is_capped)
        for number, total, is_capped in ((1, 60, False), (2, 60, False), (7, 1000, True))
    ]
    return render_template("components/styleguide.html", money=Money, pagers=pagers, bills=_bills())


def _bills() -> list[Bill]:
    """Tax within and added, discounts, relief, rounding and a gift card."""

    def bill(currency: str, tax: TaxRules, **more: Any) -> Bill:
        items = [Item(1, Money(4650, currency), 2)]
        return quote(items, shipping=Money(450, currency), tax=tax, **more).bill

    vat, sales_tax = Rate("VAT", 200_000), Rate("Sales tax", 88_750)
    ten_off = Discount(1, "Ten off", Kind.PERCENTAGE, code="TEN", value=100_000)
    card = GiftCardBalance(1, Money(2500, "GBP"))
    return [
        bill("GBP", TaxRules(True, {STANDARD: (vat,)})),
        bill("USD", TaxRules(False, {STANDARD: (sales_tax,)}), discounts=[ten_off]),
        bill("GBP", TaxRules(True, {STANDARD: (vat,)}), gift_cards=[card]),
        bill("EUR", TaxRules(True, {STANDARD: (vat,)}, relief="Reverse charge"), round_to=5),
    ]

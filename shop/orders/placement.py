"""What shopper and shop agree on when an order is placed. Pure."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum

from shop.addresses import Address
from shop.money import Money
from shop.pricing.bill import Bill
from shop.pricing.quote import GiftCardUse, Step


class PayBy(StrEnum):
    """The ways to pay."""

    #: A page of Stripe's: cards, and what else the merchant has switched on there.
    CARD = "card"
    BANK_TRANSFER = "bank_transfer"
    #: When the order is collected.
    CASH = "cash"


@dataclass(frozen=True)
class OfflinePayment:
    """What is agreed where no payment page is opened."""

    pay_by: PayBy
    #: The merchant's own words: where the money goes.
    instructions: str
    #: Days for which the stock is held.
    hold_days: int


@dataclass(frozen=True)
class Buyer:
    """Who buys, and where it goes; what goes by email alone needs no address."""

    email: str
    address: Address
    phone: str
    #: As pricing.vat reads it.
    vat_number: str = ""


@dataclass(frozen=True)
class OrderedLine:
    variant_id: int
    title: str
    options: str
    sku: str
    file: str | None
    unit: Money
    quantity: int
    discount: Money
    #: unit x quantity - discount.
    total: Money
    tax: Money
    is_gift_card: bool = False
    #: Units that wait for stock, and when they are sent; none: nobody knows yet.
    backordered: int = 0
    promised_on: date | None = None


@dataclass(frozen=True)
class Placement:
    buyer: Buyer
    lines: tuple[OrderedLine, ...]
    bill: Bill
    #: How the bill came about.
    steps: tuple[Step, ...]
    shipping_name: str
    shipping_min_days: int
    shipping_max_days: int
    #: The shop's address, where the shopper fetches it; empty: it is sent.
    collect_from: str = ""
    #: Where the bill goes, if not where the goods go.
    billing: Address | None = None
    #: None: paid on Stripe's page.
    offline: OfflinePayment | None = None
    #: What the shopper tells the shop.
    note: str = ""
    #: What is printed for the one who gets it.
    gift_message: str = ""
    #: Who gets the gift cards; empty: the buyer.
    gift_email: str = ""
    #: What its bill takes from each.
    gift_cards: tuple[GiftCardUse, ...] = ()
    #: Code of the language the shopper reads, for the mails; no part of what is agreed.
    language: str = "en"

    @property
    def due(self) -> Money:
        return self.bill.due

    @property
    def pay_by(self) -> PayBy:
        return self.offline.pay_by if self.offline else PayBy.CARD

    @property
    def fingerprint(self) -> str:
        """The same agreement has the same digest; any difference gives another."""
        agreed = asdict(self)
        del agreed["language"]
        for line in agreed["lines"]:
            if not line["backordered"]:
                del line["backordered"], line["promised_on"]
        facts = json.dumps(agreed, sort_keys=True, default=str)
        return hashlib.sha256(facts.encode()).hexdigest()

    @property
    def quantities(self) -> dict[int, int]:
        return {line.variant_id: line.quantity for line in self.lines}

    @property
    def backordered(self) -> dict[int, int]:
        """Units by variant that the buyer knows to be sent later."""
        return {line.variant_id: line.backordered for line in self.lines}

"""The cart as it stands now: prices and stock of this moment, and what changed since then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from shop.cart.cart import MAX_QUANTITY, Cart
from shop.cart.queries import VariantFacts, variant_facts
from shop.catalog import prices
from shop.catalog.measures import UnitPrice
from shop.clock import now
from shop.gift_cards import words as gift_card_words
from shop.gift_cards.queries import PresentedCard
from shop.inventory.models import Backorders
from shop.inventory.queries import Availability, Held
from shop.money import Money, total_of
from shop.pricing.discount_queries import NotNow, Offer, collections_of
from shop.pricing.discounts import Missing, Refusal, missing
from shop.pricing.explain import Explanation, explain
from shop.pricing.quote import Item, Quote, discountable, quote
from shop.pricing.shipping import Parcel
from shop.pricing.tax import TaxRules
from shop.store.currencies import Currency
from shop.store.wording import StockWords


class Notice(StrEnum):
    """What a shopper should know about a line before paying."""

    PRICE_CHANGED = "price_changed"
    FEWER_LEFT = "fewer_left"
    SOLD_OUT = "sold_out"
    GONE = "gone"


@dataclass(frozen=True)
class CartLine:
    variant_id: int
    handle: str
    title: str
    options: str
    sku: str
    file: str | None
    ground: str
    unit: Money
    #: Units that can be bought now; fewer than wanted where stock ran short, 0 where none is left.
    quantity: int
    wanted: int
    total: Money
    #: Empty: not taxed.
    tax_category: str
    requires_shipping: bool
    weight_grams: int
    product_id: int
    is_gift_card: bool = False
    #: The price before a reduction, and the lowest of the 30 days before it.
    was: Money | None = None
    lowest: Money | None = None
    unit_price: UnitPrice | None = None
    #: What the form's number ends at.
    max_quantity: int = 0
    #: Only a few units are left.
    is_low: bool = False
    #: How many are left to buy, where the shop says it.
    left: int = 0
    #: Units that are sent later, when they have come, and when that is; none: nobody knows yet.
    backordered: int = 0
    promised_on: date | None = None
    is_preorder: bool = False
    notices: tuple[Notice, ...] = ()
    #: The price when the shopper last looked, where it was another.
    old_unit: Money | None = None
    #: What is taken off, in a line that `CartView.priced` gives.
    discount: Money | None = None

    @property
    def is_buyable(self) -> bool:
        return self.quantity > 0


@dataclass(frozen=True)
class CartView:
    lines: tuple[CartLine, ...]
    currency: Currency
    offer: Offer = field(default_factory=Offer)
    #: By product, of those that discounts name.
    collections: Mapping[int, frozenset[int]] = field(default_factory=dict)
    #: Those that the shopper wants to pay with.
    gift_cards: tuple[PresentedCard, ...] = ()
    #: Store credit that could pay too, if they like; none: there is none, or it does already.
    offered_credit: PresentedCard | None = None
    #: What can be paid by card at least, in minor units.
    least_due: int = 0

    @property
    def is_empty(self) -> bool:
        return not self.lines

    @property
    def buyable(self) -> list[CartLine]:
        return [line for line in self.lines if line.is_buyable]

    @property
    def count(self) -> int:
        return sum(line.quantity for line in self.lines)

    @property
    def subtotal(self) -> Money:
        return total_of([line.total for line in self.lines], self.currency.code)

    @property
    def parcel(self) -> Parcel:
        """What of it must be sent."""
        sent = [line for line in self.buyable if line.requires_shipping]
        return Parcel(
            subtotal=total_of([line.total for line in sent], self.currency.code),
            weight_grams=sum(line.weight_grams * line.quantity for line in sent),
            quantity=sum(line.quantity for line in sent),
        )

    @property
    def needs_parcel(self) -> bool:
        return any(line.requires_shipping for line in self.buyable)

    @property
    def is_taxed(self) -> bool:
        """Whether it matters where it goes although nothing is sent."""
        return any(line.tax_category for line in self.buyable)

    @property
    def has_gift_cards(self) -> bool:
        """Whether it would buy any."""
        return any(line.is_gift_card for line in self.buyable)

    @property
    def has_changed(self) -> bool:
        return any(line.notices for line in self.lines)

    @property
    def items(self) -> list[Item]:
        return [
            Item(
                line.variant_id,
                line.unit,
                line.quantity,
                tax_category=line.tax_category,
                product_id=line.product_id,
                collection_ids=self.collections.get(line.product_id, frozenset()),
                is_discountable=not line.is_gift_card,
            )
            for line in self.buyable
        ]

    def quote(self, *, shipping: Money, tax: TaxRules) -> Quote:
        return quote(
            self.items,
            shipping=shipping,
            tax=tax,
            discounts=self.offer.discounts,
            gift_cards=[card.as_balance for card in self.gift_cards if card.refusal is None],
            round_to=self.currency.total_units,
            least_due=self.least_due,
        )

    def priced(self, quoted: Quote) -> list[CartLine]:
        """What can be bought, after discounts."""
        return [
            replace(line, discount=priced.discount, total=priced.total)
            for line, priced in zip(self.buyable, quoted.lines, strict=True)
        ]

    def explain(self, quoted: Quote) -> Explanation | None:
        return explain(quoted.steps, [line.title for line in self.buyable], quoted.bill)

    def refused(self, card: PresentedCard) -> str:
        """Why it does not pay, in a sentence; empty: it does."""
        return gift_card_words.refused(card)

    def refusal(self, quoted: Quote) -> NotNow | Refusal | None:
        """Why the code that was typed takes nothing off."""
        if self.offer.refusal is not None or self.offer.typed is None:
            return self.offer.refusal
        return quoted.refused.get(self.offer.typed.id)

    @property
    def missing(self) -> Missing:
        """What the cart lacks for the code that was typed."""
        typed, code = self.offer.typed, self.currency.code
        if typed is None:
            return Missing(Money.zero(code), 0)
        return missing([discountable(item) for item in self.items], typed, code)


def view(
    cart: Cart,
    currency: Currency,
    seen: Mapping[int, int] | None = None,
    held: Mapping[int, Held] | None = None,
    words: StockWords = StockWords(),  # noqa: B008 - frozen
    offer: Offer = Offer(),  # noqa: B008 - frozen
    gift_cards: tuple[PresentedCard, ...] = (),
    *,
    least_due: int = 0,
    offered_credit: PresentedCard | None = None,
) -> CartView:
    """Price and check every line now. `seen` holds the unit amounts last shown to the shopper;
    it serves the notices and nothing else. `held` is what the shopper's own unpaid order keeps, by
    variant: it is not sold out for this shopper.
    """
    facts = variant_facts(cart.quantities, currency)
    lowest = prices.lowest_before([id_ for id_, found in facts.items() if found.was], currency)
    return CartView(
        lines=tuple(
            _line(
                facts.get(variant_id),
                variant_id,
                wanted,
                currency.code,
                seen=(seen or {}).get(variant_id),
                held=(held or {}).get(variant_id, Held(0)),
                words=words,
                lowest=lowest.get(variant_id),
            )
            for variant_id, wanted in cart.quantities.items()
        ),
        currency=currency,
        offer=offer,
        collections=collections_of({found.product_id for found in facts.values()}, offer.named),
        gift_cards=gift_cards,
        offered_credit=offered_credit,
        least_due=least_due,
    )


def settled(cart: Cart, shown: CartView) -> Cart:
    """The cart with the quantities that were shown; what is sold out stays until it is removed."""
    quantities = dict(cart.quantities)
    for line in shown.buyable:
        quantities[line.variant_id] = line.quantity
    return Cart(quantities)


def _line(
    facts: VariantFacts | None,
    variant_id: int,
    wanted: int,
    currency: str,
    *,
    seen: int | None,
    held: Held,
    words: StockWords,
    lowest: Money | None,
) -> CartLine:
    if facts is None or not facts.is_published:
        return _gone(facts, variant_id, wanted, currency)
    stock = facts.stock
    units = None if stock.available is None else max(0, stock.available + held.units)
    quantity = min(wanted, MAX_QUANTITY if units is None else units)
    told = None if stock.told is None else units
    backordered = _sent_later(stock, held, quantity)
    unit = facts.unit
    old_unit = Money(seen, currency) if seen is not None and seen != unit.amount else None
    return CartLine(
        variant_id=variant_id,
        handle=facts.handle,
        title=facts.title,
        options=facts.options,
        sku=facts.sku,
        file=facts.file,
        ground=facts.ground,
        unit=unit,
        quantity=quantity,
        wanted=wanted,
        total=unit * quantity,
        tax_category=facts.tax_category,
        requires_shipping=facts.requires_shipping,
        weight_grams=facts.weight_grams,
        product_id=facts.product_id,
        is_gift_card=facts.is_gift_card,
        was=facts.was,
        lowest=lowest,
        unit_price=facts.measures.unit_price(unit) if facts.measures else None,
        max_quantity=words.most(told, MAX_QUANTITY),
        is_low=words.is_low(told),
        left=words.count(told),
        backordered=backordered,
        promised_on=_day_to_come(stock) if backordered else None,
        is_preorder=stock.backorders == Backorders.PREORDER,
        notices=tuple(_notices(quantity, wanted, is_repriced=old_unit is not None)),
        old_unit=old_unit,
    )


def _notices(quantity: int, wanted: int, *, is_repriced: bool) -> Iterator[Notice]:
    if quantity == 0:
        yield Notice.SOLD_OUT
    elif quantity < wanted:
        yield Notice.FEWER_LEFT
    if is_repriced:
        yield Notice.PRICE_CHANGED


def _sent_later(stock: Availability, held: Held, quantity: int) -> int:
    """Units of the quantity that are not here, as far as the shopper's own order has none held."""
    if not stock.is_tracked:
        return 0
    return max(0, quantity - stock.ready - (held.units - held.waiting))


def _day_to_come(stock: Availability) -> date | None:
    """When it is promised for; a day that is over says nothing."""
    day = stock.promised_on
    return day if day is not None and day >= now().date() else None


def _gone(facts: VariantFacts | None, variant_id: int, wanted: int, currency: str) -> CartLine:
    nothing = Money.zero(currency)
    return CartLine(
        variant_id=variant_id,
        handle="",
        title=facts.title if facts else "",
        options=facts.options if facts else "",
        sku="",
        file=None,
        ground="",
        unit=nothing,
        quantity=0,
        wanted=wanted,
        total=nothing,
        tax_category="",
        requires_shipping=True,
        weight_grams=0,
        product_id=0,
        max_quantity=0,
        notices=(Notice.GONE,),
    )

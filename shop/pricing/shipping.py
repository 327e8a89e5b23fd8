"""What delivery costs, and how many days it takes. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from shop.money import Money


class Basis(StrEnum):
    """What the price of a delivery rises with."""

    FLAT = "flat"
    WEIGHT = "weight"
    PRICE = "price"
    QUANTITY = "quantity"


@dataclass(frozen=True)
class Parcel:
    """What is to be sent: the lines that need sending, before any discount."""

    subtotal: Money
    weight_grams: int = 0
    quantity: int = 0


@dataclass(frozen=True)
class Step:
    """From so many grams, minor units or pieces on; without an amount it is not sent at all."""

    start: int
    amount: int | None


@dataclass(frozen=True)
class ShippingOption:
    """One way to send a cart to one destination."""

    #: 0: no rate of a zone.
    rate_id: int
    name: str
    #: What it costs from nothing on.
    price: Money
    free_from: Money | None
    min_days: int
    max_days: int
    basis: Basis = Basis.FLAT
    #: Above nothing, in rising order.
    steps: tuple[Step, ...] = ()
    is_pickup: bool = False

    @classmethod
    def by_email(cls, name: str, currency: str) -> ShippingOption:
        """For what needs no parcel."""
        return cls(0, name, Money.zero(currency), None, 0, 0)

    @property
    def is_by_email(self) -> bool:
        return not self.rate_id

    def carries(self, parcel: Parcel) -> bool:
        return self._amount(parcel) is not None

    def cost(self, parcel: Parcel) -> Money:
        """Zero from `free_from` on. Raises ValueError where it does not carry the parcel."""
        if self.free_from is not None and self.free_from <= parcel.subtotal:
            return Money.zero(self.price.currency)
        amount = self._amount(parcel)
        if amount is None:
            raise ValueError("this way of delivery does not carry the parcel")
        return Money(amount, self.price.currency)

    def _amount(self, parcel: Parcel) -> int | None:
        size = {
            Basis.FLAT: 0,
            Basis.WEIGHT: parcel.weight_grams,
            Basis.PRICE: parcel.subtotal.amount,
            Basis.QUANTITY: parcel.quantity,
        }[self.basis]
        reached = [step.amount for step in self.steps if step.start <= size]
        return reached[-1] if reached else self.price.amount

    def missing_to_free(self, subtotal: Money) -> Money | None:
        """What more makes delivery free; none where it is free already or never."""
        if self.free_from is None or self.free_from <= subtotal:
            return None
        return self.free_from - subtotal


def cheapest_sent(options: Iterable[ShippingOption], parcel: Parcel) -> ShippingOption | None:
    """The cheapest that brings it; none: it can only be picked up, or not even that."""
    ways = [option for option in options if not option.is_pickup and option.carries(parcel)]
    return min(ways, key=lambda option: option.cost(parcel).amount, default=None)

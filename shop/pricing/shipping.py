"""What delivery costs, and how many days it takes. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from shop.money import Money


@dataclass(frozen=True)
class ShippingOption:
    """One way to send a cart to one country."""

    rate_id: int
    name: str
    price: Money
    free_from: Money | None
    min_days: int
    max_days: int

    def cost(self, subtotal: Money) -> Money:
        is_free = self.free_from is not None and self.free_from <= subtotal
        return Money.zero(subtotal.currency) if is_free else self.price

    def missing_to_free(self, subtotal: Money) -> Money | None:
        """What more makes delivery free; none where it is free already or never."""
        if self.free_from is None or self.free_from <= subtotal:
            return None
        return self.free_from - subtotal

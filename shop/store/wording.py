"""What shoppers are told of the stock: words always, numbers where the merchant wants it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class StockDisplay(StrEnum):
    """When the number of units that are left is said."""

    NEVER = "never"
    FEW = "few"
    ALWAYS = "always"


@dataclass(frozen=True)
class StockWords:
    """Units are those that can be bought now; None: no limit."""

    display: StockDisplay = StockDisplay.NEVER
    #: So many or fewer are "a few".
    few: int = 3

    def is_low(self, units: int | None) -> bool:
        return units is not None and 0 < units <= self.few

    def count(self, units: int | None) -> int:
        """The number that may be said; 0: none may."""
        if units is None or units < 1 or self.display is StockDisplay.NEVER:
            return 0
        if self.display is StockDisplay.FEW and units > self.few:
            return 0
        return units

    def most(self, units: int | None, limit: int) -> int:
        """What a form's number ends at, `limit` at most: an end that is the stock would tell it."""
        return min(self.count(units) or limit, limit)

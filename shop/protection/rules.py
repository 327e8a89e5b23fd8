"""What the checkout allows one shopper, one network and one card. Pure. Why: docs/adr/0026."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

HOUR = timedelta(hours=1)
#: How long declines of one card are remembered.
CARD_WINDOW = timedelta(days=1)
#: So many units of a variant may always be held: half of a small stock is next to nothing.
FREE_UNITS = 10
#: A network with so many orders that ran out unpaid within a day is under the strict rules.
RAN_OUT = 10
#: Shorter than this nobody finds a card and types it.
STRICT_HOLD = timedelta(minutes=15)


class Reason(StrEnum):
    """Why an order was not placed, or a payment page not opened."""

    SHOPPER = "shopper"
    NETWORK = "network"
    UNPAID = "unpaid"
    STOCK = "stock"
    DECLINED = "declined"


@dataclass(frozen=True)
class Rules:
    """Numbers of an hour, where nothing else is said."""

    orders_of_shopper: int
    orders_of_network: int
    #: Unpaid orders of a network at the same time.
    unpaid_of_network: int
    #: Of a variant's stock, what unpaid orders of a network may hold together.
    stock_percent: int
    declines_of_shopper: int
    declines_of_network: int
    #: In a day, over all shoppers and networks.
    declines_of_card: int
    #: How long an unpaid order holds its stock; none: a little longer than its payment page is
    #: open.
    hold: timedelta | None = None

    @property
    def is_strict(self) -> bool:
        return self.hold is not None


USUAL = Rules(
    orders_of_shopper=12,
    orders_of_network=60,
    unpaid_of_network=20,
    stock_percent=50,
    declines_of_shopper=5,
    declines_of_network=15,
    declines_of_card=5,
)
#: While the shop is under attack.
STRICT = Rules(
    orders_of_shopper=3,
    orders_of_network=6,
    unpaid_of_network=1,
    stock_percent=50,
    declines_of_shopper=2,
    declines_of_network=4,
    declines_of_card=2,
    hold=STRICT_HOLD,
)


def stricter(rules: Rules) -> Rules:
    """No number grows: a merchant may have set less than the strict rules allow."""
    return replace(
        STRICT,
        **{
            name: min(getattr(rules, name), strict)
            for name, strict in vars(STRICT).items()
            if isinstance(strict, int)
        },
    )


def may_hold(wanted: int, held: int, on_hand: int, rules: Rules) -> bool:
    """Whether a network whose other unpaid orders hold `held` units may hold `wanted` more."""
    most = max(FREE_UNITS, on_hand * rules.stock_percent // 100)
    return held + wanted <= most or rules.stock_percent >= 100

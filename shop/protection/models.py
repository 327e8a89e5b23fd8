"""What protects the checkout: the merchant's numbers, where unpaid orders come from, and counts."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shop.clock import now
from shop.extensions import Model
from shop.protection.rules import USUAL


class ProtectionSettings(Model):
    __tablename__ = "protection_settings"
    __table_args__ = (
        sa.CheckConstraint("id = 1", name="one_row"),
        sa.CheckConstraint(
            "orders_of_network > 0 AND unpaid_of_network > 0 AND declines_of_shopper > 0"
            " AND declines_of_network > 0 AND alarm_declines >= 0",
            name="numbers_in_range",
        ),
        sa.CheckConstraint("stock_percent BETWEEN 1 AND 100", name="stock_percent_in_range"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    # As rules.Rules says.
    orders_of_network: Mapped[int] = mapped_column(default=USUAL.orders_of_network)
    unpaid_of_network: Mapped[int] = mapped_column(default=USUAL.unpaid_of_network)
    stock_percent: Mapped[int] = mapped_column(default=USUAL.stock_percent)
    declines_of_shopper: Mapped[int] = mapped_column(default=USUAL.declines_of_shopper)
    declines_of_network: Mapped[int] = mapped_column(default=USUAL.declines_of_network)
    #: So many declined cards in an hour, in the whole shop, switch the strict rules on; 0: never.
    alarm_declines: Mapped[int] = mapped_column(default=40)

    #: Since when the strict rules hold for everybody; none: they do not.
    strict_since: Mapped[datetime | None]
    #: Who switched them on; none: the shop itself, or an account that is gone.
    strict_by: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts.id", ondelete="SET NULL"))
    #: When they end by themselves; none: when somebody switches them off.
    strict_until: Mapped[datetime | None]


class OrderSource(Model):
    """Where an order was placed from, for two days or until it is not unpaid any more."""

    __tablename__ = "order_sources"
    __table_args__ = (sa.Index("ix_order_sources_network_placed_at", "network", "placed_at"),)

    order_id: Mapped[int] = mapped_column(
        sa.ForeignKey("orders.id", ondelete="CASCADE"), primary_key=True
    )
    #: Keyed digest: it names nobody. Empty: the network is not known.
    network: Mapped[str] = mapped_column(sa.String(64))
    #: Placed under the strict rules.
    is_strict: Mapped[bool] = mapped_column(default=False)
    placed_at: Mapped[datetime] = mapped_column(default=now, index=True)


class ProtectionCount(Model):
    """How often something was refused or declined in one hour; nobody's name is kept with it."""

    __tablename__ = "protection_counts"

    #: The hour's beginning.
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    #: A rules.Reason, "card" for a declined card, or "closed" for a page closed after declines.
    kind: Mapped[str] = mapped_column(sa.String(16), primary_key=True)
    number: Mapped[int]

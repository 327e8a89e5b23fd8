"""What was sold: frozen lines and sums, and an append-only list of what happened."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.addresses import Address
from shop.clock import now
from shop.extensions import Model, partial_index
from shop.money import Money
from shop.orders import kept_lines
from shop.orders.fulfillment_models import Fulfillment
from shop.orders.placement import PayBy
from shop.orders.states import (
    FulfillmentState,
    OrderState,
    refund_extent,
)
from shop.pricing.bill import Bill, GiftCardLine
from shop.pricing.quote import Step, StepKind

_FULFILLMENT_STATES = ", ".join(f"'{state}'" for state in FulfillmentState)
_STATES = ", ".join(f"'{state}'" for state in OrderState)

_NEWEST = ("placed_at", "id")


class Order(Model):
    __tablename__ = "orders"
    __table_args__ = (
        sa.UniqueConstraint("checkout_id", "revision"),
        sa.CheckConstraint(f"state IN ({_STATES})", name="state_known"),
        sa.CheckConstraint(
            f"fulfillment_state IN ({_FULFILLMENT_STATES})", name="fulfillment_state_known"
        ),
        sa.CheckConstraint(
            "total_amount = subtotal_amount - discount_amount + shipping_amount"
            " + CASE WHEN is_tax_included THEN 0 ELSE tax_amount END"
            " - relief_amount + rounding_amount",
            name="total_adds_up",
        ),
        sa.CheckConstraint("subtotal_amount >= 0", name="subtotal_amount_not_negative"),
        sa.CheckConstraint("shipping_amount >= 0", name="shipping_amount_not_negative"),
        sa.CheckConstraint("tax_amount >= 0", name="tax_amount_not_negative"),
        sa.CheckConstraint("total_amount >= 0", name="total_amount_not_negative"),
        sa.CheckConstraint("relief_amount >= 0", name="relief_amount_not_negative"),
        sa.CheckConstraint(
            "discount_amount BETWEEN shipping_discount_amount AND subtotal_amount + shipping_amount"
            " AND shipping_discount_amount BETWEEN 0 AND shipping_amount",
            name="discount_amount_in_range",
        ),
        sa.CheckConstraint(
            "gift_card_amount BETWEEN 0 AND total_amount", name="gift_card_amount_in_range"
        ),
        sa.CheckConstraint(
            "refunded_amount BETWEEN 0 AND total_amount", name="refunded_amount_in_range"
        ),
        sa.Index("ix_orders_state_expires_at", "state", "expires_at"),
        sa.Index("ix_orders_placed_at", "placed_at", "id"),
        sa.Index(
            "ix_orders_state_fulfillment_state", "state", "fulfillment_state", "placed_at", "id"
        ),
        sa.Index("ix_orders_state_placed_at", "state", "placed_at", "id"),
        sa.Index("ix_orders_country_placed_at", "country", "placed_at", "id"),
        # By the state, though it is one: else SQLite takes the index of all that is paid.
        partial_index(
            "ix_orders_to_send",
            ("state", *_NEWEST),
            "state IN ('paid') AND fulfillment_state IN ('unfulfilled', 'partly_fulfilled')",
        ),
        partial_index(
            "ix_orders_unpaid",
            _NEWEST,
            "state IN ('pending_payment', 'awaiting_bank', 'awaiting_money', 'authorized')",
        ),
        partial_index("ix_orders_closed", _NEWEST, "state IN ('expired', 'canceled')"),
        partial_index("ix_orders_to_review", _NEWEST, "review_reason <> ''"),
        partial_index("ix_orders_refunded", _NEWEST, "refunded_amount > 0"),
        sa.Index("ix_orders_paid_at", "paid_at", "id"),
        sa.Index("ix_orders_account_id", "account_id", "id"),
        # All that reports add up, so that a year of orders is read without their rows.
        sa.Index(
            "ix_orders_sales",
            "paid_at",
            "currency",
            "country",
            "is_tax_included",
            "subtotal_amount",
            "discount_amount",
            "shipping_amount",
            "tax_amount",
            "relief_amount",
            "rounding_amount",
            "total_amount",
            "gift_card_amount",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    #: What people call it; counted up when it is paid, so that paid orders have no gaps.
    number: Mapped[int | None] = mapped_column(unique=True)
    #: Random, part of the shopper's signed link.
    token: Mapped[str] = mapped_column(sa.String(43), unique=True)
    checkout_id: Mapped[int | None] = mapped_column(sa.ForeignKey("checkouts.id"))
    #: In whose history it stands; none: nobody's.
    account_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("accounts.id", ondelete="SET NULL")
    )
    #: Counts the orders of one checkout; a changed cart replaces the order before.
    revision: Mapped[int] = mapped_column(default=1)
    #: Digest of all that was agreed; the same cart and address give the same order.
    fingerprint: Mapped[str] = mapped_column(sa.String(64))
    state: Mapped[str] = mapped_column(sa.String(20), default=OrderState.PENDING_PAYMENT)
    #: A `FulfillmentState`, kept up to its lines and parcels by orders/fulfillments.py.
    fulfillment_state: Mapped[str] = mapped_column(
        sa.String(20),
        default=FulfillmentState.UNFULFILLED,
        server_default=sa.text("'unfulfilled'"),
    )
    #: Why a person should look at it; empty: nothing to do.
    review_reason: Mapped[str] = mapped_column(sa.String(80), default="")

    currency: Mapped[str] = mapped_column(sa.String(3))
    subtotal_amount: Mapped[int]
    #: All that is taken off, the delivery's part included.
    discount_amount: Mapped[int] = mapped_column(default=0)
    #: Before any discount.
    shipping_amount: Mapped[int]
    shipping_discount_amount: Mapped[int] = mapped_column(default=0)
    tax_amount: Mapped[int]
    #: Tax that prices contain and the buyer need not pay, and why.
    relief_amount: Mapped[int] = mapped_column(default=0)
    relief_name: Mapped[str] = mapped_column(sa.String(80), default="")
    #: What moved the total to a multiple that can be paid; may be negative.
    rounding_amount: Mapped[int] = mapped_column(default=0)
    total_amount: Mapped[int]
    #: What gift cards pay of the total.
    gift_card_amount: Mapped[int] = mapped_column(default=0)
    #: What of the total was given back, or is on its way; money beyond the total does not count.
    refunded_amount: Mapped[int] = mapped_column(default=0, server_default="0")
    is_tax_included: Mapped[bool]
    #: One entry a rate: name, rate_ppm, base, amount.
    tax_lines: Mapped[list[Any]] = mapped_column(default=list)
    #: One entry a discount: discount_id, title, code, amount.
    discount_lines: Mapped[list[Any]] = mapped_column(default=list)
    #: How the bill came about, as pricing.quote.Step; none for orders older than these.
    steps: Mapped[list[Any]] = mapped_column(default=list)

    #: Code of the language the shopper read, for the mails.
    language: Mapped[str] = mapped_column(sa.String(8), default="en")
    email: Mapped[str] = mapped_column(sa.String(254), index=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    line1: Mapped[str] = mapped_column(sa.String(120))
    line2: Mapped[str] = mapped_column(sa.String(120), default="")
    district: Mapped[str] = mapped_column(sa.String(80), default="", server_default=sa.text("''"))
    city: Mapped[str] = mapped_column(sa.String(80))
    region: Mapped[str] = mapped_column(sa.String(80), default="")
    postal_code: Mapped[str] = mapped_column(sa.String(20), default="")
    country: Mapped[str] = mapped_column(sa.String(2))
    phone: Mapped[str] = mapped_column(sa.String(32), default="")
    vat_number: Mapped[str] = mapped_column(sa.String(20), default="", server_default=sa.text("''"))
    #: Where the bill goes, as addresses.Address; empty: where the goods go.
    billing: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: What the shopper tells the shop.
    note: Mapped[str] = mapped_column(sa.Text, default="", server_default=sa.text("''"))
    #: Printed on the packing slip, for the one who gets it.
    gift_message: Mapped[str] = mapped_column(sa.Text, default="", server_default=sa.text("''"))
    #: Who gets the gift cards, with the gift message; empty: the buyer.
    gift_email: Mapped[str] = mapped_column(
        sa.String(254), default="", server_default=sa.text("''")
    )
    shipping_name: Mapped[str] = mapped_column(sa.String(80))
    shipping_min_days: Mapped[int]
    shipping_max_days: Mapped[int]
    #: The shop's address, where the shopper fetches the order; empty: it is sent.
    collect_from: Mapped[str] = mapped_column(
        sa.String(200), default="", server_default=sa.text("''")
    )

    #: A `PayBy`, and the merchant's words about it at that time.
    pay_by: Mapped[str] = mapped_column(
        sa.String(20), default=PayBy.CARD, server_default=sa.text("'card'")
    )
    instructions: Mapped[str] = mapped_column(sa.Text, default="", server_default=sa.text("''"))

    #: When email, phone and notes of an erased customer are blanked; none: they stay.
    forget_contact_at: Mapped[datetime | None] = mapped_column(index=True)
    placed_at: Mapped[datetime] = mapped_column(default=now)
    #: When an unpaid order gives its stock back; none once that is settled.
    expires_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]

    lines: Mapped[list[LineItem]] = relationship(
        back_populates="order", order_by="LineItem.position", lazy="raise_on_sql"
    )
    events: Mapped[list[OrderEvent]] = relationship(order_by="OrderEvent.id", lazy="raise_on_sql")
    fulfillments: Mapped[list[Fulfillment]] = relationship(
        back_populates="order", order_by="Fulfillment.id", lazy="raise_on_sql"
    )

    @property
    def is_paid(self) -> bool:
        return self.state == OrderState.PAID

    @property
    def is_awaiting_payment(self) -> bool:
        return self.state == OrderState.PENDING_PAYMENT

    @property
    def promised_from(self) -> datetime | None:
        """From when its days of arrival count; none: it waits for the money."""
        return self.paid_at or (self.placed_at if self.state == OrderState.AUTHORIZED else None)

    @property
    def is_awaiting_money(self) -> bool:
        return self.state == OrderState.AWAITING_MONEY

    @property
    def reference(self) -> str:
        """What the shopper writes on a transfer: the number comes with the money."""
        return f"R{self.id}"

    @property
    def address(self) -> Address:
        return Address.of(self)

    @property
    def billing_address(self) -> Address | None:
        """None where the bill goes with the goods."""
        return Address(**self.billing) if self.billing else None

    @property
    def is_sent(self) -> bool:
        """By post or handed over; what goes by email alone has no address."""
        return bool(self.line1)

    def money(self, amount: int, currency: str = "") -> Money:
        """In its own currency, unless another is told."""
        return Money(amount, currency or self.currency)

    @property
    def bill(self) -> Bill:
        return Bill(
            subtotal=self.money(self.subtotal_amount),
            discounts=tuple(
                kept_lines.discount(line, self.currency) for line in self.discount_lines
            ),
            discount=self.money(self.discount_amount),
            shipping=self.money(self.shipping_amount),
            shipping_discount=self.money(self.shipping_discount_amount),
            taxes=tuple(kept_lines.tax(line, self.currency) for line in self.tax_lines),
            tax=self.money(self.tax_amount),
            is_tax_included=self.is_tax_included,
            relief=self.money(self.relief_amount),
            relief_name=self.relief_name,
            rounding=self.money(self.rounding_amount),
            total=self.money(self.total_amount),
            gift_card=self.money(self.gift_card_amount),
            gift_cards=tuple(
                GiftCardLine(step["name"], self.money(-step["amount"]))
                for step in self.steps
                if step["kind"] == StepKind.GIFT_CARD
            ),
        )

    @property
    def quote_steps(self) -> tuple[Step, ...]:
        """How the bill came about."""
        return tuple(kept_lines.step(step, self.currency) for step in self.steps)

    @property
    def has_backorders(self) -> bool:
        """Whether units are still to be sent later than the rest; of an order with its lines."""
        return any(line.backordered for line in self.lines)

    @property
    def total(self) -> Money:
        return self.money(self.total_amount)

    @property
    def refund_extent(self) -> str:
        return refund_extent(self.refunded_amount, self.total_amount)

    @property
    def refunded(self) -> Money:
        return self.money(self.refunded_amount)

    @property
    def due(self) -> Money:
        """What is to be paid in money."""
        return self.money(self.total_amount - self.gift_card_amount)


class LineItem(Model):
    """A snapshot: later edits of the catalog do not reach it."""

    __tablename__ = "line_items"
    __table_args__ = (
        sa.CheckConstraint("quantity > 0", name="quantity_positive"),
        sa.CheckConstraint("unit_amount >= 0", name="unit_amount_not_negative"),
        sa.CheckConstraint(
            "total_amount = unit_amount * quantity - discount_amount", name="total_adds_up"
        ),
        sa.CheckConstraint(
            "discount_amount BETWEEN 0 AND unit_amount * quantity", name="discount_amount_in_range"
        ),
        sa.CheckConstraint(
            "fulfilled_quantity >= 0 AND removed_quantity >= 0"
            " AND fulfilled_quantity + removed_quantity <= quantity",
            name="quantities_in_range",
        ),
        sa.CheckConstraint(
            "backordered_quantity BETWEEN 0 AND quantity", name="backordered_quantity_in_range"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("orders.id"), index=True)
    position: Mapped[int]
    variant_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("variants.id", ondelete="SET NULL"), index=True
    )
    title: Mapped[str] = mapped_column(sa.String(255))
    #: "Cobalt / Medium"; empty where the product has one variant.
    options: Mapped[str] = mapped_column(sa.String(800), default="")
    sku: Mapped[str] = mapped_column(sa.String(255), default="")
    #: Base name of the picture in the media folder.
    file: Mapped[str | None] = mapped_column(sa.String(120))
    unit_amount: Mapped[int]
    quantity: Mapped[int]
    #: Units in parcels, or handed over.
    fulfilled_quantity: Mapped[int] = mapped_column(default=0, server_default="0")
    #: Units that were paid for and will not be sent: refunded or called off before.
    removed_quantity: Mapped[int] = mapped_column(default=0, server_default="0")
    #: Units that were not here when they were ordered, as the buyer was told, and when they were
    #: promised. Which of them still wait: see inventory.models.Reservation.
    backordered_quantity: Mapped[int] = mapped_column(default=0, server_default="0")
    promised_on: Mapped[date | None]
    discount_amount: Mapped[int] = mapped_column(default=0)
    #: unit amount x quantity - discount.
    total_amount: Mapped[int]
    #: Tax contained in or added to the total, as the order says.
    tax_amount: Mapped[int]
    #: Each unit is issued as a gift card of the unit amount once the order is paid.
    is_gift_card: Mapped[bool] = mapped_column(default=False, server_default=sa.false())

    order: Mapped[Order] = relationship(back_populates="lines", lazy="raise_on_sql")

    @property
    def unsent_quantity(self) -> int:
        """Units to put into a parcel still; gift cards go by email."""
        if self.is_gift_card:
            return 0
        return self.quantity - self.fulfilled_quantity - self.removed_quantity

    @property
    def backordered(self) -> int:
        """Units that are still to be sent later than the rest, as the buyer was told."""
        return min(self.backordered_quantity, self.unsent_quantity)

    @property
    def unit(self) -> Money:
        return self.order.money(self.unit_amount)

    @property
    def discount(self) -> Money:
        return self.order.money(self.discount_amount)

    @property
    def total(self) -> Money:
        return self.order.money(self.total_amount)


class OrderTag(Model):
    """A word that staff put on an order, in small letters."""

    __tablename__ = "order_tags"
    __table_args__ = (sa.Index("ix_order_tags_tag", "tag", "order_id"),)

    order_id: Mapped[int] = mapped_column(
        sa.ForeignKey("orders.id"), primary_key=True, autoincrement=False
    )
    tag: Mapped[str] = mapped_column(sa.String(40), primary_key=True)


class OrderEvent(Model):
    """One thing that happened to an order; rows are added, never changed."""

    __tablename__ = "order_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("orders.id"), index=True)
    #: "placed", "paid", "payment_failed" ...: orders/event_kinds.py names them all.
    kind: Mapped[str] = mapped_column(sa.String(40))
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    account_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("accounts.id", ondelete="SET NULL"), index=True
    )
    at: Mapped[datetime] = mapped_column(default=now)


class OrderCounter(Model):
    """The last order number given; one row, so that numbers have no gaps."""

    __tablename__ = "order_counters"
    __table_args__ = (sa.CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    last_number: Mapped[int]

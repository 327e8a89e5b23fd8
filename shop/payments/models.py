"""Attempts to be paid, payments received, and every event Stripe sent."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shop.clock import now
from shop.extensions import Model
from shop.money import Money


class AttemptStatus(StrEnum):
    #: Written before Stripe is asked; its session may or may not exist.
    CREATING = "creating"
    OPEN = "open"
    AWAITING_BANK = "awaiting_bank"
    AUTHORIZED = "authorized"
    PAID = "paid"
    FAILED = "failed"
    EXPIRED = "expired"


LIVE_ATTEMPTS = (
    AttemptStatus.CREATING,
    AttemptStatus.OPEN,
    AttemptStatus.AWAITING_BANK,
    AttemptStatus.AUTHORIZED,
)
_IS_LIVE = sa.text("status IN ('creating', 'open', 'awaiting_bank', 'authorized')")


class Closing(StrEnum):
    """Why the shop closes a payment page before its time."""

    STAFF = "staff"
    #: The cart was changed: another order takes this one's place.
    REPLACED = "replaced"
    #: Too many cards were declined.
    DECLINED = "declined"
    #: The same order gets a page with more time.
    RENEWED = "renewed"
    #: The shopper does not want the order any more.
    SHOPPER = "shopper"
    #: The bank let go of an authorization that nobody captured.
    UNUSED = "unused"


class EventStatus(StrEnum):
    DONE = "done"
    IGNORED = "ignored"
    FAILED = "failed"


class EventVerdict(StrEnum):
    """What an event meant that tells of no session; else it is the session's `Verdict`."""

    REFUNDS = "refunds"
    DECLINE = "decline"
    DISPUTE = "dispute"
    #: A test event for a live shop, or the other way round.
    OTHER_MODE = "other_mode"
    #: Of a type that the shop does nothing with.
    UNUSED = "unused"


class PaymentAttempt(Model):
    """One Checkout Session: its parameters are frozen here and replayed unchanged."""

    __tablename__ = "payment_attempts"
    __table_args__ = (
        sa.UniqueConstraint("order_id", "ordinal"),
        # Two open payment pages for one order would be two ways to pay it.
        sa.Index(
            "uq_payment_attempts_live",
            "order_id",
            unique=True,
            sqlite_where=_IS_LIVE,
            postgresql_where=_IS_LIVE,
        ),
        sa.CheckConstraint("amount > 0", name="amount_positive"),
        sa.CheckConstraint(
            f"status IN ({', '.join(repr(str(status)) for status in AttemptStatus)})",
            name="status_known",
        ),
        sa.Index("ix_payment_attempts_status_created_at", "status", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("orders.id"))
    ordinal: Mapped[int]
    #: In the shop's minor units; Stripe's amount may differ in scale (money is not).
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(sa.String(3))
    params: Mapped[dict[str, Any]]
    idempotency_key: Mapped[str] = mapped_column(sa.String(255), unique=True)
    status: Mapped[str] = mapped_column(sa.String(16), default=AttemptStatus.CREATING)
    session_id: Mapped[str | None] = mapped_column(sa.String(255), unique=True)
    payment_intent_id: Mapped[str | None] = mapped_column(sa.String(255), index=True)
    #: Stripe's payment page.
    url: Mapped[str] = mapped_column(sa.Text, default="")
    #: Opens the payment page in a frame of the shop's own, which has no address then.
    client_secret: Mapped[str] = mapped_column(sa.Text, default="", server_default=sa.text("''"))
    failure_code: Mapped[str] = mapped_column(sa.String(80), default="")
    #: A `Closing`, written before Stripe is asked to close the page, and whose wish it was.
    closing: Mapped[str] = mapped_column(sa.String(16), default="", server_default=sa.text("''"))
    closing_by: Mapped[int | None] = mapped_column(
        sa.ForeignKey("accounts.id", ondelete="SET NULL")
    )
    created_at: Mapped[datetime] = mapped_column(default=now)
    #: When Stripe closes the payment page.
    expires_at: Mapped[datetime]
    #: Until when the bank holds money that was authorized; not told by every way to pay.
    capture_before: Mapped[datetime | None]

    @property
    def has_page(self) -> bool:
        """Whether the shop knows how to show it."""
        return bool(self.url or self.client_secret)

    @property
    def is_framed(self) -> bool:
        return self.params.get("ui_mode") == "embedded_page"


class Payment(Model):
    """Money received. An order may have several; the second one is flagged for a person."""

    __tablename__ = "payments"
    __table_args__ = (
        sa.CheckConstraint("amount > 0", name="amount_positive"),
        sa.CheckConstraint("refunded_amount BETWEEN 0 AND amount", name="refunded_amount_in_range"),
        sa.Index("ix_payments_received_at", "received_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("orders.id"), index=True)
    #: None for money that came without Stripe.
    attempt_id: Mapped[int | None] = mapped_column(sa.ForeignKey("payment_attempts.id"), index=True)
    #: Stripe's PaymentIntent.
    provider_payment_id: Mapped[str | None] = mapped_column(sa.String(255), unique=True)
    #: Who of the staff wrote it down.
    recorded_by: Mapped[int | None] = mapped_column(
        sa.ForeignKey("accounts.id", ondelete="SET NULL"), index=True
    )
    amount: Mapped[int]
    #: Given back, or on its way; only payments/refunds.py moves it.
    refunded_amount: Mapped[int] = mapped_column(default=0, server_default="0")
    currency: Mapped[str] = mapped_column(sa.String(3))
    #: "card", "sepa_debit", "bank_transfer", "cash" ...
    method: Mapped[str] = mapped_column(sa.String(40), default="")
    #: "visa 4242"; never more of a card than this.
    method_label: Mapped[str] = mapped_column(sa.String(80), default="")
    received_at: Mapped[datetime] = mapped_column(default=now)

    @property
    def is_by_stripe(self) -> bool:
        """Whether Stripe has the money, and can give it back."""
        return (self.provider_payment_id or "").startswith("pi_")

    @property
    def received(self) -> Money:
        return Money(self.amount, self.currency)

    @property
    def left(self) -> Money:
        """What can still be given back."""
        return Money(self.amount - self.refunded_amount, self.currency)


class PaymentSettings(Model):
    """What the merchant has switched on; one row."""

    __tablename__ = "payment_settings"
    __table_args__ = (
        sa.CheckConstraint("id = 1", name="one_row"),
        sa.CheckConstraint("hold_days BETWEEN 1 AND 60", name="hold_days_in_range"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    takes_bank_transfer: Mapped[bool] = mapped_column(default=False)
    #: What is told who chooses it: whose account, which number.
    bank_transfer_text: Mapped[str] = mapped_column(sa.Text, default="")
    takes_cash: Mapped[bool] = mapped_column(default=False)
    cash_text: Mapped[str] = mapped_column(sa.Text, default="")
    #: Days for which stock is held while the money is on its way.
    hold_days: Mapped[int] = mapped_column(default=7)
    #: Cards are charged when staff say so, not when the order is placed.
    captures_manually: Mapped[bool] = mapped_column(default=False)
    #: The payment page is shown inside the checkout, where the deployment has a key for it.
    is_embedded: Mapped[bool] = mapped_column(default=False, server_default=sa.false())


class ReconcileMark(Model):
    """Up to when nothing was missed: the start of the last complete reconciliation; one row."""

    __tablename__ = "reconcile_marks"
    __table_args__ = (sa.CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    complete_until: Mapped[datetime]


class StripeEvent(Model):
    """The event ledger: what arrived, and what was made of it."""

    __tablename__ = "stripe_events"
    __table_args__ = (
        sa.Index("ix_stripe_events_received_at", "received_at", "id"),
        sa.Index("ix_stripe_events_status_received_at", "status", "received_at", "id"),
        sa.Index("ix_stripe_events_type_received_at", "type", "received_at", "id"),
    )

    id: Mapped[str] = mapped_column(sa.String(255), primary_key=True)
    type: Mapped[str] = mapped_column(sa.String(120))
    object_id: Mapped[str] = mapped_column(sa.String(255), default="", index=True)
    api_version: Mapped[str] = mapped_column(sa.String(40), default="")
    is_live: Mapped[bool]
    payload: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(sa.String(16))
    #: A service.Verdict or an EventVerdict; empty: it failed.
    verdict: Mapped[str] = mapped_column(sa.String(24), default="", server_default=sa.text("''"))
    #: What it was about, where the shop knows it.
    order_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("orders.id", ondelete="SET NULL"), index=True
    )
    #: Stripe did not deliver it: the shop asked for it.
    is_fetched: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    attempts: Mapped[int] = mapped_column(default=1)
    error: Mapped[str] = mapped_column(sa.Text, default="")
    created_at: Mapped[datetime]
    received_at: Mapped[datetime] = mapped_column(default=now)

"""What can happen to an order, and why a person may have to look at it. [pure]"""

from __future__ import annotations

from enum import StrEnum


class EventKind(StrEnum):
    """Everything the list of an order's events can say."""

    PLACED = "placed"
    PAYMENT_STARTED = "payment_started"
    PAYMENT_FAILED = "payment_failed"
    AWAITING_BANK = "awaiting_bank"
    AWAITING_MONEY = "awaiting_money"
    AUTHORIZED = "authorized"
    BANK_REFUSED = "bank_refused"
    PAID = "paid"
    PAID_AGAIN = "paid_again"
    STOCK_TAKEN_AGAIN = "stock_taken_again"
    REVIEW = "review"
    REVIEWED = "reviewed"
    EXPIRED = "expired"
    CANCELED = "canceled"
    CONFIRMED_AGAIN = "confirmed_again"
    CONTACT_CHANGED = "contact_changed"
    SENT = "sent"
    READY = "ready"
    PICKED_UP = "picked_up"
    DELIVERED = "delivered"
    DELIVERY_UNDONE = "delivery_undone"
    FULFILLMENT_UNDONE = "fulfillment_undone"
    REFUNDED = "refunded"
    REFUNDED_AT_STRIPE = "refunded_at_stripe"
    REFUND_REJECTED = "refund_rejected"
    REFUND_FAILED = "refund_failed"
    DISPUTED = "disputed"
    NOTE = "note"


class ReviewReason(StrEnum):
    """Why money and order do not fit, for a person to decide."""

    AMOUNT_DIFFERS = "amount_differs"
    STOCK_GONE = "stock_gone"
    GIFT_CARD_GONE = "gift_card_gone"
    PAID_AFTER_CANCELLATION = "paid_after_cancellation"
    PAID_TWICE = "paid_twice"
    REFUND_FAILED = "refund_failed"

"""What the kinds of mail are called."""

from __future__ import annotations

from flask_babel import gettext as _

from shop.sentences import N_

_NAMES = {
    "order_confirmation": N_("Confirmation of an order"),
    "order_awaiting_bank": N_("Order waits for the bank"),
    "order_payment_failed": N_("Payment refused by the bank"),
    "order_awaiting_money": N_("How to pay an order"),
    "order_authorized": N_("Order is here, charged later"),
    "order_ended": N_("Order ended without a payment"),
    "order_fulfilled": N_("Order sent, or ready to be fetched"),
    "order_canceled": N_("Order canceled"),
    "order_refunded": N_("Money given back"),
    "review_invitation": N_("Invitation to review"),
    "review_refusal": N_("Review not published"),
    "account_link": N_("Link to an account"),
    "account_password_changed": N_("Password changed"),
    "account_new_device": N_("Sign-in from a new browser"),
    "account_second_step_changed": N_("Second step changed"),
    "staff_invitation": N_("Invitation to the staff"),
    "account_email_changed": N_("Email address changed"),
    "back_in_stock": N_("Back in stock"),
    "contact_message": N_("Message to the shop"),
    "gift_card": N_("Gift card or store credit"),
    "newsletter_confirmation": N_("Confirmation of the newsletter"),
    "newsletter_welcome": N_("Welcome to the newsletter"),
    "protection_alarm": N_("Alarm of the checkout's protection"),
    "abandoned_checkout": N_("Reminder of a checkout that was left"),
    "image": N_("Picture to fetch"),
    "test_mail": N_("Test of a mail"),
}


def mail_name(name: str) -> str:
    """Of a promise in the outbox, for staff."""
    return _(_NAMES[name]) if name in _NAMES else name.replace("_", " ").capitalize()

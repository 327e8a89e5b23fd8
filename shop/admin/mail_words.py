"""What the kinds of mail are called."""

from __future__ import annotations

from flask_babel import gettext as _


def mail_name(name: str) -> str:
    """Of a promise in the outbox, for staff."""
    return {
        "order_confirmation": _("Confirmation of an order"),
        "order_awaiting_bank": _("Order waits for the bank"),
        "order_payment_failed": _("Payment refused by the bank"),
        "order_awaiting_money": _("How to pay an order"),
        "order_authorized": _("Order is here, charged later"),
        "order_ended": _("Order ended without a payment"),
        "order_fulfilled": _("Order sent, or ready to be fetched"),
        "order_canceled": _("Order canceled"),
        "order_refunded": _("Money given back"),
        "review_invitation": _("Invitation to review"),
        "account_link": _("Link to an account"),
        "account_password_changed": _("Password changed"),
        "account_new_device": _("Sign-in from a new browser"),
        "staff_invitation": _("Invitation to the staff"),
        "account_email_changed": _("E-mail address changed"),
        "back_in_stock": _("Back in stock"),
        "contact_message": _("Message to the shop"),
        "gift_card": _("Gift card or store credit"),
        "newsletter_confirmation": _("Confirmation of the newsletter"),
        "newsletter_welcome": _("Welcome to the newsletter"),
        "protection_alarm": _("Alarm of the checkout's protection"),
        "abandoned_checkout": _("Reminder of a checkout that was left"),
        "image": _("Picture to fetch"),
        "test_mail": _("Test of a mail"),
    }.get(name, name.replace("_", " ").capitalize())

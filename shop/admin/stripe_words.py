"""Why Stripe, or the bank behind it, did not do what was asked of it."""

from __future__ import annotations

from flask_babel import gettext as _

from shop.admin.access import bp


@bp.app_template_filter("stripe_reason")
def reason(code: str) -> str:
    """Part of a sentence. Stripe has more codes than these: others are told as it writes them."""
    words = _of_refunds() | _of_cards()
    return words.get(code) or code.replace("_", " ")


def _of_refunds() -> dict[str, str]:
    return {
        "charge_already_refunded": _("that payment is given back already"),
        "charge_disputed": _("the cardholder disputes that payment"),
        "charge_for_pending_refund_disputed": _("the cardholder disputes that payment"),
        "balance_insufficient": _("your balance at Stripe is too low"),
        "lost_or_stolen_card": _("the card is lost or stolen"),
        "expired_or_canceled_card": _("the card has expired or was canceled"),
        "declined": _("the bank declined it"),
        "merchant_request": _("you asked for it"),
        "unknown": _("the bank gives no reason"),
    }


def _of_cards() -> dict[str, str]:
    return {
        "authentication_required": _("the cardholder did not confirm it"),
        "payment_intent_authentication_failure": _("the cardholder did not confirm it"),
        "card_declined": _("the bank declined it"),
        "generic_decline": _("the bank declined it"),
        "do_not_honor": _("the bank declined it"),
        "expired_card": _("the card has expired"),
        "fraudulent": _("it looks like fraud"),
        "incorrect_cvc": _("the security code is wrong"),
        "incorrect_number": _("the card number is wrong"),
        "insufficient_funds": _("there is not enough money"),
        "lost_card": _("the card is lost or stolen"),
        "stolen_card": _("the card is lost or stolen"),
        "processing_error": _("it could not be processed"),
    }

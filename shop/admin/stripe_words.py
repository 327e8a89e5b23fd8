"""Why Stripe, or the bank behind it, did not do what was asked of it."""

from __future__ import annotations

from flask_babel import gettext as _

from shop.admin.access import bp
from shop.sentences import N_

#: Parts of sentences, by Stripe's codes: of refunds, then of cards.
_REASONS = {
    "charge_already_refunded": N_("that payment is given back already"),
    "charge_disputed": N_("the cardholder disputes that payment"),
    "charge_for_pending_refund_disputed": N_("the cardholder disputes that payment"),
    "balance_insufficient": N_("your balance at Stripe is too low"),
    "lost_or_stolen_card": N_("the card is lost or stolen"),
    "expired_or_canceled_card": N_("the card has expired or was canceled"),
    "declined": N_("the bank declined it"),
    "merchant_request": N_("you asked for it"),
    "unknown": N_("the bank gives no reason"),
    "authentication_required": N_("the cardholder did not confirm it"),
    "payment_intent_authentication_failure": N_("the cardholder did not confirm it"),
    "card_declined": N_("the bank declined it"),
    "generic_decline": N_("the bank declined it"),
    "do_not_honor": N_("the bank declined it"),
    "expired_card": N_("the card has expired"),
    "fraudulent": N_("it looks like fraud"),
    "incorrect_cvc": N_("the security code is wrong"),
    "incorrect_number": N_("the card number is wrong"),
    "insufficient_funds": N_("there is not enough money"),
    "lost_card": N_("the card is lost or stolen"),
    "stolen_card": N_("the card is lost or stolen"),
    "processing_error": N_("it could not be processed"),
}


@bp.app_template_filter("stripe_reason")
def reason(code: str) -> str:
    """Part of a sentence. Stripe has more codes than these: others are told as it writes them."""
    return _(_REASONS[code]) if code in _REASONS else code.replace("_", " ")

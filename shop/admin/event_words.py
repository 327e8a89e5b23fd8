"""What the ledger of events says in words."""

from __future__ import annotations

from flask_babel import gettext as _

from shop.payments.health import Health, Light, Sign
from shop.payments.models import EventVerdict
from shop.payments.verdicts import Verdict
from shop.sentences import N_
from shop.web.counts import ngettext
from shop.web.filters import instant

_VERDICTS: dict[str, str] = {
    Verdict.PAID: N_("The order is paid."),
    Verdict.WAITING_FOR_BANK: N_("The order waits for the bank."),
    Verdict.AUTHORIZED: N_("The bank holds the money until it is captured."),
    Verdict.OPEN: N_("The payment page is still open; nothing was to be done."),
    Verdict.FAILED: N_("The payment did not come about."),
    Verdict.EXPIRED: N_("The payment page is closed, and nothing was paid on it."),
    Verdict.REVIEW: N_("Money and order do not fit: a person decides."),
    Verdict.FOREIGN: N_("It belongs to another shop or application on the same Stripe account."),
    EventVerdict.REFUNDS: N_("The refunds of the payment are as Stripe has them."),
    EventVerdict.DECLINE: N_("A declined payment stands on the order."),
    EventVerdict.DISPUTE: N_("The dispute stands on the order."),
    EventVerdict.OTHER_MODE: N_("A test event for a live shop, or the other way round."),
    EventVerdict.UNUSED: N_("The shop does nothing with events of this type."),
}


def verdict_words(verdict: str) -> str:
    """What was made of an event; empty where the ledger does not know."""
    return _(_VERDICTS[verdict]) if verdict in _VERDICTS else ""


def light_words(health: Health) -> str:
    if health.light is Light.OK and not (health.delivered_at or health.fetched_at):
        return _("No payment yet")
    return {
        Light.OK: _("Payments arrive"),
        Light.WARN: _("Have a look"),
        Light.BAD: _("Something is wrong"),
    }[health.light]


def sign_sentences(health: Health) -> list[str]:
    """What is wrong, and what to do about it; the worst first."""
    return [_sentence(sign, health) for sign in health.signs]


def _sentence(sign: Sign, health: Health) -> str:
    if sign is Sign.FAILED_EVENTS:
        return ngettext(
            "%(num)s event failed. Open it to see why, and replay it once that is put right.",
            "%(num)s events failed. Open them to see why, and replay them once that is put right.",
            health.failed_count,
        )
    if sign is Sign.UNSETTLED and health.unsettled is not None:
        return _(
            "A payment page of %(at)s is not settled, though it is over. Press “Check with Stripe”"
            " on its order.",
            at=instant(health.unsettled.since),
        )
    if sign is Sign.NOT_ASKED and health.asked_at is not None:
        return _(
            "Stripe was last asked about open payments at %(at)s; the worker does so every five"
            " minutes. Does it run, and does Stripe answer?",
            at=instant(health.asked_at),
        )
    return _(
        "Events come only when the shop asks for them. Look in Stripe whether its webhook leads"
        " here and has the secret that this shop was given."
    )

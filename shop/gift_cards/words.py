"""Why a gift card does not pay, in a sentence that says what to do."""

from __future__ import annotations

from math import ceil

from flask_babel import gettext as _

from shop.gift_cards.queries import NotUsable, PresentedCard
from shop.web.counts import ngettext
from shop.web.filters import day, gift_card_name


def refused(card: PresentedCard) -> str:
    """Empty for a card that pays."""
    name = gift_card_name(card.last_four)
    if card.refusal is NotUsable.EXPIRED and card.expires_on is not None:
        return _(
            "%(name)s could be spent until %(day)s. Please write to us if that was too short.",
            name=name,
            day=day(card.expires_on),
        )
    sentences = {
        NotUsable.DISABLED: _(
            "%(name)s is switched off. Please write to us, or pay in another way.", name=name
        ),
        NotUsable.OTHER_CURRENCY: _(
            "%(name)s is in %(currency)s, and you are paying in another currency. Choose "
            "%(currency)s to spend it, or write to us.",
            name=name,
            currency=card.balance.currency,
        ),
        NotUsable.EMPTY: _(
            "Nothing is left of this: %(name)s. Please pay in another way.", name=name
        ),
    }
    return sentences[card.refusal] if card.refusal else ""


def to_be_typed() -> str:
    return _(
        "Please type the code of a gift card into the field of your basket. In an address others "
        "could read it."
    )


def too_many(seconds: int) -> str:
    return ngettext(
        "Too many unknown codes. Please wait %(num)s minute and try again.",
        "Too many unknown codes. Please wait %(num)s minutes and try again.",
        ceil(seconds / 60),
    )

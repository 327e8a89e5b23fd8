"""The mail that brings a gift card or tells of store credit; the code is read when it is sent."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from shop.extensions import db
from shop.gift_cards import codes, queries, service
from shop.gift_cards.models import GiftCard
from shop.outbox.mailer import Facts, Letter
from shop.store import queries as store
from shop.web.config import settings


def gift_card(payload: dict[str, Any]) -> Letter | None:
    """None where it was disabled before its mail was sent. Raises CodeLost."""
    card = db.session.get(GiftCard, payload["gift_card_id"])
    if card is None or not card.is_active or not card.email:
        return None
    current = store.current()
    shop = current.name
    if card.is_store_credit:
        subject = _("You have credit at %(shop)s", shop=shop)
    elif card.sender:
        subject = _("%(name)s has sent you a gift card for %(shop)s", name=card.sender, shop=shop)
    else:
        subject = _("Your gift card for %(shop)s", shop=shop)
    return Letter(
        to=card.email,
        subject=subject,
        template="gift_cards/store_credit" if card.is_store_credit else "gift_cards/gift_card",
        language=card.language,
        card=card,
        is_given_back=queries.is_given_back(card),
        has_currencies=bool(current.currencies),
        subject_line=subject,
        code=codes.spelled(service.code_of(card)),
        worth=card.balance if card.is_store_credit else queries.issued_with(card),
        balance_url=f"{settings().url}/gift-card",
    )


LETTERS: dict[str, Facts] = {service.MAIL: gift_card}

"""The one mail about a checkout that was left."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from shop.outbox.mailer import Facts, Letter
from shop.recovery import links, queries, service
from shop.store import queries as store


def abandoned_checkout(payload: dict[str, Any]) -> Letter | None:
    """None where it was bought meanwhile, is sold out, or nobody wants it any more."""
    row = queries.by_id(payload["id"])
    if row is None or not service.may_be_mailed(row):
        return None
    basket = queries.basket(row)
    return Letter(
        to=row.email,
        language=row.language,
        subject=_("Your basket at %(shop)s is still here", shop=store.current().name),
        template="recovery/reminder",
        stop_url=links.stop_url(service.digest(row.email)),
        lines=basket.buyable,
        subtotal=basket.subtotal,
        basket_url=links.basket_url(row.id),
    )


LETTERS: dict[str, Facts] = {service.LETTER: abandoned_checkout}

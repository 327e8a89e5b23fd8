"""The one mail to somebody who waited."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from shop.alerts import service
from shop.alerts.models import StockAlert
from shop.cart.queries import variant_facts
from shop.extensions import db
from shop.outbox.mailer import Facts, Letter
from shop.store import queries as store
from shop.web.config import settings


def back_in_stock(payload: dict[str, Any]) -> Letter | None:
    """None where nobody waits any more, or the variant is gone."""
    alert = db.session.get(StockAlert, payload["alert_id"])
    base = store.current().base
    facts = variant_facts([alert.variant_id], base).get(alert.variant_id) if alert else None
    if alert is None or facts is None:
        return None
    url = settings().url
    return Letter(
        to=alert.email,
        subject=_("%(title)s is back", title=facts.title),
        template="alerts/back_in_stock",
        language=alert.language,
        title=facts.title,
        options=facts.options,
        file=facts.file,
        price=facts.unit,
        product_url=f"{url}/products/{facts.handle}?variant_id={facts.variant_id}",
        forget_url=f"{url}/stock-alerts/{alert.token}",
    )


LETTERS: dict[str, Facts] = {service.LETTER: back_in_stock}

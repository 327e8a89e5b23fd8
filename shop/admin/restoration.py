"""What was deleted, brought back: one service for each kind, and why it may refuse."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _

from shop.audit import AuditEntry
from shop.catalog import collections as catalog
from shop.catalog import restoring
from shop.catalog import service as products
from shop.content import service as content
from shop.pricing import discount_service as discounts
from shop.pricing import service as pricing
from shop.redirects import service as redirects
from shop.search import service as search

Restore = Callable[[Mapping[str, Any], int], Any]

_SERVICES: dict[str, Restore] = {
    "article.deleted": lambda kept, by: content.restore_article(kept, by=by),
    "collection.deleted": lambda kept, by: catalog.restore_collection(kept, by=by),
    "discount.deleted": lambda kept, by: discounts.restore(kept, by=by),
    "page.deleted": lambda kept, by: content.restore_page(kept, by=by),
    "redirect.removed": lambda kept, by: redirects.restore(kept, by=by),
    "shipping_rate.removed": lambda kept, by: pricing.restore_way(kept, by=by),
    "shipping_zone.removed": lambda kept, by: pricing.restore_shipping_zone(kept, by=by),
    "synonym.removed": lambda kept, by: search.restore_synonym(kept, by=by),
    "tax_zone.removed": lambda kept, by: pricing.restore_tax_zone(kept, by=by),
    "variant.removed": lambda kept, by: restoring.restore_variant(kept, by=by),
}


class NotRestored(Exception):
    """With a sentence that says why; nothing was changed."""


def restore(entry: AuditEntry, *, by: int) -> None:
    """Bring back what the entry tells was deleted, and keep it no longer for that. The entry is
    locked. Raises NotRestored; the caller's transaction must then roll back.
    """
    service = _SERVICES.get(entry.action)
    if service is None or entry.kept is None:
        raise NotRestored(_("This cannot be brought back."))
    try:
        service(entry.kept, by)
    except _REFUSALS as refusal:
        raise NotRestored(_sentence(refusal)) from refusal
    entry.kept = None


_REFUSALS = (
    LookupError,
    catalog.CollectionHandleTaken,
    content.HandleTaken,
    discounts.CodeTaken,
    pricing.NameTaken,
    pricing.PlaceTaken,
    products.OptionsDoNotFit,
    products.OptionsTaken,
    products.SkuTaken,
    redirects.LeadsBack,
    redirects.PathTaken,
)


def _sentence(refusal: Exception) -> str:
    if isinstance(refusal, (catalog.CollectionHandleTaken, content.HandleTaken)):
        return _("Something else has its address by now. Change that one's address first.")
    if isinstance(refusal, discounts.CodeTaken):
        return _("Another discount has its code by now. Change that one's code first.")
    if isinstance(refusal, pricing.NameTaken):
        return _("Another one has its name by now. Rename that one first.")
    if isinstance(refusal, pricing.PlaceTaken):
        return _(
            "The zone %(zone)s names one of its places by now. Take it out there first.",
            zone=refusal.zone,
        )
    if isinstance(refusal, products.SkuTaken):
        return _("Another variant has its SKU by now. Change that one's SKU first.")
    if isinstance(refusal, (products.OptionsTaken, products.OptionsDoNotFit)):
        return _("Its product's options are others by now, or another variant has its values.")
    if isinstance(refusal, redirects.PathTaken):
        return _("Another redirect begins at its address by now. Remove that one first.")
    if isinstance(refusal, redirects.LeadsBack):
        return _("By now this would lead back to the old address.")
    return _("What it belonged to is gone.")

"""What was deleted, brought back: one service for each kind, and why it may refuse."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _

from shop.audit import AuditEntry
from shop.bulk import service as bulk
from shop.bulk.models import BulkJob
from shop.catalog import collections as catalog
from shop.catalog import restoring, saves, schedule, variant_service
from shop.catalog import service as products
from shop.content import service as content
from shop.extensions import db
from shop.inventory import service as inventory
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
    "product.deleted": lambda kept, by: restoring.restore_product(kept, by=by),
    "redirect.removed": lambda kept, by: redirects.restore(kept, by=by),
    "shipping_rate.removed": lambda kept, by: pricing.restore_way(kept, by=by),
    "shipping_zone.removed": lambda kept, by: pricing.restore_shipping_zone(kept, by=by),
    "synonym.removed": lambda kept, by: search.restore_synonym(kept, by=by),
    "tax_zone.removed": lambda kept, by: pricing.restore_tax_zone(kept, by=by),
    "variant.removed": lambda kept, by: restoring.restore_variant(kept, by=by),
    bulk.BEGUN: lambda kept, by: _take_job_back(kept, by),
    saves.PAGE_SAVED: lambda kept, by: saves.take_back(kept, by=by),
    saves.TABLE_SAVED: lambda kept, by: saves.take_back(kept, by=by),
}
#: Those of them that bring back no thing that was deleted, but what was there before.
UNDONE = (bulk.BEGUN, saves.PAGE_SAVED, saves.TABLE_SAVED)


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


def _take_job_back(kept: Mapping[str, Any], by: int) -> None:
    """Begins the job that does it; products that somebody changed since are left as they are."""
    job = db.session.get(BulkJob, kept["job"], with_for_update=True, populate_existing=True)
    if job is None:
        raise LookupError(kept["job"])
    bulk.undo(job, by=by)


_CHANGED = (
    saves.ChangedSince,
    catalog.HeldByRule,
    inventory.BelowReserved,
    inventory.SoldAhead,
    inventory.StockChanged,
    products.NothingToSell,
    schedule.WrongOrder,
)
_REFUSALS = (
    *_CHANGED,
    LookupError,
    bulk.CannotUndo,
    products.HandleTaken,
    catalog.CollectionHandleTaken,
    content.HandleTaken,
    discounts.CodeTaken,
    pricing.NameTaken,
    pricing.PlaceTaken,
    variant_service.OptionsDoNotFit,
    variant_service.OptionsTaken,
    variant_service.SkuTaken,
    redirects.LeadsBack,
    redirects.PathTaken,
)


def _sentence(refusal: Exception) -> str:
    if isinstance(refusal, _CHANGED):
        return _("It was changed again since then, or units of it were sold, so it stays as it is.")
    if isinstance(refusal, bulk.CannotUndo):
        return _("It is still at work, was taken back already, or cannot be taken back any more.")
    if isinstance(refusal, products.HandleTaken):
        return _("Another product has its address by now. Change that one's address first.")
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
    if isinstance(refusal, variant_service.SkuTaken):
        return _("Another variant has its SKU by now. Change that one's SKU first.")
    if isinstance(refusal, (variant_service.OptionsTaken, variant_service.OptionsDoNotFit)):
        return _("Its product's options are others by now, or another variant has its values.")
    if isinstance(refusal, redirects.PathTaken):
        return _("Another redirect begins at its address by now. Remove that one first.")
    if isinstance(refusal, redirects.LeadsBack):
        return _("By now this would lead back to the old address.")
    return _("What it belonged to is gone.")

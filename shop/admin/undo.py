"""Taking back what one has just done, from what its audit entry tells was there before.

What was deleted comes back as the activity's page brings it back; what was changed gets its values
from before, by the service that changes them, and only while nobody has changed them again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import flash, url_for
from flask_babel import gettext as _

from shop import audit
from shop.admin.restoration import restore
from shop.audit import AuditEntry
from shop.catalog import service as catalog
from shop.catalog import variant_service
from shop.catalog.models import Product, Variant
from shop.clock import now
from shop.extensions import db
from shop.orders import contact, fulfillments, tags
from shop.orders.fulfillment_models import Fulfillment
from shop.orders.models import Order
from shop.payments import service as payments
from shop.payments.models import PaymentSettings
from shop.pricing import discount_service as discounts
from shop.pricing.discount_models import StoredDiscount
from shop.protection import service as protection
from shop.protection.models import ProtectionSettings
from shop.recovery import service as recovery
from shop.recovery.models import RecoverySettings
from shop.store import queries as store_queries
from shop.store import service as store
from shop.store.models import StoreSettings

#: So long somebody may take their own doing back.
WINDOW = timedelta(hours=1)


#: Field of the button: ids of more entries, taken back with the first or not at all.
ALSO = "also"


class ChangedSince(Exception):
    """Somebody changed it again; taking it back would lose that."""


class NotUndoable(Exception):
    """Not one's own, too long ago, taken back already, or of no kind that can be."""


def flash_with_undo(sentence: str, *, by: int, entries: Sequence[AuditEntry] | None = None) -> None:
    """Say what was done, with a button that takes it back where that can be done. `entries`: of
    what was done, where it is not the last that this request recorded.
    """
    if entries is None:
        entries = [latest] if (latest := audit.latest()) else []
    if not entries or any(one.account_id != by or not can_undo(one) for one in entries):
        flash(sentence, "ok")
        return
    first, *others = [entry.id for entry in entries]
    fields = {ALSO: " ".join(map(str, others))} if others else {}
    undo = {"action": url_for("admin.take_back", entry_id=first), "fields": fields,
            "words": _("Undo")}  # fmt: skip
    flash({"text": sentence, "undo": undo}, "ok")  # type: ignore[arg-type]  # as the cart's


def can_undo(entry: AuditEntry) -> bool:
    return entry.kept is not None or entry.action in _UNDO


def take_back(entry_id: int, *, by: int, may: Callable[[str, str], bool]) -> None:
    """In the caller's transaction. `may`: whether the role lets them post to an endpoint. Raises
    NotUndoable, ChangedSince and NotRestored; the transaction must then roll back.
    """
    entry = db.session.get(AuditEntry, entry_id, with_for_update=True, populate_existing=True)
    if entry is None or entry.account_id != by or entry.at < now() - WINDOW:
        raise NotUndoable
    if not may_change(entry.subject_kind, may):
        raise NotUndoable  # the role was another when it was done
    if audit.has_since(store.CURRENCY_CHANGED, entry.at):
        raise ChangedSince  # its amounts are another currency's
    if entry.kept is not None:
        restore(entry, by=by)
        return
    if entry.action not in _UNDO:
        raise NotUndoable
    _UNDO[entry.action](entry, by)


def may_change(subject_kind: str, may: Callable[[str, str], bool]) -> bool:
    """Whether a role that lets somebody post to what `may` says may change such a thing."""
    return may(_CHANGED_BY.get(subject_kind, ""), "POST")


# Each kind ----------------------------------------------------------------------------------------


def _settings(model: type[Any], change: Callable[..., None]) -> Callable[[AuditEntry, int], None]:
    """Of the one row of a table of settings."""

    def undo(entry: AuditEntry, by: int) -> None:
        change(_before(_locked(model, 1), entry.data), by=by)

    return undo


def _price(entry: AuditEntry, by: int) -> None:
    variant = _locked(Variant, entry.subject_id)
    values = _before(variant, entry.data)
    variant_service.change_price(
        variant,
        unit_amount=values["unit_amount"],
        compare_at_amount=values["compare_at_amount"],
        by=by,
    )


def _publication(entry: AuditEntry, by: int) -> None:
    product = _locked(Product, entry.subject_id)
    was_published = entry.action == "product.unpublished"
    if product.is_published == was_published:
        raise ChangedSince
    (catalog.publish if was_published else catalog.unpublish)(product, by)


def _discount(entry: AuditEntry, by: int) -> None:
    discount = _locked(StoredDiscount, entry.subject_id)
    was_active = entry.action == "discount.paused"
    if discount.is_active == was_active:
        raise ChangedSince
    discounts.set_active(discount, was_active, by=by)


def _contact(entry: AuditEntry, by: int) -> None:
    order = _locked(Order, entry.subject_id)
    values = contact.Contact.of(order).values | _before(order, entry.data)
    try:
        contact.change(order, contact.Contact.read(values), store_queries.current(), by=by)
    except (contact.NotChangeable, contact.OtherTaxes, contact.NotSentThere):
        raise ChangedSince from None


def _delivery(entry: AuditEntry, by: int) -> None:
    order = _locked(Order, entry.subject_id)
    parcel = _locked(Fulfillment, entry.data["fulfillment"])
    if not fulfillments.deliver(order, parcel, by=by, is_delivered=False):
        raise ChangedSince


def _tags(entry: AuditEntry, by: int) -> None:
    if sorted(tags.tags_of([entry.subject_id]).get(entry.subject_id, ())) != sorted(
        entry.data["now"]
    ):
        raise ChangedSince
    tags.set_tags(entry.subject_id, entry.data["was"], by=by)


_UNDO: dict[str, Callable[[AuditEntry, int], None]] = {
    "store.changed": _settings(StoreSettings, store.change),
    "payments.changed": _settings(PaymentSettings, payments.change_settings),
    "protection.changed": _settings(ProtectionSettings, protection.change),
    "recovery.changed": _settings(RecoverySettings, recovery.change),
    "variant.price_changed": _price,
    "product.published": _publication,
    "product.unpublished": _publication,
    "discount.activated": _discount,
    "discount.paused": _discount,
    "order.tagged": _tags,
    "order.contact_changed": _contact,
    "order.delivered": _delivery,
}

#: The endpoint that changes such a thing, whose area one must still be let into.
_CHANGED_BY = {
    "article": "save_article",
    "bulk_job": "start_product_action",
    "collection": "save_collection",
    "discount": "save_discount",
    "order": "tag_order",
    "page": "save_page",
    "payments": "save_payment_settings",
    "product": "save_product",
    "product_table": "save_product_grid",
    "protection": "save_protection",
    "recovery": "save_abandoned_checkouts",
    "redirect": "delete_redirect",
    "shipping_rate": "save_way",
    "shipping_zone": "save_shipping_zone",
    "store": "save_settings",
    "synonym": "save_synonym",
    "tax_zone": "save_tax_zone",
    "variant": "save_product",
}


def _locked(model: type[Any], row_id: int) -> Any:
    row = db.session.get(model, row_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise ChangedSince
    return row


def _before(row: Any, pairs: Mapping[str, Any]) -> dict[str, Any]:
    """The values from before of what is still as the entry left it. Raises ChangedSince."""
    values = {}
    for name, (before, after) in pairs.items():
        current = getattr(row, name)
        if audit.plain(current) != after:
            raise ChangedSince
        values[name] = _read(before, current)
    return values


def _read(text: Any, like: Any) -> Any:
    """What JSON could not hold, as the column holds it."""
    for kind in (datetime, date, time):
        if isinstance(like, kind) and isinstance(text, str):
            return kind.fromisoformat(text)
    return text

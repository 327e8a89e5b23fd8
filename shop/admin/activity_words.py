"""The audit trail in words: what was done to what, and each fact as it was and as it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from shop.admin.activity_queries import ActivityRow
from shop.admin.mail_words import mail_name
from shop.money import Money
from shop.web.filters import day, instant, money

#: Facts that are lists of their own, not pairs of before and after.
_LISTS = {
    "added", "changes", "collection_ids", "conditions", "emails", "options", "places",
    "product_ids", "rates", "removed", "steps", "tags", "ways",
}  # fmt: skip
#: Actions whose lists of two are pairs, whatever the fact is called.
_CHANGING = (
    "changed", "updated", "price_changed", "currency_changed", "replied", "replayed", "granted",
    "role_changed",
)  # fmt: skip
#: A long text is cut here; the whole of it stands where the thing is edited.
MAX_SHOWN = 600


@dataclass(frozen=True)
class Fact:
    name: str
    after: str
    #: None: there is no before, or nobody wrote it down.
    before: str | None = None


def kinds() -> dict[str, str]:
    """What things are called, by the kind in the audit trail."""
    return {
        "account": _("Account"),
        "article": _("Article"),
        "collection": _("Collection"),
        "discount": _("Discount"),
        "export": _("File with personal data"),
        "gift_card": _("Gift card"),
        "import": _("Import of products"),
        "order": _("Order"),
        "outbox_message": _("Message"),
        "page": _("Page"),
        "payments": _("Payments"),
        "bulk_job": _("Change of many products"),
        "product": _("Product"),
        "product_table": _("Table of products"),
        "protection": _("Protection of the checkout"),
        "recovery": _("Abandoned checkouts"),
        "redirect": _("Redirect"),
        "review": _("Review"),
        "shipping_rate": _("Way of delivery"),
        "shipping_zone": _("Delivery zone"),
        "store": _("Settings of the shop"),
        "synonym": _("Synonym"),
        "tax_zone": _("Tax zone"),
        "theme": _("Theme"),
        "variant": _("Variant"),
    }


def verbs() -> dict[str, str]:
    """The groups of actions that a list can be narrowed to."""
    return {
        "made": _("Made"),
        "changed": _("Changed"),
        "deleted": _("Deleted"),
        "restored": _("Brought back"),
    }


def kind_words(kind: str) -> str:
    return kinds().get(kind, _spelled(kind))


def action_words(action: str) -> str:
    """Of an action like "variant.price_changed", what was done."""
    verb = action.partition(".")[2]
    return {
        "activated": _("Switched on"),
        "added": _("Added"),
        "begun": _("Begun"),
        "anonymized": _("Anonymized"),
        "canceled": _("Canceled"),
        "changed": _("Changed"),
        "closed": _("Closed for maintenance"),
        "confirmed_again": _("Confirmation sent again"),
        "contact_changed": _("Address or contact changed"),
        "created": _("Made"),
        "currency_changed": _("Currency changed"),
        "credited": _("Credit given"),
        "deleted": _("Deleted"),
        "delivered": _("Delivered"),
        "delivery_undone": _("Not delivered after all"),
        "disabled": _("Disabled"),
        "discarded": _("Draft discarded"),
        "enabled": _("Enabled"),
        "erased": _("Erased"),
        "exported": _("Exported"),
        "fulfillment_undone": _("Parcel taken back"),
        "import_undone": _("Import undone"),
        "mail_tested": _("Mail tested"),
        "issued": _("Issued"),
        "moved": _("Moved"),
        "note": _("Note added"),
        "numbers_changed": _("Order numbers changed"),
        "opened": _("Opened again"),
        "options_changed": _("Options changed"),
        "paid": _("Marked as paid"),
        "password_changed": _("Password changed"),
        "paused": _("Paused"),
        "photo_removed": _("Photo removed"),
        "pick_moved": _("Pick moved"),
        "picked": _("Picked"),
        "picked_up": _("Handed over"),
        "pictured": _("Picture changed"),
        "price_changed": _("Price changed"),
        "product_added": _("Product added"),
        "product_moved": _("Product moved"),
        "product_removed": _("Product removed"),
        "published": _("Published"),
        "ready": _("Ready to be fetched"),
        "refunded": _("Refunded"),
        "rejected": _("Rejected"),
        "removed": _("Removed"),
        "replayed": _("Event replayed"),
        "replied": _("Replied"),
        "restored": _("Brought back"),
        "retried": _("Sent again"),
        "reviewed": _("Decided"),
        "role_taken": _("Role taken away"),
        "saved": _("Saved"),
        "sent": _("Sent"),
        "sent_again": _("Sent again"),
        "switched_off": _("Switched off"),
        "started": _("Started"),
        "switched_on": _("Switched on"),
        "tagged": _("Tags changed"),
        "typed": _("Prices typed"),
        "undone": _("Undone"),
        "unpicked": _("Pick removed"),
        "unpublished": _("Taken out of the shop"),
        "updated": _("Changed"),
        "uploaded": _("File given"),
    }.get(verb, _spelled(verb))


def facts(row: ActivityRow, currency: str) -> list[Fact]:
    """What stands in an entry, side by side where something changed."""
    return list(_facts(row, currency))


def address(row: ActivityRow) -> str:
    """Of the page where staff find the thing; empty where there is none, or it is gone."""
    if row.subject_kind in _SETTINGS:
        return url_for(f"admin.{_SETTINGS[row.subject_kind]}")
    if row.subject_kind == "store":
        return url_for("admin.settings")
    if row.subject_kind == "bulk_job":
        return url_for("admin.product_job", job_id=row.subject_id)
    if row.subject_kind not in _PAGES or not row.title:
        return ""
    if row.is_of_staff:
        return url_for("admin.staff_member", account_id=row.subject_id)
    endpoint, name = _PAGES[row.subject_kind]
    values: dict[str, Any] = {name: row.subject_id}
    return url_for(f"admin.{endpoint}", **values)


_PAGES = {
    "account": ("customer", "customer_id"),
    "article": ("article", "article_id"),
    "collection": ("collection", "collection_id"),
    "discount": ("discount", "discount_id"),
    "gift_card": ("gift_card", "card_id"),
    "order": ("order", "order_id"),
    "page": ("page", "page_id"),
    "product": ("product", "product_id"),
    "review": ("review", "review_id"),
    "shipping_zone": ("shipping_zone", "zone_id"),
    "synonym": ("synonym", "synonym_id"),
    "tax_zone": ("tax_zone", "zone_id"),
}
_SETTINGS = {
    "outbox_message": "outbox_messages",
    "payments": "payment_settings",
    "protection": "protection",
    "recovery": "abandoned_checkouts",
    "redirect": "redirections",
    "shipping_rate": "shipping_zones",
    "theme": "theme",
}


def _facts(row: ActivityRow, currency: str) -> Iterator[Fact]:
    is_change = row.action.endswith(_CHANGING)
    for name, value in row.data.items():
        is_pair = isinstance(value, list) and len(value) == 2
        if is_pair and (is_change or name not in _LISTS):
            before, after = (_told(name, each, currency) for each in value)
            yield Fact(_name(name), after, before)
        else:
            yield Fact(_name(name), _told(name, value, currency))


def _told(name: str, value: Any, currency: str) -> str:
    """One value, as a person would say it."""
    if value is None or value in ("", [], {}):
        return _("nothing")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int) and name.endswith("amount"):
        return money(Money(value, currency))
    if isinstance(value, list):
        return ", ".join(_told("", each, currency) for each in value)
    if isinstance(value, Mapping):
        parts = (f"{_name(key)}: {_told(key, each, currency)}" for key, each in value.items())
        return "; ".join(parts)
    return _text(name, str(value))


def _text(name: str, text: str) -> str:
    if name == "of":
        return _exported(text)
    if name == "name" and "_" in text and text == text.lower():
        return mail_name(text)
    if name.endswith(("_at", "_on")):
        return _moment(text)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN].rstrip()} …"


def _exported(of: str) -> str:
    """What a file lists."""
    return {
        "activity": _("Activity"),
        "customers": _("Customers"),
        "gift_cards": _("Gift cards"),
        "newsletter": _("Newsletter"),
        "orders": _("Orders"),
    }.get(of, of)


def _moment(text: str) -> str:
    try:
        is_day = len(text) == len("2026-12-24")
        return day(date.fromisoformat(text)) if is_day else instant(datetime.fromisoformat(text))
    except ValueError:
        return text


def _name(name: str) -> str:
    """Of a fact."""
    return {
        "account_id": _("Account"),
        "alt": _("Description of the picture"),
        "amount": _("Amount"),
        "announcement": _("Announcement"),
        "announcement_from": _("Announce from"),
        "announcement_until": _("Announce until"),
        "announcement_url": _("Where the announcement leads"),
        "author": _("Author"),
        "body": _("Text"),
        "city": _("Town or city"),
        "code": _("Code"),
        "compare_at_amount": _("Price before"),
        "conditions": _("Conditions"),
        "contact_email": _("Contact e-mail"),
        "cost_amount": _("Cost"),
        "count": _("How many"),
        "country": _("Country"),
        "currencies": _("Currencies"),
        "currency": _("Currency"),
        "description": _("Description"),
        "email": _("E-mail"),
        "emails": _("Customers"),
        "district": _("District"),
        "ends_at": _("Ends"),
        "event": _("Event"),
        "expires_on": _("Valid until"),
        "file": _("Picture"),
        "handle": _("Address"),
        "is_active": _("Switched on"),
        "is_in_menu": _("In the menu"),
        "is_part": _("Only a part of the list"),
        "is_published": _("Published"),
        "kind": _("Kind"),
        "language": _("Language"),
        "languages": _("Languages"),
        "legal_pages": _("Legal texts"),
        "mail_reply_to": _("Where answers go"),
        "mail_sender_name": _("Name of the sender"),
        "mail_signature": _("Signature"),
        "menus": _("Menus"),
        "last_four": _("Ends in"),
        "legal_name": _("Legal name"),
        "line1": _("Address"),
        "line2": _("Flat, company or second line"),
        "limit_per_customer": _("Limit for a customer"),
        "limit_total": _("Limit in all"),
        "minimum_amount": _("From an amount of"),
        "minutes": _("Minutes"),
        "name": _("Name"),
        "note": _("Note"),
        "number": _("Number"),
        "of": _("List"),
        "options": _("Options"),
        "parent_id": _("Lies in"),
        "path": _("Old address"),
        "phone": _("Phone"),
        "places": _("Places"),
        "position": _("Position"),
        "postal_code": _("Postcode"),
        "product_id": _("Product"),
        "published_at": _("Published"),
        "rates": _("Rates"),
        "reason": _("Reason"),
        "region": _("Region"),
        "seo_description": _("Description for search engines"),
        "seo_title": _("Title for search engines"),
        "sku": _("SKU"),
        "starts_at": _("Begins"),
        "status": _("Status"),
        "summary": _("Summary"),
        "tagline": _("Tagline"),
        "tags": _("Tags"),
        "target": _("Leads to"),
        "title": _("Title"),
        "unit_amount": _("Price"),
        "value": _("Value"),
        "ways": _("Ways of delivery"),
    }.get(name, _spelled(name))


def _spelled(name: str) -> str:
    return name.replace("_", " ").capitalize()

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
from shop.sentences import N_
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
#: What things are called, by the kind in the audit trail.
_KINDS = {
    "account": N_("Account"),
    "article": N_("Article"),
    "collection": N_("Collection"),
    "discount": N_("Discount"),
    "export": N_("File with personal data"),
    "gift_card": N_("Gift card"),
    "import": N_("Import of products"),
    "order": N_("Order"),
    "outbox_message": N_("Message"),
    "page": N_("Page"),
    "payments": N_("Payments"),
    "bulk_job": N_("Change of many products"),
    "product": N_("Product"),
    "product_table": N_("Table of products"),
    "protection": N_("Protection of the checkout"),
    "recovery": N_("Abandoned checkouts"),
    "redirect": N_("Redirect"),
    "review": N_("Review"),
    "shipping_rate": N_("Way of delivery"),
    "shipping_zone": N_("Delivery zone"),
    "store": N_("Settings of the shop"),
    "synonym": N_("Synonym"),
    "tax_zone": N_("Tax zone"),
    "theme": N_("Theme"),
    "variant": N_("Variant"),
}
#: What was done, by the verb of an action.
_DONE = {
    "activated": N_("Switched on"),
    "added": N_("Added"),
    "begun": N_("Begun"),
    "anonymized": N_("Anonymized"),
    "canceled": N_("Canceled"),
    "changed": N_("Changed"),
    "closed": N_("Closed for maintenance"),
    "confirmed_again": N_("Confirmation sent again"),
    "contact_changed": N_("Address or contact changed"),
    "created": N_("Made"),
    "currency_changed": N_("Currency changed"),
    "credited": N_("Credit given"),
    "deleted": N_("Deleted"),
    "delivered": N_("Delivered"),
    "delivery_undone": N_("Not delivered after all"),
    "disabled": N_("Disabled"),
    "discarded": N_("Draft discarded"),
    "enabled": N_("Enabled"),
    "erased": N_("Erased"),
    "exported": N_("Exported"),
    "fulfillment_undone": N_("Parcel taken back"),
    "import_undone": N_("Import undone"),
    "mail_tested": N_("Mail tested"),
    "issued": N_("Issued"),
    "moved": N_("Moved"),
    "note": N_("Note added"),
    "numbers_changed": N_("Order numbers changed"),
    "opened": N_("Opened again"),
    "options_changed": N_("Options changed"),
    "paid": N_("Marked as paid"),
    "password_changed": N_("Password changed"),
    "paused": N_("Paused"),
    "photo_removed": N_("Photo removed"),
    "pick_moved": N_("Pick moved"),
    "picked": N_("Picked"),
    "picked_up": N_("Handed over"),
    "pictured": N_("Picture changed"),
    "price_changed": N_("Price changed"),
    "product_added": N_("Product added"),
    "product_moved": N_("Product moved"),
    "product_removed": N_("Product removed"),
    "published": N_("Published"),
    "ready": N_("Ready to be fetched"),
    "refunded": N_("Refunded"),
    "rejected": N_("Rejected"),
    "removed": N_("Removed"),
    "replayed": N_("Event replayed"),
    "replied": N_("Replied"),
    "restored": N_("Brought back"),
    "retried": N_("Sent again"),
    "reviewed": N_("Decided"),
    "role_taken": N_("Role taken away"),
    "saved": N_("Saved"),
    "sent": N_("Sent"),
    "sent_again": N_("Sent again"),
    "switched_off": N_("Switched off"),
    "started": N_("Started"),
    "switched_on": N_("Switched on"),
    "tagged": N_("Tags changed"),
    "typed": N_("Prices typed"),
    "undone": N_("Undone"),
    "unpicked": N_("Pick removed"),
    "unpublished": N_("Taken out of the shop"),
    "updated": N_("Changed"),
    "uploaded": N_("File given"),
}
#: What facts are called.
_FACTS = {
    "account_id": N_("Account"),
    "alt": N_("Description of the picture"),
    "amount": N_("Amount"),
    "announcement": N_("Announcement"),
    "announcement_from": N_("Announce from"),
    "announcement_until": N_("Announce until"),
    "announcement_url": N_("Where the announcement leads"),
    "author": N_("Author"),
    "body": N_("Text"),
    "city": N_("Town or city"),
    "code": N_("Code"),
    "compare_at_amount": N_("Price before"),
    "conditions": N_("Conditions"),
    "contact_email": N_("Contact e-mail"),
    "cost_amount": N_("Cost"),
    "count": N_("How many"),
    "country": N_("Country"),
    "currencies": N_("Currencies"),
    "currency": N_("Currency"),
    "description": N_("Description"),
    "email": N_("E-mail"),
    "emails": N_("Customers"),
    "district": N_("District"),
    "ends_at": N_("Ends"),
    "event": N_("Event"),
    "expires_on": N_("Valid until"),
    "file": N_("Picture"),
    "handle": N_("Address"),
    "is_active": N_("Switched on"),
    "is_in_menu": N_("In the menu"),
    "is_part": N_("Only a part of the list"),
    "is_published": N_("Published"),
    "kind": N_("Kind"),
    "language": N_("Language"),
    "languages": N_("Languages"),
    "legal_pages": N_("Legal texts"),
    "mail_reply_to": N_("Where answers go"),
    "mail_sender_name": N_("Name of the sender"),
    "mail_signature": N_("Signature"),
    "menus": N_("Menus"),
    "last_four": N_("Ends in"),
    "legal_name": N_("Legal name"),
    "line1": N_("Address"),
    "line2": N_("Flat, company or second line"),
    "limit_per_customer": N_("Limit for a customer"),
    "limit_total": N_("Limit in all"),
    "minimum_amount": N_("From an amount of"),
    "minutes": N_("Minutes"),
    "name": N_("Name"),
    "note": N_("Note"),
    "number": N_("Number"),
    "of": N_("List"),
    "options": N_("Options"),
    "parent_id": N_("Lies in"),
    "path": N_("Old address"),
    "phone": N_("Phone"),
    "places": N_("Places"),
    "position": N_("Position"),
    "postal_code": N_("Postcode"),
    "product_id": N_("Product"),
    "published_at": N_("Published"),
    "rates": N_("Rates"),
    "reason": N_("Reason"),
    "region": N_("Region"),
    "seo_description": N_("Description for search engines"),
    "seo_title": N_("Title for search engines"),
    "sku": N_("SKU"),
    "starts_at": N_("Begins"),
    "status": N_("Status"),
    "summary": N_("Summary"),
    "tagline": N_("Tagline"),
    "tags": N_("Tags"),
    "target": N_("Leads to"),
    "title": N_("Title"),
    "unit_amount": N_("Price"),
    "value": N_("Value"),
    "ways": N_("Ways of delivery"),
}


@dataclass(frozen=True)
class Fact:
    name: str
    after: str
    #: None: there is no before, or nobody wrote it down.
    before: str | None = None


def kinds() -> dict[str, str]:
    """All of them, to choose from."""
    return {kind: _(words) for kind, words in _KINDS.items()}


def verbs() -> dict[str, str]:
    """The groups of actions that a list can be narrowed to."""
    return {
        "made": _("Made"),
        "changed": _("Changed"),
        "deleted": _("Deleted"),
        "restored": _("Brought back"),
    }


def kind_words(kind: str) -> str:
    return _said(_KINDS, kind)


def action_words(action: str) -> str:
    """Of an action like "variant.price_changed", what was done."""
    verb = action.partition(".")[2]
    return _said(_DONE, verb)


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
            yield Fact(_said(_FACTS, name), after, before)
        else:
            yield Fact(_said(_FACTS, name), _told(name, value, currency))


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
        parts = (
            f"{_said(_FACTS, key)}: {_told(key, each, currency)}" for key, each in value.items()
        )
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


def _said(words: Mapping[str, str], name: str) -> str:
    """One of them, in the reader's language: the others are not asked for."""
    return _(words[name]) if name in words else _spelled(name)


def _spelled(name: str) -> str:
    return name.replace("_", " ").capitalize()

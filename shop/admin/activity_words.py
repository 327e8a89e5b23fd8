"""The audit trail in words: what was done to what, and each fact as it was and as it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from babel.dates import get_day_names
from flask import url_for
from flask_babel import format_percent
from flask_babel import gettext as _

from shop.admin.activity_names import DONE, FACTS, KINDS, VALUES
from shop.admin.activity_queries import ActivityRow
from shop.admin.mail_words import mail_name
from shop.money import Money
from shop.pricing.discounts import Kind
from shop.web.filters import day, instant, money
from shop.web.locale import locale_now

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
#: Discounts of which "value" tells what they take off.
_OFF = (Kind.PERCENTAGE, Kind.AMOUNT)
#: A long text is cut here; the whole of it stands where the thing is edited.
MAX_SHOWN = 600


@dataclass(frozen=True)
class Fact:
    name: str
    after: str
    #: None: there is no before, or nobody wrote it down.
    before: str | None = None


def kinds() -> dict[str, str]:
    """All of them, to choose from."""
    return {kind: _(words) for kind, words in KINDS.items()}


def verbs() -> dict[str, str]:
    """The groups of actions that a list can be narrowed to."""
    return {
        "made": _("Made"),
        "changed": _("Changed"),
        "deleted": _("Deleted"),
        "restored": _("Brought back"),
    }


def kind_words(kind: str) -> str:
    return _said(KINDS, kind)


def action_words(action: str) -> str:
    """Of an action like "variant.price_changed", what was done."""
    verb = action.partition(".")[2]
    return _said(DONE, verb)


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
    "purchase_order": ("purchase", "purchase_id"),
    "review": ("review", "review_id"),
    "shipping_zone": ("shipping_zone", "zone_id"),
    "stock_take": ("stock_take", "take_id"),
    "synonym": ("synonym", "synonym_id"),
    "tax_zone": ("tax_zone", "zone_id"),
    "variant": ("stock_of_variant", "variant_id"),
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
        if name == "value" and "kind" in row.data:
            yield _value(row, value, currency)
            continue
        is_pair = isinstance(value, list) and len(value) == 2
        if is_pair and (is_change or name not in _LISTS):
            before, after = (_told(name, each, currency) for each in value)
            yield Fact(_name(row, name), after, before)
        else:
            yield Fact(_name(row, name), _told(name, value, currency))


def _value(row: ActivityRow, value: Any, currency: str) -> Fact:
    """Of a discount, told as its kind has it: both may have changed, or one of them."""
    kinds, values = (
        each if isinstance(each, list) else [each] for each in (row.data["kind"], value)
    )
    told = [_off(kinds[0], values[0], currency), _off(kinds[-1], values[-1], currency)]
    return Fact(_name(row, "value"), told[1], told[0] if len(values) == 2 else None)


def _off(kind: Any, value: Any, currency: str) -> str:
    """What a discount takes off; its percentages are kept in millionths."""
    if kind not in _OFF:
        return _told("value", value, currency)
    if kind == Kind.AMOUNT:
        return money(Money(value, currency))
    pattern = locale_now().percent_formats[None].pattern
    return format_percent(value / 1_000_000, pattern.replace("##0", "##0.##"))


def _name(row: ActivityRow, name: str) -> str:
    if name == "of" and row.action == "product.duplicated":
        name = "copied_from"  # older entries have the product's number, under this name
    return _said(FACTS, name)


def _told(name: str, value: Any, currency: str) -> str:
    """One value, as a person would say it."""
    if value is None or value in ("", [], {}):
        return _("nothing")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int) and name.endswith("amount"):
        return money(Money(value, currency))
    if name == "closed_weekdays":
        days = get_day_names("wide", locale=locale_now())
        return ", ".join(days[each] for each in value)
    if isinstance(value, list):
        return ", ".join(_told("", each, currency) for each in value)
    if isinstance(value, Mapping):
        parts = (
            f"{_said(FACTS, key)}: {_told(key, each, currency)}" for key, each in value.items()
        )
        return "; ".join(parts)
    return _text(name, str(value))


def _text(name: str, text: str) -> str:
    if name == "of":
        return _exported(text)
    if text in VALUES.get(name, {}):
        return str(VALUES[name][text])
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
    is_word = name.isidentifier() and name.islower()
    return name.replace("_", " ").capitalize() if is_word else name

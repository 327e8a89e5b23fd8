"""What an import changes, and why something of it stays, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from shop.catalog.csvfile import Fault
from shop.catalog.undoing import Why
from shop.money import Money
from shop.web.filters import money, number

#: Longest text of a cell that is shown.
MAX_SHOWN = 120

_PRODUCT = {
    "title": _l("Title"),
    "description": _l("Description"),
    "summary": _l("Summary"),
    "vendor": _l("Maker"),
    "product_type": _l("Type"),
    "tax_category": _l("Tax category"),
    "tags": _l("Tags"),
    "seo_title": _l("Title for search engines"),
    "seo_description": _l("Description for search engines"),
    "facts": _l("Facts"),
    "status": _l("Status"),
    "options": _l("Options"),
    "import_columns": _l("Columns the shop does not use"),
}
_VARIANT = {
    "sku": _l("SKU"),
    "barcode": _l("Barcode"),
    "option1": _l("Options"),
    "option2": _l("Options"),
    "option3": _l("Options"),
    "unit_amount": _l("Price"),
    "compare_at_amount": _l("Price before a reduction"),
    "cost_amount": _l("Cost of one"),
    "weight_grams": _l("Weight in grams"),
    "is_taxable": _l("Taxed"),
    "requires_shipping": _l("Is sent"),
    "measure_amount": _l("Unit price"),
    "measure_unit": _l("Unit price"),
    "base_amount": _l("Unit price"),
    "base_unit": _l("Unit price"),
    "image_id": _l("Picture"),
    "position": _l("Place among the variants"),
    "import_columns": _l("Columns the shop does not use"),
    "on_hand": _l("In stock"),
    "is_tracked": _l("Stock is counted"),
    "backorders": _l("Sold beyond what is on hand"),
    "backorder_limit": _l("Units that may wait at most"),
    "promised_on": _l("Sent on"),
}
_BACKORDERS = {"none": _l("no"), "backorder": _l("Back-order"), "preorder": _l("Pre-order")}
_IMAGE = {"alt": _l("Text of a picture"), "position": _l("Place of a picture")}
#: Follows from others that are told.
_UNTOLD = {"published_at"}
_AMOUNTS = {"unit_amount", "compare_at_amount", "cost_amount"}
_WHYS = {
    Why.CHANGED: _l("somebody changed it since, so it stays"),
    Why.SOLD: _l("it was sold since, so it stays"),
    Why.GONE: _l("it is not there any more"),
    Why.TAKEN: _l("something else has it by now"),
    Why.PROMISED: _l("units are promised to orders, so the stock stays"),
    Why.LAST: _l("a published product needs a variant, so it stays"),
    Why.FAILED: _l("it could not be brought back; the shop's log tells more"),
}


@dataclass(frozen=True)
class Told:
    """`was`, `became`: none where there is no telling them."""

    label: str
    was: str | None = None
    became: str | None = None


def changes(
    changed: Mapping[str, Sequence[Any]], labels: Mapping[str, str], currency: str
) -> list[Told]:
    """A line for each, what came with the file first."""
    told = list(_told(changed, labels, currency))
    return sorted(dict.fromkeys(told), key=lambda one: one.was is not None)


def conflicts(kept: Mapping[str, str], labels: Mapping[str, str]) -> list[Told]:
    return [
        Told(_label_of(key, labels) or key, became=str(_WHYS[Why(why)]))
        for key, why in kept.items()
    ]


def reason(fault: Fault) -> str:
    """In the reader's language."""
    return fault.filled(_(fault.reason), number)


def sentence(fault: Fault) -> str:
    """The reason as it stands alone. A cell that it begins with stays as it was typed."""
    text = _(fault.reason)
    return fault.filled(text[:1].upper() + text[1:], number)


def note(text: Sequence[Any]) -> str:
    subject, sentence, values = text
    return f"{subject}: {reason(Fault(0, '', sentence, values))}"


def _told(
    changed: Mapping[str, Sequence[Any]], labels: Mapping[str, str], currency: str
) -> Iterator[Told]:
    new = {key for key, (was, _became) in changed.items() if was is None and key.count(":") == 1}
    for key, (was, became) in changed.items():
        kind, _sep, rest = key.partition(":")
        name = rest.partition(":")[2] or kind
        if key in new and kind == "variant":
            yield Told(_("New variant: %(name)s", name=_name_of(rest, labels)))
        elif key in new and kind == "image":
            yield Told(_("New picture"))
        elif key in new and kind == "collection":
            yield Told(_("Into one more collection"))
        elif name in _UNTOLD or _owner(key) in new or f"variant:{rest.split(':')[0]}" in new:
            continue
        elif (label := _label_of(key, labels)) is not None:
            if name.endswith(("columns", "position", "image_id")):
                yield Told(label)
            else:
                yield Told(label, _value(name, was, currency), _value(name, became, currency))


def _owner(key: str) -> str:
    return ":".join(key.split(":")[:2]) if key.count(":") == 2 else ""


def _name_of(rest: str, labels: Mapping[str, str]) -> str:
    return labels.get(rest.split(":")[0]) or _("the only variant")


def _label_of(key: str, labels: Mapping[str, str]) -> str | None:
    kind, _sep, rest = key.partition(":")
    if not rest:
        return _("The product") if kind == "product" else _text(_PRODUCT.get(kind))
    _id, _colon, name = rest.partition(":")
    if kind == "image":
        return _text(_IMAGE.get(name)) or _("A picture")
    if kind == "collection":
        return _("A collection")
    variant, what = _name_of(rest, labels), _text(_VARIANT.get(name))
    return _("%(variant)s: %(what)s", variant=variant, what=what) if what else variant


def _text(text: Any) -> str | None:
    return None if text is None else str(text)


def _value(name: str, value: Any, currency: str) -> str:
    if value is None or value == "" or value == []:
        return _("(nothing)")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name in _AMOUNTS:
        return money(Money(value, currency))
    if name == "status":
        return _("Published") if value == "published" else _("Draft")
    if name == "backorders":
        return str(_BACKORDERS[value])
    if isinstance(value, list):
        value = ", ".join(": ".join(one) if isinstance(one, list) else str(one) for one in value)
    text = str(value)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"

"""Answers as outsiders see them: private notes left out, `expand[]` filled in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .errors import ApiError
from .events import public, with_pending
from .line_items import is_valid
from .store import Doc, Work

#: Which field holds the id of which kind of object.
_LINKS = {
    "balance_transaction": "balance_transaction",
    "failure_balance_transaction": "balance_transaction",
    "charge": "charge",
    "latest_charge": "charge",
    "coupon": "coupon",
    "customer": "customer",
    "payment_intent": "payment_intent",
    "product": "product",
    "shipping_rate": "shipping_rate",
}
#: What is only there when asked for.
_INCLUDED = {
    ("checkout.session", "line_items"),
    ("charge", "refunds"),
    ("tax.calculation", "line_items"),
    ("tax.calculation_line_item", "tax_breakdown"),
    (None, "tax_breakdown"),  # of a calculation's shipping cost
}
_SOURCES = {"ch": "charge", "re": "refund", "du": "dispute"}
_MAX_DEPTH = 4
_LINES_SHOWN = 10


def present(work: Work, doc: Doc, expand: Iterable[str] = ()) -> Doc:
    """The document as an API answer."""
    if doc.get("object") == "list":
        answer = {**doc, "data": [_shown(work, item) for item in doc["data"]]}
    else:
        answer = _shown(work, doc)
    for path in expand:
        names = path.split(".")
        if len(names) > _MAX_DEPTH:
            message = f"You cannot expand more than {_MAX_DEPTH} levels of a property: {path}"
            raise ApiError(message, code="expand_max_depth", param="expand")
        _expand(work, answer, names, path)
    return answer


def line_list(session: Doc, lines: list[Doc], *, has_more: bool) -> Doc:
    url = f"/v1/checkout/sessions/{session['id']}/line_items"
    return {"object": "list", "data": lines, "has_more": has_more, "url": url}


def _shown(work: Work, doc: Doc) -> Doc:
    if doc.get("object") == "event":
        return with_pending(work, doc)
    if doc.get("object") == "coupon" and not doc.get("deleted"):
        return {**doc, "valid": is_valid(work, doc)}
    return public(doc)


def _expand(work: Work, parent: Any, names: list[str], path: str) -> None:
    """Replace the id at the end of `names` by its object, in one document or each of a list."""
    if isinstance(parent, list):
        for item in parent:
            _expand(work, item, names, path)
        return
    if parent is None:
        return
    name, *rest = names
    if not isinstance(parent, dict) or not _may_expand(parent, name, leads_on=bool(rest)):
        message = f"This property cannot be expanded ({path})."
        raise ApiError(message, code="property_not_expandable", param="expand")
    _fill(work, parent, name)
    if rest:
        _expand(work, parent[name], rest, path)


def _may_expand(parent: Doc, name: str, *, leads_on: bool) -> bool:
    if (parent.get("object"), name) in _INCLUDED:
        return True
    return name in parent and (_is_link(parent, name) or leads_on)


def _fill(work: Work, parent: Doc, name: str) -> None:
    if name == "line_items" and parent["object"] == "checkout.session":
        session = work.need("checkout.session", parent["id"])
        shown = session["_lines"][:_LINES_SHOWN]
        more = len(session["_lines"]) > _LINES_SHOWN
        parent[name] = line_list(session, [dict(line) for line in shown], has_more=more)
    elif name == "refunds":
        parent[name] = _refunds(work, parent)
    elif isinstance(parent[name], str) and _is_link(parent, name):
        found = work.get(_kind(parent, name), parent[name])
        if found is not None:
            parent[name] = _shown(work, found)


def _is_link(parent: Doc, name: str) -> bool:
    return name in _LINKS or (name == "source" and parent.get("object") == "balance_transaction")


def _kind(parent: Doc, name: str) -> str:
    if name == "source":
        return _SOURCES[parent[name].split("_")[0]]
    return _LINKS[name]


def _refunds(work: Work, charge: Doc) -> Doc:
    found = work.find("refund", charge=charge["id"])[::-1]
    return {
        "object": "list",
        "data": [public(refund) for refund in found[:10]],
        "has_more": len(found) > 10,
        "url": f"/v1/charges/{charge['id']}/refunds",
    }

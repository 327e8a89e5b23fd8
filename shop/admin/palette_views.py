"""The page of the box, which answers the dialog too."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.accounts import service as accounts
from shop.accounts.security import signed_in
from shop.admin import palette
from shop.admin.access import bp, may_visit, staff
from shop.admin.links import PLACES
from shop.admin.lists import listing_text
from shop.database import transaction


@bp.get("/search")
def find() -> ResponseReturnValue:
    """As JSON for the dialog, by its Accept header."""
    text = listing_text()
    groups = palette.find(text) if text else palette.recent(staff().id)
    if request.accept_mimetypes.best == "application/json":
        return {"groups": [_plain(group, text) for group in groups]}
    return render_template("admin/search.html", groups=groups, text=text, marked=palette.marked)


@bp.get("/keys")
def keys() -> ResponseReturnValue:
    """What the keys do; the dialog takes its sheet from this page."""
    return render_template(
        "admin/keys.html", places=[place for place in PLACES if place.key], is_on=_has_keys()
    )


@bp.post("/keys")
def switch_keys() -> ResponseReturnValue:
    """For oneself alone."""
    wanted = request.form.get("is_on")
    if wanted not in ("0", "1"):
        abort(422, _("Say whether the keys are on or off. Nothing was changed."))
    with transaction():
        accounts.switch_keys(staff().id, is_on=wanted == "1")
    flash(_("Single keys are on.") if wanted == "1" else _("Single keys are off."), "ok")
    return redirect(url_for(".keys"), code=303)


@bp.context_processor
def keys_of_page() -> dict[str, Any]:
    """Where letters lead; empty for who switched them off."""
    is_on = _has_keys()
    return {"keys_by_letter": _open_places() if is_on else {}}


def _open_places() -> dict[str, str]:
    urls = {place.key: place.url() for place in PLACES if place.key}
    return {key: url for key, url in urls.items() if may_visit(url)}


def _has_keys() -> bool:
    account = signed_in()
    return account is not None and account.has_keys


def _plain(group: palette.Group, text: str) -> dict[str, Any]:
    return {
        "title": group.title,
        "hits": [
            {"title": palette.marked(hit.title, text), "url": hit.url,
             "note": palette.marked(hit.note, text)}
            for hit in group.hits
        ],
    }  # fmt: skip

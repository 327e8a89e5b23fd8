"""Views of a list that staff keep by a name; each list that offers them has its own two routes."""

from __future__ import annotations

from typing import Any, Protocol
from urllib.parse import urlencode

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.admin.access import staff
from shop.database import in_transaction
from shop.desk import service as desk
from shop.web.forms import tidy

MAX_NAME = 60


class Search(Protocol):
    """What a list is narrowed to."""

    def as_args(self) -> dict[str, Any]:
        """The address's parts."""


def query_of(search: Search) -> str:
    """As views keep it, and as their links lead to it."""
    return urlencode({name: value for name, value in search.as_args().items() if value is not None})


def save(area: str, search: Search) -> ResponseReturnValue:
    """What the list shows now, by the name in the form. `area`: the list's endpoint."""
    name = tidy(request.form.get("name"))[:MAX_NAME]
    if not name:
        abort(422, _("Give the view a name. Nothing was saved."))
    query, by, is_shared = query_of(search), staff().id, bool(request.form.get("shared"))
    try:
        in_transaction(lambda: desk.save_view(by, area, name, query, is_shared=is_shared))
    except desk.TooManyViews:
        abort(422, _("%(most)s views are enough. Remove one first.", most=desk.MAX_VIEWS))
    flash(_("View saved: %(name)s.", name=name), "ok")
    return redirect(url_for(f".{area}", **search.as_args()), code=303)


def remove(area: str, view_id: int) -> ResponseReturnValue:
    """Only one's own."""
    by = staff().id
    if not in_transaction(lambda: desk.remove_view(by, area, view_id)):
        abort(404)
    flash(_("View removed."), "ok")
    return redirect(url_for(f".{area}"), code=303)

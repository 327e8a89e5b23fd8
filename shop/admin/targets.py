"""Where links and redirects of the merchant lead: whether the shop shows something there."""

from __future__ import annotations

from collections.abc import Callable

from flask import current_app, flash
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from shop.catalog import product_page
from shop.catalog import queries as catalog
from shop.content import queries as content
from shop.redirects import queries as redirects
from shop.web.context import current_site


def warn_of_nothing(target: str) -> None:
    """What leads there may be made before what is shown there; so it is kept, and told of."""
    if not shows_something(target):
        words = _(
            "It is saved, but the shop shows nothing at %(target)s now. Check the address, or"
            " publish what belongs there.",
            target=target,
        )
        flash(words, "warn")


def shows_something(target: str) -> bool:
    """There, or where it leads on to. Of other sites that is taken for granted."""
    return any(_is_shown(path) for path in redirects.passed(target))


def _is_shown(path: str) -> bool:
    if not path.startswith("/"):
        return True
    try:
        endpoint, values = current_app.url_map.bind("").match(path)
    except RequestRedirect:
        return True
    except HTTPException:
        return False
    find = _BY_HANDLE.get(endpoint)
    return find is None or find(values["handle"]) is not None


#: Pages whose address is good only while there is something of that handle.
_BY_HANDLE: dict[str, Callable[[str], object | None]] = {
    "catalog.product": lambda handle: product_page.published_product(
        handle, current_site().store.selling
    ),
    "catalog.collection": catalog.find_collection,
    "content.page": content.published_page,
    "content.article": content.published_article,
}

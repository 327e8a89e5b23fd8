"""The menus of header and footer: links in the order that the merchant wants, nested one deep."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Sequence

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, StringField
from wtforms.validators import DataRequired, ValidationError

from shop.admin import collection_queries
from shop.admin.access import bp, staff
from shop.admin.targets import warn_of_nothing
from shop.admin.undo import flash_with_undo
from shop.database import transaction
from shop.store import menus, queries, service
from shop.store.menus import MAX_LINKS, NAMES, MenuLink, NoLink
from shop.web.context import current_site
from shop.web.forms import Form, at_most, tidy
from shop.web.input import id_in

_TARGET = re.compile(r"/(?!/)\S*|https?://[^\s/]+\.\S+|mailto:\S+@\S+|tel:\+?[0-9 ()-]+")


class LinkForm(Form):
    label = StringField(_l("Words"), [DataRequired(_l("Give the link its words.")), at_most(60)],
                        [tidy])  # fmt: skip
    target = StringField(_l("Where it leads"), [at_most(500)], [tidy])

    def validate_target(self, field: Field) -> None:
        if not _TARGET.fullmatch(field.data or ""):
            raise ValidationError(
                _("Type a page of this shop, /collections/sale, or a web address.")
            )


@bp.get("/menus/<name>")
def menu(name: str) -> ResponseReturnValue:
    return _page(_known(name), LinkForm(is_empty=True))


@bp.post("/menus/<name>")
def add_link(name: str) -> ResponseReturnValue:
    """One more, at the end."""
    form = LinkForm()
    if not form.is_valid():
        return _page(_known(name), form), 422
    link = MenuLink(form.label.data or "", form.target.data or "")

    def added(links: Sequence[MenuLink]) -> list[MenuLink]:
        if len(links) >= MAX_LINKS:
            abort(409, _("A menu holds %(most)s links. Nothing was changed.", most=MAX_LINKS))
        return [*links, link]

    return _told(_change(_known(name), added), link.target)


@bp.post("/menus/<name>/links/<int:place>")
def change_link(name: str, place: int) -> ResponseReturnValue:
    """Its words and where it leads."""
    form = LinkForm()
    if not form.is_valid():
        return _page(_known(name), form, place), 422
    label, target = form.label.data or "", form.target.data or ""
    changed = _change(
        _known(name), lambda links: menus.renamed(links, place, label=label, target=target)
    )
    return _told(changed, target)


@bp.post("/menus/<name>/links/<int:place>/position")
def move_link(name: str, place: int) -> ResponseReturnValue:
    moves: dict[str, Callable[[Sequence[MenuLink]], list[MenuLink]]] = {
        "up": lambda links: menus.moved(links, place, -1),
        "down": lambda links: menus.moved(links, place, 1),
        "in": lambda links: menus.nested(links, place),
        "out": lambda links: menus.raised(links, place),
    }
    move = moves.get(request.form.get("direction", ""))
    if move is None:
        abort(400)
    return _change(_known(name), move)


@bp.post("/menus/<name>/links/<int:place>/delete")
def remove_link(name: str, place: int) -> ResponseReturnValue:
    return _change(_known(name), lambda links: menus.removed(links, place))


def _told(answer: ResponseReturnValue, target: str) -> ResponseReturnValue:
    """A link may be made before the page that it leads to; so it is kept, and told of."""
    warn_of_nothing(target)
    return answer


def _known(name: str) -> str:
    if name not in NAMES:
        abort(404)
    return name


def _change(name: str, work: Callable[[Sequence[MenuLink]], list[MenuLink]]) -> ResponseReturnValue:
    """Of the menu that the page showed; of another, places would be others."""
    by = staff().id
    with transaction():
        stored = service.locked_menus()
        links = menus.read(stored, name)
        if request.form.get("version") != version_of(links):
            abort(409, _("Somebody changed this menu meanwhile. Nothing was changed; look again."))
        try:
            after = menus.written(work(links))
        except NoLink:
            abort(409, _("It cannot go there. Nothing was changed."))
        service.change({"menus": {**stored, name: after}}, by=by)
    flash_with_undo(_("Saved."), by=by)
    return redirect(url_for(".menu", name=name), code=303)


def version_of(links: Sequence[MenuLink]) -> str:
    """Changes with everything that the page shows of the menu."""
    return hashlib.sha256(json.dumps(menus.written(links)).encode()).hexdigest()[:16]


def _page(name: str, form: LinkForm, place: int | None = None) -> str:
    """`place`: of the link that the form is about; none: a new one."""
    links = menus.read(queries.current().menus, name)
    opened = place if place is not None else id_in(request.args.get("edit", "")) - 1
    if not 0 <= opened < len(links):
        opened = -1
    elif place is None:
        form = LinkForm(values={"label": links[opened].label, "target": links[opened].target})
    return render_template(
        "admin/menu.html",
        name=name,
        links=links,
        form=form,
        opened=opened,
        version=version_of(links),
        suggestions=_suggestions(),
    )


def _suggestions() -> list[tuple[str, str]]:
    """Addresses of the shop with what they are called."""
    usual = [
        ("/products", _("All products")),
        ("/blogs/journal", _("Journal")),
        ("/pages/contact", _("Contact")),
        ("/track", _("Track an order")),
        ("/gift-card", _("Gift card balance")),
        ("/account", _("Your account")),
    ]
    shelves = [(f"/collections/{handle}", title) for handle, title in collection_queries.titles()]
    pages = [(page.url, page.title) for page in current_site().pages]
    return [*usual, *shelves, *pages]

"""The admin's blueprint, the one door to all of it, and who may go through.

Every endpoint belongs to an area (shop/admin/areas.py). To look at a page takes the right to see
its area; to send a form, or to open a page that is only a form for something new, the right to
change it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    g,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from shop.accounts import role_words
from shop.accounts.models import Account
from shop.accounts.permissions import EVERYTHING, Access, Area
from shop.accounts.security import lacks_second_step, note_activity, signed_in
from shop.admin import offers, proof
from shop.admin.areas import AREAS
from shop.admin.queries import menu_counts
from shop.admin.versions import conflict, hidden, made_from
from shop.sentences import N_
from shop.store.queries import Store
from shop.web.config import settings
from shop.web.context import current_site
from shop.web.csrf import SAFE_METHODS
from shop.web.errors import SENTENCES, own_words, show_http_error, wants_json
from shop.web.maintenance import closed_until

bp = Blueprint("admin", __name__, url_prefix="/admin")

#: What an open page asks by itself.
LIVE = "admin.live"
#: Pages that are only a form for something new begin with it.
_NEW = "new_"
#: Code -> title, what happened, where the shop's own words speak to shoppers.
_REFUSALS = {
    400: (N_("That did not work."), N_("The form was not readable. Nothing was changed.")),
    404: (N_("Nothing is here."), N_("It was deleted, or the address is wrong.")),
    409: (
        N_("That changed meanwhile."),
        N_("Somebody changed this at the same time. Nothing was changed; look again."),
    ),
}


@dataclass(frozen=True)
class Staff:
    """Who is doing this, for the audit trail, the page's corner and every question of rights."""

    id: int
    email: str
    name: str
    #: What it is called.
    role: str = ""
    is_owner: bool = False
    grid: Mapping[Area, Access] = field(default_factory=dict)

    @property
    def shown_name(self) -> str:
        return self.name or self.email

    @property
    def sees_settings(self) -> bool:
        """Whether the list of settings has anything to offer."""
        return any(map(self.may, ("settings_section", "payment_settings", "staff_list")))

    def may(self, endpoint: str, method: str = "GET") -> bool:
        """`endpoint` without the blueprint's name. One without an area is for owners."""
        if self.is_owner:
            return True
        if endpoint not in AREAS:
            return False
        area = AREAS[endpoint]
        if area is None:
            return True
        has = self.grid.get(area, Access.NONE)
        return has == Access.CHANGE or (has == Access.SEE and not _changes(endpoint, method))


@bp.before_request
def require_staff() -> ResponseReturnValue | None:
    """Guests are asked to sign in, customers are turned away, staff stay in their areas."""
    account = signed_in()
    if account is None:
        return _ask_to_sign_in()
    if not account.is_staff:
        abort(403, _("This part of the shop is for its staff. Nothing was changed."))
    g.staff = _staff_of(account)
    if request.endpoint != LIVE:  # a page that is only left open is nobody's activity
        note_activity()
    if not g.staff.may(_own_name(request.endpoint), request.method):
        return _forbidden()
    return _second_step_first() or _proof_first(account)


@bp.after_request
def offer_what_is_allowed(response: Response) -> Response:
    """Links and buttons that would only be refused are taken out of the page."""
    if "staff" not in g or g.staff.grid == EVERYTHING or response.mimetype != "text/html":
        return response
    response.set_data(offers.cut(response.get_data(as_text=True), request.path, may_visit))
    return response


@bp.errorhandler(404)  # by their codes too: the shop's redirects are, and go first otherwise
@bp.errorhandler(410)
@bp.errorhandler(HTTPException)
def refuse(error: HTTPException) -> ResponseReturnValue:
    """Staff stay in the admin when something is refused, with a way back to where they were."""
    code = error.code or 500
    if error.response is not None or "staff" not in g or not 400 <= code < 500 or wants_json():
        return show_http_error(error)
    title, sentence = _REFUSALS.get(code) or SENTENCES.get(code) or _REFUSALS[400]
    page = render_template(
        "admin/refused.html",
        title=_(title).removesuffix("."),
        message=own_words(error) or _(sentence),
        back=_came_from() if code != 404 else None,
    )
    return page, code


def _came_from() -> str | None:
    """The page of the admin that the browser was on before."""
    parts = urlsplit(request.referrer or "")
    if parts.netloc != request.host or not parts.path.startswith(f"{bp.url_prefix}/"):
        return None
    return urlunsplit(("", "", parts.path, parts.query, ""))


@bp.context_processor
def every_page() -> dict[str, Any]:
    return {
        "staff": g.staff,
        "may_visit": may_visit,
        "menu_counts": menu_counts,
        "is_view_only": _is_view_only(),
        "made_from": made_from,
        "closed_until": closed_until(settings()),
        "version_field": hidden,
        "conflict": conflict,
    }


def staff() -> Staff:
    found: Staff = g.staff
    return found


def may_visit(address: str, method: str = "GET") -> bool:
    """Whether this person's role lets them through to an address of the shop."""
    parts = urlsplit(address)
    if parts.netloc or not parts.path.startswith("/admin"):
        return True
    try:
        endpoint, _values = current_app.url_map.bind("").match(parts.path, method)
    except (HTTPException, RequestRedirect):
        return True  # leads to nothing that could be refused
    return staff().may(_own_name(endpoint), method)


def store() -> Store:
    return current_site().store


def _ask_to_sign_in() -> ResponseReturnValue:
    if request.method not in SAFE_METHODS:
        abort(
            401,
            _(
                "You are signed out, and nothing was changed. Sign in in another tab, then come"
                " back to this one and send the form again: what you typed is still there."
            ),
        )
    wanted = request.full_path.rstrip("?")
    return redirect(url_for("accounts.show_sign_in", next=wanted), code=303)


def _second_step_first() -> ResponseReturnValue | None:
    """Where everybody must have one, who has none sees their own account alone."""
    if not lacks_second_step() or request.path.startswith(f"{bp.url_prefix}/account"):
        return None
    if request.method not in SAFE_METHODS:
        abort(403, _("This shop asks for a second step: add one under My account first."))
    return redirect(url_for(".my_account"), code=303)


def _proof_first(account: Account) -> ResponseReturnValue | None:
    name = _own_name(request.endpoint)
    is_sensitive = AREAS.get(name) in proof.AREAS or name in proof.ENDPOINTS
    if request.method in SAFE_METHODS or not is_sensitive:
        return None
    return proof.ask(account)


def _forbidden() -> ResponseReturnValue:
    name = _own_name(request.endpoint)
    area = AREAS.get(name)
    page = render_template(
        "admin/forbidden.html",
        role=g.staff.role,
        area=role_words.AREAS[area] if area else "",
        is_change=_changes(name, request.method),
    )
    return page, 403


def _staff_of(account: Account) -> Staff:
    return Staff(
        account.id,
        account.email,
        account.name,
        role=", ".join(role_words.name_of(role) for role in account.roles),
        is_owner=account.is_owner,
        grid=account.grid,
    )


def _is_view_only() -> bool:
    """Whether this person sees the page's area and may change nothing in it."""
    area = AREAS.get(_own_name(request.endpoint))
    return area is not None and staff().grid.get(area) == Access.SEE


def _changes(endpoint: str, method: str) -> bool:
    return method not in SAFE_METHODS or endpoint.startswith(_NEW)


def _own_name(endpoint: str | None) -> str:
    return (endpoint or "").removeprefix(f"{bp.name}.")

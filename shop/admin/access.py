"""The admin's blueprint and the one door to all of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from flask import Blueprint, abort, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.accounts.security import note_activity, signed_in
from shop.store.queries import Store
from shop.web.context import current_site
from shop.web.forms import tidy

bp = Blueprint("admin", __name__, url_prefix="/admin")

Choice = TypeVar("Choice", bound=StrEnum)
MAX_QUERY = 100


@dataclass(frozen=True)
class Staff:
    """Who is doing this, for the audit trail and the page's corner."""

    id: int
    email: str
    name: str

    @property
    def shown_name(self) -> str:
        return self.name or self.email


@bp.before_request
def require_admin() -> ResponseReturnValue | None:
    """Guests are asked to sign in, everyone else without the role is turned away."""
    account = signed_in()
    if account is None:
        if request.method in ("GET", "HEAD"):
            wanted = request.full_path.rstrip("?")
            return redirect(url_for("accounts.show_sign_in", next=wanted), code=303)
        abort(
            401,
            _(
                "You are signed out, and nothing was changed. Sign in in another tab, then come"
                " back to this one and send the form again: what you typed is still there."
            ),
        )
    if not account.is_admin:
        abort(403, _("This part of the shop is for its staff. Nothing was changed."))
    g.staff = Staff(account.id, account.email, account.name)
    note_activity()
    return None


@bp.context_processor
def every_page() -> dict[str, Any]:
    return {"staff": g.staff}


def staff() -> Staff:
    found: Staff = g.staff
    return found


def store() -> Store:
    return current_site().store


def listing_text() -> str:
    """What a list is searched for."""
    return tidy(request.args.get("q"))[:MAX_QUERY]


def one_of(choices: type[Choice], text: str | None, usual: Choice) -> Choice:
    """What an address chooses; `usual` where it names no choice."""
    return choices(text) if text in set(choices) else usual

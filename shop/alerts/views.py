"""Asking to be told when a variant is back, and being forgotten again."""

from __future__ import annotations

from email_validator import EmailNotValidError, validate_email
from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.alerts import queries, service
from shop.cart.queries import VariantFacts, variant_facts
from shop.database import transaction
from shop.limits import service as limits
from shop.web.context import current_site
from shop.web.input import id_in
from shop.web.languages import current_language

bp = Blueprint("alerts", __name__, url_prefix="/stock-alerts")

MAX_EMAIL = 254
#: Requests from one network in a quarter of an hour.
ALLOWED = 20


@bp.post("")
def ask() -> ResponseReturnValue:
    """The answer is the same whether the address waits already or not."""
    facts = _variant(request.form.get("variant_id", ""))
    typed = request.form.get("email", "").strip()
    email = _normal(typed)
    if email is None:
        sentence = _("That is not an email address. It should look like name@example.com.")
        return _page(facts, typed, sentence), 422
    if facts.stock.allows(1):
        return redirect(_address_of(facts), code=303)
    if request.form.get("website"):  # a field that people do not see
        return redirect(url_for(".noted", variant_id=facts.variant_id), code=303)
    limit = limits.network_limit("stock alert", request.remote_addr, ALLOWED)
    with transaction():
        wait = limits.take([limit])
        if not wait:
            service.wait_for(facts.variant_id, email, current_language())
    if wait:
        sentence = _(
            "Those were many requests in a short time. Please wait a little and try again."
        )
        return _page(facts, typed, sentence), 429, {"Retry-After": str(wait)}
    return redirect(url_for(".noted", variant_id=facts.variant_id), code=303)


@bp.get("/noted")
def noted() -> ResponseReturnValue:
    return render_template("alerts/noted.html", facts=_variant(request.args.get("variant_id", "")))


@bp.get("/<token>")
def show(token: str) -> ResponseReturnValue:
    """Mail programs open links by themselves: looking at it changes nothing."""
    if (alert := queries.by_token(token)) is not None:
        facts = variant_facts([alert.variant_id], current_site().store.selling)[alert.variant_id]
        return render_template("alerts/forget.html", email=alert.email, title=facts.title)
    _limit_guesses()
    if (kept := queries.kept_by_token(token)) is not None:
        return render_template("alerts/forget.html", email=kept.email, title=kept.title)
    return render_template("alerts/forgotten.html"), 404


@bp.post("/<token>")
def forget(token: str) -> ResponseReturnValue:
    if queries.by_token(token) is None:
        _limit_guesses()
    with transaction():
        service.forget(token)
    return render_template("alerts/forgotten.html")


def _limit_guesses() -> None:
    """A link that no alert has is looked for in all that was deleted, which takes long."""
    limit = limits.network_limit("stock alert link", request.remote_addr, ALLOWED)
    with transaction():
        wait = limits.take([limit])
    if wait:
        abort(429)


def _variant(text: str) -> VariantFacts:
    variant_id = id_in(text)
    selling = current_site().store.selling
    facts = variant_facts([variant_id], selling).get(variant_id) if variant_id else None
    if facts is None or not facts.is_published:
        abort(404, _("That product is not for sale any more."))
    return facts


def _normal(typed: str) -> str | None:
    if len(typed) > MAX_EMAIL:
        return None
    try:
        found = validate_email(typed, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        return None
    return found.normalized


def _address_of(facts: VariantFacts) -> str:
    return f"/products/{facts.handle}?variant_id={facts.variant_id}"


def _page(facts: VariantFacts, typed: str, error: str) -> str:
    return render_template("alerts/ask.html", facts=facts, typed=typed, error=error)

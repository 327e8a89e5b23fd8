"""Addresses that name what to put into the basket. Why they ask first: docs/adr/0029."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.cart import session
from shop.cart.cart import MAX_LINES, Cart, CartFull
from shop.cart.codes.views import keep_code
from shop.cart.permalinks.wanted import Wanted, read_permalink
from shop.cart.queries import VariantFacts, variant_facts, variants_named
from shop.cart.views import available_units, bp, not_so_many, tells_too_much
from shop.pricing.discount_queries import tidy_code
from shop.web.context import current_site


@bp.get("/cart/<wanted>")
def permalink(wanted: str) -> ResponseReturnValue:
    """Show what the address names. Looking changes nothing: browsers and mail programs open
    addresses without being asked.
    """
    offers = _offers(read_permalink(wanted))
    page = render_template(
        "cart/permalink.html",
        offers=offers,
        wanted=wanted,
        code=tidy_code(request.args.get("code", "")),
        has_cart=not session.load().is_empty,
    )
    return page, 200 if any(not offer.complaint for offer in offers) else 404


@bp.post("/cart/<wanted>")
def follow_permalink(wanted: str) -> ResponseReturnValue:
    """Put it in: beside what the basket has, or in its place."""
    offers = _offers(read_permalink(wanted))
    cart = Cart() if "replace" in request.form else session.load()
    complaints = [offer.complaint for offer in offers if offer.complaint]
    for offer in offers:
        if offer.facts is not None and not offer.complaint:
            try:
                cart.add(offer.facts.variant_id, offer.quantity)
            except CartFull:
                complaints.append(_not_put_in(offer.facts.title))
    session.save(cart)
    code = request.form.get("code", "")
    if code:
        complaint, _status = keep_code(code, takes_cards=False)
        complaints += [complaint] if complaint else []
    for complaint in complaints:
        flash(complaint, "error")
    return redirect(url_for("cart.show"), code=303)


@dataclass(frozen=True)
class PermalinkOffer:
    """One piece that an address names. Without facts the shop has no such thing."""

    quantity: int
    facts: VariantFacts | None
    #: Why it cannot be had, in a sentence.
    complaint: str = ""


def _offers(wanted: list[Wanted]) -> list[PermalinkOffer]:
    ids = variants_named([item.code for item in wanted])
    facts = variant_facts(ids.values(), current_site().store.selling)
    return [_offer(item, facts.get(ids.get(item.code, 0))) for item in wanted]


def _offer(wanted: Wanted, facts: VariantFacts | None) -> PermalinkOffer:
    if facts is None or not facts.is_published:
        complaint = _("Nothing for sale here is called %(code)s.", code=wanted.code[:80])
        return PermalinkOffer(wanted.quantity, None, complaint)
    available = available_units(facts)
    if available is not None and available < 1:
        sold_out = _("%(title)s is sold out.", title=facts.title)
        return PermalinkOffer(wanted.quantity, facts, sold_out)
    if tells_too_much(wanted.quantity, available):
        return PermalinkOffer(wanted.quantity, facts, not_so_many(facts.title))
    quantity = wanted.quantity if available is None else min(wanted.quantity, available)
    return PermalinkOffer(quantity, facts)


def _not_put_in(title: str) -> str:
    return _(
        "%(title)s was not put in: the basket is full. It holds %(count)s different things.",
        title=title,
        count=MAX_LINES,
    )

"""The links of a reminder. Mail programs open links by themselves: looking changes nothing."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from shop.cart import session
from shop.cart.cart import merged, unpack
from shop.checkout.current import current_checkout
from shop.database import transaction
from shop.recovery import links, queries, service
from shop.recovery.models import AbandonedCheckout
from shop.recovery.session import note_taken_up
from shop.store import queries as store
from shop.web.currency_choice import as_visited

bp = Blueprint("recovery", __name__)


@bp.get("/basket/<link>")
def show(link: str) -> ResponseReturnValue:
    """What is in it, and nothing of who filled it."""
    row = _row(link)
    if row is None:
        return render_template("recovery/gone.html"), 404
    return render_template(
        "recovery/basket.html", basket=queries.basket(row, as_visited(store.current()).selling)
    )


@bp.post("/basket/<link>")
def take_up(link: str) -> ResponseReturnValue:
    """Into this browser's basket, beside what is there. The address stays where it was typed: see
    docs/adr/0030.
    """
    row = _row(link)
    if row is None:
        return render_template("recovery/gone.html"), 404
    id_, saved, checkout = row.id, unpack(row.cart), current_checkout()
    checkout_id = checkout.id if checkout is not None else None
    with transaction():
        service.restore(row, checkout_id)
    session.save(merged(session.load(), saved))
    if checkout_id is None:
        note_taken_up(id_)
    return redirect(url_for("cart.show"), code=303)


@bp.get("/reminders/<link>")
def ask_to_stop(link: str) -> ResponseReturnValue:
    is_known = links.digest_of(link) is not None
    return render_template("recovery/stop.html", is_known=is_known), 200 if is_known else 404


@bp.post("/reminders/<link>")
def stop(link: str) -> ResponseReturnValue:
    """By the page's button, or by the mail program's, which sends no Origin: the signed link itself
    is the proof.
    """
    digest = links.digest_of(link)
    if digest is None:
        return render_template("recovery/stop.html", is_known=False), 404
    with transaction():
        service.refuse(digest)
    return render_template("recovery/stopped.html")


def _row(link: str) -> AbandonedCheckout | None:
    id_ = links.id_of(link)
    return queries.by_id(id_) if id_ is not None else None

"""Writing to the shop."""

from __future__ import annotations

from math import ceil

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.contact import service
from shop.contact.forms import ContactForm, stamp
from shop.content.queries import CONTACT, published_page
from shop.database import transaction
from shop.limits import service as limits
from shop.orders.models import Order
from shop.orders.urls import order_of_link
from shop.web.config import settings
from shop.web.context import current_site
from shop.web.counts import ngettext

bp = Blueprint("contact", __name__)

#: Messages from one network in a quarter of an hour.
ALLOWED = 5


@bp.get("/pages/contact")
def show() -> ResponseReturnValue:
    order = _order(request.args.get("order", ""))
    values = {"order_number": request.args.get("number", "")[:40]}
    if order is not None:
        values = {"name": order.name, "email": order.email, "order_number": str(order.number or "")}
        values["order"] = request.args["order"]
    return _page(ContactForm(values=values), order)


@bp.get("/contact")
def short_address() -> ResponseReturnValue:
    return redirect(url_for(".show"), code=301)


@bp.post("/pages/contact")
def send() -> ResponseReturnValue:
    form = ContactForm()
    order = _order(form.order.data or "")
    if not form.is_valid():
        return _page(form, order), 422
    if not current_site().store.contact_email:
        return _page(form, order, _("This shop has no address to send it to yet.")), 503
    if not form.seems_typed_by_a_person(settings().secret_keys):
        sentence = _(
            "Nothing was sent yet. To show that no program wrote this, please send it again."
        )
        return _page(form, order, sentence), 422
    limit = limits.network_limit("contact", request.remote_addr, ALLOWED)
    with transaction():
        wait = limits.take([limit])
        if not wait:
            service.receive(form.note(order.id if order else None))
    if wait:
        return _too_many(form, order, wait)
    return redirect(url_for(".sent"), code=303)


@bp.get("/pages/contact/sent")
def sent() -> ResponseReturnValue:
    return render_template("contact/sent.html")


def _order(link: str) -> Order | None:
    return order_of_link(link) if link else None


def _page(form: ContactForm, order: Order | None, notice: str = "") -> str:
    form.website.data, form.stamp.data = "", stamp(settings().secret_keys)
    return render_template(
        "contact/form.html", form=form, order=order, notice=notice, words=published_page(CONTACT)
    )


def _too_many(form: ContactForm, order: Order | None, seconds: int) -> ResponseReturnValue:
    sentence = ngettext(
        "Nothing was sent: that were many messages in a short time. Please wait %(num)s minute and"
        " send it again.",
        "Nothing was sent: that were many messages in a short time. Please wait %(num)s minutes and"
        " send it again.",
        ceil(seconds / 60),
    )
    response = make_response(_page(form, order, sentence), 429)
    response.headers["Retry-After"] = str(seconds)
    return response

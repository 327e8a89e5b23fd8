"""Following an order by its number and email address. Shows where it is, not where it goes:
whoever knows the two need not be the buyer.
"""

from __future__ import annotations

from flask import (
    Blueprint,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer

from shop.clock import now
from shop.database import transaction
from shop.limits import service as limits
from shop.limits.words import too_many
from shop.orders import queries as orders
from shop.orders.timeline import steps_of
from shop.pricing.queries import delivery_calendar
from shop.tracking.forms import TrackForm
from shop.web.config import settings
from shop.web.context import current_site

bp = Blueprint("tracking", __name__)

#: Wrong pairs that one network may try in a quarter of an hour.
ALLOWED = 10
#: A tracking page stays open so long; then number and address are asked for again.
GOOD_FOR_SECONDS = 60 * 60 * 24
_SALT = "tracking"


@bp.get("/track")
def ask() -> ResponseReturnValue:
    return _page(TrackForm(values={}))


@bp.post("/track")
def look_up() -> ResponseReturnValue:
    """An unknown number and a wrong address are answered alike."""
    form = TrackForm()
    if not form.is_valid():
        return _page(form), 422
    limit = limits.network_limit("tracking", request.remote_addr, ALLOWED)
    with transaction():
        wait = limits.take([limit])
        order = None if wait else orders.order_by_number(form.typed_number, form.typed_email)
        if order is not None:
            limits.give_back([limit])
    if wait:
        return _too_many(form, wait)
    if order is None:
        return _page(form, is_unknown=True), 422
    return redirect(url_for(".show", link=_serializer().dumps(order.id)), code=303)


@bp.get("/track/<link>")
def show(link: str) -> ResponseReturnValue:
    try:
        order_id = _serializer().loads(link, max_age=GOOD_FOR_SECONDS)
    except SignatureExpired:
        flash(_("This page was open for a day. Please type number and address once more."), "info")
        return redirect(url_for(".ask"), code=303)
    except BadSignature:
        abort(404)
    order = orders.order_with_lines(order_id)
    if order is None:
        abort(404)
    promised = delivery_calendar(current_site().store).promise(
        order.promised_from or now(), order.shipping_min_days, order.shipping_max_days
    )
    return render_template("tracking/order.html", order=order, steps=steps_of(order, promised.days))


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings().secret_keys, salt=_SALT)


def _page(form: TrackForm, *, is_unknown: bool = False, notice: str = "") -> str:
    return render_template("tracking/ask.html", form=form, is_unknown=is_unknown, notice=notice)


def _too_many(form: TrackForm, seconds: int) -> ResponseReturnValue:
    response = make_response(_page(form, notice=too_many(seconds)), 429)
    response.headers["Retry-After"] = str(seconds)
    return response

"""The list of orders, and what is done with several of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import parse_qsl, urlencode

from flask import (
    abort,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound

from shop import audit
from shop.admin import order_export, order_queries, saved_views
from shop.admin.access import bp, staff
from shop.admin.downloads import csv_file
from shop.admin.export_notes import note_export
from shop.admin.lists import listing_text, one_of, pager_of
from shop.admin.order_queries import AREA, PAGE_SIZE, OrderFilter, OrderSearch
from shop.admin.refund_forms import new_press
from shop.admin.times import days_asked_for
from shop.admin.undo import flash_with_undo
from shop.audit import AuditEntry
from shop.database import transaction
from shop.extensions import db
from shop.orders import fulfillments, slips
from shop.orders import queries as orders_of
from shop.orders import service as orders_service
from shop.orders.fulfillments import MoreThanUnsent, NotFulfillable, NothingToSend, Parcel
from shop.orders.models import Order
from shop.orders.states import FulfillmentState
from shop.orders.tags import MAX_TAG, add_tag, tags_in
from shop.web.countries import country_names
from shop.web.counts import ngettext
from shop.web.forms import tidy
from shop.web.input import id_in

#: Rows that one press may be about; more than a page has.
MAX_MARKED = 100


@bp.get("/orders")
def orders() -> ResponseReturnValue:
    return _list_page(request.args)


@bp.post("/orders/views")
def save_order_view() -> ResponseReturnValue:
    return saved_views.save(AREA, _search(request.form))


@bp.post("/orders/views/<id:view_id>/delete")
def remove_order_view(view_id: int) -> ResponseReturnValue:
    return saved_views.remove(AREA, view_id)


def _list_page(given: MultiDict[str, str], marked: Sequence[int] = (), tag: str = "") -> str:
    """`given`: an address's parts. `tag`: what is typed for the marked ones."""
    search = _search(given)
    pager = pager_of(
        lambda page: order_queries.orders(search, page),
        PAGE_SIZE,
        ".orders",
        search.as_args(),
        given,
    )
    return render_template(
        "admin/orders.html",
        pager=pager,
        search=search,
        text=search.text,
        only=search.only,
        countries=list(country_names().items()),
        query=saved_views.query_of(search),
        views=order_queries.views(staff().id),
        press=new_press(),
        back=urlencode(list(given.items(multi=True))),
        marked=marked,
        typed_tag=tag,
        is_new_shop=not pager.rows and not order_queries.has_orders(),
    )


@bp.get("/orders/export.csv")
def export_orders() -> ResponseReturnValue:
    """What the address's filters find, or the marked rows."""
    search = _search(request.args)
    note_export("orders", is_part=search != OrderSearch())
    return csv_file(order_export.lines(order_queries.to_export(search)), "orders")


@bp.get("/orders/packing-slips")
def packing_slips() -> ResponseReturnValue:
    """Pages to print, one an order, or one a parcel."""
    found = slips.of_orders(_marked(request.args.getlist("id")))
    found += slips.of_parcels(_marked(request.args.getlist("parcel")))
    if not found:
        abort(404)
    has_prices = bool(request.args.get("prices"))
    return render_template("admin/packing_slips.html", slips=found, has_prices=has_prices)


@bp.post("/orders/bulk")
def change_orders() -> ResponseReturnValue:
    """What is done with the marked rows."""
    ids, action = _marked(request.form.getlist("id")), request.form.get("action", "")
    if complaint := _complaint(ids, action):
        return _refused(complaint, ids)
    if action == "slips":
        return redirect(url_for(".packing_slips", id=ids), code=303)
    if action == "export":
        return redirect(url_for(".export_orders", id=ids), code=303)
    if action == "tag":
        _tag(ids)
    else:
        _fulfill(ids)
    return redirect(_list_again(), code=303)


def _complaint(ids: list[int], action: str) -> str:
    """Why nothing can be done; empty: it can."""
    if not ids:
        return _("Mark at least one order first. Nothing was changed.")
    if action not in ("slips", "export", "tag", "fulfill"):
        return _("Please choose what to do. Nothing was changed.")
    tags = tags_in(request.form.get("tag", ""))
    if action == "tag" and (len(tags) != 1 or len(tags[0]) > MAX_TAG):
        return _("Type one tag, without a comma. Nothing was changed.")
    return ""


# Inside -----------------------------------------------------------------------------------------


def _search(given: MultiDict[str, str]) -> OrderSearch:
    """What an address or a form asks for; what it cannot mean is left out."""
    sent = given.get("sent", "")
    since, until, is_swapped = days_asked_for(given)
    return OrderSearch(
        text=listing_text(given),
        only=one_of(OrderFilter, given.get("show"), OrderFilter.ALL),
        sent=FulfillmentState(sent) if sent in set(FulfillmentState) else None,
        since=since,
        until=until,
        is_swapped=is_swapped,
        country=tidy(given.get("country")).upper()[:2],
        tag=tidy(given.get("tag"))[:MAX_TAG],
        ids=tuple(_marked(given.getlist("id"))),
    )


def _marked(texts: list[str]) -> list[int]:
    ids = dict.fromkeys(id_ for text in texts if (id_ := id_in(text)))
    return list(ids)[:MAX_MARKED]


def _whole(order_id: int) -> Order | None:
    return orders_of.order_with_lines(order_id)


def _tag(ids: list[int]) -> None:
    (tag,), by = tags_in(request.form.get("tag", "")), staff().id
    with transaction():
        # One order of locking, whoever else tags the same.
        entries = [entry for order_id in sorted(ids) if (entry := _tag_one(order_id, tag, by))]
    flash_with_undo(_("Tagged: %(tag)s.", tag=tag), by=by, entries=entries)


def _tag_one(order_id: int, tag: str, by: int) -> AuditEntry | None:
    """What was recorded of it; nothing where it has the tag, or is not there."""
    if _whole(order_id) is None:
        return None
    orders_service.locked(order_id)
    return audit.latest() if add_tag(order_id, tag, by=by) else None


def _fulfill(ids: list[int]) -> None:
    """Each order by itself: one that cannot be sent keeps none of the others."""
    by, press, sent = staff().id, request.form.get("press", "")[:40] or new_press(), 0
    for order_id in ids:
        sent += _fulfill_one(order_id, f"{press}:{order_id}", by)
        db.session.rollback()
    if sent:
        flash(ngettext("%(num)s order is sent.", "%(num)s orders are sent.", sent), "ok")
    if sent < len(ids):
        sentence = ngettext(
            "%(num)s order was left out: it is not paid, or nothing of it is left to send.",
            "%(num)s orders were left out: they are not paid, or nothing of them is left to send.",
            len(ids) - sent,
        )
        flash(sentence, "warn")


def _fulfill_one(order_id: int, press: str, by: int) -> bool:
    if _whole(order_id) is None:
        return False
    try:
        with transaction():
            order = orders_service.locked(order_id)
            unsent = fulfillments.unsent_of(_whole(order_id) or order)
            fulfillments.fulfill(order, unsent, Parcel(), press=press, by=by, is_told=True)
    except (NotFulfillable, NothingToSend, MoreThanUnsent):
        return False
    return True


def _refused(complaint: str, ids: list[int]) -> ResponseReturnValue:
    """The list as it was, with its marks; its first page where that page is gone meanwhile."""
    flash(complaint, "error")
    back, tag = MultiDict(parse_qsl(request.form.get("back", ""))), request.form.get("tag", "")
    try:
        return _list_page(back, ids, tag), 422
    except NotFound:
        back.poplist("page")
        return _list_page(back, ids, tag), 422


def _list_again() -> str:
    """The same list, as the form tells it; never another address."""
    query = urlencode(parse_qsl(request.form.get("back", "")))
    return f"{url_for('.orders')}?{query}" if query else url_for(".orders")

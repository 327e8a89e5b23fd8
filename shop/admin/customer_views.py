"""Customers: the list and the page of one; and who gets the newsletter."""

from __future__ import annotations

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop import audit
from shop.accounts.models import Account
from shop.admin import customer_queries as queries
from shop.admin import versions
from shop.admin.access import bp, staff
from shop.admin.customer_forms import CustomerForm
from shop.admin.customer_queries import SUBSCRIBER_COLUMNS, CustomerView, SubscriberFilter
from shop.admin.downloads import csv_file
from shop.admin.export_notes import note_export
from shop.admin.lists import listing_text, one_of, pager_of
from shop.admin.queries import PAGE_SIZE
from shop.admin.versions import ChangedMeanwhile
from shop.catalog.csvfile import write_table
from shop.database import transaction
from shop.privacy import service as privacy
from shop.privacy.export import archive_of
from shop.web.config import settings


@bp.get("/customers")
def customers() -> ResponseReturnValue:
    text = listing_text()
    pager = pager_of(
        lambda page: queries.customers(text=text, page=page),
        PAGE_SIZE,
        ".customers",
        {"q": text or None},
    )
    return render_template("admin/customers.html", pager=pager, text=text)


@bp.get("/customers/<id:customer_id>")
def customer(customer_id: int) -> ResponseReturnValue:
    view = _customer_or_404(customer_id)
    return _customer_page(view, CustomerForm.of(view.account))


@bp.post("/customers/<id:customer_id>")
def change_customer(customer_id: int) -> ResponseReturnValue:
    view, form = _customer_or_404(customer_id), CustomerForm()
    if not form.is_valid():
        return _customer_page(view, form), 422
    values, by = {"tags": form.tags.data or "", "note": form.note.data or ""}, staff().id
    try:
        with transaction():
            account = versions.lock(Account, customer_id)
            versions.check(CustomerForm.of(account), typed=[form])
            audit.change(account, values, by, "account.changed", subject_kind="account")
    except ChangedMeanwhile:
        form.complain(form.tags, versions.sentence())
        return _customer_page(view, form), 409
    flash(_("Saved."), "ok")
    return redirect(url_for(".customer", customer_id=customer_id), code=303)


@bp.post("/customers/<id:customer_id>/export")
def export_customer(customer_id: int) -> ResponseReturnValue:
    """What the customer gets who asks for it by letter."""
    account, by = _customer_or_404(customer_id).account, staff().id
    archive = archive_of(account, settings().media_path)
    with transaction():
        audit.record(by, "account.exported", subject_kind="account", subject_id=customer_id)
    return _file(archive, "application/zip", f"customer-{customer_id}.zip")


@bp.post("/customers/<id:customer_id>/erasure")
def erase_customer(customer_id: int) -> ResponseReturnValue:
    account, by = _customer_or_404(customer_id).account, staff().id
    with transaction():
        privacy.erase(account, by=by)
    flash(_("The customer is erased. Their orders stay for the books."), "ok")
    return redirect(url_for(".customers"), code=303)


@bp.get("/newsletter")
def subscribers() -> ResponseReturnValue:
    text = listing_text()
    only = one_of(SubscriberFilter, request.args.get("show"), SubscriberFilter.ALL)
    pager = pager_of(
        lambda page: queries.subscribers(text=text, only=only, page=page),
        PAGE_SIZE,
        ".subscribers",
        {"q": text or None, "show": only or None},
    )
    return render_template("admin/newsletter.html", pager=pager, text=text, only=only)


@bp.get("/newsletter.csv")
def export_subscribers() -> ResponseReturnValue:
    """All who get it, for a mailing program."""
    note_export("newsletter", is_part=False)
    return csv_file(write_table(SUBSCRIBER_COLUMNS, queries.subscriber_cells()), "newsletter")


def _file(content: bytes, mimetype: str, name: str) -> Response:
    response = Response(content, mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _customer_or_404(customer_id: int) -> CustomerView:
    view = queries.customer(customer_id)
    if view is None:
        abort(404)
    return view


def _customer_page(view: CustomerView, form: CustomerForm) -> str:
    return render_template("admin/customer.html", view=view, account=view.account, form=form)

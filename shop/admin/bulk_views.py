"""One action for many products: chosen in the list, looked at, begun, told of, taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from werkzeug.datastructures import MultiDict

from shop import audit
from shop.admin import product_queries
from shop.admin.access import bp, staff, store
from shop.admin.bulk_forms import ENDINGS, BulkForm
from shop.admin.lists import pager_of
from shop.admin.product_list_views import ids_in, parts_of_list, refused, search_in
from shop.admin.product_queries import ProductSearch
from shop.admin.refund_forms import new_press
from shop.admin.undo import flash_with_undo
from shop.bulk import actions, service
from shop.bulk import queries as jobs
from shop.bulk.models import Action, BulkJob
from shop.bulk.price_change import PriceTooHigh, PriceTooLow
from shop.bulk.worker import finish
from shop.catalog.models import Product, Variant
from shop.database import in_transaction
from shop.extensions import db
from shop.money import Money
from shop.web.counts import ngettext
from shop.web.pagination import paginate, read_page

#: Rows that may be marked one by one; more than a page has.
MAX_MARKED = 100
#: So many are done while the person waits; more are the worker's.
AT_ONCE = 50
#: Shown of what is to be changed.
SHOWN = 10
PAGE_SIZE = 25
#: Leads to the table, where each is changed by itself.
EDIT = "edit"
CHOSEN = (Action.PUBLISH, Action.UNPUBLISH, Action.ARCHIVE, Action.ADD_TAG, Action.REMOVE_TAG,
          Action.PRICE, Action.COLLECT, Action.DELETE)  # fmt: skip


@dataclass(frozen=True)
class Selection:
    """The marked rows of a list, or all that it finds."""

    search: ProductSearch
    #: Empty: all.
    ids: Sequence[int] = ()

    @property
    def conditions(self) -> list[sa.ColumnElement[bool]]:
        if self.ids:
            return [Product.id.in_(self.ids)]
        return product_queries.matches(self.search)

    @property
    def list_address(self) -> str:
        return url_for(".products", **self.search.as_args())

    def as_args(self) -> dict[str, Any]:
        """The address's parts, each with its values."""
        args: dict[str, Any] = {}
        for name, value in self.kept:
            args.setdefault(name, []).append(value)
        return args

    @property
    def kept(self) -> list[tuple[str, str]]:
        """For the hidden fields of the next form."""
        args = [(name, str(value)) for name, value in self.search.as_args().items() if value]
        chosen = [("id", str(id_)) for id_ in self.ids] or [("all", "1")]
        return [(f"list-{name}", value) for name, value in args] + chosen


@bp.get("/products/actions")
def product_action() -> ResponseReturnValue:
    """What would be done, with whom; nothing is done yet."""
    if complaint := _complaint(request.args):
        return refused(complaint)
    if request.args.get("action") == EDIT:
        selection = selection_in(request.args)
        return redirect(url_for(".product_grid", **selection.as_args()), code=303)
    action, selection = _action(request.args), selection_in(request.args)
    form = BulkForm(values={"way": "less_percent", "ending": "exact"})
    return _action_page(action, selection, form)


@bp.post("/products/actions")
def start_product_action() -> ResponseReturnValue:
    action, selection = _action(request.form), selection_in(request.form)
    form = BulkForm()
    form.action, form.currency = action, store().currency
    if not form.is_valid():
        return _action_page(action, selection, form), 422
    if request.form.get("do") == "preview":
        return _action_page(action, selection, form, has_preview=True)
    total = product_queries.count(selection.conditions)
    if not selection.ids and str(total) != request.form.get("count"):
        flash(_("Meanwhile another number of products matches. Look again, then press."), "warn")
        return _action_page(action, selection, form), 409
    if not total:
        abort(422, _("No product is left to change. Nothing was changed."))
    job_id = _begun(action, selection, form, press=request.form.get("press", "")[:40])
    if total <= AT_ONCE:
        finish(job_id)
        _tell(job_id)
    return redirect(url_for(".product_job", job_id=job_id), code=303)


def _tell(job_id: int) -> None:
    """Of a job that is finished: what it did, with Undo where it can be taken back."""
    progress = jobs.progress(job_id)
    if progress is None or not progress.can_undo:
        return
    entry = audit.entry_of(service.BEGUN, job_id)
    words = ngettext("%(num)s product changed.", "%(num)s products changed.", progress.done)
    flash_with_undo(words, by=staff().id, entries=[entry] if entry else [])


def back_job_of(entry_id: int) -> int | None:
    """The job that takes back the one that the entry tells of; done at once where it is small."""
    entry = db.session.get(audit.AuditEntry, entry_id)
    if entry is None or entry.action != service.BEGUN:
        return None
    back = jobs.taking_back(entry.subject_id)
    if back is None:
        return None
    back_id, total = back.id, back.total
    if total <= AT_ONCE:
        finish(back_id)
    return back_id


@bp.get("/products/jobs")
def product_jobs() -> ResponseReturnValue:
    pager = pager_of(lambda page: jobs.jobs(page, PAGE_SIZE), PAGE_SIZE, ".product_jobs")
    return render_template("admin/product_jobs.html", pager=pager, text="")


@bp.get("/products/jobs/<id:job_id>")
def product_job(job_id: int) -> ResponseReturnValue:
    """How far it is, and what was left out."""
    progress, number = jobs.progress(job_id), read_page(request.args.get("page"))
    if progress is None:
        abort(404)
    left_out = jobs.skipped(job_id, limit=PAGE_SIZE + 1, offset=(number - 1) * PAGE_SIZE)
    pager = paginate(
        left_out, number, PAGE_SIZE, lambda page: url_for(".product_job", job_id=job_id, page=page)
    )
    return render_template(
        "admin/product_job.html", progress=progress, job=progress.job, pager=pager
    )


@bp.post("/products/jobs/<id:job_id>/undo")
def undo_product_job(job_id: int) -> ResponseReturnValue:
    by = staff().id
    try:
        back_id, total = in_transaction(lambda: _undone(job_id, by=by))
    except (service.CannotUndo, IntegrityError):
        abort(409, _("It was taken back already, or cannot be. Nothing was changed."))
    if total <= AT_ONCE:
        finish(back_id)
    return redirect(url_for(".product_job", job_id=back_id), code=303)


# Inside -----------------------------------------------------------------------------------------


def _complaint(given: MultiDict[str, str]) -> str:
    """Why nothing can be done; empty: it can."""
    if not has_marks(given):
        return nothing_marked()
    return "" if given.get("action") in (EDIT, *CHOSEN) else _nothing_chosen()


def _nothing_chosen() -> str:
    return _("Please choose what to do. Nothing was changed.")


def _action(given: Mapping[str, str]) -> Action:
    text = given.get("action", "")
    if text not in CHOSEN:
        abort(422, _nothing_chosen())
    return Action(text)


def is_marked(given: MultiDict[str, str]) -> bool:
    """Whether the form with the marks sent it, or an address that names products."""
    return not given.keys().isdisjoint({"action", "all", "id"})


def selection_in(given: MultiDict[str, str]) -> Selection:
    """Refused where nothing is marked: that never means all."""
    search = search_in(parts_of_list(given))
    if given.get("all"):
        return Selection(search)
    ids = ids_in(given)
    if not ids:
        abort(422, nothing_marked())
    return Selection(search, tuple(ids[:MAX_MARKED]))


def has_marks(given: MultiDict[str, str]) -> bool:
    return bool(given.get("all") or ids_in(given))


def nothing_marked() -> str:
    return _("Mark at least one product first. Nothing was changed.")


def _begun(action: Action, selection: Selection, form: BulkForm, *, press: str) -> int:
    """Two presses at the same moment begin one job."""
    by, press = staff().id, press or new_press()
    which = sa.and_(*selection.conditions)
    try:
        return in_transaction(
            lambda: service.begin(action, form.params(), which, press=press, by=by).id
        )
    except IntegrityError:
        known = jobs.by_press(press)
        if known is None:
            raise
        return known.id


def _undone(job_id: int, *, by: int) -> tuple[int, int]:
    job = db.session.get(BulkJob, job_id, with_for_update=True)
    if job is None:
        abort(404)
    back = service.undo(job, by=by)
    return back.id, back.total


def _action_page(
    action: Action, selection: Selection, form: BulkForm, *, has_preview: bool = False
) -> str:
    conditions = selection.conditions
    return render_template(
        "admin/product_action.html",
        action=action,
        selection=selection,
        form=form,
        total=product_queries.count(conditions),
        shown=product_queries.titles(conditions, limit=SHOWN),
        preview=_preview(selection, form) if has_preview and action is Action.PRICE else None,
        endings=[each for each in ENDINGS if each.rounding.fits(store().currency)],
        collections=product_queries.picked_by_hand() if action is Action.COLLECT else (),
        press=new_press(),
    )


def _preview(selection: Selection, form: BulkForm) -> list[tuple[str, Money, Money | None]]:
    """Names, prices and what becomes of them; none where that is no price."""
    rule, currency = actions.price_rule(form.params()), store().currency
    rows = db.session.execute(
        sa.select(Product.title, Variant.option1, Variant.option2, Variant.option3,
                  Variant.unit_amount)
        .join(Variant, Variant.product_id == Product.id)
        .where(*selection.conditions)
        .order_by(Product.id, Variant.position)
        .limit(SHOWN)
    )  # fmt: skip
    found = []
    for title, *options, amount in rows:
        price = Money(amount, currency)
        try:
            new: Money | None = rule.applied(price)
        except (PriceTooLow, PriceTooHigh):
            new = None
        found.append((" / ".join([title, *filter(None, options)]), price, new))
    return found

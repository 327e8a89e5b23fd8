"""Discounts: the list of them, a new one, and the page that edits one."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.admin import discount_queries as queries
from shop.admin import discount_words, versions
from shop.admin.access import bp, staff, store
from shop.admin.discount_forms import DiscountForm
from shop.admin.discount_queries import DiscountFilter
from shop.admin.lists import listing_text, one_of, pager_of
from shop.admin.queries import PAGE_SIZE
from shop.admin.times import shop_zone
from shop.admin.undo import flash_with_undo
from shop.admin.versions import ChangedMeanwhile
from shop.clock import now
from shop.database import transaction
from shop.extensions import db
from shop.pricing import discount_service as service
from shop.pricing.discount_models import StoredDiscount
from shop.pricing.discount_service import CodeTaken, DiscountDetails, InUse
from shop.pricing.discounts import Kind
from shop.sentences import N_
from shop.web.config import settings

#: What is said of a new one, by where its days are.
_CREATED = {
    DiscountFilter.ACTIVE: N_("Discount created. It is active."),
    DiscountFilter.SCHEDULED: N_("Discount created. It begins by itself on its first day."),
    DiscountFilter.OVER: N_("Discount created, but its last day is over: nobody gets it."),
}


@bp.get("/discounts")
def discounts() -> ResponseReturnValue:
    text, at = listing_text(), now()
    only = one_of(DiscountFilter, request.args.get("show"), DiscountFilter.ALL)
    chosen: dict[str, Any] = {"q": text or None, "show": only or None}
    pager = pager_of(
        lambda page: queries.discounts(text=text, only=only, at=at, page=page),
        PAGE_SIZE,
        ".discounts",
        chosen,
    )
    return render_template(
        "admin/discounts.html",
        pager=pager,
        text=text,
        only=only,
        statuses={row.id: queries.status_of(row, at) for row in pager.rows},
    )


@bp.get("/discounts/new")
def new_discount() -> ResponseReturnValue:
    return _page(None, DiscountForm.blank())


@bp.post("/discounts/new")
def create_discount() -> ResponseReturnValue:
    form = _sent()
    details = _details(form)
    if request.form.get("do") == "preview" and details is not None:
        return _page(None, form, details)
    if details is not None:
        with suppress(CodeTaken):
            with transaction():
                created = service.create(details, by=staff().id)
                discount_id, status = created.id, queries.status_of(created, now())
            flash(_(_CREATED[status]), "ok")
            return _back(discount_id)
        _complain_of_code(form)
    return _page(None, form), 422


@bp.get("/discounts/<id:discount_id>")
def discount(discount_id: int) -> ResponseReturnValue:
    found = _discount_or_404(discount_id)
    return _page(found, _stored(found), _kept(found))


@bp.post("/discounts/<id:discount_id>")
def save_discount(discount_id: int) -> ResponseReturnValue:
    found, form = _discount_or_404(discount_id), _sent()
    details = _details(form)
    if request.form.get("do") == "preview" and details is not None:
        return _page(found, form, details)
    if details is not None:
        try:
            with transaction():
                row = _locked_or_404(discount_id)
                versions.check(_stored(row), typed=[form])
                service.change(row, details, by=staff().id)
        except CodeTaken:
            _complain_of_code(form)
        except ChangedMeanwhile:
            form.complain(form.title, versions.sentence())
        else:
            flash(_("Saved. Orders that were placed keep what they agreed."), "ok")
            return _back(discount_id)
    return _page(_discount_or_404(discount_id), form), 422


@bp.post("/discounts/<id:discount_id>/activation")
def activate_discount(discount_id: int) -> ResponseReturnValue:
    """`active`: 1 or 0."""
    is_active = request.form.get("active") == "1"
    with transaction():
        service.set_active(_locked_or_404(discount_id), is_active, by=staff().id)
    flash_with_undo(
        _("Active again.") if is_active else _("Paused: no new order gets it."), by=staff().id
    )
    return _back(discount_id)


@bp.post("/discounts/<id:discount_id>/delete")
def delete_discount(discount_id: int) -> ResponseReturnValue:
    try:
        with transaction():
            service.delete(_locked_or_404(discount_id), by=staff().id)
    except InUse:
        flash(_("Orders carry it, so it stays for your books. Pause it instead."), "error")
        return _back(discount_id)
    flash_with_undo(_("Discount deleted."), by=staff().id)
    return redirect(url_for(".discounts"), code=303)


# Inside


def _stored(found: StoredDiscount) -> DiscountForm:
    handles = queries.handles([*found.product_ids, *found.get_product_ids])
    return DiscountForm.of(found, handles, store().currency, shop_zone())


def _sent() -> DiscountForm:
    form = DiscountForm()
    form.currency, form.zone = store().currency, shop_zone()
    return form


def _details(form: DiscountForm) -> DiscountDetails | None:
    """None where something is wrong with it."""
    if not form.is_valid():
        return None
    known = queries.product_ids([*form.handles, *form.get_handles])
    for field, handles in ((form.products, form.handles), (form.get_products, form.get_handles)):
        unknown = [handle for handle in handles if handle not in known]
        if unknown:
            form.complain(field, _("There is no product at %(address)s.", address=unknown[0][:80]))
    return None if form.complaints else form.details(known)


def _kept(found: StoredDiscount) -> DiscountDetails:
    names = DiscountDetails.__dataclass_fields__
    values = {name: getattr(found, name) for name in names}
    return DiscountDetails(**(values | {"kind": Kind(found.kind)}))


def _page(
    found: StoredDiscount | None, form: DiscountForm, details: DiscountDetails | None = None
) -> str:
    """With the rule in sentences, where there is one."""
    collections = queries.collections()
    rule = _rule(details, dict(collections)) if details else []
    return render_template(
        "admin/discount.html",
        form=form,
        discount=found,
        status=queries.status_of(found, now()) if found else None,
        collections=collections,
        rule=rule,
        zone=shop_zone().key,
        link=f"{settings().url}/discount/{found.code}" if found and found.code else "",
        is_preview=request.method == "POST" and details is not None,
    )


def _rule(details: DiscountDetails, collections: dict[int, str]) -> list[str]:
    gone = _("a collection that is gone")
    has_others = details.gets_others
    titles = {
        "products": queries.titles(details.product_ids),
        "collections": [collections.get(id_, gone) for id_ in details.collection_ids],
        "get_products": queries.titles(details.get_product_ids) if has_others else [],
        "get_collections": [
            collections.get(id_, gone) for id_ in details.get_collection_ids if has_others
        ],
    }
    return discount_words.rule_of(details, store().currency, titles, shop_zone())


def _complain_of_code(form: DiscountForm) -> None:
    form.complain(form.code, _("Another discount has this code. Choose another."))


def _discount_or_404(discount_id: int) -> StoredDiscount:
    found = db.session.get(StoredDiscount, discount_id)
    if found is None:
        abort(404)
    return found


def _locked_or_404(discount_id: int) -> StoredDiscount:
    found = service.locked(discount_id)
    if found is None:
        abort(404)
    return found


def _back(discount_id: int) -> ResponseReturnValue:
    return redirect(url_for(".discount", discount_id=discount_id), code=303)

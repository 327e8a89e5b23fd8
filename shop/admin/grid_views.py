"""The table that edits many products: filled in, looked at as old and new, saved whole or not."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import selectinload

from shop.admin.access import bp, staff, store
from shop.admin.bulk_views import Selection, selection_in
from shop.admin.grid_columns import COLUMNS, USUAL
from shop.admin.grid_editor import GridEditor, GridRow
from shop.admin.undo import flash_with_undo
from shop.catalog import lifecycle, saves, variant_service
from shop.catalog import service as catalog
from shop.catalog.models import Product
from shop.catalog.variant_service import VariantFacts
from shop.catalog.variants import details_of as variant_details
from shop.database import in_transaction
from shop.extensions import db
from shop.inventory import service as inventory
from shop.inventory.queries import availability
from shop.web.counts import ngettext
from shop.web.pagination import Pager, paginate, read_page

#: Products on one page of the table.
PAGE_SIZE = 25


class Refused(Exception):
    """Cells hold complaints that only the database knew; nothing is kept."""


class ChangedMeanwhile(Exception):
    """Somebody else has changed rows that were typed into."""


@bp.get("/products/bulk")
def product_grid() -> ResponseReturnValue:
    selection, columns = selection_in(request.args), _columns()
    pager = _pager(selection, columns)
    editor = _editor(pager.rows, columns)
    return _grid_page(editor, selection, columns, pager)


@bp.post("/products/bulk")
def save_product_grid() -> ResponseReturnValue:
    """First what would change is shown; sent from there, it is saved."""
    columns, ids = _columns(), _product_ids()
    selection = selection_in(request.form)
    editor = _editor(ids, columns, is_sent=True)
    if not editor.is_valid():
        return _grid_page(editor, selection, columns), 422
    if not editor.is_current():
        return _stale_page(editor, selection, columns)
    if request.form.get("do") != "save":
        is_back = request.form.get("do") == "edit" or not editor.count
        return (_grid_page if is_back else _diff_page)(editor, selection, columns)
    by = staff().id
    try:
        editor, count = in_transaction(lambda: _save(ids, columns, by=by))
    except Refused as refused:
        return _grid_page(refused.args[0], selection, columns), 422
    except ChangedMeanwhile as changed:
        return _stale_page(changed.args[0], selection, columns)
    except IntegrityError:  # somebody took a SKU in this very moment
        abort(409)
    flash_with_undo(ngettext("%(num)s cell saved.", "%(num)s cells saved.", count), by=by)
    back = url_for(".product_grid", **selection.as_args(), col=columns)
    return redirect(back, code=303)


# Writing, inside a transaction ------------------------------------------------------------------


def _save(ids: Sequence[int], columns: Sequence[str], *, by: int) -> tuple[GridEditor, int]:
    """All of it or nothing. Raises ChangedMeanwhile, or Refused once every row was tried."""
    db.session.scalars(
        sa.select(Product.id).where(Product.id.in_(ids)).order_by(Product.id).with_for_update()
    ).all()
    editor = _editor(ids, columns, is_sent=True)
    if not editor.is_valid():
        raise Refused(editor)
    if not editor.is_current():
        raise ChangedMeanwhile(editor)
    rows, count, before = editor.changes, editor.count, saves.before(ids)
    for row in rows:
        _save_variant(row, by=by)
    for row in sorted(rows, key=lambda row: row.variant.id):  # as orders lock stock too
        _save_stock(row, by=by)
    for row in rows:
        if row.is_first:
            _save_product(row, by=by)
    if editor.complaints:
        raise Refused(editor)
    saves.note(before, saves.TABLE_SAVED, by=by)
    return editor, count


def _save_product(row: GridRow, *, by: int) -> None:
    product = row.product
    details = catalog.details_of(
        product,
        title=row.value("title", product.title),
        tags=row.value("tags", tuple(map(str, product.tags))),
        product_type=row.value("product_type", product.product_type),
        vendor=row.value("vendor", product.vendor),
    )
    catalog.update_product(product, details, by=by)
    try:
        lifecycle.bring_to(product, row.value("status", product.status), by=by)
    except catalog.NothingToSell:
        row.complain("status", _("A product without variants cannot be published."))


def _save_variant(row: GridRow, *, by: int) -> None:
    variant = row.variant
    details = variant_details(
        variant,
        sku=row.value("sku", variant.sku) or None,
        unit_amount=row.value("price", variant.unit_amount),
        compare_at_amount=row.value("compare_at", variant.compare_at_amount),
        barcode=row.value("barcode", variant.barcode),
        weight_grams=row.value("weight", variant.weight_grams),
    )
    cost = row.value("cost", variant.cost_amount)
    try:
        variant_service.update_variant(row.product, variant, details, by=by)
    except variant_service.SkuTaken as taken:
        row.complain("sku", _("Product %(id)s has a variant with this SKU.", id=taken.product_id))
    except (variant_service.OptionsDoNotFit, variant_service.OptionsTaken):
        row.complain(
            next(iter(row.cells)),
            _("This variant's values do not fit the product's options."),
        )
    facts = VariantFacts(
        barcode=variant.barcode, weight_grams=variant.weight_grams, cost_amount=cost
    )
    variant_service.describe_facts(variant, facts, by=by)


def _save_stock(row: GridRow, *, by: int) -> None:
    cell = row.cells.get("on_hand")
    if cell is None or not cell.is_changed:
        return
    try:
        inventory.set_on_hand(row.variant.id, cell.value, expected=int(cell.now), by=by)
    except inventory.StockChanged as changed:
        row.complain("on_hand", _("Meanwhile it became “%(now)s”.", now=changed.on_hand))
    except inventory.BelowReserved as below:
        row.complain(
            "on_hand",
            _("%(reserved)s are promised to orders; it cannot be less.", reserved=below.reserved),
        )


# Inside -----------------------------------------------------------------------------------------


def _columns() -> list[str]:
    """In their own order; the usual ones where none is chosen."""
    chosen = {*request.args.getlist("col"), *request.form.getlist("col")}
    return [name for name in COLUMNS if name in chosen] or list(USUAL)


def _product_ids() -> list[int]:
    """Of the rows that were sent."""
    ids = request.form.getlist("product", type=int)
    if not 0 < len(ids) <= PAGE_SIZE:
        abort(422, _("Choose products in their list first. Nothing was changed."))
    return ids


def _pager(selection: Selection, columns: Sequence[str]) -> Pager[int]:
    number = read_page(request.args.get("page"))
    found = db.session.scalars(
        sa.select(Product.id)
        .where(*selection.conditions)
        .order_by(Product.id)
        .limit(PAGE_SIZE + 1)
        .offset((number - 1) * PAGE_SIZE)
    ).all()
    return paginate(
        found,
        number,
        PAGE_SIZE,
        lambda page: url_for(".product_grid", **selection.as_args(), col=list(columns), page=page),
    )


def _editor(ids: Sequence[int], columns: Sequence[str], *, is_sent: bool = False) -> GridEditor:
    products = db.session.scalars(
        sa.select(Product)
        .where(Product.id.in_(ids))
        .order_by(Product.id)
        .options(selectinload(Product.variants))
        .execution_options(populate_existing=True)
    ).all()
    stock = availability([variant.id for product in products for variant in product.variants])
    sent = request.form if is_sent else None
    return GridEditor(products, stock, columns, store().currency, sent)


def _stale_page(
    editor: GridEditor, selection: Selection, columns: Sequence[str]
) -> ResponseReturnValue:
    flash(
        _("Somebody else changed some of these rows meanwhile. Nothing was saved; look at them."),
        "warn",
    )
    return _grid_page(editor, selection, columns), 409


def _grid_page(
    editor: GridEditor,
    selection: Selection,
    columns: Sequence[str],
    pager: Pager[int] | None = None,
) -> str:
    return render_template(
        "admin/product_grid.html",
        editor=editor,
        selection=selection,
        columns=columns,
        all_columns=COLUMNS.values(),
        pager=pager,
    )


def _diff_page(editor: GridEditor, selection: Selection, columns: Sequence[str]) -> str:
    return render_template(
        "admin/product_grid_changes.html", editor=editor, selection=selection, columns=columns
    )

"""Options and variants of a product: say what there is, look at the combinations, change them."""

from __future__ import annotations

from collections.abc import Collection

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.admin import queries
from shop.admin.access import bp, staff, store
from shop.admin.option_forms import OptionsEditor
from shop.admin.product_views import product_or_404
from shop.admin.queries import ProductView
from shop.catalog import service as catalog
from shop.catalog import variant_service, variants
from shop.catalog.grid import Cell, Grid, nearest
from shop.database import in_transaction
from shop.money import Money


class EditedMeanwhile(Exception):
    """The variants are no longer what they were when the page was opened."""


@bp.get("/products/<id:product_id>/options")
def options(product_id: int) -> ResponseReturnValue:
    view = product_or_404(product_id)
    return _options_page(view, OptionsEditor(view))


@bp.post("/products/<id:product_id>/options")
def look_at_options(product_id: int) -> ResponseReturnValue:
    """Nothing is changed yet: shows every combination, to choose from."""
    view = product_or_404(product_id)
    editor = OptionsEditor(view, request.form)
    if not editor.is_current:
        return _started_again(view)
    if not editor.is_valid() or "back" in request.form:
        return _options_page(view, editor), 422 if editor.complaints else 200
    return _grid_page(view, editor)


@bp.post("/products/<id:product_id>/variants")
def arrange_variants(product_id: int) -> ResponseReturnValue:
    by = staff().id
    try:
        in_transaction(lambda: _arrange(product_id, by))
    except EditedMeanwhile:
        return _started_again(product_or_404(product_id))
    except variant_service.UnitsPromised:
        return _refused(
            product_id,
            _(
                "An unpaid order holds units of a variant that you take away. Nothing was changed;"
                " try again when the order is paid or over."
            ),
        )
    except catalog.NothingToSell:
        return _refused(product_id, _("Keep one combination at least. Nothing was changed."))
    flash(_("Variants changed. New ones have the price of their neighbors and no stock yet."), "ok")
    return redirect(url_for(".product", product_id=product_id, _anchor="variants"), code=303)


def _arrange(product_id: int, by: int) -> None:
    view = queries.product(product_id, is_locked=True)
    if view is None:
        abort(404)
    editor = OptionsEditor(view, request.form)
    if not editor.is_current or not editor.is_valid():
        raise EditedMeanwhile
    wanted = _wanted(editor.grid)
    if not wanted:
        raise catalog.NothingToSell(product_id)
    variants.arrange(view.product, editor.plans, editor.grid, wanted, by=by)


def _wanted(grid: Grid) -> set[Cell]:
    chosen = set(request.form.getlist("cell"))
    return {cell for at, cell in enumerate(grid.cells) if str(at) in chosen}


def _refused(product_id: int, sentence: str) -> ResponseReturnValue:
    view = product_or_404(product_id)
    editor = OptionsEditor(view, request.form)
    if not editor.is_valid():
        return _started_again(view)
    return _grid_page(view, editor, _wanted(editor.grid), sentence), 422


def _started_again(view: ProductView) -> ResponseReturnValue:
    flash(
        _("Somebody else changed the variants meanwhile. Here they are; nothing was changed."),
        "warn",
    )
    return _options_page(view, OptionsEditor(view)), 409


def _options_page(view: ProductView, editor: OptionsEditor) -> str:
    return render_template("admin/options.html", product=view.product, editor=editor)


def _grid_page(
    view: ProductView,
    editor: OptionsEditor,
    wanted: Collection[Cell] | None = None,
    refusal: str = "",
) -> str:
    grid = editor.grid
    if wanted is None:
        wanted = {cell for cell, id_ in grid.cells.items() if id_ or cell in grid.fresh}
    by_id = {variant.id: variant for variant in view.product.variants}
    rows = []
    for cell, id_ in grid.cells.items():
        like = by_id.get(id_ or nearest(cell, grid.cells) or 0)
        price = Money(like.unit_amount, store().currency) if like else None
        rows.append((cell, by_id.get(id_ or 0), price, cell in wanted))
    return render_template(
        "admin/options_grid.html",
        product=view.product,
        view=view,
        editor=editor,
        rows=rows,
        dropped=[by_id[id_] for id_ in grid.dropped],
        sent=[pair for pair in request.form.items(multi=True) if pair[0] not in ("cell", "back")],
        refusal=refusal,
    )

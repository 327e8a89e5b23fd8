"""The colors of a product's values, for its page, its cards and the filters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.admin import queries, versions
from shop.admin.access import bp, staff
from shop.admin.product_views import product_or_404
from shop.admin.versions import ChangedMeanwhile
from shop.catalog import queries as catalog
from shop.catalog import swatches
from shop.catalog.models import Product
from shop.catalog.options import ONLY_VARIANT
from shop.catalog.swatches import Value
from shop.database import transaction
from shop.theme.colors import read_color
from shop.web.forms import tidy

MAX_TYPED = 40


@dataclass
class ValueRow:
    name: str
    option_name: str
    value: str
    #: As stored or typed.
    color: str
    has_picture: bool


class ColorSheet:
    """A field for each value, filled from the shop or from what was sent."""

    def __init__(self, product: Product, sent: Mapping[str, str] | None = None) -> None:
        values = _values(product)
        tiles = {(tile.option_name, tile.value): tile for tile in catalog.swatches()}
        stored = [tiles[value].color.lower() if value in tiles else "" for value in values]
        self.version = versions.version_of_values([values, stored])
        self.rows = [
            ValueRow(f"color-{number}", *value, color, value in tiles and bool(tiles[value].file))
            for number, (value, color) in enumerate(zip(values, stored, strict=True))
        ]
        self.complaints: dict[str, str] = {}
        if sent is not None:
            self._read(sent)

    @property
    def groups(self) -> list[tuple[str, list[ValueRow]]]:
        """By option, in the product's order."""
        groups: dict[str, list[ValueRow]] = {}
        for row in self.rows:
            groups.setdefault(row.option_name, []).append(row)
        return list(groups.items())

    @property
    def colors(self) -> dict[Value, str]:
        return {(row.option_name, row.value): row.color for row in self.rows}

    def _read(self, sent: Mapping[str, str]) -> None:
        for row in self.rows:
            typed = tidy(sent.get(row.name, row.color))[:MAX_TYPED]
            row.color = read_color(typed) or typed
            if typed and read_color(typed) is None:
                self.complaints[row.name] = _(
                    "Write the color as #1c33b5, or leave the field empty."
                )


@bp.get("/products/<id:product_id>/colors")
def value_colors(product_id: int) -> ResponseReturnValue:
    product = product_or_404(product_id).product
    return _page(product, ColorSheet(product))


@bp.post("/products/<id:product_id>/colors")
def save_value_colors(product_id: int) -> ResponseReturnValue:
    try:
        with transaction():
            view = queries.product(product_id, is_locked=True)
            if view is None:
                abort(404)
            product = view.product
            sheet = ColorSheet(product, request.form)
            versions.check_version(sheet.version)
            if not sheet.complaints:
                swatches.paint(product, sheet.colors, by=staff().id)
    except ChangedMeanwhile:
        product = product_or_404(product_id).product
        return _page(product, ColorSheet(product, request.form), versions.sentence()), 409
    if sheet.complaints:
        return _page(product_or_404(product_id).product, sheet), 422
    flash(_("Colors saved."), "ok")
    return redirect(url_for(".product", product_id=product_id, _anchor="variants"), code=303)


def _page(product: Product, sheet: ColorSheet, refusal: str = "") -> str:
    return render_template("admin/value_colors.html", product=product, sheet=sheet, refusal=refusal)


def _values(product: Product) -> list[Value]:
    """In the options' order, each once."""
    names = [option.name for option in product.options]
    found = {
        (name, variant.option_values[place]): None
        for place, name in enumerate(names)
        for variant in product.variants
    }
    return [value for value in found if value[1] != ONLY_VARIANT]

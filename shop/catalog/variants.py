"""Variants as a whole: options named anew, values renamed, added and taken away in one go."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from shop import audit
from shop.catalog import service, swatches, variant_service
from shop.catalog.grid import Cell, Grid, OptionPlan, nearest
from shop.catalog.models import MAX_OPTIONS, Product, Variant
from shop.catalog.variant_service import VariantDetails
from shop.extensions import db

#: Of a product that has no variant to begin from; such a one is a draft.
_FREE = VariantDetails(unit_amount=0)


def arrange(
    product: Product,
    options: Sequence[OptionPlan],
    grid: Grid,
    wanted: Collection[Cell],
    by: int | None = None,
) -> None:
    """Bring options and variants to the grid. Of its combinations the `wanted` are sold: what is
    not there yet begins as the nearest variant is, without SKU and with no units; what is there
    and not wanted goes. The product must have its variants, and be locked.

    Raises UnitsPromised where unpaid orders hold units of a variant that goes, and NothingToSell.
    """
    variants = {variant.id: variant for variant in product.variants}
    details = {id_: _details(variant) for id_, variant in variants.items()}
    kept = {
        cell: variants[id_]
        for cell, id_ in grid.cells.items()
        if id_ is not None and cell in wanted
    }
    new = [cell for cell in grid.cells if cell in wanted and cell not in kept]
    gone = [variant for variant in product.variants if variant not in kept.values()]
    if product.is_published and not kept and not new:
        raise service.NothingToSell(product.id)
    _record(product, options, new, gone, by)
    swatches.follow(_called_anew([option.name for option in product.options], options))
    variant_service.set_options(product, [option.name for option in options])
    _rename(kept, gone)
    for cell in new:
        like = details.get(nearest(cell, grid.cells) or min(details, default=0), _FREE)
        kept[cell] = variant_service.add_variant(
            product, replace(like, options=_three(cell)), by=by
        )
    for position, cell in enumerate((cell for cell in grid.cells if cell in wanted), start=1):
        kept[cell].position = position
    # Last, so that no new variant gets the id of an old one, which may lie in carts.
    variant_service.discard_variants(gone, by=by)
    service.keep_in_step([product])


def _record(
    product: Product,
    options: Sequence[OptionPlan],
    new: Sequence[Cell],
    gone: Sequence[Variant],
    by: int | None,
) -> None:
    audit.record(
        by,
        "product.options_changed",
        subject_kind="product",
        subject_id=product.id,
        options=[[option.name, *(value.now for value in option.values)] for option in options],
        added=[" / ".join(cell) for cell in new],
        removed=[" / ".join(variant.option_values) for variant in gone],
    )


def _called_anew(
    names: Sequence[str], options: Sequence[OptionPlan]
) -> dict[swatches.Value, swatches.Value]:
    """Old to new, values that are called otherwise and values of options that are. `names`: of the
    options so far.
    """
    pairs = {
        (names[option.was], value.was): (option.name, value.now)
        for option in options
        for value in option.values
        if option.was is not None and value.was is not None
    }
    return {was: now for was, now in pairs.items() if was != now}


def _rename(cells: Mapping[Cell, Variant], gone: Sequence[Variant]) -> None:
    """In two steps, since two may swap their values, and no two may ever be alike."""
    moving = {
        variant: _three(cell)
        for cell, variant in cells.items()
        if (variant.option1, variant.option2, variant.option3) != _three(cell)
    }
    for variant in [*moving, *gone]:
        variant.option3 = f"\t{variant.id}"
    db.session.flush()
    for variant, (option1, option2, option3) in moving.items():
        variant.option1, variant.option2, variant.option3 = option1, option2, option3
    db.session.flush()


def _three(cell: Cell) -> tuple[str, str, str]:
    option1, option2, option3 = (*cell, *[""] * (MAX_OPTIONS - len(cell)))
    return option1, option2, option3


def details_of(variant: Variant, **changes: Any) -> VariantDetails:
    """As it is but for the changes."""
    options = (variant.option1, variant.option2, variant.option3)
    present = replace(
        _details(variant), sku=variant.sku, barcode=variant.barcode, options=options,
        restock_on=variant.restock_on,
    )  # fmt: skip
    return replace(present, **changes)


def _details(variant: Variant) -> VariantDetails:
    """Of what is like it."""
    return VariantDetails(
        unit_amount=variant.unit_amount,
        compare_at_amount=variant.compare_at_amount,
        weight_grams=variant.weight_grams,
        is_taxable=variant.is_taxable,
        requires_shipping=variant.requires_shipping,
        measures=variant.measures,
    )

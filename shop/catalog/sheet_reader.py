"""A product CSV read into a Sheet: its rows by handle, and what each says of product, variants and
pictures. [pure]
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from shop.catalog.columns import (
    BACKORDER,
    MEASURE_FIELDS,
    OPTION_NAMES,
    OPTION_VALUES,
    PREORDER,
    USUAL_TAX_CATEGORY,
    Field,
    ImageValues,
    ProductValues,
    VariantValues,
    field_of,
    image_cells,
    read_facts,
    split_list,
    variant_cells,
)
from shop.catalog.csvfile import MAX_FAULTS, Fault, FileRefused, Table, read_header, read_table
from shop.catalog.handles import is_handle
from shop.catalog.measures import UNITS, Measures, UnreadableMeasure, read_measures
from shop.catalog.options import ONLY_OPTION, ONLY_VARIANT
from shop.catalog.sheet import REMARKS, Sheet, SheetImage, SheetProduct, SheetVariant, Source
from shop.catalog.sheet_cells import NO, YES, Cells, Layout, layout_of, quoted
from shop.catalog.sheet_kept import kept_of_fields, kept_of_product, kept_of_row, other_rows
from shop.catalog.woo import in_shopify_columns
from shop.catalog.woo_columns import is_woo
from shop.sentences import N_

MAX_TAG, MAX_TAGS = 255, 250
#: Collections of a product, and levels of collections in collections.
MAX_COLLECTIONS, MAX_DEPTH = 50, 4
MAX_QUANTITY, MAX_GRAMS = 1_000_000, 10_000_000


def read_sheet(data: bytes, currency: str, *, today: date | None = None) -> Sheet:
    """Shopify's file or WooCommerce's, told apart by their columns. Every fault of the rows is
    collected. Raises FileRefused where the columns make no sense. `today` decides which sales of
    WooCommerce's are on; without it, those without dates.
    """
    table = _without_remarks(read_table(data))
    is_from_woo = is_woo(table.header)
    if is_from_woo:
        table = in_shopify_columns(table, today)
    layout = layout_of(table, currency)
    faults = list(table.faults)
    groups: dict[str, list[Cells]] = {}
    for row in table.rows:
        cells = Cells(layout, row, faults)
        if handle := _handle_of(cells):
            groups.setdefault(handle, []).append(cells)
    products = [
        _product(handle, rows) for handle, rows in groups.items() if len(faults) < MAX_FAULTS
    ]
    _refuse_repeated_skus(products, layout, faults)
    return Sheet(
        header=table.header,
        fields=frozenset(layout.names),
        currency=currency,
        products=tuple(products),
        faults=tuple(sorted(faults, key=lambda fault: fault.line)),
        is_whole=table.is_whole and len(faults) < MAX_FAULTS,
        is_kept=not is_from_woo,
        names=layout.names,
    )


def source_of(data: bytes) -> Source:
    """Whose file it is, by its columns. Raises FileRefused where it is nobody's."""
    header = read_header(data)
    if is_woo(header):
        return Source.WOOCOMMERCE
    if Field.HANDLE in map(field_of, header):
        return Source.SHOPIFY
    reason = N_(
        "these are neither the columns of Shopify's product export nor of WooCommerce's; the first"
        " line must name them"
    )
    raise FileRefused([Fault(1, "", reason)])


def _without_remarks(table: Table) -> Table:
    """A file of rows that were left out may be given again as it is."""
    if REMARKS not in table.header:
        return table
    place = table.header.index(REMARKS)
    return replace(
        table,
        header=_but(table.header, place),
        rows=tuple(replace(row, cells=_but(row.cells, place)) for row in table.rows),
    )


def _but(cells: tuple[str, ...], place: int) -> tuple[str, ...]:
    return cells[:place] + cells[place + 1 :]


def _handle_of(cells: Cells) -> str:
    handle = cells.raw(Field.HANDLE).strip().lower()
    if not handle:
        cells.refuse(Field.HANDLE, N_("the handle is missing"))
        return ""
    if not is_handle(handle):
        only = N_("%(cell)s may hold only letters, digits and hyphens, at most 255")
        cells.refuse(Field.HANDLE, only, cell=quoted(handle))
        return ""
    return handle


def _product(handle: str, rows: Sequence[Cells]) -> SheetProduct:
    values = _product_values(handle, rows)
    places = _places_of_images(rows)
    pictured = {place.row for place in places.values()}
    variants = _variants(rows, values, pictured)
    return SheetProduct(
        line=rows[0].line,
        lines=tuple(row.line for row in rows),
        values=values,
        variants=variants,
        images=_images(rows, places, variants),
        kept=kept_of_product(rows[0], values),
        other_rows=other_rows(rows, values, variants, pictured),
    )


# The product's own columns


def _product_values(handle: str, rows: Sequence[Cells]) -> ProductValues:
    first = rows[0]
    title = first.text(Field.TITLE)
    if first.has(Field.TITLE) and not title:
        first.refuse(Field.TITLE, N_("the title is missing"))
    for row in rows[1:]:
        other = row.text(Field.TITLE)
        if other and other != title:
            differs = N_("differs from line %(line)s, which has the same handle")
            row.refuse(Field.TITLE, differs, line=first.line)
    return ProductValues(
        handle=handle,
        title=title,
        description=first.long_text(Field.DESCRIPTION),
        summary=first.long_text(Field.SUMMARY),
        vendor=first.text(Field.VENDOR),
        product_type=first.text(Field.PRODUCT_TYPE),
        tax_category=first.text(Field.TAX_CATEGORY).lower() or USUAL_TAX_CATEGORY,
        tags=_tags(first),
        seo_title=first.text(Field.SEO_TITLE),
        seo_description=first.text(Field.SEO_DESCRIPTION),
        is_published=_is_published(first),
        option_names=_option_names(rows),
        facts=read_facts(first.long_text(Field.FACTS)),
        collections=_collections(first),
    )


def _tags(cells: Cells) -> tuple[str, ...]:
    tags = [tag for tag in (part.strip() for part in cells.text(Field.TAGS).split(",")) if tag]
    if len(tags) > MAX_TAGS or any(len(tag) > MAX_TAG for tag in tags):
        most = N_("at most %(tags)s tags of at most %(characters)s characters")
        cells.refuse(Field.TAGS, most, tags=MAX_TAGS, characters=MAX_TAG)
    return tuple(dict.fromkeys(tags))


def _collections(cells: Cells) -> tuple[tuple[str, ...], ...]:
    """Ways to collections, from the outermost in: "Clothing > Hoodies, Sale"."""
    ways = dict.fromkeys(
        tuple(name for part in way.split(">") if (name := part.strip()))
        for way in split_list(cells.text(Field.COLLECTION))
    )
    found = tuple(way for way in ways if way)
    if len(found) > MAX_COLLECTIONS or any(
        len(way) > MAX_DEPTH or max(map(len, way)) > MAX_TAG for way in found
    ):
        most = N_("at most %(count)s collections, %(depth)s levels deep")
        cells.refuse(Field.COLLECTION, most, count=MAX_COLLECTIONS, depth=MAX_DEPTH)
        return ()
    return found


def _is_published(cells: Cells) -> bool:
    """Shown only where neither column says otherwise; blank says nothing."""
    status = cells.raw(Field.STATUS).strip().lower()
    if status not in {"", "active", "draft", "archived", "unlisted"}:
        neither = N_("%(cell)s is neither active, draft nor archived")
        cells.refuse(Field.STATUS, neither, cell=quoted(status))
    return cells.flag(Field.PUBLISHED, default=True) and status in {"", "active"}


def _option_names(rows: Sequence[Cells]) -> tuple[str, ...]:
    """The options its variants differ by; "Title: Default Title" is Shopify's way to say none."""
    first = rows[0]
    names = [first.text(wanted) for wanted in OPTION_NAMES]
    while names and not names[-1]:
        names.pop()
    if names == [ONLY_OPTION] and all(
        row.raw(Field.OPTION1_VALUE).strip() in {"", ONLY_VARIANT} for row in rows
    ):
        return ()
    for wanted, name in zip(OPTION_NAMES, names, strict=False):
        if not name:
            first.refuse(wanted, N_("the option's name is missing"))
        elif names.count(name) > 1:
            first.refuse(wanted, N_("%(cell)s is the name of two options"), cell=quoted(name))
    return tuple(names)


# Its variants


def _variants(
    rows: Sequence[Cells], product: ProductValues, pictured: Container[int]
) -> tuple[SheetVariant, ...]:
    variants = []
    lines: dict[tuple[str, str, str], int] = {}
    for number, cells in enumerate(rows):
        if not _is_variant(cells):
            continue
        values = _variant_values(cells, product)
        if values.options in lines:
            same = N_("the same option values as in line %(line)s")
            cells.refuse(Field.OPTION1_VALUE, same, line=lines[values.options])
        lines.setdefault(values.options, cells.line)
        variants.append(
            SheetVariant(
                line=cells.line,
                row=number,
                values=values,
                has_quantity=bool(cells.raw(Field.QUANTITY).strip()),
                kept=kept_of_row(number, cells, product, pictured)
                | kept_of_fields(cells, variant_cells(values, cells.layout.currency)),
            )
        )
    return tuple(variants)


def _is_variant(cells: Cells) -> bool:
    """Rows without these only bring a picture."""
    return any(cells.raw(wanted).strip() for wanted in (*OPTION_VALUES, Field.SKU, Field.PRICE))


def _variant_values(cells: Cells, product: ProductValues) -> VariantValues:
    price = cells.amount(Field.PRICE)
    if price is None and cells.has(Field.PRICE):
        cells.refuse(Field.PRICE, N_("the price is missing"))
    return VariantValues(
        sku=cells.text(Field.SKU) or None,
        options=_options(cells, product),
        unit_amount=price or 0,
        compare_at_amount=cells.amount(Field.COMPARE_AT),
        weight_grams=cells.rounded(Field.WEIGHT, MAX_GRAMS) or 0,
        is_taxable=cells.flag(Field.TAXABLE, default=True),
        requires_shipping=cells.flag(Field.REQUIRES_SHIPPING, default=True),
        barcode=cells.text(Field.BARCODE),
        quantity=cells.whole(Field.QUANTITY, MAX_QUANTITY) or 0,
        is_tracked=_is_tracked(cells),
        sells_on=_sells_on(cells),
        is_preorder=_is_preorder(cells),
        backorder_limit=cells.whole(Field.BACKORDER_LIMIT, MAX_QUANTITY),
        promised_on=cells.day(Field.PROMISED_ON),
        cost_amount=cells.amount(Field.COST),
        measures=_measures(cells),
        image_url=cells.url(Field.VARIANT_IMAGE),
    )


def _measures(cells: Cells) -> Measures | None:
    """None where one of the four columns says nothing."""
    amount, unit, base, base_unit = (cells.text(wanted) for wanted in MEASURE_FIELDS)
    if not (amount and unit and base and base_unit):
        return None
    try:
        return read_measures(f"{amount} {unit}", f"{base} {base_unit}")
    except UnreadableMeasure:
        given = quoted(f"{amount} {unit} / {base} {base_unit}")
        no_amount = N_("%(cell)s is no amount of %(units)s")
        cells.refuse(Field.MEASURE, no_amount, cell=given, units=", ".join(UNITS))
        return None


def _options(cells: Cells, product: ProductValues) -> tuple[str, str, str]:
    option1, option2, option3 = (cells.text(wanted) for wanted in OPTION_VALUES)
    values = (option1, option2, option3)
    if not product.option_names and values in {("", "", ""), (ONLY_VARIANT, "", "")}:
        return ("", "", "")
    if not any(cells.has(wanted) for wanted in OPTION_NAMES):
        return values  # the shop knows the names
    for number, (wanted, value) in enumerate(zip(OPTION_VALUES, values, strict=True)):
        is_named = number < len(product.option_names)
        if value and not is_named:
            nameless = N_("%(cell)s belongs to an option without a name")
            cells.refuse(wanted, nameless, cell=quoted(value))
        if is_named and not value:
            missing = N_("the value of %(option)s is missing")
            cells.refuse(wanted, missing, option=product.option_names[number])
    return values


def _is_tracked(cells: Cells) -> bool:
    """Nobody counts it where no tracker is named."""
    if cells.has(Field.TRACKER):
        return bool(cells.raw(Field.TRACKER).strip())
    return cells.has(Field.QUANTITY)


def _sells_on(cells: Cells) -> bool | None:
    """Whether it is sold at zero too; none where that is not said, or nobody counts it."""
    policy = cells.raw(Field.POLICY).strip().lower()
    if policy not in {"", "deny", "continue"} | YES | NO:
        neither = N_("%(cell)s is neither deny nor continue")
        cells.refuse(Field.POLICY, neither, cell=quoted(policy))
    is_counted = not cells.has(Field.TRACKER) or _is_tracked(cells)
    return policy in {"continue"} | YES if policy and is_counted else None


def _is_preorder(cells: Cells) -> bool | None:
    kind = cells.raw(Field.BACKORDER_KIND).strip().lower().replace("-", "")
    if kind not in {"", PREORDER, BACKORDER}:
        neither = N_("%(cell)s is neither preorder nor backorder")
        cells.refuse(Field.BACKORDER_KIND, neither, cell=quoted(kind))
    return kind == PREORDER if kind else None


# Its pictures


@dataclass(frozen=True, order=True)
class _Place:
    position: int
    row: int


def _places_of_images(rows: Sequence[Cells]) -> dict[str, _Place]:
    """The first row that names each picture; rows without a position come last, as they stand."""
    places: dict[str, _Place] = {}
    for number, cells in enumerate(rows):
        url = cells.url(Field.IMAGE_URL)
        position = cells.whole(Field.IMAGE_POSITION, MAX_QUANTITY)
        if url:
            last = MAX_QUANTITY if position is None else position
            places.setdefault(url, _Place(last, number))
    return places


def _images(
    rows: Sequence[Cells], places: Mapping[str, _Place], variants: Sequence[SheetVariant]
) -> tuple[SheetImage, ...]:
    """In the order of their positions; pictures that only a variant names come last."""
    images: list[SheetImage] = []
    for url in sorted(places, key=lambda url: places[url]):
        cells = rows[places[url].row]
        values = ImageValues(url=url, alt=cells.text(Field.IMAGE_ALT), position=len(images) + 1)
        kept = kept_of_fields(cells, image_cells(values))
        images.append(SheetImage(values=values, row=places[url].row, kept=kept))
    urls = dict.fromkeys(variant.values.image_url for variant in variants)
    for url in urls:
        if url and url not in places:
            values = ImageValues(url=url, position=len(images) + 1)
            images.append(SheetImage(values=values, row=None, kept={}))
    return tuple(images)


# Across products


def _refuse_repeated_skus(
    products: Sequence[SheetProduct], layout: Layout, faults: list[Fault]
) -> None:
    lines: dict[str, int] = {}
    for product in products:
        for variant in product.variants:
            sku = variant.values.sku
            if sku is None:
                continue
            if sku in lines:
                reason = N_("%(cell)s is the SKU of line %(line)s, too")
                values = {"cell": quoted(sku), "line": lines[sku]}
                faults.append(Fault(variant.line, layout.names[Field.SKU], reason, values))
            lines.setdefault(sku, variant.line)

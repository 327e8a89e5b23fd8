"""The columns of WooCommerce's product export, by their English and German names. [pure]"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum

from shop.catalog.columns import Field
from shop.catalog.csvfile import Fault, FileRefused
from shop.sentences import N_


class Column(StrEnum):
    """WooCommerce's own, by its English name in lower case."""

    ID = "id"
    TYPE = "type"
    SKU = "sku"
    BARCODE = "gtin, upc, ean, or isbn"
    NAME = "name"
    PUBLISHED = "published"
    VISIBILITY = "visibility in catalog"
    SUMMARY = "short description"
    DESCRIPTION = "description"
    SALE_FROM = "date sale price starts"
    SALE_UNTIL = "date sale price ends"
    TAX_STATUS = "tax status"
    TAX_CLASS = "tax class"
    IN_STOCK = "in stock?"
    STOCK = "stock"
    BACKORDERS = "backorders allowed?"
    WEIGHT = "weight"
    SALE_PRICE = "sale price"
    PRICE = "regular price"
    CATEGORIES = "categories"
    TAGS = "tags"
    IMAGES = "images"
    PARENT = "parent"
    POSITION = "position"
    BRANDS = "brands"


#: The same columns in other spellings and languages.
_OTHER_NAMES = {
    "typ": Column.TYPE,
    "artikelnummer": Column.SKU,
    "gtin, upc, ean oder isbn": Column.BARCODE,
    "veröffentlicht": Column.PUBLISHED,
    "visibility in catalogue": Column.VISIBILITY,
    "catalog visibility": Column.VISIBILITY,
    "sichtbarkeit im katalog": Column.VISIBILITY,
    "kurzbeschreibung": Column.SUMMARY,
    "beschreibung": Column.DESCRIPTION,
    "datum, an dem angebotspreis beginnt": Column.SALE_FROM,
    "datum, an dem angebotspreis endet": Column.SALE_UNTIL,
    "steuerstatus": Column.TAX_STATUS,
    "steuerklasse": Column.TAX_CLASS,
    "vorrätig?": Column.IN_STOCK,
    "lager": Column.STOCK,
    "bestand": Column.STOCK,
    "lagerbestand": Column.STOCK,
    "lieferrückstände erlaubt?": Column.BACKORDERS,
    "lieferrückstande erlaubt?": Column.BACKORDERS,
    "gewicht": Column.WEIGHT,
    "angebotspreis": Column.SALE_PRICE,
    "regulärer preis": Column.PRICE,
    "kategorien": Column.CATEGORIES,
    "schlagwörter": Column.TAGS,
    "bilder": Column.IMAGES,
    "übergeordnetes produkt": Column.PARENT,
    "übergeordnet": Column.PARENT,
    "marken": Column.BRANDS,
}
_WEIGHT = re.compile(r"(?:weight|gewicht) \((\w+)\)")
_ATTRIBUTE_NAME = re.compile(r"(?:attribute|attribut) ([0-9]{1,3}) name")
_ATTRIBUTE_VALUES = re.compile(r"(?:attribute|attribut) ([0-9]{1,3}) (?:value\(s\)|wert\(e\))")
_GRAMS = {
    "kg": Decimal(1000), "g": Decimal(1), "lbs": Decimal("453.59237"), "oz": Decimal("28.349523"),
}  # fmt: skip

#: Shopify's columns, and the column of WooCommerce's that a complaint about them should name.
SPOKEN_OF = {
    Field.HANDLE: Column.NAME,
    Field.TITLE: Column.NAME,
    Field.DESCRIPTION: Column.DESCRIPTION,
    Field.SUMMARY: Column.SUMMARY,
    Field.VENDOR: Column.BRANDS,
    Field.TAX_CATEGORY: Column.TAX_CLASS,
    Field.TAGS: Column.TAGS,
    Field.COLLECTION: Column.CATEGORIES,
    Field.PUBLISHED: Column.PUBLISHED,
    Field.SKU: Column.SKU,
    Field.BARCODE: Column.BARCODE,
    Field.WEIGHT: Column.WEIGHT,
    Field.QUANTITY: Column.STOCK,
    Field.TRACKER: Column.STOCK,
    Field.POLICY: Column.BACKORDERS,
    Field.PRICE: Column.PRICE,
    Field.COMPARE_AT: Column.PRICE,
    Field.TAXABLE: Column.TAX_STATUS,
    Field.IMAGE_URL: Column.IMAGES,
    Field.VARIANT_IMAGE: Column.IMAGES,
}


def is_woo(header: Sequence[str]) -> bool:
    """Whether the columns are those of WooCommerce's export, in English or German."""
    known = set(columns_of(header))
    return {Column.TYPE, Column.NAME, Column.PRICE} <= known


def columns_of(header: Sequence[str]) -> dict[Column, int]:
    columns: dict[Column, int] = {}
    for place, name in enumerate(header):
        plain = _plain(name)
        plain = "weight" if _WEIGHT.fullmatch(plain) else plain
        known = _OTHER_NAMES.get(plain) or (Column(plain) if plain in set(Column) else None)
        if known is not None:
            columns.setdefault(known, place)
    return columns


def attributes_of(header: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Columns of name and values, by the attribute's number."""
    names, values = {}, {}
    for place, name in enumerate(header):
        plain = _plain(name)
        if found := _ATTRIBUTE_NAME.fullmatch(plain):
            names[found[1]] = place
        elif found := _ATTRIBUTE_VALUES.fullmatch(plain):
            values[found[1]] = place
    return {number: (names[number], values[number]) for number in names if number in values}


def grams_of(header: Sequence[str]) -> Decimal:
    """How many grams one of the weights' unit has."""
    for name in header:
        found = _WEIGHT.fullmatch(_plain(name))
        if found is None:
            continue
        if found[1] not in _GRAMS:
            reason = N_("%(unit)s is no unit of weight that is known")
            raise FileRefused([Fault(1, name, reason, {"unit": found[1]})])
        return _GRAMS[found[1]]
    return _GRAMS["kg"]


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()

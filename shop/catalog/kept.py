"""What an imported file held beyond the shop's own columns, as products and variants keep it.

Product.import_columns: {"header": [name], "cells": kept, "rows": {"3": kept},
"images": [{"url": text, "row": number or null, "cells": kept}]}; Variant.import_columns:
{"row": number, "cells": kept}. `kept` is explained in sheet.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from shop.catalog.columns import keys_of, merge_headers
from shop.catalog.sheet import Kept, SheetImage, SheetProduct, SheetVariant

Columns = dict[str, Any]


def product_columns(
    before: Mapping[str, Any], product: SheetProduct, header: tuple[str, ...]
) -> Columns:
    """What was kept before, except for the columns this file has."""
    known = tuple(before.get("header", ()))
    keys = set(keys_of(header))
    is_whole = set(keys_of(known)) <= keys
    rows = {} if is_whole else dict(before.get("rows", {}))
    rows |= {str(number): dict(kept) for number, kept in product.other_rows.items()}
    return {
        "header": list(header) if is_whole else list(merge_headers([known, header]).values()),
        "cells": _merged(before.get("cells", {}), product.kept, keys),
        "rows": rows,
        "images": _images(before.get("images", []), product.images, keys),
    }


def variant_columns(before: Mapping[str, Any], variant: SheetVariant, keys: set[str]) -> Columns:
    return {"row": variant.row, "cells": _merged(before.get("cells", {}), variant.kept, keys)}


def says_more(columns: Columns, before: Mapping[str, Any]) -> bool:
    """Whether a cell differs; in which row it stood, and among which columns, is no news."""
    return _cells_of(columns) != _cells_of(before)


def cell(written: str, kept: Kept, key: str) -> str:
    """The cell as it came, unless the shop would write something else by now. One that came before
    the shop used its column counts until the shop knows better.
    """
    if key not in kept:
        return written
    came, *meant = kept[key]
    if not meant:
        return written or came
    return came if meant[0] == written else written


def _images(
    before: Sequence[Mapping[str, Any]], images: Sequence[SheetImage], keys: set[str]
) -> list[Columns]:
    known: dict[str, Columns] = {image["url"]: dict(image) for image in before}
    for image in images:
        url = image.values.url
        cells = _merged(known.get(url, {}).get("cells", {}), image.kept, keys)
        known[url] = {"url": url, "row": image.row, "cells": cells}
    return list(known.values())


def _merged(before: Kept, kept: Kept, keys: set[str]) -> Kept:
    return {key: pair for key, pair in before.items() if key not in keys} | dict(kept)


def _cells_of(columns: Mapping[str, Any]) -> list[Any]:
    images = {image["url"]: image["cells"] for image in columns.get("images", ()) if image["cells"]}
    rows = [row for row in columns.get("rows", {}).values() if row]
    return [columns.get("cells", {}), rows, images]

"""Handles, the last part of a page's address: made from titles, checked when typed. [pure]"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container

from shop.search.words import fold

MAX_HANDLE = 255
#: Letters and digits of any script; imported addresses may hold underscores.
_HANDLE = re.compile(r"[^\W_]+(?:[-_]+[^\W_]+)*")
_BETWEEN = re.compile(r"[\W_]+")


def handle_from(title: str) -> str:
    """ "Crème brûlée dish, 12 cm" -> "creme-brulee-dish-12-cm"; "product" where nothing is left."""
    words = _BETWEEN.sub("-", fold(title).replace("'", "").replace("\u2019", ""))
    # What folding took apart in other scripts is put together again.
    return unicodedata.normalize("NFC", words)[:200].strip("-") or "product"


def is_handle(text: str) -> bool:
    return len(text) <= MAX_HANDLE and text == text.lower() and bool(_HANDLE.fullmatch(text))


def free_handle(wanted: str, taken: Container[str]) -> str:
    """`wanted`, or the first of wanted-2, wanted-3 ... that is not taken."""
    handle, number = wanted, 2
    while handle in taken:
        handle, number = f"{wanted}-{number}", number + 1
    return handle

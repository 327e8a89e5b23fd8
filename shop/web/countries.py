"""The countries a form may name, in the shopper's language."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from babel import Locale

from shop.web.locale import locale_now


def country_names() -> dict[str, str]:
    """Code -> name, sorted by name."""
    return _names(str(locale_now()))


@lru_cache(maxsize=8)
def _names(locale: str) -> dict[str, str]:
    territories = Locale.parse(locale).territories
    names = {code: name for code, name in territories.items() if len(code) == 2 and code.isalpha()}
    return dict(sorted(names.items(), key=lambda item: _without_accents(item[1])))


def _without_accents(name: str) -> str:
    """What alphabets sort by: Österreich stands at O, not behind Z."""
    letters = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in letters if not unicodedata.combining(letter))

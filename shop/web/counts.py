"""Sentences in code that tell how many."""

from __future__ import annotations

from typing import Any

from flask_babel import get_translations

from shop.web.filters import number


def ngettext(singular: str, plural: str, count: int, /, **values: Any) -> str:
    """As templates say it: in place of Flask-Babel's, which does not group the number."""
    text = str(get_translations().ungettext(singular, plural, count))
    return text % {"num": number(count), **values}

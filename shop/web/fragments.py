"""Parts of a page that depend on nothing but their values, made once: a list's cards and filters.

In templates: `{{ remembered(macro, values...) }}`. The macro may print its values, texts and names
of static files; not the shop, the visitor or the time. Before, half of a list's time.
"""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache

from flask import Flask
from flask_babel import get_locale
from jinja2.runtime import Macro

#: A card takes about 3 kB.
MAX_KEPT = 4096


def init_app(app: Flask) -> None:
    @lru_cache(MAX_KEPT)
    def made(macro: Macro, _locale: str, *values: Hashable) -> str:
        return macro(*values)

    def remembered(macro: Macro, *values: Hashable) -> str:
        try:
            return made(macro, str(get_locale()), *values)
        except TypeError:  # values that can change, as the page of all parts has them
            return macro(*values)

    app.jinja_env.globals["remembered"] = remembered

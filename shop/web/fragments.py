"""Parts of pages that are made once and used again, in two ways.

`{{ remembered(macro, values...) }}`: what depends on nothing but its values, such as the filters of
a list. The macro may print its values, amounts, texts and names of static files; not the shop, the
visitor or the time.

`{% keep "footer", values... %}…{% endkeep %}`: what depends on the catalog, the language, the
currency, the theme and these values, such as a product's numbers; forgotten with the catalog's
version. Nothing of the visitor may stand in it that is not among the values.
`{{ each_kept(macro, items, 4, values...) }}` does so for each of many items at once.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import lru_cache
from typing import Any

from flask import Flask
from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.runtime import Macro
from markupsafe import Markup

from shop.web.context import currency_code
from shop.web.filters import sole_currency
from shop.web.locale import locale_name
from shop.web.visit import kept, kept_each

#: A card takes about 3 kB.
MAX_KEPT = 4096


class Keep(Extension):
    tags = {"keep"}

    def parse(self, parser: Parser) -> nodes.Node:
        line = next(parser.stream).lineno
        depends = [parser.parse_expression()]
        while parser.stream.skip_if("comma"):
            depends.append(parser.parse_expression())
        body = parser.parse_statements(("name:endkeep",), drop_needle=True)
        call = self.call_method("_kept", depends)
        return nodes.CallBlock(call, [], [], body).set_lineno(line)

    def _kept(self, *depends: Hashable, caller: Callable[[], str]) -> str:
        # Each theme has an environment, and so an extension, of its own.
        return kept((self, locale_name(), currency_code(), *depends), caller)


def init_app(app: Flask) -> None:
    app.jinja_env.add_extension(Keep)

    @lru_cache(MAX_KEPT)
    def made(macro: Macro, _locale: str, _sole_currency: str, *values: Hashable) -> str:
        return macro(*values)

    def remembered(macro: Macro, *values: Hashable) -> str:
        try:
            return made(macro, locale_name(), sole_currency(), *values)
        except TypeError:  # values that can change, as the page of all parts has them
            return macro(*values)

    app.jinja_env.globals |= {"remembered": remembered, "each_kept": each_kept}


def each_kept(macro: Macro, items: Sequence[Any], alike_from: int, *depends: Hashable) -> str:
    """What the macro makes of each item, known by its key, and of its place; from `alike_from` on
    one place is like another. The macro must be imported: an own one is another for each page.
    """
    places = [min(place, alike_from) for place in range(1, len(items) + 1)]
    by_key = {(item.key, place): item for item, place in zip(items, places, strict=True)}

    def make(missing: list[tuple[Hashable, int]]) -> dict[tuple[Hashable, int], str]:
        return {key: macro(by_key[key], key[1]) for key in missing}

    made = kept_each((macro, locale_name(), currency_code(), *depends), list(by_key), make)
    return Markup("\n".join(made.values()))  # noqa: S704 - macros escape; Markup's join copies each

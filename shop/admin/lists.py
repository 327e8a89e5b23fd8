"""How the admin's lists are asked for: by text, by choice and by page, as their addresses tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar

from flask import request, url_for

from shop.web.forms import tidy
from shop.web.pagination import Pager, paginate, read_page

Choice = TypeVar("Choice", bound=StrEnum)
Row = TypeVar("Row")

MAX_QUERY = 100


def listing_text(args: Mapping[str, str] | None = None) -> str:
    """What a list is searched for, by the request's address unless `args` are another's."""
    return tidy((request.args if args is None else args).get("q"))[:MAX_QUERY]


def one_of(choices: type[Choice], text: str | None, usual: Choice) -> Choice:
    """What an address chooses; `usual` where it names no choice."""
    return choices(text) if text in set(choices) else usual


def pager_of(
    rows_of: Callable[[int], Sequence[Row]],
    per_page: int,
    endpoint: str,
    chosen: Mapping[str, Any] | None = None,
    args: Mapping[str, str] | None = None,
) -> Pager[Row]:
    """The page that the address names, the request's own unless `args` are another's. `rows_of`
    gives a page's rows and the one after it, as shop/paging.py does, and pages may be numbered from
    the end; `chosen` goes along to the other pages. Raises NotFound where there is no such page.
    """
    number = read_page((request.args if args is None else args).get("page"), from_end=True)
    return paginate(
        rows_of(number),
        number,
        per_page,
        lambda page: url_for(endpoint, **chosen or {}, page=page),
        from_end=True,
    )

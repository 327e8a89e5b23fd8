"""Cookies beside the session's: choices, counts and hints, for scripts and for the page cache. They
hold no secret, and nothing is decided by them that matters.
"""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache

from werkzeug.http import dump_cookie
from werkzeug.wrappers import Response

ONE_YEAR = timedelta(days=365)


def keep(
    response: Response,
    name: str,
    value: str,
    *,
    is_https: bool,
    max_age: timedelta | None = ONE_YEAR,
    is_for_scripts: bool = True,
) -> None:
    """For the whole site; without an age, until the browser is closed."""
    text = header(name, value, is_https=is_https, max_age=max_age, is_for_scripts=is_for_scripts)
    response.headers.add("Set-Cookie", text)


@lru_cache(maxsize=4096)
def header(
    name: str,
    value: str,
    *,
    is_https: bool,
    max_age: timedelta | None = ONE_YEAR,
    is_for_scripts: bool = True,
) -> str:
    """What Set-Cookie says. By age alone: with a date beside it, each second would have its own."""
    return dump_cookie(
        name,
        value,
        max_age=max_age,
        secure=is_https,
        httponly=not is_for_scripts,
        samesite="Lax",
        sync_expires=False,
    )


def forget(response: Response, name: str, *, is_https: bool, is_for_scripts: bool = True) -> None:
    response.delete_cookie(name, secure=is_https, httponly=not is_for_scripts, samesite="Lax")

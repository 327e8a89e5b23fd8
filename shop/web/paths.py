"""Addresses that come from outside and lead on within the shop."""

from __future__ import annotations

import re

from flask import Request

#: A path of this site as browsers read it: they take "//" and "\\" for another host's beginning.
_OWN_PATH = re.compile(r"(?!.*//)/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*", re.ASCII)
_LONGEST_PATH = 2000


def own_path(text: str) -> str | None:
    """`text` if it is an address within this shop that a browser cannot take for another's."""
    if len(text) > _LONGEST_PATH or _OWN_PATH.fullmatch(text) is None:
        return None
    return text


def way_back(asked: Request) -> str:
    """The page the shopper was on, which is one of ours; the browser says so, not the form."""
    referrer = asked.referrer or ""
    if not referrer.startswith(asked.host_url):
        return "/"
    # Two slashes at the start would name another host.
    return "/" + referrer.removeprefix(asked.host_url).lstrip("/\\")

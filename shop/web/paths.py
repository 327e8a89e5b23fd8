"""Addresses that come from outside and lead on within the shop."""

from __future__ import annotations

import re

#: A path of this site as browsers read it: they take "//" and "\\" for another host's beginning.
_OWN_PATH = re.compile(r"(?!.*//)/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*", re.ASCII)
_LONGEST_PATH = 2000


def own_path(text: str) -> str | None:
    """`text` if it is an address within this shop that a browser cannot take for another's."""
    if len(text) > _LONGEST_PATH or _OWN_PATH.fullmatch(text) is None:
        return None
    return text

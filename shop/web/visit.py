"""One request on its way through the shop, as the page cache in front sees it: which state of the
catalog it began with, and whether the page being made is the same bytes for every visitor.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import current_app, has_request_context, request

T = TypeVar("T")

VISIT = "till.visit"
#: Blueprints and single endpoints whose GET pages are shared. What they print comes from the
#: database, the address and the language; one that looks at the session is its visitor's own all
#: the same, and never kept.
BLUEPRINTS = {"catalog", "content", "seo"}
ENDPOINTS = {"recommendations.cards", "reviews.of_product"}
#: Set while a message waits in the session to be shown once.
FLASH_COOKIE = "flash"


@dataclass
class Visit:
    #: Of the catalog, from before anything was read; none: not known, keep nothing.
    version: Hashable | None
    is_private: bool
    is_shared: bool = False
    body: bytes = b""
    #: Unix seconds.
    valid_until: float = math.inf
    language: str = ""
    #: Languages that the shop has.
    offered: tuple[str, ...] = ()


def is_shared_page() -> bool:
    """Whether the page being made is for everybody: then nothing of its visitor may be in it."""
    if not has_request_context():
        return False
    visit = request.environ.get(VISIT)
    return (
        visit is not None
        and not visit.is_private
        and (request.blueprint in BLUEPRINTS or request.endpoint in ENDPOINTS)
    )


def kept(name: str, load: Callable[[], T]) -> T:
    """What `load` gives, kept in this process until the catalog changes."""
    visit = request.environ.get(VISIT) if has_request_context() else None
    if visit is None or visit.version is None:
        return load()
    values: dict[str, tuple[Hashable, Any]] = current_app.extensions.setdefault("kept", {})
    held = values.get(name)
    if held is not None and held[0] == visit.version:
        found: T = held[1]
        return found
    value = load()
    values[name] = visit.version, value
    return value

"""One request on its way through the shop, as the page cache in front sees it: which state of the
catalog it began with, and whether the page being made is the same bytes for every visitor.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import Any, TypeVar
from urllib.parse import parse_qs

from flask import current_app

from shop.web.proxies import request_now

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")

#: In one process, of all values together. What is not text counts as 2 kB, and each thing that its
#: tuples hold as a few words more; lists hold numbers, and eight of them count as one such thing.
#: A class of which there are many says itself what one takes, as kept_size.
MAX_BYTES = 32 * 1024 * 1024
_PART = 300
#: Seconds.
KEPT_FOR = 60.0

VISIT = "till.visit"
#: The query as it was sent; pages are made without its tracking parameters.
QUERY = "till.query"
#: Forms that change a cookie and no table, so that they too may use what is kept.
CHANGES_NOTHING = "/cart/"
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
    #: Code of the currency its prices are in.
    currency: str = ""
    #: Languages and currencies that the shop has.
    languages: tuple[str, ...] = ()
    currencies: tuple[str, ...] = ()
    #: What is kept of this version; looked up once a request.
    values: KeptValues | None = None


def query_as_sent() -> str:
    """With the tracking parameters, which a redirect carries on."""
    asked = request_now()
    sent: str = asked.environ.get(QUERY, "")
    return sent or asked.query_string.decode("latin-1")


def args_as_sent() -> dict[str, list[str]]:
    query = query_as_sent().encode("latin-1").decode(errors="replace")
    return parse_qs(query, keep_blank_values=True)


def current_visit() -> Visit | None:
    try:
        visit: Visit | None = request_now().environ.get(VISIT)
    except RuntimeError:  # nothing is being answered
        return None
    return visit


def is_shared_page() -> bool:
    """Whether the page being made is for everybody: then nothing of its visitor may be in it."""
    visit = current_visit()
    if visit is None or visit.is_private:
        return False
    asked = request_now()
    return asked.blueprint in BLUEPRINTS or asked.endpoint in ENDPOINTS


def kept(key: Hashable, load: Callable[[], T]) -> T:
    """What `load` gives, kept in this process until the catalog changes; a minute at most, since
    time alone changes pages too. It must come from the tables that catalog pages are made of.
    """
    values = _kept_values()
    if values is None:
        return load()
    found: T | None = values.find(key)
    if found is None:
        found = load()
        if _kept_values() is values:  # unless it was made of something older
            values.keep(key, found)
    return found


def version_now() -> Hashable | None:
    """Of the catalog, from before this request read anything; none: not known."""
    visit = current_visit()
    return None if visit is None else visit.version


def keep_nothing() -> None:
    """What this request shows from here on may be older than its version says."""
    visit = current_visit()
    if visit is not None:
        visit.version = visit.values = None
        visit.valid_until = 0.0


def kept_each(
    name: Hashable, keys: Sequence[K], load: Callable[[list[K]], Mapping[K, T]]
) -> dict[K, T]:
    """The same of many at once: `load` is asked for the missing ones. In the order of `keys`."""
    values = _kept_values()
    if values is None:
        made = load(list(keys))
        return {key: made[key] for key in keys if key in made}
    found: dict[K, T | None] = values.find_each(name, keys)
    missing = [key for key, value in found.items() if value is None]
    for key, value in load(missing).items() if missing else ():
        values.keep((name, key), value)
        found[key] = value
    return {key: value for key, value in found.items() if value is not None}


class KeptValues:
    """Of one version of the catalog, those used last; None is not kept."""

    def __init__(self, version: Hashable) -> None:
        self.version = version
        #: Until when, the value, its size.
        self._values: OrderedDict[Hashable, tuple[float, Any, int]] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def find(self, key: Hashable) -> Any:
        held = self._values.get(key)
        if held is None or held[0] <= time.time():
            return None
        try:  # noqa: SIM105 - suppress() takes longer than the rest, and a page asks often
            self._values.move_to_end(key)
        except KeyError:  # another thread has just taken it away
            pass
        return held[1]

    def find_each(self, name: Hashable, keys: Iterable[K]) -> dict[K, Any]:
        """What is kept under the name and each of the keys; None where nothing is."""
        find, now, found = self._values.get, time.time(), {}
        for key in keys:
            held = find((name, key))
            found[key] = held[1] if held is not None and held[0] > now else None
        with suppress(KeyError):  # another thread has just taken one away
            for key, value in found.items():
                if value is not None:
                    self._values.move_to_end((name, key))
        return found

    def keep(self, key: Hashable, value: Any) -> None:
        if value is None:
            return
        size = _size(value)
        with self._lock:
            self._remove(key)
            self._values[key] = time.time() + KEPT_FOR, value, size
            self._size += size
            while self._size > MAX_BYTES:
                self._remove(next(iter(self._values)))

    def _remove(self, key: Hashable) -> None:
        held = self._values.pop(key, None)
        if held is not None:
            self._size -= held[2]


def _size(value: object) -> int:
    if isinstance(value, str):
        return len(value) + 500
    known: int = getattr(value, "kept_size", 0)
    return known or 2_000 + _PART * _parts(value)


def _parts(value: object) -> int:
    """How many things stand in its tuples and lists, and in theirs."""
    if isinstance(value, tuple):
        return sum(1 + _parts(part) for part in value)
    if isinstance(value, list):
        return len(value) // 8
    kind: Any = type(value)  # mypy takes the type of an object for nothing hashable
    return sum([_parts(getattr(value, name)) for name in _fields(kind)])


@cache
def _fields(kind: Any) -> tuple[str, ...]:
    """Their names; none where it is no dataclass."""
    return tuple(each.name for each in fields(kind)) if is_dataclass(kind) else ()


def _kept_values() -> KeptValues | None:
    """None where the version is not known, or where what is read may be a change's own."""
    visit = current_visit()
    if visit is None or visit.version is None:
        return None
    if visit.values is None:
        extensions = current_app.extensions
        values: KeptValues | None = extensions.get("kept")
        if values is None or values.version != visit.version:
            values = extensions["kept"] = KeptValues(visit.version)
        visit.values = values
    return visit.values

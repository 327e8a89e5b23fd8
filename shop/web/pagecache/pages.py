"""Finished pages in memory, as many as fit: each in the encodings it was asked for.

Bytes are kept, not responses: an answer is a list of headers and a body that go out as they are.
"""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

import brotli

Headers = list[tuple[str, str]]

#: Ours first, where the browser likes them alike.
ENCODINGS = ("br", "gzip", "identity")
#: 5 takes half a millisecond for a list and saves a tenth against 4.
BROTLI_LEVEL, GZIP_LEVEL = 5, 6
#: Smaller bodies gain nothing.
LEAST_COMPRESSED = 500
#: What an entry costs beside its bodies, roughly: keys, headers, tags.
OVERHEAD = 2_000

#: Different requests whose answers are found without reading their headers again.
MOST_READY = 2_000

#: The count of the basket, in every shared page; components/cart_link.html prints it so.
HOLE = b'<span class="tool__count" data-cart-count hidden></span>'
_FILLED = '<span class="tool__count" data-cart-count>{}</span>'


class Answer(NamedTuple):
    etag: str
    headers: Headers
    body: bytes


class Ready(NamedTuple):
    """What a stranger's request was answered with, for the next that says the very same."""

    answer: Answer
    version: Hashable
    valid_until: float


@dataclass
class Page:
    """One page as the shop rendered it, before any encoding."""

    headers: Headers
    body: bytes
    version: Hashable | None
    #: Unix seconds.
    valid_until: float
    brotli_level: int = BROTLI_LEVEL
    answers: dict[tuple[str, int], Answer] = field(default_factory=dict)

    def answer(self, encoding: str, cart_count: int) -> Answer:
        """The page for a visitor with so much in the basket; made once, then kept."""
        key = encoding, cart_count
        found = self.answers.get(key)
        if found is None:
            found = self.answers[key] = self._made(encoding, cart_count)
        return found

    @property
    def size(self) -> int:
        return len(self.body) + OVERHEAD + sum(len(made.body) for made in self.answers.values())

    def _made(self, encoding: str, cart_count: int) -> Answer:
        body = self.body
        if cart_count:
            body = body.replace(HOLE, _FILLED.format(cart_count).encode(), 1)
        headers = list(self.headers)
        if encoding != "identity" and len(body) >= LEAST_COMPRESSED:
            body = _encoded(body, encoding, self.brotli_level)
            headers.append(("Content-Encoding", encoding))
        # The quickest of them, for pages that are made anew too.
        tag = f'"{hashlib.sha1(body, usedforsecurity=False).hexdigest()[:24]}"'
        headers += [("ETag", tag), ("Content-Length", str(len(body)))]
        return Answer(tag, headers, body)


class Pages:
    """The pages used last, up to a number of bytes."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.size = 0
        self._pages: OrderedDict[Hashable, Page] = OrderedDict()
        self._sizes: dict[Hashable, int] = {}
        self._ready: dict[Hashable, Ready] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._pages)

    def find(self, key: Hashable, version: Hashable, now: float) -> Page | None:
        """A page made from this very version, whose time is not over."""
        with self._lock:
            page = self._pages.get(key)
            if page is None:
                return None
            if page.version != version or page.valid_until <= now:
                self._remove(key)
                return None
            self._pages.move_to_end(key)
            return page

    def find_ready(self, request: Hashable, version: Hashable, now: float) -> Answer | None:
        """What the same request was answered with, as long as that page is kept and current."""
        found = self._ready.get(request)
        if found is None or found.version != version or found.valid_until <= now:
            return None
        return found.answer

    def keep_ready(self, request: Hashable, page: Page, answer: Answer) -> None:
        with self._lock:
            if len(self._ready) >= MOST_READY:
                self._ready.clear()
            self._ready[request] = Ready(answer, page.version, page.valid_until)

    def keep(self, key: Hashable, page: Page) -> None:
        """Also called again when a page has grown by an encoding."""
        with self._lock:
            self._remove(key)
            if page.size > self.limit:
                return
            self._pages[key] = page
            self._sizes[key] = page.size
            self.size += page.size
            if self.size > self.limit:
                self._ready.clear()  # they would hold on to what makes room now
            while self.size > self.limit:
                self._remove(next(iter(self._pages)))

    def clear(self) -> None:
        with self._lock:
            self._pages.clear()
            self._ready.clear()
            self._sizes.clear()
            self.size = 0

    def _remove(self, key: Hashable) -> None:
        if self._pages.pop(key, None) is not None:
            self.size -= self._sizes.pop(key)


@lru_cache(maxsize=512)
def chosen_encoding(accepted: str) -> str:
    """What of ours an Accept-Encoding header likes best; identity where it names none of ours.

    Source: RFC 9110, 12.5.3.
    """
    likings: dict[str, float] = {}
    for part in accepted.lower().split(","):
        name, _, parameter = part.partition(";")
        key, _, value = parameter.partition("=")
        likings[name.strip()] = _liking(value) if key.strip() == "q" else 1.0
    usual = likings.get("*", 0.0)
    liked = {name: likings.get(name, usual) for name in ENCODINGS[:-1]}
    best = max(liked, key=lambda name: liked[name])
    return best if liked[best] > 0 and liked[best] >= likings.get("identity", 0.0) else "identity"


def _liking(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def _encoded(body: bytes, encoding: str, brotli_level: int) -> bytes:
    if encoding == "br":
        compressed: bytes = brotli.compress(body, mode=brotli.MODE_TEXT, quality=brotli_level)
        return compressed
    return gzip.compress(body, GZIP_LEVEL, mtime=0)

"""In front of Flask: answers pages that are the same for everybody from memory.

The shop says which pages those are (sharing.py); this layer gives them their encoding, their ETag
and the visitor's own count, whether it may keep them or not.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Hashable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from shop.web import currency_choice, languages
from shop.web.pagecache.pages import Headers, Page, Pages, chosen_encoding
from shop.web.pagecache.sending import send
from shop.web.pagecache.version import CatalogVersion
from shop.web.visit import CHANGES_NOTHING, FLASH_COOKIE, QUERY, VISIT, Visit

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: Seconds that a page lives where nothing says less. Time alone changes pages too ("New" ends,
#: a post is due), and this is how late that may show.
LONGEST = 60.0
#: Parameters by which advertisements follow people; no page of ours depends on them.
TRACKING = re.compile(r"(?:utm_[a-z_]+|gclid|gbraid|wbraid|fbclid|msclkid|mc_[ce]id)(?:=|$)")
#: Set anew for each answer, or for the one visitor who happened to come first.
_NOT_KEPT = {"content-length", "etag", "set-cookie", "x-request-id", "date"}

_CART_COUNT = re.compile(r"(?:^|;) *cart_count=([0-9]{1,4})(?:;|$)")
_LANGUAGE = re.compile(rf"(?:^|;) *{languages.COOKIE}=([a-zA-Z-]{{1,20}})(?:;|$)")
_FLASH = re.compile(rf"(?:^|;) *{FLASH_COOKIE}=")


class Visitor(NamedTuple):
    cart_count: int
    #: A message waits to be shown to this visitor once.
    is_private: bool
    language: str | None
    currency: str


STRANGER = Visitor(0, is_private=False, language=None, currency="")


class Offered(NamedTuple):
    """What visitors can choose from, as a page of that version told."""

    version: Hashable | None
    languages: tuple[str, ...]
    currencies: tuple[str, ...]


class PageCache:
    def __init__(
        self, app: WSGIApplication, version: CatalogVersion, pages: Pages, *, is_https: bool
    ) -> None:
        self._app, self._version, self._pages = app, version, pages
        self._is_https = is_https
        self._offered = Offered(None, (), ())

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            if environ.get("PATH_INFO", "").startswith(CHANGES_NOTHING):
                environ[VISIT] = Visit(self._version.current(), is_private=True)
            return self._app(environ, start_response)
        # Before the page is read from the database: it may be newer than this, never older.
        version = self._version.current()
        said = _words_of_stranger(environ) if version is not None else None
        if said is not None:
            ready = self._pages.find_ready(said, version, time.time())
            if ready is not None:
                return send(ready, environ, start_response)
        query = environ.get("QUERY_STRING", "")
        if query:
            # The shop is not told either, so no page can carry one visitor's to the next.
            environ[QUERY], environ["QUERY_STRING"] = query, without_tracking(query)
            query = in_order(environ["QUERY_STRING"])
        visitor = visitor_of(environ) if "HTTP_COOKIE" in environ else STRANGER
        address = environ.get("HTTP_HOST", ""), environ.get("PATH_INFO", ""), query
        offered = self._offered
        if version is not None and version == offered.version and not visitor.is_private:
            language = languages.choose(
                visitor.language, environ.get("HTTP_ACCEPT_LANGUAGE", ""), offered.languages
            )
            key = *address, language, chosen_currency(visitor.currency, query, offered.currencies)
            page = self._pages.find(key, version, time.time())
            if page is not None:
                own = self._kept_choice(visitor, query, offered.currencies)
                return self._answer(key, page, visitor, environ, start_response, own, said)
        return self._ask_shop(address, version, visitor, environ, start_response)

    def _ask_shop(
        self,
        address: tuple[str, ...],
        version: Hashable | None,
        visitor: Visitor,
        environ: WSGIEnvironment,
        start_response: StartResponse,
    ) -> Iterable[bytes]:
        visit = environ[VISIT] = Visit(version, is_private=visitor.is_private)
        told: list[Any] = []

        def note(*args: Any) -> Callable[[bytes], object]:
            told[:] = args
            return _no_write

        body = self._app(environ, note)
        status, headers = told[:2]
        if not visit.is_shared or any(name == "Set-Cookie" for name, _ in headers):
            start_response(status, headers)
            return body
        if (close := getattr(body, "close", None)) is not None:
            close()
        page = Page(
            [(name, value) for name, value in headers if name.lower() not in _NOT_KEPT],
            visit.body,
            version,
            min(visit.valid_until, time.time() + LONGEST),
        )
        key = *address, visit.language, visit.currency
        if version is not None:
            self._offered = Offered(version, visit.languages, visit.currencies)
            self._pages.keep(key, page)
        own = [pair for pair in headers if pair[0] == "X-Request-Id"]
        own += self._kept_choice(visitor, address[-1], visit.currencies)
        return self._answer(key, page, visitor, environ, start_response, own)

    def _kept_choice(self, visitor: Visitor, query: str, offered: tuple[str, ...]) -> Headers:
        """The currency that an address asks for is the visitor's from then on."""
        asked = currency_choice.asked_for(query)
        if not asked or asked == visitor.currency or asked not in offered:
            return []
        return [("Set-Cookie", currency_choice.cookie(asked, is_https=self._is_https))]

    def _answer(
        self,
        key: Hashable,
        page: Page,
        visitor: Visitor,
        environ: WSGIEnvironment,
        start_response: StartResponse,
        own_headers: Headers | None = None,
        said: Hashable | None = None,
    ) -> Iterable[bytes]:
        encoding = chosen_encoding(environ.get("HTTP_ACCEPT_ENCODING", ""))
        made = len(page.answers)
        answer = page.answer(encoding, visitor.cart_count)
        if len(page.answers) != made and page.version is not None:
            self._pages.keep(key, page)
        if said is not None and not own_headers:
            self._pages.keep_ready(said, page, answer)
        return send(answer, environ, start_response, own_headers)


def _words_of_stranger(environ: WSGIEnvironment) -> Hashable | None:
    """All that an answer can depend on where no cookie is sent; None where one is."""
    if "HTTP_COOKIE" in environ or environ["REQUEST_METHOD"] != "GET":
        return None
    return (
        environ.get("HTTP_HOST"),
        environ.get("PATH_INFO"),
        environ.get("QUERY_STRING"),
        environ.get("HTTP_ACCEPT_LANGUAGE"),
        environ.get("HTTP_ACCEPT_ENCODING"),
    )


def visitor_of(environ: WSGIEnvironment) -> Visitor:
    cookies = environ["HTTP_COOKIE"]
    count = _CART_COUNT.search(cookies)
    # A page fetched in advance may never be looked at, and a message is shown once.
    is_prefetch = environ.get("HTTP_SEC_PURPOSE", "").startswith("prefetch")
    is_private = not is_prefetch and _FLASH.search(cookies) is not None
    language = _LANGUAGE.search(cookies)
    return Visitor(
        int(count[1]) if count else 0,
        is_private,
        language[1] if language else None,
        currency_choice.chosen_before(cookies),
    )


def chosen_currency(chosen: str, query: str, offered: tuple[str, ...]) -> str:
    """As the shop itself would choose; the first of those offered is its own."""
    return currency_choice.choose(currency_choice.asked_for(query), chosen, offered) or offered[0]


def without_tracking(query: str) -> str:
    return "&".join(part for part in query.split("&") if part and not TRACKING.match(part))


def in_order(query: str) -> str:
    """Parameters by name; those of one name keep their order."""
    return "&".join(sorted(query.split("&"), key=lambda part: part.partition("=")[0]))


def _no_write(_data: bytes) -> None:
    raise NotImplementedError("answers are returned, not written")

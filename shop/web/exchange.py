"""Flask's application, request and response, without what they would look up or copy again for each
answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from flask import Flask, Request, Response
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import Map, MapAdapter
from werkzeug.sansio.http import parse_cookie
from werkzeug.sansio.utils import get_host
from werkzeug.urls import iri_to_uri
from werkzeug.utils import cached_property

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_WITHOUT_BODY = {204, 304}

_in_ascii = lru_cache(maxsize=512)(iri_to_uri)


@lru_cache(maxsize=256)
def _hosts(
    url_map: Map,
    trusted: tuple[str, ...],
    scheme: str,
    named: str | None,
    server: tuple[str, int | None] | None,
) -> tuple[str, str]:
    """As it was named, and as addresses are made with it. One that is not trusted raises
    SecurityError, each time.
    """
    host = get_host(scheme, named, server, trusted)
    return host, url_map.bind(host).server_name


class Shop(Flask):
    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Nothing of the shop is a coroutine; Flask would ask that of each function it calls."""
        return func

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Flask would find out twice for each request whether it names a host of the shop's, and
        take its address apart once more. What asks for a web socket is left to Flask.
        """
        if request is None or "HTTP_UPGRADE" in request.environ:
            return super().create_url_adapter(request)
        environ = request.environ
        request.trusted_hosts = self.config["TRUSTED_HOSTS"]
        request.host, name = _hosts(
            self.url_map,
            tuple(request.trusted_hosts),
            request.scheme,
            environ.get("HTTP_HOST"),
            request.server,
        )
        return MapAdapter(
            self.url_map,
            name,
            request.root_path,
            "",
            request.scheme,
            request.path,
            request.method,
            request.query_string.decode(errors="replace"),
        )


class ShopRequest(Request):
    @cached_property
    def blueprints(self) -> list[str]:
        """Asked for three times, first when the address has found its view."""
        return super().blueprints

    @cached_property
    def cookies(self) -> ImmutableMultiDict[str, str]:
        """Werkzeug would look through all headers for the one."""
        sent = parse_cookie(self.environ.get("HTTP_COOKIE"), ImmutableMultiDict)
        return cast("ImmutableMultiDict[str, str]", sent)


class ShopResponse(Response):
    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """A whole body goes out as a list, which the server sends in one piece, with the headers as
        they are: Werkzeug would check and copy each once more. All else is left to Werkzeug.
        """
        if not self._is_plain or environ["REQUEST_METHOD"] == "HEAD":
            return super().__call__(environ, start_response)
        body = b"".join(self.iter_encoded())
        headers = [
            (name, _in_ascii(value) if name.lower() == "location" else value)
            for name, value in self.headers
            if name.lower() != "content-length"
        ]
        start_response(self.status, [*headers, ("Content-Length", str(len(body)))])
        return [body]

    @property
    def _is_plain(self) -> bool:
        return (
            isinstance(self.response, list)
            and not self._on_close
            and self.status_code >= 200
            and self.status_code not in _WITHOUT_BODY
        )


def init_app(app: Flask) -> None:
    """Flask would ask the app's configuration for each limit, for each form."""

    class LimitedRequest(ShopRequest):
        max_content_length = app.config["MAX_CONTENT_LENGTH"]
        max_form_memory_size = app.config["MAX_FORM_MEMORY_SIZE"]
        max_form_parts = app.config["MAX_FORM_PARTS"]

    app.request_class = LimitedRequest
    app.response_class = ShopResponse

"""Flask's request and response, without what they would look up or copy again for each answer."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, cast

from flask import Flask, Request, Response
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.sansio.http import parse_cookie
from werkzeug.urls import iri_to_uri
from werkzeug.utils import cached_property

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_WITHOUT_BODY = {204, 304}

_in_ascii = lru_cache(maxsize=512)(iri_to_uri)


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

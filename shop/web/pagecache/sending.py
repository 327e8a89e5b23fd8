"""How a finished answer goes out: whole, without its body, or as "you have it already"."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from shop.web.pagecache.pages import Answer, Headers

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_NOT_IN_304 = {"content-length", "content-type", "content-encoding"}


def send(
    answer: Answer,
    environ: WSGIEnvironment,
    start_response: StartResponse,
    own_headers: Headers | None = None,
) -> Iterable[bytes]:
    headers = [*answer.headers, *own_headers] if own_headers else list(answer.headers)
    # With its quotes, a tag is in no other: a look for it is enough for a list, and for W/.
    if answer.etag in environ.get("HTTP_IF_NONE_MATCH", ""):
        start_response(
            "304 Not Modified", [pair for pair in headers if pair[0].lower() not in _NOT_IN_304]
        )
        return []
    start_response("200 OK", headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [answer.body]

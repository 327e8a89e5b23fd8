"""What the server itself takes for a cached page: an application that knows nothing but the answers
the shop has given, and gives them again.
"""

from __future__ import annotations

import http.client
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: Names the port of the shop whose answers are given.
PORT = "REPLAYED_PORT"


def create_app() -> WSGIApplication:
    answers: dict[tuple[str, str], tuple[str, list[tuple[str, str]], list[bytes]]] = {}

    def replay(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        asked = environ["PATH_INFO"], environ.get("HTTP_ACCEPT_ENCODING", "")
        if asked not in answers:
            answers[asked] = _answer(*asked)
        status, headers, body = answers[asked]
        start_response(status, headers)
        return body

    return replay


def _answer(path: str, encoding: str) -> tuple[str, list[tuple[str, str]], list[bytes]]:
    """Of the shop, without what the server adds by itself."""
    connection = http.client.HTTPConnection("127.0.0.1", int(os.environ[PORT]), timeout=30)
    try:
        connection.request("GET", path, headers={"Accept-Encoding": encoding})
        answer = connection.getresponse()
        headers = [pair for pair in answer.getheaders() if pair[0] not in ("server", "date")]
        return f"{answer.status} {answer.reason}", headers, [answer.read()]
    finally:
        connection.close()

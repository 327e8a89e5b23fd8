"""One JSON line a request, with an id that the error page shows too. No secrets, no tokens."""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
import time
from functools import lru_cache
from typing import Any

from flask import Flask, Request, Response, has_request_context

from shop.settings import Settings
from shop.web.proxies import g_now, request_now

log = logging.getLogger("shop.request")
#: Address parts that open an order or reset a password.
SECRET_PARTS = {"link", "token"}
_LINK = re.compile(
    r"^(/(?:orders|track|checkout/return|checkout/back|checkout/pay|links|gift-card|basket|reminders|discount|setup)/)[^/]+.*",
    re.DOTALL,
)
#: Made once: json.dumps would make an encoder for each line.
_json = json.JSONEncoder(default=str).encode
_PLAIN = set(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": _second(int(record.created)),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if has_request_context() and (request_id := vars(g_now()).get("request_id")):
            line["request_id"] = request_id
        line |= {key: value for key, value in vars(record).items() if key not in _PLAIN}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return _json(line)


@lru_cache(maxsize=1)
def _second(unix: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(unix))


def init_app(app: Flask, settings: Settings) -> None:
    configure_logging(settings)
    app.before_request(start_clock)
    app.after_request(log_request)


def configure_logging(settings: Settings) -> None:
    # No line tells them, and finding them out takes as long as writing it.
    # Source: docs.python.org/3/howto/logging.html#optimization.
    logging._srcfile = None  # where a line was logged from
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    shop = logging.getLogger("shop")
    if not shop.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(JsonFormatter())
        shop.addHandler(handler)
        shop.propagate = False
    shop.setLevel(settings.log_level.upper())


def start_clock() -> None:
    known = g_now()
    known.request_id = secrets.token_hex(8)
    known.started = time.monotonic()


def log_request(response: Response) -> Response:
    known, asked = vars(g_now()), request_now()
    request_id = known.get("request_id") or secrets.token_hex(8)
    response.headers.add("X-Request-Id", request_id)
    if asked.endpoint in ("static", "health.live"):
        return response
    ended = time.monotonic()
    log.info(
        "request",
        extra={
            "method": asked.method,
            "path": _path_without_secrets(asked),
            "status": response.status_code,
            "ms": round((ended - known.get("started", ended)) * 1000, 1),
        },
    )
    return response


def _path_without_secrets(asked: Request) -> str:
    """Also where no rule has matched: a mistyped link is still nearly the link."""
    if asked.view_args and SECRET_PARTS & asked.view_args.keys():
        return str(asked.url_rule)
    return _LINK.sub(r"\1…", asked.path)

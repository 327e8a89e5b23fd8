"""The shop as a server starts it, whose every answer names the process that gave it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask

import shop

WORKER = "X-Worker"


def create_app() -> Flask:
    app = shop.create_app()
    inside = app.wsgi_app

    def named(environ: Any, start_response: Callable[..., Any]) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start_response(status, [*headers, (WORKER, str(os.getpid()))], *rest)

        return inside(environ, start)

    app.wsgi_app = named
    return app

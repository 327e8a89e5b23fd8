"""Closed for maintenance: a file in the data folder that every web process looks for.

In front of everything, the page cache too, and without a database: that may be what is worked on.
Staff, payments and health checks come through.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import click
from flask import Flask, current_app
from flask.cli import AppGroup
from werkzeug.wrappers import Response

from shop.clock import now
from shop.sentences import N_
from shop.settings import Settings
from shop.web import standalone
from shop.web.languages import language_without_shop

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

FILE = "maintenance"
OPEN = (
    "/admin", "/sign-in", "/sign-out", "/language", "/static/", "/media/", "/theme/", "/webhooks/",
    "/healthz", "/readyz",
)  # fmt: skip
LEAST_SECONDS = 60
#: Seconds from one look at the file to the next: it costs more than a page from memory.
PAUSE = 0.05

cli = AppGroup("maintenance", short_help="Close the shop for a while.")


@cli.command("on")
@click.option("--minutes", default=30, show_default=True, type=click.IntRange(1, 1440))
def close(minutes: int) -> None:
    """Show everyone but staff that the shop is back in so many minutes."""
    close_for(current_app.extensions["settings"], minutes)
    click.echo(f"Closed. Visitors are told to come back in {minutes} minutes; /admin stays open.")


@cli.command("off")
def open_again() -> None:
    """Open the shop again."""
    open_now(current_app.extensions["settings"])
    click.echo("Open.")


def close_for(settings: Settings, minutes: int) -> None:
    file = _file(settings)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text((now() + timedelta(minutes=minutes)).isoformat())


def open_now(settings: Settings) -> None:
    _file(settings).unlink(missing_ok=True)


def closed_until(settings: Settings) -> datetime | None:
    """What visitors are told; none: the shop is open."""
    file = _file(settings)
    if not file.exists():
        return None
    return now() + timedelta(seconds=_seconds_left(file))


def init_app(app: Flask, settings: Settings) -> None:
    """Must be the last to wrap the application."""
    app.wsgi_app = _Door(app, _file(settings))  # type: ignore[method-assign]  # Flask's way


class _Door:
    def __init__(self, app: Flask, file: Path) -> None:
        self.app, self.inside, self.file = app, app.wsgi_app, file
        self._is_shut, self._looked_at = False, float("-inf")

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not 0 <= (time := monotonic()) - self._looked_at < PAUSE:
            self._looked_at = time
            self._is_shut = self.file.exists()
        if not self._is_shut or environ.get("PATH_INFO", "").startswith(OPEN):
            return self.inside(environ, start_response)
        with self.app.request_context(environ):
            language_without_shop()
            closed = _closed(self.file)
        return closed(environ, start_response)


def _closed(file: Path) -> Response:
    html = standalone.page(
        N_("Closed for a moment."),
        N_("The shop is closed for a short while and opens again soon. Your basket is safe."),
    )
    response = Response(html, status=503, mimetype="text/html")
    response.headers["Retry-After"] = str(_seconds_left(file))
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Security-Policy"] = standalone.CONTENT_SECURITY_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _seconds_left(file: Path) -> int:
    """At least a minute: work takes longer than was thought."""
    try:
        until = datetime.fromisoformat(file.read_text().strip())
        return max(LEAST_SECONDS, round((until - now()).total_seconds()))
    except (OSError, ValueError, TypeError):  # made by hand, or just taken away
        return LEAST_SECONDS


def _file(settings: Settings) -> Path:
    return settings.data_folder / FILE

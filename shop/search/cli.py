"""Commands: flask search ..."""

from __future__ import annotations

from flask.cli import AppGroup

cli = AppGroup("search", short_help="")

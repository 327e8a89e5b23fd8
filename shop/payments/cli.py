"""Commands: flask payments ..."""

from __future__ import annotations

from flask.cli import AppGroup

cli = AppGroup("payments", short_help="")

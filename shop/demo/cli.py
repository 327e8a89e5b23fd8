"""Commands: flask demo ..."""

from __future__ import annotations

from flask.cli import AppGroup

cli = AppGroup("demo", short_help="The demo shop.")

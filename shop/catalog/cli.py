"""Commands: flask catalog ..."""

from __future__ import annotations

from flask.cli import AppGroup

cli = AppGroup("catalog", short_help="")

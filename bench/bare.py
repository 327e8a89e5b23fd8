"""The yardstick: one Flask route that answers 2 kB of HTML and does nothing else."""

from __future__ import annotations

from flask import Flask

MARK = "A bare route"
SIZE = 2048


def create_app() -> Flask:
    app = Flask(__name__)
    page = bare_page()

    @app.get("/")
    def bare() -> str:
        return page

    return app


def bare_page() -> str:
    """Exactly SIZE bytes."""
    start, end = f"<!doctype html><title>{MARK}</title><p>", "</p>\n"
    return start + "x" * (SIZE - len(start) - len(end)) + end

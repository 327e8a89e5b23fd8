"""The sandbox's dashboard: payments, the buttons that make things happen, and the event log."""

from __future__ import annotations

from flask import Blueprint

from .config import SandboxConfig
from .store import Store


def dashboard_blueprint(store: Store, config: SandboxConfig) -> Blueprint:
    return Blueprint("dashboard", __name__, url_prefix="/_sandbox")

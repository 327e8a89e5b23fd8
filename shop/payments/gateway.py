"""The only code that talks to Stripe."""

from __future__ import annotations

from flask import Flask

from shop.settings import Settings


def init_gateway(app: Flask, settings: Settings) -> None: ...

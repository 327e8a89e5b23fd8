"""Imported once by the server that test processes are forked from: every module and template, no
connection.
"""

from __future__ import annotations

import tempfile

import alembic.context  # noqa: F401 - these imports are what the module is for
import flask.cli  # noqa: F401
import granian.cli  # noqa: F401
import sqlalchemy.orm
import stripe._object_classes  # which the library reads when Stripe first answers
import stripe.checkout  # noqa: F401

import shop.payments.sandbox.server
import shop.supervisor
import shop.worker  # noqa: F401
from shop import create_app
from shop.payments.gateway import gateway
from shop.settings import Settings
from tests.compiled import compile_all, compile_once

compile_once()
# Blueprints are imported when an app is made; this one opens nothing and is dropped.
with tempfile.TemporaryDirectory() as folder:
    app = create_app(
        Settings(
            secret_key="only-to-import-everything-0123456789",
            data_path=folder,
            stripe_secret_key="sk_test_sandbox_preloaded",
            stripe_webhook_secret="whsec_preloaded_0123456789",
        )
    )
    compile_all(app)
    with app.app_context():
        gateway()
sqlalchemy.orm.configure_mappers()

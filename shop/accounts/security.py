"""Flask-Security, set up for the shop: argon2, our templates, no self-service yet."""

from __future__ import annotations

from flask import Flask
from flask_security import Security, SQLAlchemyUserDatastore

from shop.accounts.models import Account, Role
from shop.extensions import db

security = Security()
datastore = SQLAlchemyUserDatastore(db, Account, Role)


def init_security(app: Flask) -> None:
    app.config.setdefault("SECURITY_PASSWORD_HASH", "argon2")
    app.config.setdefault("SECURITY_PASSWORD_SINGLE_HASH", ["argon2"])
    security.init_app(app, datastore, register_blueprint=False)

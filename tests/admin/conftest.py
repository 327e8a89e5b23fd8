from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from shop.accounts.models import Account
from shop.extensions import db
from tests.accounts.people import be_signed_in, make_admin
from tests.factories import make_store


@pytest.fixture
def store(app: Flask) -> None:
    make_store()


@pytest.fixture
def admin(app: Flask) -> Account:
    account = make_admin(email="maya@example.com", name="Maya Kerr")
    db.session.commit()
    return account


@pytest.fixture
def staff(client: FlaskClient, admin: Account, store: None) -> FlaskClient:
    """A client signed in as an admin."""
    be_signed_in(client, admin)
    return client

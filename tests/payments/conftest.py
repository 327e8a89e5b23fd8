"""What tests of payments start from."""

from __future__ import annotations

import pytest
from flask import Flask

from shop.extensions import db
from shop.orders.models import Order
from tests.accounts.people import make_admin
from tests.factories import make_order, make_variant
from tests.fakes import FakeGateway
from tests.payments.refunding import pay


@pytest.fixture
def gateway() -> FakeGateway:
    return FakeGateway()


@pytest.fixture
def staff(app: Flask) -> int:
    account_id = make_admin().id
    db.session.commit()
    return account_id


@pytest.fixture
def order(app: Flask, gateway: FakeGateway) -> Order:
    """Two mugs at 34.00 with VAT 20 % inside, delivery 4.50: 72.50, paid by card."""
    placed = make_order(make_variant(unit_amount=3400, on_hand=10), quantity=2)
    pay(placed, gateway)
    return placed

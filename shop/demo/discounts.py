"""The demo shop's discount codes."""

from __future__ import annotations

import sqlalchemy as sa

from shop.extensions import db
from shop.pricing import discount_service as service
from shop.pricing.discount_models import StoredDiscount
from shop.pricing.discount_service import DiscountDetails
from shop.pricing.discounts import Kind

DISCOUNTS = (
    DiscountDetails(
        title="A tenth off your first pot",
        code="FIRSTPOT",
        kind=Kind.PERCENTAGE,
        value=100_000,
        first_order_only=True,
    ),
    DiscountDetails(
        title="Carriage paid", code="CARRIAGE", kind=Kind.FREE_SHIPPING, minimum_amount=3000
    ),
)


def add_discounts() -> None:
    """A shop that has any keeps only those."""
    if db.session.scalar(sa.select(sa.func.count()).select_from(StoredDiscount)):
        return
    for details in DISCOUNTS:
        service.create(details)

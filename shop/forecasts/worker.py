"""Computes forecasts and customer groups anew, for the worker, once a night."""

from __future__ import annotations

import sqlalchemy as sa

from shop.catalog.models import Variant
from shop.clock import now
from shop.database import in_transaction
from shop.extensions import db
from shop.forecasts import queries, service
from shop.store import queries as store


def compute() -> int:
    """How many variants have a forecast. What was sold is read before the transaction."""
    shop, at = store.current(), now()
    sales = queries.weekly_sales(shop.day_of(at), shop.zone)
    then = list(queries.buyers(at - service.BACK, shop.currency))
    counts = service.counted(queries.buyers(at, shop.currency), then, at)
    db.session.rollback()
    found = service.computed(sales, at)

    def keep() -> int:
        service.keep_counts(counts)
        return service.keep_forecasts(found, set(db.session.scalars(sa.select(Variant.id))))

    return in_transaction(keep)

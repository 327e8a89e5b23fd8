"""Adds up for the home page what takes too long at a look, for the worker."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from shop.clock import now
from shop.database import in_transaction
from shop.extensions import db
from shop.reports import dashboard
from shop.reports.dashboard import BestSeller
from shop.reports.models import KeptSeller
from shop.reports.periods import preset_period
from shop.store import queries as store


def count_best_sellers() -> None:
    """Orders are read before the transaction, which writes only where something changed."""
    shop = store.current()
    period = preset_period(dashboard.KEPT, shop.day_of(now()), shop.zone)
    found = dashboard.counted_sellers(period, shop.currency)
    before = dashboard.kept_sellers(shop.currency)
    db.session.rollback()
    if found != before:
        in_transaction(lambda: _keep(found))


def _keep(found: Sequence[BestSeller]) -> None:
    db.session.execute(sa.delete(KeptSeller))
    db.session.add_all(
        KeptSeller(
            product_id=one.product_id,
            units=one.units,
            amount=one.total.amount,
            currency=one.total.currency,
        )
        for one in found
    )
    db.session.flush()

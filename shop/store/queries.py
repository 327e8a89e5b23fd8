"""The shop's own settings, readable before a merchant has made any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, time
from typing import Any

import sqlalchemy as sa

from shop.extensions import db
from shop.store.models import StoreSettings
from shop.store.wording import StockDisplay, StockWords


@dataclass(frozen=True)
class Store:
    """What every page knows of the shop; the defaults stand in until it is set up."""

    name: str = "Till"
    legal_name: str = ""
    currency: str = "GBP"
    country: str = "GB"
    contact_email: str = ""
    #: Codes; the first is the shop's own.
    languages: Sequence[str] = ("en",)
    tagline: str = ""
    announcement: str = ""
    announcement_url: str = ""
    stock_display: str = StockDisplay.NEVER
    few_units: int = 3
    time_zone: str = "Europe/London"
    cutoff: time = time(14)
    handling_days: int = 0
    closed_weekdays: tuple[int, ...] = (5, 6)
    closed_days: tuple[date, ...] = ()
    review_invitation_days: int = 14
    address: str = ""
    rounding_units: int = 1

    @property
    def stock_words(self) -> StockWords:
        return StockWords(StockDisplay(self.stock_display), self.few_units)


_CURRENT = sa.select(*(getattr(StoreSettings, field.name) for field in fields(Store)))


def current() -> Store:
    row = db.session.execute(_CURRENT).first()
    return store_of(row) if row else Store()


def store_of(stored: Sequence[Any]) -> Store:
    """From the columns in the order of the fields of Store."""
    values = dict(zip((field.name for field in fields(Store)), stored, strict=True))
    values["closed_weekdays"] = tuple(values["closed_weekdays"])
    values["closed_days"] = tuple(date.fromisoformat(day) for day in values["closed_days"])
    return Store(**values)

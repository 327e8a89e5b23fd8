"""The shop's own settings, readable before a merchant has made any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa

from shop.clock import now
from shop.extensions import db
from shop.store import currencies
from shop.store.currencies import Currency
from shop.store.models import LOW_STOCK_AT, StoreSettings
from shop.store.wording import StockDisplay, StockWords


@dataclass(frozen=True)
class Store:
    """What every page knows of the shop; the defaults stand in until it is set up."""

    name: str = "Till"
    legal_name: str = ""
    currency: str = "GBP"
    currencies: tuple[Currency, ...] = ()
    country: str = "GB"
    contact_email: str = ""
    #: Codes; the first is the shop's own.
    languages: Sequence[str] = ("en",)
    tagline: str = ""
    announcement: str = ""
    announcement_url: str = ""
    announcement_from: date | None = None
    announcement_until: date | None = None
    menus: Mapping[str, Any] = field(default_factory=dict)
    legal_pages: Mapping[str, str] = field(default_factory=dict)
    mail_sender_name: str = ""
    mail_reply_to: str = ""
    mail_signature: str = ""
    stock_display: str = StockDisplay.NEVER
    few_units: int = 3
    low_stock_at: int = LOW_STOCK_AT
    time_zone: str = "Europe/London"
    cutoff: time = time(14)
    handling_days: int = 0
    closed_weekdays: tuple[int, ...] = (5, 6)
    closed_days: tuple[date, ...] = ()
    review_invitation_days: int = 14
    address: str = ""
    rounding_units: int = 1
    is_taxed_by_stripe: bool = False
    has_taxes_included: bool = True
    tax_codes: Mapping[str, str] = field(default_factory=dict)
    #: Code of the currency that a visitor has chosen; empty: the shop's own.
    chosen: str = ""

    @cached_property
    def base(self) -> Currency:
        return Currency(self.currency, total_units=self.rounding_units)

    @cached_property
    def offered(self) -> dict[str, Currency]:
        """What shoppers can choose from, by code; the shop's own first."""
        others = {each.code: each for each in self.currencies if each.is_active}
        return {self.currency: self.base, **others}

    @cached_property
    def selling(self) -> Currency:
        """What prices are shown in, and the cart is paid in."""
        return self.offered.get(self.chosen) or self.base

    @property
    def sole_currency(self) -> str:
        """Code of the only currency that anything here is in; empty where there are others."""
        return "" if self.currencies else self.currency

    def in_currency(self, code: str) -> Store:
        """As a visitor sees it who chose this one; unknown ones are passed over."""
        return replace(self, chosen=code if code in self.offered and code != self.currency else "")

    @property
    def zone(self) -> tzinfo:
        """UTC where this machine does not know the zone."""
        try:
            return ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError):
            return UTC

    def day_of(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    @property
    def is_announcing(self) -> bool:
        """Whether the announcement is shown today, by the clock of the shop's time zone."""
        today = self.day_of(now())
        is_begun = self.announcement_from is None or self.announcement_from <= today
        is_over = self.announcement_until is not None and self.announcement_until < today
        return bool(self.announcement) and is_begun and not is_over

    @property
    def announcement_changes_at(self) -> datetime | None:
        """When it appears or goes by itself next."""
        if not self.announcement:
            return None
        last = self.announcement_until
        days = [self.announcement_from, last + timedelta(days=1) if last else None]
        at = [datetime.combine(day, time(), self.zone) for day in days if day]
        return min((each for each in at if each > now()), default=None)

    @property
    def stock_words(self) -> StockWords:
        return StockWords(StockDisplay(self.stock_display), self.few_units)


#: Of a store, in the order in which store_of reads them.
COLUMNS = tuple(
    getattr(StoreSettings, field.name) for field in fields(Store) if field.name != "chosen"
)
_CURRENT = sa.select(*COLUMNS)


def current() -> Store:
    row = db.session.execute(_CURRENT).first()
    return store_of(row) if row else Store()


def store_of(stored: Sequence[Any]) -> Store:
    """From the values of COLUMNS."""
    values = dict(zip((column.key for column in COLUMNS), stored, strict=True))
    values["currencies"] = tuple(
        currencies.read(each, values["currency"]) for each in values["currencies"]
    )
    values["closed_weekdays"] = tuple(values["closed_weekdays"])
    values["closed_days"] = tuple(date.fromisoformat(day) for day in values["closed_days"])
    return Store(**values)

"""The rates that apply to a country, and the countries the shop sends to."""

from __future__ import annotations

from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa

from shop.extensions import db
from shop.money import Money
from shop.pricing.delivery import DeliveryCalendar
from shop.pricing.models import EVERYWHERE_ELSE, ShippingRate, TaxRate
from shop.pricing.shipping import ShippingOption
from shop.pricing.tax import NO_TAX, STANDARD, Rate, TaxRules
from shop.store.queries import Store

#: ISO 3166-1 alpha-2 codes of the countries parcels go to where a rate says "everywhere else".
#: Source: Babel's CLDR territories, less regions without post of their own.
NOT_A_COUNTRY = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ", "AQ", "BV", "HM", "TF", "CP", "DG"}


def shipping_options(country: str, currency: str) -> list[ShippingOption]:
    """A country's own rates, else those of everywhere else; none: the shop does not send there."""
    rates = db.session.scalars(
        sa.select(ShippingRate)
        .where(ShippingRate.country.in_([country, EVERYWHERE_ELSE]))
        .order_by(ShippingRate.amount, ShippingRate.position, ShippingRate.id)
    ).all()
    own = [rate for rate in rates if rate.country == country]
    return [_option(rate, currency) for rate in own or rates]


def delivery_calendar(shop: Store) -> DeliveryCalendar:
    """The days on which the shop packs and the post comes, as the merchant has set them."""
    return DeliveryCalendar(
        zone=_zone(shop.time_zone),
        cutoff=shop.cutoff,
        handling_days=shop.handling_days,
        closed_weekdays=frozenset(shop.closed_weekdays),
        closed_days=frozenset(shop.closed_days),
    )


def _zone(name: str) -> tzinfo:
    """UTC where this machine does not know the zone: a promise may not break the page."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def tax_for(country: str) -> TaxRules:
    rates = {
        rate.country: rate
        for rate in db.session.scalars(
            sa.select(TaxRate).where(TaxRate.country.in_([country, EVERYWHERE_ELSE]))
        )
    }
    rate = rates.get(country) or rates.get(EVERYWHERE_ELSE)
    if rate is None:
        return NO_TAX
    return TaxRules(rate.is_included, {STANDARD: (Rate(rate.name, rate.rate_ppm),)})


def served_countries(all_countries: set[str]) -> set[str]:
    """The codes among `all_countries` that some rate covers."""
    covered = set(db.session.scalars(sa.select(ShippingRate.country).distinct()))
    if EVERYWHERE_ELSE in covered:
        return all_countries - NOT_A_COUNTRY
    return covered & all_countries


def _option(rate: ShippingRate, currency: str) -> ShippingOption:
    free_from = rate.free_from_amount
    return ShippingOption(
        rate_id=rate.id,
        name=rate.name,
        price=Money(rate.amount, currency),
        free_from=None if free_from is None else Money(free_from, currency),
        min_days=rate.min_days,
        max_days=rate.max_days,
    )

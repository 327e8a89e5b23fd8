"""The rates that apply to a country, and the countries the shop sends to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa
from flask_babel import gettext as _

from shop.extensions import db
from shop.pricing.delivery import DeliveryCalendar
from shop.pricing.models import ShippingRate, ShippingZone, TaxAnswer, TaxRate, TaxZone
from shop.pricing.places import EVERYWHERE_ELSE, Destination, Place, best
from shop.pricing.shipping import Basis, Parcel, ShippingOption, Step
from shop.pricing.tax import NO_TAX, Rate, ShippingTax, TaxRules
from shop.pricing.vat import REVERSE_CHARGE, is_reverse_charged
from shop.store.currencies import Currency
from shop.store.queries import Store

#: ISO 3166-1 alpha-2 codes of the countries parcels go to where a rate says "everywhere else".
#: Source: Babel's CLDR territories, less regions without post of their own.
NOT_A_COUNTRY = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ", "AQ", "BV", "HM", "TF", "CP", "DG"}


def shipping_options(
    destination: Destination, currency: Currency, parcel: Parcel | None = None
) -> list[ShippingOption]:
    """Those of the zone that names the destination most exactly, the cheapest first; none: the
    shop does not send there, or not this parcel. An empty parcel goes by email. One query.
    """
    if parcel is not None:
        ways = shipping_options(destination, currency) if parcel.quantity else []
        return carrying(parcel, ways, currency)
    rows = db.session.execute(_ZONES_WITH_RATES).all()
    zone_id = best(_named(rows), destination)
    return [_option(row[2], currency) for row in rows if row[0] == zone_id and row[2]]


def carrying(
    parcel: Parcel, options: Iterable[ShippingOption], currency: Currency
) -> list[ShippingOption]:
    """Those that carry the parcel, the cheapest first. An empty one goes by email."""
    if not parcel.quantity:
        return [ShippingOption.by_email(_("Sent by email"), currency.code)]
    carried = [option for option in options if option.carries(parcel)]
    return sorted(carried, key=lambda option: (option.is_pickup, option.cost(parcel).amount))


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


def tax_for(destination: Destination, *, vat_number: str = "", home: str = "") -> TaxRules:
    """One query. `vat_number`: the buyer's, as pricing.vat reads it; `home`: the shop's country."""
    rows = db.session.execute(_TAX_ZONES_WITH_RATES).all()
    zone_id = best(_named(rows), destination)
    if zone_id is None:
        return NO_TAX
    of_zone = [row for row in rows if row.id == zone_id]
    rates: dict[str, tuple[Rate, ...]] = {}
    for row in of_zone:
        if row.category is not None:
            rates[row.category] = (
                *rates.get(row.category, ()),
                Rate(row.name, row.rate_ppm),
            )
    zone = of_zone[0]
    return TaxRules(
        zone.is_included,
        rates,
        ShippingTax(zone.shipping_tax),
        relief=_relief(destination, vat_number, home),
    )


def tax_rules(destination: Destination, shop: Store, *, vat_number: str = "") -> TaxRules:
    """What Stripe said of the address, where the shop goes by that; the caller has had it asked.
    Else what the zones say.
    """
    who = {"vat_number": vat_number, "home": shop.country}
    answered = tax_answered(destination, **who) if shop.is_taxed_by_stripe else None
    return answered or tax_for(destination, **who)


def tax_answered(
    destination: Destination, *, vat_number: str = "", home: str = ""
) -> TaxRules | None:
    """By what a tax service last said of the very destination; none: nothing yet. One query."""
    answer = _answer(destination)
    if answer is None:
        return None
    return TaxRules(
        answer.is_included,
        {
            category: tuple(Rate(name, rate_ppm) for name, rate_ppm in rates)
            for category, rates in answer.rates.items()
        },
        ShippingTax(answer.shipping_tax),
        relief=_relief(destination, vat_number, home),
    )


def has_tax_answer(destination: Destination, since: datetime) -> bool:
    answer = _answer(destination)
    return answer is not None and answer.at > since


def _answer(destination: Destination) -> TaxAnswer | None:
    return db.session.scalars(
        sa.select(TaxAnswer)
        .where(*(getattr(TaxAnswer, name) == part for name, part in vars(destination).items()))
        .execution_options(populate_existing=True)
    ).first()


def _relief(destination: Destination, vat_number: str, home: str) -> str:
    is_relieved = is_reverse_charged(vat_number, home=home, country=destination.country)
    return REVERSE_CHARGE if is_relieved else ""


def served_names(names: Mapping[str, str]) -> dict[str, str]:
    """Those of the countries, code -> name, that some way of delivery covers."""
    served = served_countries(set(names))
    return {code: name for code, name in names.items() if code in served}


def served_countries(all_countries: set[str]) -> set[str]:
    """The codes among `all_countries` that some way of delivery covers."""
    lists = db.session.scalars(
        sa.select(ShippingZone.places).where(
            sa.exists().where(ShippingRate.zone_id == ShippingZone.id, ShippingRate.is_active)
        )
    )
    covered = {place["country"] for places in lists for place in places}
    if EVERYWHERE_ELSE in covered:
        return all_countries - NOT_A_COUNTRY
    return covered & all_countries


def _named(rows: Iterable[Any]) -> Iterator[tuple[int, Place]]:
    for row in rows:
        yield from ((row[0], Place(**place)) for place in row[1])


def _option(rate: ShippingRate, currency: Currency) -> ShippingOption:
    free_from, basis = rate.free_from_amount, Basis(rate.basis)
    return ShippingOption(
        rate_id=rate.id,
        name=rate.name,
        price=currency.of(rate.amount),
        free_from=None if free_from is None else currency.of(free_from),
        min_days=rate.min_days,
        max_days=rate.max_days,
        basis=basis,
        steps=tuple(_step(start, amount, basis, currency) for start, amount in rate.steps),
        is_pickup=rate.is_pickup,
    )


def _step(start: int, amount: int | None, basis: Basis, currency: Currency) -> Step:
    return Step(
        currency.of(start).amount if basis is Basis.PRICE else start,
        None if amount is None else currency.of(amount).amount,
    )


_ZONES_WITH_RATES = (
    sa.select(ShippingZone.id, ShippingZone.places, ShippingRate)
    .outerjoin(
        ShippingRate, sa.and_(ShippingRate.zone_id == ShippingZone.id, ShippingRate.is_active)
    )
    .order_by(ShippingRate.amount, ShippingRate.position, ShippingRate.id)
)
_TAX_ZONES_WITH_RATES = (
    sa.select(
        TaxZone.id,
        TaxZone.places,
        TaxZone.is_included,
        TaxZone.shipping_tax,
        TaxRate.category,
        TaxRate.name,
        TaxRate.rate_ppm,
    )
    .outerjoin(TaxRate, TaxRate.zone_id == TaxZone.id)
    .order_by(TaxRate.position, TaxRate.id)
)

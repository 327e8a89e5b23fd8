"""The merchant changes zones, ways of delivery and rates, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from shop import audit
from shop.clock import now
from shop.database import upsert
from shop.extensions import db
from shop.pricing.models import ShippingRate, ShippingZone, TaxAnswer, TaxRate, TaxZone
from shop.pricing.places import Destination, Place
from shop.pricing.shipping import Basis
from shop.pricing.tax import ShippingTax

Zone = ShippingZone | TaxZone


class NameTaken(Exception):
    """Another zone, or another way of delivery of the zone, has the name."""


class PlaceTaken(Exception):
    """Another zone names the place as exactly."""

    def __init__(self, place: Place, zone: str) -> None:
        self.place, self.zone = place, zone
        super().__init__(place, zone)


@dataclass(frozen=True)
class ShippingZoneDetails:
    name: str
    places: tuple[Place, ...]


@dataclass(frozen=True, kw_only=True)
class WayDetails:
    """A way of delivery, as ShippingRate keeps it."""

    name: str
    amount: int
    basis: Basis = Basis.FLAT
    steps: tuple[tuple[int, int | None], ...] = ()
    free_from_amount: int | None = None
    min_days: int
    max_days: int
    is_pickup: bool = False
    is_active: bool = True
    position: int = 1


@dataclass(frozen=True)
class RateDetails:
    category: str
    name: str
    rate_ppm: int


@dataclass(frozen=True, kw_only=True)
class TaxZoneDetails:
    name: str
    places: tuple[Place, ...]
    is_included: bool = True
    shipping_tax: ShippingTax = ShippingTax.LIKE_GOODS
    source: str = ""
    checked_on: date | None = None
    rates: tuple[RateDetails, ...] = ()


# Zones of delivery ------------------------------------------------------------------------------


def add_shipping_zone(details: ShippingZoneDetails, *, by: int | None) -> ShippingZone:
    """Raises NameTaken or PlaceTaken."""
    _check_zone(ShippingZone, details.name, details.places)
    zone = ShippingZone(
        name=details.name, places=stored(details.places), position=_next(ShippingZone)
    )
    db.session.add(zone)
    db.session.flush()
    _record("shipping_zone.added", zone, by, name=zone.name, places=zone.places)
    return zone


def change_shipping_zone(
    zone: ShippingZone, details: ShippingZoneDetails, *, by: int | None
) -> None:
    """Raises NameTaken or PlaceTaken."""
    _check_zone(ShippingZone, details.name, details.places, besides=zone.id)
    _change("shipping_zone.changed", zone, by, name=details.name, places=stored(details.places))


def remove_shipping_zone(zone: ShippingZone, *, by: int | None) -> None:
    """With its ways of delivery."""
    ways = db.session.scalars(
        sa.select(ShippingRate).where(ShippingRate.zone_id == zone.id).order_by(ShippingRate.id)
    ).all()
    _record(
        "shipping_zone.removed",
        zone,
        by,
        kept=audit.values_of(zone) | {"ways": [audit.values_of(way) for way in ways]},
        name=zone.name,
        places=zone.places,
        ways=[way.name for way in ways],
    )
    db.session.delete(zone)
    db.session.flush()


def restore_shipping_zone(kept: Mapping[str, Any], *, by: int | None) -> ShippingZone:
    """One that was removed, with its ways of delivery. Raises NameTaken or PlaceTaken."""
    places = tuple(Place(**place) for place in kept["places"])
    _check_zone(ShippingZone, kept["name"], places)
    zone = audit.remade(ShippingZone, kept)
    zone.position = _next(ShippingZone)
    db.session.add(zone)
    db.session.flush()
    for kept_way in kept["ways"]:
        way = audit.remade(ShippingRate, kept_way)
        way.zone_id = zone.id
        db.session.add(way)
    db.session.flush()
    _record("shipping_zone.restored", zone, by, name=zone.name)
    return zone


def add_way(zone: ShippingZone, details: WayDetails, *, by: int | None) -> ShippingRate:
    """Raises NameTaken."""
    _check_way(zone.id, details.name)
    values = _way_values(details)
    way = ShippingRate(zone_id=zone.id, **values)
    db.session.add(way)
    db.session.flush()
    _record("shipping_rate.added", way, by, zone=zone.name, **values)
    return way


def change_way(way: ShippingRate, details: WayDetails, *, by: int | None) -> None:
    """Raises NameTaken."""
    _check_way(way.zone_id, details.name, besides=way.id)
    _change("shipping_rate.changed", way, by, **_way_values(details))


def remove_way(way: ShippingRate, *, by: int | None) -> None:
    kept = audit.values_of(way)
    _record("shipping_rate.removed", way, by, kept=kept, name=way.name, amount=way.amount)
    db.session.delete(way)
    db.session.flush()


def restore_way(kept: Mapping[str, Any], *, by: int | None) -> ShippingRate:
    """One that was removed. Raises NameTaken, and LookupError where its zone is gone."""
    if db.session.get(ShippingZone, kept["zone_id"]) is None:
        raise LookupError(kept["zone_id"])
    _check_way(kept["zone_id"], kept["name"])
    way = audit.remade(ShippingRate, kept)
    db.session.add(way)
    db.session.flush()
    _record("shipping_rate.restored", way, by, name=way.name)
    return way


def _check_way(zone_id: int, name: str, besides: int = 0) -> None:
    same = sa.select(ShippingRate.id).where(
        ShippingRate.zone_id == zone_id, ShippingRate.name == name, ShippingRate.id != besides
    )
    if db.session.scalar(same) is not None:
        raise NameTaken


def _way_values(details: WayDetails) -> dict[str, Any]:
    values = asdict(details)
    return values | {"basis": str(details.basis), "steps": [list(pair) for pair in details.steps]}


# Zones of tax -----------------------------------------------------------------------------------


def add_tax_zone(details: TaxZoneDetails, *, by: int | None) -> TaxZone:
    """Raises NameTaken or PlaceTaken."""
    _check_zone(TaxZone, details.name, details.places)
    zone = TaxZone(position=_next(TaxZone), **_tax_values(details))
    db.session.add(zone)
    db.session.flush()
    _set_rates(zone, details.rates)
    _record("tax_zone.added", zone, by, name=zone.name, places=zone.places, rates=_rates_of(zone))
    return zone


def change_tax_zone(zone: TaxZone, details: TaxZoneDetails, *, by: int | None) -> None:
    """Raises NameTaken or PlaceTaken."""
    _check_zone(TaxZone, details.name, details.places, besides=zone.id)
    before = _rates_of(zone)
    _set_rates(zone, details.rates)
    after = _rates_of(zone)
    more = {} if before == after else {"rates": [before, after]}
    _change("tax_zone.changed", zone, by, noted=more, **_tax_values(details))


def remove_tax_zone(zone: TaxZone, *, by: int | None) -> None:
    rates = _rates_of(zone)
    kept = audit.values_of(zone) | {"rates": rates}
    _record(
        "tax_zone.removed", zone, by, kept=kept, name=zone.name, places=zone.places, rates=rates
    )
    db.session.delete(zone)
    db.session.flush()


def restore_tax_zone(kept: Mapping[str, Any], *, by: int | None) -> TaxZone:
    """One that was removed, with its rates. Raises NameTaken or PlaceTaken."""
    _check_zone(TaxZone, kept["name"], tuple(Place(**place) for place in kept["places"]))
    zone = audit.remade(TaxZone, {name: kept[name] for name in kept if name != "rates"})
    zone.position = _next(TaxZone)
    db.session.add(zone)
    db.session.flush()
    _set_rates(zone, [RateDetails(*rate) for rate in kept["rates"]])
    _record("tax_zone.restored", zone, by, name=zone.name)
    return zone


def _tax_values(details: TaxZoneDetails) -> dict[str, Any]:
    return {
        "name": details.name,
        "places": stored(details.places),
        "is_included": details.is_included,
        "shipping_tax": str(details.shipping_tax),
        "source": details.source,
        "checked_on": details.checked_on,
    }


def _rates_of(zone: TaxZone) -> list[list[Any]]:
    rows = db.session.execute(
        sa.select(TaxRate.category, TaxRate.name, TaxRate.rate_ppm)
        .where(TaxRate.zone_id == zone.id)
        .order_by(TaxRate.position, TaxRate.id)
    )
    return [list(row) for row in rows]


def _set_rates(zone: TaxZone, rates: Sequence[RateDetails]) -> None:
    if _rates_of(zone) == [[rate.category, rate.name, rate.rate_ppm] for rate in rates]:
        return
    db.session.execute(sa.delete(TaxRate).where(TaxRate.zone_id == zone.id))
    db.session.add_all(
        TaxRate(zone_id=zone.id, position=position, **asdict(rate))
        for position, rate in enumerate(rates, start=1)
    )
    db.session.flush()


# Answers of a tax service ------------------------------------------------------------------------


def keep_tax_answer(
    destination: Destination,
    *,
    rates: Mapping[str, Sequence[tuple[str, int]]],
    shipping: ShippingTax,
    is_included: bool,
) -> None:
    """In place of the one before; of two at once, the later stays."""
    told = {
        "is_included": is_included,
        "shipping_tax": str(shipping),
        "rates": {category: [list(rate) for rate in parts] for category, parts in rates.items()},
        "at": now(),
    }
    key = ["country", "region", "postal_code"]
    statement = upsert(TaxAnswer).values(**asdict(destination), **told)
    db.session.execute(statement.on_conflict_do_update(index_elements=key, set_=told))


def forget_tax_answers(before: datetime | None = None) -> None:
    """All of them, since what was asked for has changed; or those that are older."""
    old = sa.true() if before is None else TaxAnswer.at < before
    db.session.execute(sa.delete(TaxAnswer).where(old).execution_options(synchronize_session=False))


# Inside -----------------------------------------------------------------------------------------


def stored(places: Sequence[Place]) -> list[dict[str, str]]:
    """As a zone's column keeps them: what is empty is left out."""
    return [{name: text for name, text in asdict(place).items() if text} for place in places]


def _check_zone(model: type[Zone], name: str, places: Sequence[Place], besides: int = 0) -> None:
    others = db.session.execute(
        sa.select(model.name, model.places).where(model.id != besides)
    ).all()
    if name in {other for other, _ in others}:
        raise NameTaken
    for other, named in others:
        taken = [Place(**place) for place in named]
        for place in places:
            if any(place.overlaps(one) for one in taken):
                raise PlaceTaken(place, other)


def _next(model: type[Zone]) -> int:
    return (db.session.scalar(sa.select(sa.func.max(model.position))) or 0) + 1


def _change(
    action: str,
    row: Zone | ShippingRate,
    by: int | None,
    *,
    noted: dict[str, Any] | None = None,
    **values: Any,
) -> None:
    """Set what differs, and record it with what it was; `noted` was changed already."""
    changes: dict[str, Any] = {
        name: [audit.plain(getattr(row, name)), audit.plain(value)]
        for name, value in values.items()
        if getattr(row, name) != value
    }
    for name in changes:
        setattr(row, name, values[name])
    if changes or noted:
        _record(action, row, by, **changes, **(noted or {}))
    db.session.flush()


def _record(
    action: str,
    row: Zone | ShippingRate,
    by: int | None,
    kept: Mapping[str, Any] | None = None,
    **data: Any,
) -> None:
    kind = action.partition(".")[0]
    audit.record_removal(kept, by, action, subject_kind=kind, subject_id=row.id, **data)

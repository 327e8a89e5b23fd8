"""The merchant changes the shop's own settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shop import audit
from shop.extensions import db
from shop.store.currencies import Currency, written
from shop.store.models import StoreSettings
from shop.store.queries import Store

#: The action under which a change of the shop's own currency is recorded.
CURRENCY_CHANGED = "store.currency_changed"


def change(values: Mapping[str, Any], *, by: int | None) -> None:
    """Values by column, as StoreSettings keeps them; what is not named stays."""
    audit.change(_row(), values, by, "store.changed", subject_kind="store")


def take_turn() -> None:
    """Whoever else changes the settings waits until this transaction ends."""
    _row()


def keep_currency(changed: Currency, *, by: int | None) -> None:
    """One more, or one as it is from now on; the others stay."""
    stored = list(_row().currencies)
    place = next((at for at, each in enumerate(stored) if each["code"] == changed.code), None)
    if place is None:
        stored.append(written(changed))
    else:
        stored[place] = written(changed)
    change({"currencies": stored}, by=by)


def change_currency(to: Currency, *, by: int | None) -> None:
    """The shop's own from now on; how totals end, and the others with their rates, were about the
    one before. Amounts are for the caller to change: see setup.own_currency.
    """
    values = {"currency": to.code, "currencies": [], "rounding_units": 1}
    audit.change(_row(), values, by, CURRENCY_CHANGED, subject_kind="store")


def locked_menus() -> Mapping[str, Any]:
    """As they are stored; nobody else changes them meanwhile."""
    return _row().menus


def _row() -> StoreSettings:
    """The one row, with the values that stood in for it where there was none."""
    row = db.session.get(StoreSettings, 1, with_for_update=True)
    if row is None:
        usual = Store()
        row = StoreSettings(
            name=usual.name,
            currency=usual.currency,
            country=usual.country,
            contact_email=usual.contact_email,
        )
        db.session.add(row)
        db.session.flush()
    return row

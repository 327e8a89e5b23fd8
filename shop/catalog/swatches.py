"""How the values of options look: a color that a value has on every product of the shop."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from shop import audit
from shop.catalog.handles import handle_from
from shop.catalog.models import Product, Swatch
from shop.database import Upsert, upsert
from shop.extensions import db

#: The name of an option, and one of its values.
Value = tuple[str, str]


def paint(product: Product, colors: Mapping[Value, str], *, by: int) -> None:
    """Give values their colors, "#rrggbb"; an empty one takes the swatch away, with its picture.

    Values that are not named keep what they have. `product`: where somebody did it, for the trail.
    """
    known = _stored(colors)
    before = {value: known.get(value, "") for value in colors}
    changed = {value: color for value, color in colors.items() if color != before[value]}
    if not changed:
        return
    place = db.session.scalar(sa.select(sa.func.max(Swatch.position))) or 0
    places = {value: number for number, value in enumerate(changed, start=place + 1)}
    for value in sorted(changed):  # in one order: two at once never block each other
        if changed[value]:
            _keep(value, changed[value], places[value])
        else:
            db.session.execute(sa.delete(Swatch).where(_is_of(value)))
    audit.record(
        by,
        "product.colors_changed",
        subject_kind="product",
        subject_id=product.id,
        colors=[_told(changed, before), _told(changed, colors)],
    )


def follow(renamed: Mapping[Value, Value]) -> None:
    """Give values that are called anew the looks they had, where the new name has none yet.

    The old name keeps its own: other products may have it, and what none has is shown nowhere.
    """
    names = {name for name, _value in renamed}
    found = db.session.scalars(sa.select(Swatch).where(Swatch.option_name.in_(names))).all()
    looks = {(swatch.option_name, swatch.value): swatch for swatch in found}
    for was, now in sorted(renamed.items(), key=lambda pair: pair[1]):
        if was in looks:
            _copy(looks[was], now)


def _copy(swatch: Swatch, value: Value) -> None:
    look = {
        "position": swatch.position,
        "file": swatch.file,
        "color": swatch.color,
        "note": swatch.note,
        "text": swatch.text,
    }
    db.session.execute(_insert(value, look).on_conflict_do_nothing())


def _stored(colors: Mapping[Value, str]) -> dict[Value, str]:
    names = {name for name, _value in colors}
    rows = db.session.execute(
        sa.select(Swatch.option_name, Swatch.value, Swatch.color).where(
            Swatch.option_name.in_(names)
        )
    )
    return {(row.option_name, row.value): row.color.lower() for row in rows}


def _keep(value: Value, color: str, position: int) -> None:
    """Another product may bring the same new value in this very moment; the later color stays."""
    db.session.execute(
        _insert(value, {"position": position, "file": "", "color": color}).on_conflict_do_update(
            index_elements=["option_name", "value"], set_={"color": color}
        )
    )


def _insert(value: Value, look: Mapping[str, Any]) -> Upsert:
    name, text = value
    return upsert(Swatch).values(option_name=name, value=text, handle=handle_from(text), **look)


def _is_of(value: Value) -> sa.ColumnElement[bool]:
    return sa.and_(Swatch.option_name == value[0], Swatch.value == value[1])


def _told(values: Iterable[Value], colors: Mapping[Value, str]) -> dict[str, str]:
    return {value[1]: colors[value] for value in values}

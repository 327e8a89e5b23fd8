"""How the values of options look: a color that a value has on every product of the shop."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from shop import audit
from shop.catalog.handles import handle_from
from shop.catalog.models import Product, Swatch
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
    insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    db.session.execute(
        insert(Swatch)
        .values(
            option_name=value[0],
            value=value[1],
            handle=handle_from(value[1]),
            position=position,
            file="",
            color=color,
        )
        .on_conflict_do_update(index_elements=["option_name", "value"], set_={"color": color})
    )


def _is_of(value: Value) -> sa.ColumnElement[bool]:
    return sa.and_(Swatch.option_name == value[0], Swatch.value == value[1])


def _told(values: Iterable[Value], colors: Mapping[Value, str]) -> dict[str, str]:
    return {value[1]: colors[value] for value in values}

"""How the values of options look: a color that a value has on every product of the shop."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sqlalchemy as sa

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
    known = {(row.option_name, row.value): row for row in _stored(colors)}
    before = {value: known[value].color.lower() if value in known else "" for value in colors}
    changed = {value: color for value, color in colors.items() if color != before[value]}
    if not changed:
        return
    place = db.session.scalar(sa.select(sa.func.max(Swatch.position))) or 0
    for value, color in changed.items():
        if not color:
            db.session.delete(known[value])
        elif value in known:
            known[value].color = color
        else:
            place += 1
            db.session.add(_made(value, color, place))
    audit.record(
        by,
        "product.colors_changed",
        subject_kind="product",
        subject_id=product.id,
        colors=[_told(changed, before), _told(changed, colors)],
    )
    db.session.flush()


def _stored(colors: Mapping[Value, str]) -> list[Swatch]:
    names = {name for name, _value in colors}
    rows = db.session.scalars(sa.select(Swatch).where(Swatch.option_name.in_(names)))
    return [row for row in rows if (row.option_name, row.value) in colors]


def _made(value: Value, color: str, position: int) -> Swatch:
    return Swatch(
        option_name=value[0],
        value=value[1],
        handle=handle_from(value[1]),
        position=position,
        file="",
        color=color,
    )


def _told(values: Iterable[Value], colors: Mapping[Value, str]) -> dict[str, str]:
    return {value[1]: colors[value] for value in values}

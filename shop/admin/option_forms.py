"""The options of a product as their page edits them: any number of values, so no fixed form."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from flask_babel import format_decimal
from flask_babel import gettext as _

from shop.admin.queries import ProductView
from shop.catalog.grid import MAX_CELLS, Grid, OptionPlan, TooManyCells, TwoAlike, ValuePlan, plan
from shop.catalog.models import MAX_OPTIONS
from shop.catalog.options import ONLY_VARIANT
from shop.web.forms import tidy

MAX_TEXT = 255


@dataclass
class ValueRow:
    name: str
    was: str
    now: str
    place: str
    is_removed: bool = False


@dataclass
class OptionRow:
    """One fieldset of the page. `was`: the option's place so far, empty for a new one."""

    number: int
    was: str = ""
    name: str = ""
    values: list[ValueRow] = field(default_factory=list)
    #: New values, one in a line.
    more: str = ""
    is_removed: bool = False

    @property
    def is_used(self) -> bool:
        return not self.is_removed and bool(self.was or self.name or self.more)

    @property
    def plan(self) -> OptionPlan:
        kept = [row for row in self.values if not row.is_removed]
        values = [ValuePlan(row.now, row.was) for row in sorted(kept, key=_place)]
        values += [ValuePlan(line) for line in map(tidy, self.more.splitlines()) if line]
        return OptionPlan(self.name, tuple(values), int(self.was) if self.was else None)


class OptionsEditor:
    """Three rows, filled from the product or from what was sent."""

    def __init__(self, view: ProductView, sent: Mapping[str, str] | None = None) -> None:
        self.cells = {variant.id: tuple(variant.option_values) for variant in view.product.variants}
        self.version = _version(view)
        names = [option.name for option in view.product.options]
        if set(self.cells.values()) <= {(ONLY_VARIANT,)}:
            names = []  # what an import writes where there is nothing to choose
        self.rows = [
            self._row(number, names[number] if number < len(names) else None, sent)
            for number in range(MAX_OPTIONS)
        ]
        self.is_current = sent is None or sent.get("version") == self.version
        self.complaints: dict[str, str] = {}
        self.grid = Grid({}, (), frozenset())

    @property
    def plans(self) -> list[OptionPlan]:
        return [row.plan for row in self.rows if row.is_used]

    def is_valid(self) -> bool:
        """And the grid is made."""
        for row in self.rows:
            if row.is_used:
                self._check(row)
        names = [option.name.casefold() for option in self.plans]
        if not self.complaints and len(set(names)) < len(names):
            self.complaints["option-0-name"] = _("Two options have the same name.")
        if not self.complaints:
            self._plan()
        return not self.complaints

    def _row(self, number: int, name: str | None, sent: Mapping[str, str] | None) -> OptionRow:
        start = f"option-{number}"
        known = [] if name is None else _different(cell[number] for cell in self.cells.values())
        values = [
            ValueRow(f"{start}-value-{at}", value, value, str(at + 1))
            for at, value in enumerate(known)
        ]
        row = OptionRow(number, "" if name is None else str(number), name or "", values)
        if sent is None:
            return row
        for value in values:
            value.now = tidy(sent.get(value.name, value.was))
            value.place = tidy(sent.get(f"{value.name}-place", value.place))
            value.is_removed = f"{value.name}-remove" in sent
        row.name = tidy(sent.get(f"{start}-name", row.name))
        row.more = sent.get(f"{start}-more", "")
        row.is_removed = f"{start}-remove" in sent
        return row

    def _check(self, row: OptionRow) -> None:
        start, option = f"option-{row.number}", row.plan
        if not option.name:
            self.complaints[f"{start}-name"] = _("Give the option a name, such as Glaze or Size.")
        if not option.values:
            self.complaints[f"{start}-more"] = _("An option needs one value at least.")
        for value in row.values:
            if not value.now:
                self.complaints[value.name] = _("A value needs a name; tick Remove to drop it.")
        texts = [option.name, *(value.now for value in option.values)]
        if any(len(text) > MAX_TEXT for text in texts):
            self.complaints[f"{start}-more"] = _(
                "Use at most %(most)s characters for a name.", most=MAX_TEXT
            )
        folded = [value.now.casefold() for value in option.values]
        if len(set(folded)) < len(folded):
            self.complaints[f"{start}-more"] = _("Two values have the same name.")

    def _plan(self) -> None:
        try:
            self.grid = plan(self.plans, self.cells)
        except TooManyCells as many:
            self.complaints["option-0-name"] = _(
                "That makes %(count)s combinations; a product has %(most)s at most.",
                count=format_decimal(many.count),
                most=MAX_CELLS,
            )
        except TwoAlike as alike:
            self.complaints["option-0-name"] = _(
                "Without that option, several variants would be the same: %(variant)s. Remove those"
                " you no longer sell first.",
                variant=" / ".join(alike.cell) or _("One size"),
            )


def _version(view: ProductView) -> str:
    """Changes with options and variants; their prices and stock are not this page's business."""
    facts = [
        [option.name for option in view.product.options],
        [[variant.id, *variant.option_values] for variant in view.product.variants],
    ]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]


def _different(values: Iterable[str]) -> Sequence[str]:
    return list(dict.fromkeys(values))


def _place(row: ValueRow) -> int:
    text = row.place
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0

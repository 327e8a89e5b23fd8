"""The forms of the inventory: changes of many variants at once, or of one, and its settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, HiddenField, StringField
from wtforms.validators import ValidationError

from shop.admin.checks import check_date
from shop.admin.forms import PriceForm
from shop.admin.refund_forms import new_press
from shop.inventory.models import STAFF_REASONS, Backorders, MovementReason
from shop.inventory.service import MAX_ON_HAND
from shop.web.forms import Form, at_most, tidy


class How(StrEnum):
    """What a typed number means."""

    SET = "set"
    ADD = "add"
    TAKE = "take"


def check_units(field: Field, most: int = MAX_ON_HAND) -> None:
    """A whole number that a shop may have. Raises ValidationError."""
    if not (field.data.isascii() and field.data.isdigit() and len(field.data) <= 9):
        raise ValidationError(_("Type a whole number."))
    if int(field.data) > most:
        raise ValidationError(_("At most %(most)s.", most=most))


class ChangeForm(Form):
    """How and why units change; one for all rows of a page."""

    how = StringField(_l("What you type"), [at_most(8)])
    reason = StringField(_l("Reason"), [at_most(16)])
    note = StringField(_l("Note"), [at_most(500)], filters=[tidy])
    press = HiddenField(validators=[at_most(40)])

    def validate_how(self, field: Field) -> None:
        if field.data not in set(How):
            raise ValidationError(_("Choose whether numbers are set, added or taken away."))

    def validate_reason(self, field: Field) -> None:
        if field.data not in set(STAFF_REASONS):
            raise ValidationError(_("Choose one of the reasons."))

    @property
    def movement_reason(self) -> MovementReason:
        return MovementReason(self.reason.data)


class UnitsForm(Form):
    """The number of one variant, with what the page showed of it."""

    units = StringField(_l("Units"), filters=[tidy])
    was = HiddenField(validators=[at_most(12)])

    def validate_units(self, field: Field) -> None:
        if field.data:
            check_units(field)

    @property
    def seen(self) -> int | None:
        text = self.was.data or ""
        return int(text) if text.removeprefix("-").isdigit() and text.isascii() else None


@dataclass(frozen=True)
class StockEditor:
    """The page's form: how and why, and a number for each of its variants."""

    change: ChangeForm
    rows: Mapping[int, UnitsForm]

    @classmethod
    def of(cls, on_hand: Mapping[int, int], how: str = How.SET, reason: str = "") -> StockEditor:
        values = {"how": how, "reason": reason or MovementReason.CORRECTION, "press": new_press()}
        rows = {
            variant_id: UnitsForm(prefix=_prefix(variant_id), values={"was": str(units)})
            for variant_id, units in on_hand.items()
        }
        return cls(ChangeForm(values=values), rows)

    @classmethod
    def sent(cls, variant_ids: Iterable[int]) -> StockEditor:
        return cls(
            ChangeForm(), {one: UnitsForm(prefix=_prefix(one)) for one in sorted(set(variant_ids))}
        )

    @property
    def typed(self) -> dict[int, UnitsForm]:
        """Those with a number."""
        return {one: form for one, form in self.rows.items() if form.units.data}

    @property
    def complaints(self) -> dict[str, str]:
        found = dict(self.change.complaints)
        for row in self.rows.values():
            found |= row.complaints
        return found

    def is_valid(self) -> bool:
        return all([self.change.is_valid(), *(row.is_valid() for row in self.rows.values())])

    def with_rows(self, on_hand: Mapping[int, int]) -> StockEditor:
        """The same with rows for all these variants; what was typed stays."""
        fresh = {
            one: UnitsForm(prefix=_prefix(one), values={"was": str(units)})
            for one, units in on_hand.items()
        }
        return StockEditor(self.change, fresh | dict(self.rows))


def _prefix(variant_id: int) -> str:
    return f"v{variant_id}-"


def variant_ids_in(names: Iterable[str]) -> list[int]:
    """Of the fields that a request carries: v12-units."""
    found = []
    for name in names:
        head, _dash, tail = name.partition("-")
        if tail == "units" and head[:1] == "v" and head[1:].isascii() and head[1:].isdigit():
            found.append(int(head[1:10]))
    return found


class StockSettingsForm(PriceForm):
    """What a variant's page keeps beside its stock."""

    is_tracked = BooleanField(_l("Count its units"))
    low_stock_at = StringField(_l("Low from"), filters=[tidy])
    cost = StringField(_l("Cost of one"), [at_most(20)], filters=[tidy])

    def validate_low_stock_at(self, field: Field) -> None:
        if field.data:
            check_units(field)

    def validate_cost(self, field: Field) -> None:
        if field.data:
            self._check_amount(field)

    @property
    def threshold(self) -> int | None:
        return int(self.low_stock_at.data) if self.low_stock_at.data else None

    @property
    def cost_amount(self) -> int | None:
        return self._amount(self.cost.data) if self.cost.data else None


class BackorderForm(Form):
    kind = StringField(_l("Sold beyond what is on hand"), [at_most(16)])
    limit = StringField(_l("At most"), filters=[tidy])
    promised_on = StringField(_l("Sent on"), [at_most(20)], filters=[tidy])

    def validate_kind(self, field: Field) -> None:
        if field.data not in set(Backorders):
            raise ValidationError(_("Choose whether it is sold beyond what is on hand."))

    def validate_limit(self, field: Field) -> None:
        if self.kind.data == Backorders.NONE and not field.data:
            return
        if not field.data:
            raise ValidationError(_("Type how many units may wait at most."))
        check_units(field)
        if field.data == "0" and self.kind.data != Backorders.NONE:
            raise ValidationError(_("Type 1 or more, or choose not to sell it beyond stock."))

    def validate_promised_on(self, field: Field) -> None:
        check_date(field)

    @property
    def units(self) -> int:
        return int(self.limit.data or "0")

    @property
    def day(self) -> date | None:
        return date.fromisoformat(self.promised_on.data) if self.promised_on.data else None

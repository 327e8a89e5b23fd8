"""The form of one way of delivery: its price, the steps it rises by, and the days it takes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, StringField
from wtforms.validators import DataRequired, ValidationError

from shop.admin.checks import check_whole
from shop.admin.forms import PriceForm
from shop.admin.row_forms import BLANK_ROWS, RowsEditor, sent_rows
from shop.money import Money, UnreadableAmount, plain_amount, read_amount
from shop.pricing.models import ShippingRate
from shop.pricing.service import WayDetails
from shop.pricing.shipping import Basis
from shop.web.forms import at_most, tidy

MAX_STEPS = 20
MAX_DAYS = 99
_WHOLE = re.compile(r"[0-9]{1,8}", re.ASCII)


class StepForm(PriceForm):
    """One row: from so much on, it costs that."""

    start = StringField(_l("From"), [at_most(20)], [tidy])
    amount = StringField(_l("Price"), [at_most(20)], [tidy])

    basis = Basis.FLAT

    def validate_start(self, field: Field) -> None:
        if not field.data:
            if self.amount.data:
                raise ValidationError(_("Say from how much on."))
            return
        if self.start_value(field.data) is None:
            if self.basis is not Basis.PRICE:
                raise ValidationError(_("Type a whole number like 500."))
            self._check_amount(field)
            raise ValidationError(_("Type an amount above zero."))

    def validate_amount(self, field: Field) -> None:
        if field.data:
            self._check_amount(field)

    def start_value(self, text: str) -> int | None:
        """Above nothing; in grams, minor units or pieces."""
        if self.basis is Basis.PRICE:
            try:
                return read_amount(text, self.currency).amount or None
            except UnreadableAmount:
                return None
        return (int(text) or None) if _WHOLE.fullmatch(text) else None

    def step(self) -> tuple[int, int | None]:
        """Of a valid row that is not blank."""
        amount = self._amount(self.amount.data) if self.amount.data else None
        return self.start_value(self.start.data or "") or 0, amount

    @property
    def is_blank(self) -> bool:
        return not self.start.data and not self.amount.data


class WayChecks(PriceForm):
    """What each form of a way of delivery asks of its price and its days."""

    price: StringField
    min_days: StringField

    def validate_price(self, field: Field) -> None:
        self._check_amount(field)

    def validate_free_from(self, field: Field) -> None:
        if field.data:
            self._check_amount(field)

    def validate_min_days(self, field: Field) -> None:
        check_whole(field, 0, MAX_DAYS)

    def validate_max_days(self, field: Field) -> None:
        check_whole(field, 0, MAX_DAYS)
        least = self.min_days.data or ""
        if _WHOLE.fullmatch(least) and int(field.data) < int(least):
            raise ValidationError(_("That is less than the least number of days."))


class WayForm(WayChecks):
    name = StringField(_l("Name"), [DataRequired(_l("Give it a name.")), at_most(80)], [tidy])
    price = StringField(_l("Price"), [at_most(20)], [tidy])
    basis = StringField(_l("The price"))
    free_from = StringField(_l("Free from"), [at_most(20)], [tidy])
    min_days = StringField(_l("Working days, at least"), [at_most(4)], [tidy])
    max_days = StringField(_l("Working days, at most"), [at_most(4)], [tidy])
    position = StringField(_l("Place in the list"), [at_most(4)], [tidy])
    is_pickup = BooleanField(_l("Collected by the shopper"))
    is_active = BooleanField(_l("Offered in the checkout"))

    def validate_basis(self, field: Field) -> None:
        if field.data not in set(Basis):
            raise ValidationError(_("Choose what the price rises with."))

    def validate_position(self, field: Field) -> None:
        check_whole(field, 1, MAX_DAYS)


class WayEditor(RowsEditor[WayForm, StepForm]):
    """The form and the rows of its steps, sent together."""

    @classmethod
    def blank(cls) -> WayEditor:
        values = {"basis": Basis.FLAT, "is_active": True, "position": "1"}
        return cls(WayForm(values=values), _step_rows([]))

    @classmethod
    def of(cls, way: ShippingRate, currency: str) -> WayEditor:
        free_from = way.free_from_amount
        values = {
            "name": way.name,
            "price": _plain(way.amount, currency),
            "basis": way.basis,
            "free_from": "" if free_from is None else _plain(free_from, currency),
            "min_days": str(way.min_days),
            "max_days": str(way.max_days),
            "position": str(way.position),
            "is_pickup": way.is_pickup,
            "is_active": way.is_active,
        }
        return cls(WayForm(values=values), _step_rows(_shown_steps(way, currency)))

    @classmethod
    def sent(cls, currency: str) -> WayEditor:
        form = WayForm()
        form.currency = currency
        rows = [
            StepForm(prefix=f"step-{number}") for number in sent_rows("step", "start", MAX_STEPS)
        ]
        for row in rows:
            row.currency = currency
            row.basis = Basis(form.basis.data) if form.basis.data in set(Basis) else Basis.FLAT
        return cls(form, rows)

    def is_valid(self) -> bool:
        if not super().is_valid():
            return False
        before = 0
        for row in self.filled:
            start, _amount = row.step()
            if self.form.basis.data == Basis.FLAT:
                row.complain(row.start, _("A flat price has no steps. Empty them, or choose what it"
                                          " rises with."))  # fmt: skip
                return False
            if start <= before:
                row.complain(row.start, _("Each step begins above the one before it."))
                return False
            before = start
        return True

    def details(self) -> WayDetails:
        form = self.form
        return WayDetails(
            name=form.name.data or "",
            amount=form._amount(form.price.data),
            basis=Basis(form.basis.data or Basis.FLAT),
            steps=tuple(row.step() for row in self.filled),
            free_from_amount=form._amount(form.free_from.data) if form.free_from.data else None,
            min_days=int(form.min_days.data or "0"),
            max_days=int(form.max_days.data or "0"),
            is_pickup=bool(form.is_pickup.data),
            is_active=bool(form.is_active.data),
            position=int(form.position.data or "1"),
        )


def _shown_steps(way: ShippingRate, currency: str) -> list[dict[str, str]]:
    return [
        {
            "start": _plain(start, currency) if way.basis == Basis.PRICE else str(start),
            "amount": "" if amount is None else _plain(amount, currency),
        }
        for start, amount in way.steps
    ]


def _step_rows(steps: Sequence[Mapping[str, str]]) -> list[StepForm]:
    blank = [{"start": "", "amount": ""}] * min(BLANK_ROWS, MAX_STEPS - len(steps))
    return [
        StepForm(prefix=f"step-{number}", values=values)
        for number, values in enumerate([*steps, *blank])
    ]


def _plain(amount: int, currency: str) -> str:
    return plain_amount(Money(amount, currency))

"""What staff give back: units of lines, a part of the delivery, or an amount."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, HiddenField, StringField, TextAreaField
from wtforms.validators import ValidationError

from shop.admin.checks import check_pieces
from shop.admin.forms import PriceForm
from shop.money import Money, plain_amount
from shop.orders.models import LineItem, Order
from shop.payments.refund_models import RefundMethod, RefundReason
from shop.payments.refund_plan import RefundWish
from shop.payments.shares import Portion
from shop.web.forms import Form, at_most, tidy, tidy_text

_MAX_UNITS_TEXT = 6


class RefundRowForm(Form):
    """One line of the order."""

    units = StringField(_l("Pieces"), [at_most(_MAX_UNITS_TEXT)], filters=[tidy])
    restock = StringField(_l("Back on the shelf"), [at_most(1)])

    left = 0

    def validate_units(self, field: Field) -> None:
        check_pieces(field, self.left)

    @property
    def typed_units(self) -> int:
        return int(self.units.data or "0")


class RefundForm(PriceForm):
    delivery = StringField(_l("Of the delivery"), [at_most(20)], filters=[tidy])
    amount = StringField(_l("Another amount in all"), [at_most(20)], filters=[tidy])
    payment = StringField(_l("Give back to"), [at_most(10)])
    method = StringField(_l("How"), [at_most(20)])
    reason = StringField(_l("Why"), [at_most(40)])
    note = TextAreaField(_l("Note for staff"), [at_most(500)], filters=[tidy_text])
    told = StringField(_l("Mail"), [at_most(1)])
    press = HiddenField(validators=[at_most(40)])
    version = HiddenField(validators=[at_most(400)])
    #: The sum that the page showed, in minor units: money moves when it is still the sum.
    seen = HiddenField(validators=[at_most(12)])

    def validate_delivery(self, field: Field) -> None:
        if field.data:
            self._check_amount(field)

    def validate_amount(self, field: Field) -> None:
        if field.data:
            self._check_amount(field)

    def validate_reason(self, field: Field) -> None:
        if field.data not in set(RefundReason):
            raise ValidationError(_("Choose why it is given back."))

    def validate_method(self, field: Field) -> None:
        if field.data not in ("", None, RefundMethod.BY_HAND, RefundMethod.STORE_CREDIT):
            raise ValidationError(_("Choose how it is given back."))

    def validate_press(self, field: Field) -> None:
        if not field.data:
            field.data = new_press()


@dataclass(frozen=True)
class RefundEditor:
    form: RefundForm
    rows: Mapping[int, RefundRowForm]

    @classmethod
    def typed(cls, order: Order, parts: Sequence[Portion]) -> RefundEditor:
        form = RefundForm()
        form.currency = order.currency
        rows = {line.id: RefundRowForm(prefix=f"line-{line.id}-") for line in order.lines}
        _limit(rows, parts)
        return cls(form, rows)

    @classmethod
    def new(
        cls, order: Order, parts: Sequence[Portion], version: str, *, is_all: bool
    ) -> RefundEditor:
        """With nothing chosen, or with all that is left."""
        delivery = next(part for part in parts if part.line_id is None).left
        values = {
            "delivery": plain_amount(delivery) if is_all and delivery else "",
            "reason": RefundReason.REQUESTED_BY_CUSTOMER,
            "told": "1",
            "press": new_press(),
            "version": version,
        }
        left = {part.line_id: part.units_left for part in parts}
        rows = {
            line.id: RefundRowForm(
                prefix=f"line-{line.id}-",
                values={
                    "units": str(left[line.id]) if is_all else "",
                    "restock": "1" if _is_here(line) else "",
                },
            )
            for line in order.lines
        }
        form = RefundForm(values=values)
        form.currency = order.currency
        _limit(rows, parts)
        return cls(form, rows)

    def is_valid(self) -> bool:
        return all([self.form.is_valid(), *(row.is_valid() for row in self.rows.values())])

    @property
    def complaints(self) -> dict[str, str]:
        found = dict(self.form.complaints)
        for row in self.rows.values():
            found |= row.complaints
        return found

    def wish(self, payment_ids: Sequence[int]) -> RefundWish:
        form = self.form
        currency = form.currency
        chosen = form.payment.data or ""
        return RefundWish(
            units={line: row.typed_units for line, row in self.rows.items() if row.typed_units},
            restock=frozenset(line for line, row in self.rows.items() if row.restock.data),
            delivery=Money(form.read(form.delivery.data), currency),
            amount=Money(form.read(form.amount.data), currency) if form.amount.data else None,
            payment_id=next((one for one in payment_ids if str(one) == chosen), None),
            method=RefundMethod(form.method.data) if form.method.data else None,
            reason=RefundReason(form.reason.data or RefundReason.REQUESTED_BY_CUSTOMER),
            note=form.note.data or "",
            is_told=bool(form.told.data),
            press=form.press.data or "",
            version=form.version.data or "",
        )


def new_press() -> str:
    return secrets.token_urlsafe(16)


def _limit(rows: Mapping[int, RefundRowForm], parts: Sequence[Portion]) -> None:
    for part in parts:
        if part.line_id is not None:
            rows[part.line_id].left = part.units_left


def _is_here(line: LineItem) -> bool:
    """What was never sent is still on the shelf."""
    return line.unsent_quantity > 0

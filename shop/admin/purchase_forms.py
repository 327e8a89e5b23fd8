"""The forms of orders from suppliers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, ValidationError

from shop.admin.checks import check_date
from shop.admin.forms import PriceForm
from shop.admin.inventory_forms import check_units
from shop.admin.refund_forms import new_press
from shop.money import Money, UnreadableAmount, plain_amount, read_amount
from shop.purchasing.models import PurchaseLine, PurchaseOrder
from shop.purchasing.service import MAX_LINES, PurchaseDetails
from shop.web.counts import ngettext
from shop.web.forms import Form, at_most, tidy, tidy_text

#: Faulty lines that are told at most.
MOST_TOLD = 10


class PurchaseForm(Form):
    """Who sends it, and when."""

    supplier = StringField(
        _l("Supplier"), [DataRequired(_l("Type who sends it.")), at_most(120)], [tidy]
    )
    reference = StringField(_l("Their reference"), [at_most(80)], [tidy])
    expected_on = StringField(_l("Expected on"), [at_most(20)], [tidy])
    is_told = BooleanField(_l("Tell shoppers when it is expected"))
    note = TextAreaField(_l("Note"), [at_most(1000)], filters=[tidy_text])
    press = HiddenField(validators=[at_most(40)])

    def validate_expected_on(self, field: Field) -> None:
        check_date(field)

    @property
    def details(self) -> PurchaseDetails:
        day = self.expected_on.data
        return PurchaseDetails(
            supplier=self.supplier.data or "",
            reference=self.reference.data or "",
            expected_on=date.fromisoformat(day) if day else None,
            is_told=bool(self.is_told.data),
            note=self.note.data or "",
        )

    @classmethod
    def of(cls, order: PurchaseOrder) -> PurchaseForm:
        day = order.expected_on
        names = ("supplier", "reference", "is_told", "note")
        values = {name: getattr(order, name) for name in names}
        return cls(values=values | {"expected_on": day.isoformat() if day else ""})


@dataclass(frozen=True)
class TypedLine:
    """One line of the text: what somebody calls a variant, how many, and what one costs."""

    #: As an editor counts.
    number: int
    code: str
    quantity: int
    cost_amount: int | None


class LinesForm(Form):
    """Variants by SKU or barcode, a line each, as a spreadsheet gives them too."""

    lines = TextAreaField(_l("Lines"), [at_most(50_000)], filters=[tidy_text])

    currency = "GBP"
    is_needed = False

    def validate_lines(self, field: Field) -> None:
        count = len(self._rows())
        if count > MAX_LINES:
            raise ValidationError(_("At most %(most)s lines.", most=MAX_LINES))
        if self.is_needed and not count:
            raise ValidationError(_("Type at least one line."))

    def read(self) -> tuple[list[TypedLine], dict[int, str]]:
        """The lines that can be read, and what is wrong with the others, by number."""
        typed: list[TypedLine] = []
        faults: dict[int, str] = {}
        for number, row in self._rows():
            try:
                typed.append(self._read(number, row))
            except ValidationError as fault:
                faults[number] = str(fault)
        return typed, faults

    def complain_of(self, faults: Mapping[int, str]) -> None:
        """Of lines, by number; of very many not each."""
        told = [faults[number] for number in sorted(faults)]
        more = len(told) - MOST_TOLD
        if more > 0:
            told[MOST_TOLD:] = [ngettext("And %(num)s more line.", "And %(num)s more lines.", more)]
        self.complain(self.lines, " ".join(told))

    def _rows(self) -> list[tuple[int, str]]:
        rows = enumerate((self.lines.data or "").splitlines(), start=1)
        return [(number, row) for number, row in rows if row.strip()]

    def _read(self, number: int, row: str) -> TypedLine:
        """Raises ValidationError."""
        separator = next((sign for sign in "\t;" if sign in row), None)
        cells = [cell.strip() for cell in row.strip().split(separator)]
        code, quantity, cost = (*cells, "", "")[:3]
        if not (quantity.isascii() and quantity.isdigit() and 0 < int(quantity[:9]) <= 100_000):
            raise ValidationError(
                _(
                    "Line %(number)s: type SKU, number and cost, such as FT-MUG 12 8.50.",
                    number=number,
                )
            )
        try:
            amount = read_amount(cost, self.currency).amount if cost else None
        except UnreadableAmount:
            raise ValidationError(
                _("Line %(number)s: %(cost)s is no amount.", number=number, cost=cost[:20])
            ) from None
        return TypedLine(number, code[:255], int(quantity), amount)


class PurchaseLineForm(PriceForm):
    quantity = StringField(_l("Ordered"), filters=[tidy])
    cost = StringField(_l("Cost of one"), [at_most(20)], filters=[tidy])

    def validate_quantity(self, field: Field) -> None:
        if not field.data:
            raise ValidationError(_("Type a whole number."))
        check_units(field, 100_000)

    def validate_cost(self, field: Field) -> None:
        if field.data:
            self._check_amount(field)

    @property
    def cost_amount(self) -> int | None:
        return self._amount(self.cost.data) if self.cost.data else None

    @classmethod
    def of(cls, line: PurchaseLine, currency: str) -> PurchaseLineForm:
        cost = line.cost_amount
        return cls(
            prefix=f"line-{line.id}-",
            values={
                "quantity": str(line.quantity),
                "cost": "" if cost is None else plain_amount(Money(cost, currency)),
            },
        )


class ReceiptRowForm(Form):
    units = StringField(_l("Came in"), filters=[tidy])

    def validate_units(self, field: Field) -> None:
        if field.data:
            check_units(field, 100_000)


@dataclass(frozen=True)
class Receipt:
    """What came in, by line."""

    press: str
    may_be_over: bool
    rows: Mapping[int, ReceiptRowForm]

    def is_valid(self) -> bool:
        valid = [row.is_valid() for row in self.rows.values()]  # each, so that all complain
        return all(valid)

    @property
    def units(self) -> dict[int, int]:
        return {one: int(row.units.data or "0") for one, row in self.rows.items()}

    @classmethod
    def of(cls, order: PurchaseOrder) -> Receipt:
        """All that is to come."""
        rows = {
            line.id: ReceiptRowForm(prefix=f"came-{line.id}-", values={"units": str(line.incoming)})
            for line in order.lines
            if line.incoming
        }
        return cls(new_press(), False, rows)

    @classmethod
    def sent(cls, order: PurchaseOrder, form: Mapping[str, str]) -> Receipt:
        rows = {line.id: ReceiptRowForm(prefix=f"came-{line.id}-") for line in order.lines}
        press = form.get("press", "")[:40] or new_press()
        return cls(press, form.get("over") == "1", rows)

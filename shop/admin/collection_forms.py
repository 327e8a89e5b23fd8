"""The form of a collection, and the rows of its rule."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, ValidationError

from shop.catalog.collections import CollectionDetails
from shop.catalog.models import Collection
from shop.catalog.rules import (
    AMOUNTS,
    MAX_CONDITIONS,
    NUMBERS,
    About,
    Comparison,
    Condition,
    fit_together,
)
from shop.money import Money, UnreadableAmount, plain_amount, read_amount
from shop.web.forms import Form, at_most, tidy, tidy_text

BY_HAND, BY_RULE = "hand", "rule"
#: Empty rows that wait for further conditions.
SPARE_ROWS = 2
_UNITS = re.compile(r"[0-9]{1,7}", re.ASCII)


class CollectionForm(Form):
    title = StringField(
        _l("Title"),
        [DataRequired(_l("Give the collection a title.")), at_most(255)],
        filters=[tidy],
    )
    handle = StringField(_l("Address"), [at_most(255)], filters=[tidy])
    summary = TextAreaField(_l("Summary"), [at_most(1000)], filters=[tidy_text])
    parent = SelectField(_l("Lies in"), validate_choice=False)
    is_in_menu = BooleanField(_l("Show in the menu"))
    kind = StringField(_l("Products"))
    needs = StringField(_l("Conditions"))

    def validate_kind(self, field: Field) -> None:
        if field.data not in (BY_HAND, BY_RULE):
            raise ValidationError(_("Choose how its products are found."))

    def validate_parent(self, field: Field) -> None:
        if field.data and not (field.data.isascii() and field.data.isdigit()):
            raise ValidationError(_("Choose a collection from the list."))

    @property
    def parent_id(self) -> int | None:
        return int(self.parent.data) if self.parent.data else None


class ConditionForm(Form):
    about = StringField(_l("What"))
    comparison = StringField(_l("How"))
    value = StringField(_l("Value"), [at_most(255)], filters=[tidy])

    currency = "GBP"

    @property
    def is_blank(self) -> bool:
        return not self.value.data

    def validate_comparison(self, field: Field) -> None:
        about, comparison = self.about.data, field.data
        if about not in set(About) or comparison not in set(Comparison):
            raise ValidationError(_("Choose from the lists."))
        if not fit_together(About(about), Comparison(comparison)):
            raise ValidationError(
                _("Compare numbers by equal, more or less, and words by the others.")
            )

    def validate_value(self, field: Field) -> None:
        if self.about.data in NUMBERS:
            try:
                self._number(About(self.about.data), field.data)
            except (UnreadableAmount, ValueError):
                raise ValidationError(_("Type a number, like 25.")) from None

    def condition(self) -> Condition:
        about, value = About(self.about.data), self.value.data or ""
        if about in NUMBERS:
            return Condition(about, Comparison(self.comparison.data), self._number(about, value))
        return Condition(about, Comparison(self.comparison.data), value)

    def _number(self, about: About, text: str) -> int:
        if about in AMOUNTS:
            return read_amount(text, self.currency).amount
        if not _UNITS.fullmatch(text):
            raise ValueError(text)
        return int(text)


class CollectionEditor:
    """The collection and its conditions, sent by one Save."""

    def __init__(self, form: CollectionForm, rows: Sequence[ConditionForm]) -> None:
        self.form, self.rows = form, rows

    @classmethod
    def blank(cls) -> CollectionEditor:
        form = CollectionForm(values={"kind": BY_HAND, "needs": "all"})
        return cls(form, _spare_rows(0))

    @classmethod
    def of(cls, collection: Collection, currency: str) -> CollectionEditor:
        form = CollectionForm(values=_values(collection))
        rows = [
            ConditionForm(prefix=f"condition-{number}", values=_row(condition, currency))
            for number, condition in enumerate(collection.rule.conditions)
        ]
        return cls(form, [*rows, *_spare_rows(len(rows))])

    @classmethod
    def sent(cls, currency: str) -> CollectionEditor:
        rows = [ConditionForm(prefix=f"condition-{number}") for number in range(MAX_CONDITIONS)]
        for row in rows:
            row.currency = currency
        sent = [row for row in rows if row.value.raw_data]
        return cls(CollectionForm(), sent)

    def with_spare_rows(self) -> CollectionEditor:
        blank = sum(row.is_blank for row in self.rows)
        if blank >= SPARE_ROWS:
            return self
        return CollectionEditor(self.form, [*self.rows, *_spare_rows(len(self.rows))])

    @property
    def is_by_rule(self) -> bool:
        return bool(self.form.kind.data == BY_RULE)

    @property
    def filled(self) -> list[ConditionForm]:
        return [row for row in self.rows if not row.is_blank]

    @property
    def forms(self) -> list[Form]:
        """What was typed: without the rows that wait."""
        return [self.form, *self.filled]

    def is_valid(self) -> bool:
        answers = [self.form.is_valid(), self.rule_is_valid()]
        return all(answers)

    def rule_is_valid(self) -> bool:
        if not self.is_by_rule:
            return True
        if not self.filled:
            self.form.complain(self.form.needs, _("Give the rule at least one condition."))
            return False
        answers = [row.is_valid() for row in self.filled]
        return all(answers)

    def details(self) -> CollectionDetails:
        form = self.form
        return CollectionDetails(
            title=form.title.data or "",
            handle=form.handle.data or "",
            summary=form.summary.data or "",
            parent_id=form.parent_id,
            is_in_menu=bool(form.is_in_menu.data),
            conditions=tuple(row.condition() for row in self.filled) if self.is_by_rule else (),
            needs_all=form.needs.data != "any",
        )

    @property
    def complaints(self) -> dict[str, str]:
        return {name: text for form in self.forms for name, text in form.complaints.items()}


def _spare_rows(count: int) -> list[ConditionForm]:
    numbers = range(count, min(count + SPARE_ROWS, MAX_CONDITIONS))
    usual = {"about": About.TAG, "comparison": Comparison.EQUALS, "value": ""}
    return [ConditionForm(prefix=f"condition-{number}", values=usual) for number in numbers]


def _values(collection: Collection) -> dict[str, Any]:
    return {
        "title": collection.title,
        "handle": collection.handle,
        "summary": collection.summary,
        "parent": str(collection.parent_id or ""),
        "is_in_menu": collection.is_in_menu,
        "kind": BY_RULE if collection.is_rule_based else BY_HAND,
        "needs": "all" if collection.needs_all else "any",
    }


def _row(condition: Condition, currency: str) -> dict[str, str]:
    value = condition.value
    if condition.about in AMOUNTS and isinstance(value, int):
        value = plain_amount(Money(value, currency))
    return {
        "about": condition.about,
        "comparison": condition.comparison,
        "value": str(value),
    }

"""What is done with many products, and what it needs to know."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, StringField
from wtforms.validators import ValidationError

from shop.admin.forms import MAX_TAG, PriceForm
from shop.bulk.models import Action
from shop.catalog.models import Collection
from shop.extensions import db
from shop.store.currencies import Ending
from shop.web.forms import at_most, tidy
from shop.web.input import id_in

#: Parts per million in one percent.
PPM_PER_PERCENT = 10_000
MAX_PERCENT = 1000
_PERCENT = re.compile(r"[0-9]{1,4}(?:[.,][0-9]{1,2})?", re.ASCII)
ENDINGS = (Ending.EXACT, Ending.UP_TO_99, Ending.UP_TO_95, Ending.UP_TO_90, Ending.NEAREST_0_05,
           Ending.WHOLE)  # fmt: skip


class BulkForm(PriceForm):
    """One form for all actions; only the fields of the chosen one count."""

    tag = StringField(_l("Tag"), [at_most(MAX_TAG)], filters=[tidy])
    collection = StringField(_l("Collection"), [at_most(12)], filters=[tidy])
    way = StringField(_l("The price"), filters=[tidy])
    by = StringField(_l("By how much"), [at_most(20)], filters=[tidy])
    ending = StringField(_l("Round to"), filters=[tidy])
    is_sale = BooleanField(_l("Show the price of before as compare-at price"))

    action = Action.PUBLISH

    def validate_tag(self, field: Field) -> None:
        if self.action not in (Action.ADD_TAG, Action.REMOVE_TAG):
            return
        if not field.data or "," in field.data:
            raise ValidationError(_("Type one tag, without a comma."))

    def validate_collection(self, field: Field) -> None:
        if self.action is not Action.COLLECT:
            return
        found = db.session.get(Collection, id_in(field.data or ""))
        if found is None or found.is_rule_based:
            raise ValidationError(_("Choose a collection that is picked by hand."))

    def validate_way(self, field: Field) -> None:
        if self.action is Action.PRICE and field.data not in _WAYS:
            raise ValidationError(_("Choose how the prices change."))

    def validate_ending(self, field: Field) -> None:
        if self.action is not Action.PRICE:
            return
        if field.data not in ENDINGS or not Ending(field.data).rounding.fits(self.currency):
            raise ValidationError(_("Choose how prices end."))

    def validate_by(self, field: Field) -> None:
        if self.action is not Action.PRICE:
            return
        if (self.way.data or "").endswith("amount"):
            self._check_amount(field)
        elif not _PERCENT.fullmatch(field.data or "") or self._ppm > MAX_PERCENT * PPM_PER_PERCENT:
            raise ValidationError(_("Type a percentage like 10 or 7.5."))
        if not self.errors.get("by") and not self._is_something:
            raise ValidationError(_("Type something above zero."))

    def params(self) -> dict[str, Any]:
        """As shop/bulk/actions.py reads them."""
        if self.action in (Action.ADD_TAG, Action.REMOVE_TAG):
            return {"tag": self.tag.data}
        if self.action is Action.COLLECT:
            return {"collection_id": id_in(self.collection.data or "")}
        if self.action is not Action.PRICE:
            return {}
        sign = _WAYS[self.way.data or ""]
        is_amount = (self.way.data or "").endswith("amount")
        return {
            "ppm": 0 if is_amount else sign * self._ppm,
            "amount": sign * self._amount(self.by.data) if is_amount else 0,
            "ending": self.ending.data,
            "is_sale": bool(self.is_sale.data),
        }

    @property
    def _ppm(self) -> int:
        return int(Decimal((self.by.data or "0").replace(",", ".")) * PPM_PER_PERCENT)

    @property
    def _is_something(self) -> bool:
        is_amount = (self.way.data or "").endswith("amount")
        return bool(self._amount(self.by.data) if is_amount else self._ppm)


_WAYS = {"less_percent": -1, "more_percent": 1, "less_amount": -1, "more_amount": 1}

"""What an order is found by."""

from __future__ import annotations

import re

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, StringField
from wtforms.validators import DataRequired, ValidationError

from shop.web.forms import Form, at_most, tidy

#: "1042", "#1042", "No. 1042", as people copy it.
_NUMBER = re.compile(r"\D{0,12}([0-9]{1,9})", re.ASCII)


class TrackForm(Form):
    number = StringField(
        _l("Order number"),
        [DataRequired(_l("Type the number from your confirmation.")), at_most(40)],
        filters=[tidy],
    )
    email = StringField(
        _l("Email"),
        [DataRequired(_l("Type the address you ordered with.")), at_most(254)],
        filters=[tidy],
    )

    def validate_number(self, field: Field) -> None:
        if not _NUMBER.fullmatch(field.data):
            raise ValidationError(_("An order number has digits only, like 1042."))

    @property
    def typed_number(self) -> int:
        match = _NUMBER.fullmatch(self.number.data or "")
        return int(match[1]) if match else 0

    @property
    def typed_email(self) -> str:
        return self.email.data or ""

"""The numbers of the checkout's protection, and how long stricter rules hold."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import ValidationError

from shop.admin.checks import check_whole
from shop.protection.queries import Protection
from shop.web.forms import Form, tidy

#: Hours for which stricter rules may be switched on; 0: until they are switched off.
HOURS = (1, 4, 12, 24, 0)
#: Least and most.
RANGES = {
    "orders_of_network": (1, 9999),
    "unpaid_of_network": (1, 999),
    "stock_percent": (1, 100),
    "declines_of_shopper": (1, 99),
    "declines_of_network": (1, 999),
    "alarm_declines": (0, 9999),
}


def read_hours(text: str) -> int | None:
    """None for what is not offered."""
    return next((hours for hours in HOURS if text == str(hours)), None)


class ProtectionForm(Form):
    orders_of_network = StringField(_l("Orders in an hour from one network"), filters=[tidy])
    unpaid_of_network = StringField(_l("Unpaid orders at once from one network"), filters=[tidy])
    stock_percent = StringField(
        _l("Percent of a stock that unpaid orders from one network may hold"), filters=[tidy]
    )
    declines_of_shopper = StringField(
        _l("Declined cards in an hour from one shopper"), filters=[tidy]
    )
    declines_of_network = StringField(
        _l("Declined cards in an hour from one network"), filters=[tidy]
    )
    alarm_declines = StringField(_l("Declined cards in an hour that raise the alarm"), [], [tidy])

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        is_valid = bool(super().validate(*args, **kwargs))  # type: ignore[no-untyped-call]  # untyped
        for name, (least, most) in RANGES.items():
            try:
                check_whole(self[name], least, most)
            except ValidationError as error:
                self.complain(self[name], str(error))
                is_valid = False
        return is_valid

    @classmethod
    def of(cls, protection: Protection) -> ProtectionForm:
        kept = vars(protection.usual) | {"alarm_declines": protection.alarm_declines}
        return cls(values={name: str(kept[name]) for name in RANGES})

    def columns(self) -> dict[str, int]:
        return {name: int(self[name].data or "0") for name in RANGES}

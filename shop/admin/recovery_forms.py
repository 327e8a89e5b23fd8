"""When a shopper who asked for it is reminded of a checkout."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, StringField

from shop.admin.checks import check_whole
from shop.recovery.queries import Chosen
from shop.web.forms import Form, tidy


class RecoveryForm(Form):
    is_on = BooleanField(_l("Offer a reminder in the checkout"))
    after_hours = StringField(_l("Hours after the last step"), filters=[tidy])
    pause_days = StringField(_l("Days between two reminders to one address"), filters=[tidy])

    def validate_after_hours(self, field: Field) -> None:
        check_whole(field, 1, 48)

    def validate_pause_days(self, field: Field) -> None:
        check_whole(field, 1, 365)

    @classmethod
    def of(cls, chosen: Chosen) -> RecoveryForm:
        return cls(
            values={
                "is_on": chosen.is_on,
                "after_hours": str(chosen.after_hours),
                "pause_days": str(chosen.pause_days),
            }
        )

    def columns(self) -> dict[str, int | bool]:
        return {
            "is_on": bool(self.is_on.data),
            "after_hours": int(self.after_hours.data or "0"),
            "pause_days": int(self.pause_days.data or "0"),
        }

"""The forms of the shop's own settings, read into the columns that keep them."""

from __future__ import annotations

import re
from datetime import date, time
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, ValidationError

from shop.store.queries import Store
from shop.store.wording import StockDisplay
from shop.web.forms import Form, at_most, is_email, tidy

MAX_CLOSED_DAYS = 100
_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", re.ASCII)
_WHOLE = re.compile(r"[0-9]{1,3}", re.ASCII)
_PLACE = re.compile(r"/(?!/)\S*|https?://\S+")


def check_whole(field: Field, least: int, most: int) -> None:
    if not _WHOLE.fullmatch(field.data or "") or not least <= int(field.data) <= most:
        raise ValidationError(
            _("Type a whole number from %(least)s to %(most)s.", least=least, most=most)
        )


class ShopForm(Form):
    name = StringField(_l("Name"), [DataRequired(_l("Give the shop a name.")), at_most(80)], [tidy])
    legal_name = StringField(_l("Legal name"), [at_most(120)], [tidy])
    contact_email = StringField(
        _l("Contact e-mail"),
        [DataRequired(_l("Give the address that shoppers write to.")), at_most(254)],
        [tidy],
    )
    tagline = StringField(_l("Tagline"), [at_most(200)], [tidy])
    announcement = StringField(_l("Announcement"), [at_most(200)], [tidy])
    announcement_url = StringField(_l("Where the announcement leads"), [at_most(200)], [tidy])

    address = StringField(_l("Address"), [at_most(200)], [tidy])
    rounding_units = StringField(_l("Totals are multiples of"), filters=[tidy])

    def validate_rounding_units(self, field: Field) -> None:
        if field.raw_data:
            check_whole(field, 1, 99)

    def validate_contact_email(self, field: Field) -> None:
        if not is_email(field.data or ""):
            raise ValidationError(_("Type an address like hello@example.com."))

    def validate_announcement_url(self, field: Field) -> None:
        if field.data and not _PLACE.fullmatch(field.data):
            raise ValidationError(
                _("Type a page of this shop, /collections/sale, or a web address.")
            )

    @classmethod
    def of(cls, store: Store) -> ShopForm:
        values = {name: getattr(store, name) for name in cls.names()}
        return cls(values=values | {"rounding_units": str(store.rounding_units)})

    @staticmethod
    def names() -> tuple[str, ...]:
        return ("name", "legal_name", "contact_email", "tagline", "announcement",
                "announcement_url", "address")  # fmt: skip

    def columns(self) -> dict[str, Any]:
        columns: dict[str, Any] = {name: self[name].data or "" for name in self.names()}
        if self.rounding_units.data:
            columns["rounding_units"] = int(self.rounding_units.data)
        return columns


class StockForm(Form):
    stock_display = SelectField(_l("Number of units left"), validate_choice=False)
    few_units = StringField(_l("So many or fewer are a few"), filters=[tidy])
    low_stock_at = StringField(_l("Low stock from"), filters=[tidy])

    def validate_stock_display(self, field: Field) -> None:
        if field.data not in set(StockDisplay):
            raise ValidationError(_("Choose when the number is said."))

    def validate_few_units(self, field: Field) -> None:
        check_whole(field, 1, 99)

    def validate_low_stock_at(self, field: Field) -> None:
        if field.raw_data:
            check_whole(field, 0, 999)

    @classmethod
    def of(cls, store: Store) -> StockForm:
        return cls(
            values={
                "stock_display": store.stock_display,
                "few_units": str(store.few_units),
                "low_stock_at": str(store.low_stock_at),
            }
        )

    def columns(self) -> dict[str, Any]:
        columns: dict[str, Any] = {
            "stock_display": str(self.stock_display.data),
            "few_units": int(self.few_units.data or "0"),
        }
        if self.low_stock_at.data:
            columns["low_stock_at"] = int(self.low_stock_at.data)
        return columns


class DeliveryForm(Form):
    cutoff = StringField(_l("Order by"), filters=[tidy])
    time_zone = StringField(_l("Time zone"), [at_most(64)], [tidy])
    handling_days = StringField(_l("Working days to pack"), filters=[tidy])
    closed_weekdays = SelectMultipleField(_l("Days without packing"), validate_choice=False)
    closed_days = TextAreaField(_l("Holidays"), [at_most(4000)])

    def validate_cutoff(self, field: Field) -> None:
        if not _TIME.fullmatch(field.data or ""):
            raise ValidationError(_("Type a time of day like 14:00."))

    def validate_time_zone(self, field: Field) -> None:
        if field.data not in available_timezones():
            raise ValidationError(_("Type a time zone like Europe/London or America/New_York."))

    def validate_handling_days(self, field: Field) -> None:
        check_whole(field, 0, 30)

    def validate_closed_weekdays(self, field: Field) -> None:
        if not set(field.data or ()) < set("0123456"):
            raise ValidationError(_("Leave at least one day of the week open."))

    def validate_closed_days(self, field: Field) -> None:
        words = (field.data or "").split()
        if len(words) > MAX_CLOSED_DAYS:
            raise ValidationError(_("Give at most %(most)s dates.", most=MAX_CLOSED_DAYS))
        for word in words:
            try:
                date.fromisoformat(word)
            except ValueError:
                raise ValidationError(
                    _("%(word)s is not a date. Type them like 2026-12-25.", word=word[:20])
                ) from None

    @classmethod
    def of(cls, store: Store) -> DeliveryForm:
        return cls(
            values={
                "cutoff": f"{store.cutoff:%H:%M}",
                "time_zone": store.time_zone,
                "handling_days": str(store.handling_days),
                "closed_weekdays": [str(day) for day in store.closed_weekdays],
                "closed_days": "\n".join(day.isoformat() for day in store.closed_days),
            }
        )

    def columns(self) -> dict[str, Any]:
        hour, minute = (self.cutoff.data or "").split(":")
        days = {
            date.fromisoformat(word).isoformat() for word in (self.closed_days.data or "").split()
        }
        return {
            "cutoff": time(int(hour), int(minute)),
            "time_zone": ZoneInfo(self.time_zone.data or "").key,
            "handling_days": int(self.handling_days.data or "0"),
            "closed_weekdays": sorted(int(day) for day in self.closed_weekdays.data or ()),
            "closed_days": sorted(days),
        }


class ReviewsForm(Form):
    review_invitation_days = StringField(_l("Ask after"), filters=[tidy])

    def validate_review_invitation_days(self, field: Field) -> None:
        check_whole(field, 0, 99)

    @classmethod
    def of(cls, store: Store) -> ReviewsForm:
        return cls(values={"review_invitation_days": str(store.review_invitation_days)})

    def columns(self) -> dict[str, Any]:
        return {"review_invitation_days": int(self.review_invitation_days.data or "0")}

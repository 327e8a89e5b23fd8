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

from shop.admin.checks import check_whole
from shop.store.legal import LegalText, handles
from shop.store.queries import Store
from shop.store.wording import StockDisplay
from shop.web.forms import Form, at_most, is_email, tidy, tidy_text
from shop.web.languages import LOCALES

MAX_CLOSED_DAYS = 100
_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", re.ASCII)
_DAY = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}", re.ASCII)
_ANNOUNCED = ("announcement_from", "announcement_until")
_PLACE = re.compile(r"/(?!/)\S*|https?://\S+")


def check_day(field: Field) -> date | None:
    """None where the field is empty."""
    if not field.data:
        return None
    try:
        day = date.fromisoformat(field.data if _DAY.fullmatch(field.data) else "")
    except ValueError:
        raise ValidationError(_("Type a date like 2026-12-25.")) from None
    return day


class ShopForm(Form):
    name = StringField(_l("Name"), [DataRequired(_l("Give the shop a name.")), at_most(80)], [tidy])
    legal_name = StringField(_l("Legal name"), [at_most(120)], [tidy])
    contact_email = StringField(
        _l("Contact email"),
        [DataRequired(_l("Give the address that shoppers write to.")), at_most(254)],
        [tidy],
    )
    tagline = StringField(_l("Tagline"), [at_most(200)], [tidy])
    announcement = StringField(_l("Announcement"), [at_most(200)], [tidy])
    announcement_url = StringField(_l("Where the announcement leads"), [at_most(200)], [tidy])
    announcement_from = StringField(_l("Announce from"), filters=[tidy])
    announcement_until = StringField(_l("Announce until"), filters=[tidy])

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

    def validate_announcement_from(self, field: Field) -> None:
        check_day(field)

    def validate_announcement_until(self, field: Field) -> None:
        until = check_day(field)
        begins = self.announcement_from.data or ""
        if until and _DAY.fullmatch(begins) and until.isoformat() < begins:
            raise ValidationError(_("It would end before it begins."))

    @classmethod
    def of(cls, store: Store) -> ShopForm:
        values = {name: getattr(store, name) for name in cls.names()}
        days = {name: str(getattr(store, name) or "") for name in _ANNOUNCED}
        return cls(values=values | days | {"rounding_units": str(store.rounding_units)})

    @staticmethod
    def names() -> tuple[str, ...]:
        return ("name", "legal_name", "contact_email", "tagline", "announcement",
                "announcement_url", "address")  # fmt: skip

    def columns(self) -> dict[str, Any]:
        columns: dict[str, Any] = {name: self[name].data or "" for name in self.names()}
        for name in _ANNOUNCED:
            columns[name] = check_day(self[name])
        if self.rounding_units.data:
            columns["rounding_units"] = int(self.rounding_units.data)
        return columns


class LanguagesForm(Form):
    languages = SelectMultipleField(_l("Languages of the shop"), validate_choice=False)
    first = SelectField(_l("The shop's own language"), validate_choice=False)

    def validate_languages(self, field: Field) -> None:
        if not field.data or not set(field.data) <= set(LOCALES):
            raise ValidationError(_("Choose at least one language."))

    def validate_first(self, field: Field) -> None:
        if field.data not in (self.languages.data or ()):
            raise ValidationError(_("The shop's own language must be one of those chosen."))

    @classmethod
    def of(cls, store: Store) -> LanguagesForm:
        return cls(values={"languages": list(store.languages), "first": store.languages[0]})

    def columns(self) -> dict[str, Any]:
        first = str(self.first.data)
        others = [code for code in LOCALES if code in (self.languages.data or ()) and code != first]
        return {"languages": [first, *others]}


class MailsForm(Form):
    mail_sender_name = StringField(_l("Name of the sender"), [at_most(80)], [tidy])
    mail_reply_to = StringField(_l("Where answers go"), [at_most(254)], [tidy])
    mail_signature = TextAreaField(_l("Signature"), [at_most(1000)], [tidy_text])

    def validate_mail_reply_to(self, field: Field) -> None:
        if field.data and not is_email(field.data):
            raise ValidationError(_("Type an address like hello@example.com."))

    @classmethod
    def of(cls, store: Store) -> MailsForm:
        return cls(values={name: getattr(store, name) for name in cls.names()})

    @staticmethod
    def names() -> tuple[str, ...]:
        return ("mail_sender_name", "mail_reply_to", "mail_signature")

    def columns(self) -> dict[str, Any]:
        return {name: self[name].data or "" for name in self.names()}


class LegalForm(Form):
    imprint = SelectField(_l("Imprint"), validate_choice=False)
    terms = SelectField(_l("Terms"), validate_choice=False)
    privacy = SelectField(_l("Privacy"), validate_choice=False)
    returns = SelectField(_l("Returns"), validate_choice=False)

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """A page that was deleted meanwhile may stay chosen: its link is not shown."""
        is_good = bool(super().validate(*args, **kwargs))  # type: ignore[no-untyped-call]  # untyped
        for text in LegalText:
            if len(self[text].data or "") > 255:
                self.complain(self[text], _("Choose one of the pages."))
                is_good = False
        return is_good

    @classmethod
    def of(cls, store: Store) -> LegalForm:
        chosen = handles(store.legal_pages)
        return cls(values={str(text): chosen.get(text, "") for text in LegalText})

    def columns(self) -> dict[str, Any]:
        return {"legal_pages": {str(text): str(self[text].data or "") for text in LegalText}}


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

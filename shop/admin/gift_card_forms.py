"""The forms of gift cards: a new one, and what staff may change of one."""

from __future__ import annotations

from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, StringField, TextAreaField
from wtforms.validators import DataRequired, ValidationError

from shop.admin.checks import check_date
from shop.admin.forms import PriceForm
from shop.gift_cards.models import CardKind, GiftCard
from shop.gift_cards.service import Gift
from shop.money import Money
from shop.web.forms import Form, at_most, is_email, tidy, tidy_text


class ChangeForm(Form):
    note = TextAreaField(_l("Note"), [at_most(500)], filters=[tidy_text])
    expires_on = StringField(_l("Last day"), [at_most(20)], filters=[tidy])

    def validate_expires_on(self, field: Field) -> None:
        check_date(field)

    @classmethod
    def of(cls, card: GiftCard) -> ChangeForm:
        last_day = card.expires_on.isoformat() if card.expires_on else ""
        return cls(values={"note": card.note, "expires_on": last_day})

    @property
    def last_day(self) -> date | None:
        return date.fromisoformat(self.expires_on.data) if self.expires_on.data else None


class IssueForm(PriceForm, ChangeForm):
    kind = StringField(_l("What it is"))
    amount = StringField(
        _l("Amount"), [DataRequired(_l("Type what is on it.")), at_most(20)], filters=[tidy]
    )
    email = StringField(_l("Email"), [at_most(254)], filters=[tidy])
    sender = StringField(_l("From"), [at_most(120)], filters=[tidy])
    message = TextAreaField(_l("Message"), [at_most(500)], filters=[tidy_text])

    def validate_kind(self, field: Field) -> None:
        if field.data not in set(CardKind):
            raise ValidationError(_("Choose a gift card or store credit."))

    def validate_amount(self, field: Field) -> None:
        self._check_amount(field)
        if not self._amount(field.data):
            raise ValidationError(_("Type an amount above 0."))

    def validate_email(self, field: Field) -> None:
        if not field.data and self.is_store_credit:
            raise ValidationError(_("Store credit belongs to an email address: type it."))
        if field.data:
            check_email(field.data)

    @property
    def is_store_credit(self) -> bool:
        return bool(self.kind.data == CardKind.STORE_CREDIT)

    @property
    def money(self) -> Money:
        return Money(self._amount(self.amount.data), self.currency)

    def gift(self, language: str) -> Gift:
        return Gift(
            email=self.email.data or "",
            language=language,
            sender=self.sender.data or "",
            message=self.message.data or "",
            note=self.note.data or "",
            expires_on=self.last_day,
        )


class SendForm(Form):
    email = StringField(
        _l("Email"), [DataRequired(_l("Type where it shall go.")), at_most(254)], filters=[tidy]
    )

    def validate_email(self, field: Field) -> None:
        check_email(field.data)


def check_email(text: str) -> None:
    """Raises ValidationError."""
    if not is_email(text):
        raise ValidationError(
            _("That is not an email address. It should look like name@example.com.")
        )

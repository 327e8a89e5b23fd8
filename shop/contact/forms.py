"""The contact form, with two traps for programs: a field nobody sees, and a clock."""

from __future__ import annotations

from collections.abc import Sequence

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from itsdangerous import BadSignature, TimestampSigner
from wtforms import Field, HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, ValidationError

from shop.clock import now
from shop.contact.service import Note
from shop.web.forms import Form, at_most, tidy, tidy_text

MAX_TEXT = 5000
#: Nobody reads and fills the form in less.
LEAST_SECONDS = 3
#: A page left open overnight is still good.
MOST_SECONDS = 60 * 60 * 24 * 2
_SALT = "contact-form"


def stamp(secret_keys: Sequence[str]) -> str:
    """When the form was shown, signed."""
    return _signer(secret_keys).sign(b"contact").decode()


class ContactForm(Form):
    name = StringField(
        _l("Your name"), [DataRequired(_l("Tell us your name.")), at_most(120)], filters=[tidy]
    )
    email = StringField(
        _l("Email"), [DataRequired(_l("Tell us where to write back to."))], filters=[tidy]
    )
    order_number = StringField(_l("Order number"), [at_most(40)], filters=[tidy])
    text = TextAreaField(
        _l("Message"),
        [
            DataRequired(_l("Write what it is about.")),
            at_most(MAX_TEXT),
        ],
        filters=[tidy_text],
    )
    #: Programs fill every field they find.
    website = StringField()
    stamp = HiddenField()
    #: The signed link of the order it is about.
    order = HiddenField(validators=[Length(max=300)])

    def validate_email(self, field: Field) -> None:
        try:
            checked = validate_email(field.data, check_deliverability=False)
        except EmailNotValidError:
            raise ValidationError(_("Enter an address like ines@example.com.")) from None
        if len(checked.normalized) > 254:
            raise ValidationError(_("Enter an address like ines@example.com."))
        field.data = checked.normalized

    def seems_typed_by_a_person(self, secret_keys: Sequence[str]) -> bool:
        """False is no verdict: the form is shown again with all that was typed."""
        return not self.website.data and _has_taken_time(self.stamp.data or "", secret_keys)

    def note(self, order_id: int | None) -> Note:
        return Note(
            name=self.name.data or "",
            email=self.email.data or "",
            text=self.text.data or "",
            order_number=self.order_number.data or "",
            order_id=order_id,
        )


def _has_taken_time(text: str, secret_keys: Sequence[str]) -> bool:
    try:
        _value, shown_at = _signer(secret_keys).unsign(
            text, max_age=MOST_SECONDS, return_timestamp=True
        )
    except BadSignature:
        return False
    return (now() - shown_at).total_seconds() >= LEAST_SECONDS


def _signer(secret_keys: Sequence[str]) -> TimestampSigner:
    return TimestampSigner(list(secret_keys), salt=_SALT)

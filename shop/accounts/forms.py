"""What people type to sign in, to sign up, and to choose a password."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from shop.accounts.passwords import LONGEST, SHORTEST
from shop.accounts.service import UnusableEmail, normal_email
from shop.web.forms import Form, at_most, tidy


@dataclass(frozen=True)
class Credentials:
    email: str
    password: str = field(repr=False)


class SignInForm(Form):
    email = StringField(
        _l("Email"),
        [
            InputRequired(_l("Type the email address you sign in with.")),
            Length(max=254, message=_l("An email address has at most 254 characters.")),
        ],
    )
    password = PasswordField(
        _l("Password"),
        [
            InputRequired(_l("Type your password.")),
            Length(
                max=LONGEST, message=_l("A password has at most %(most)s characters.", most=LONGEST)
            ),
        ],
    )
    next = HiddenField(validators=[Length(max=2000)])

    def credentials(self) -> Credentials:
        return Credentials(self.email.data or "", self.password.data or "")


class EmailForm(Form):
    """Where a link goes to."""

    email = StringField(_l("Email"), [InputRequired(_l("Type your email address."))])
    next = HiddenField(validators=[Length(max=2000)])

    def validate_email(self, field: Field) -> None:
        try:
            if len(normal_email(field.data or "")) <= 254:
                return
        except UnusableEmail:
            pass
        raise ValidationError(
            _("That is not an email address. It should look like name@example.com.")
        )

    @property
    def address(self) -> str:
        return normal_email(self.email.data or "")


WEAK = _l(
    "A password has %(least)s to %(most)s characters; a few words in a row do well.",
    least=SHORTEST,
    most=LONGEST,
)


class NewPasswordForm(Form):
    password = PasswordField(
        _l("New password"),
        [
            InputRequired(_l("Type the password that you want.")),
            Length(SHORTEST, LONGEST, message=WEAK),
        ],
    )

    @property
    def typed(self) -> str:
        return self.password.data or ""


class NewCustomerForm(Form):
    name = StringField(_l("Name"), [at_most(120)], filters=[tidy])
    password = PasswordField(_l("Password"), [Optional(), Length(SHORTEST, LONGEST, message=WEAK)])

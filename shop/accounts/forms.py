"""The sign-in form."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from shop.accounts.passwords import LONGEST
from shop.web.forms import Form


@dataclass(frozen=True)
class Credentials:
    email: str
    password: str = field(repr=False)


class SignInForm(Form):
    email = StringField(
        _l("E-mail"),
        [
            InputRequired(_l("Type the e-mail address you sign in with.")),
            Length(max=254, message=_l("An e-mail address has at most 254 characters.")),
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

"""What somebody on the staff changes about their own account."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import AnyOf, InputRequired, Length

from shop.accounts.forms import WEAK
from shop.accounts.passwords import LONGEST, SHORTEST
from shop.web.forms import Form, at_most, tidy
from shop.web.languages import LOCALES

_CURRENT = Length(
    max=LONGEST, message=_l("A password has at most %(most)s characters.", most=LONGEST)
)


class MyNameForm(Form):
    name = StringField(
        _l("Name"), [InputRequired(_l("Type your name.")), at_most(120)], filters=[tidy]
    )
    language = StringField(
        _l("Language of your mails"), [AnyOf(list(LOCALES), message=_l("Choose a language."))]
    )


class MyPasswordForm(Form):
    current = PasswordField(
        _l("Current password"), [InputRequired(_l("Type your password.")), _CURRENT]
    )
    password = PasswordField(
        _l("New password"),
        [
            InputRequired(_l("Type the password that you want.")),
            Length(SHORTEST, LONGEST, message=WEAK),
        ],
    )


class AuthenticatorForm(Form):
    code = StringField(
        _l("Code"), [InputRequired(_l("Type the code that the app shows."))], filters=[tidy]
    )


class PasskeyForm(Form):
    name = StringField(
        _l("Name of the passkey"),
        [InputRequired(_l("Give the passkey a name.")), at_most(60)],
        filters=[tidy],
    )
    credential = HiddenField()

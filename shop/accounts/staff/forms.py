"""What somebody types who joins the staff."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from shop.accounts.forms import WEAK
from shop.accounts.passwords import LONGEST, SHORTEST
from shop.web.forms import Form, at_most, tidy


class JoinForm(Form):
    name = StringField(
        _l("Name"), [InputRequired(_l("Type your name.")), at_most(120)], filters=[tidy]
    )
    password = PasswordField(
        _l("Password"),
        [
            InputRequired(_l("Type the password that you want.")),
            Length(SHORTEST, LONGEST, message=WEAK),
        ],
    )

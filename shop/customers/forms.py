"""What customers change of their own account."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, StringField
from wtforms.validators import Length

from shop.accounts.forms import EmailForm, NewPasswordForm
from shop.accounts.passwords import LONGEST
from shop.web.forms import Form, at_most, tidy


class NameForm(Form):
    name = StringField(_l("Name"), [at_most(120)], filters=[tidy])


class _Proof(Form):
    """The password that counts now, where there is one."""

    current = PasswordField(
        _l("Your current password"),
        [
            Length(
                max=LONGEST, message=_l("A password has at most %(most)s characters.", most=LONGEST)
            )
        ],
    )


class NewEmailForm(_Proof, EmailForm):
    pass


class ErasureForm(_Proof):
    """Nothing but who asks."""


class ChangePasswordForm(_Proof, NewPasswordForm):
    pass

"""What staff write down about a customer."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField

from shop.accounts.models import Account
from shop.web.forms import Form, at_most, tidy, tidy_text


def _tags(value: str | None) -> str:
    """Each once, tidied, in the order typed."""
    tags = (tidy(tag) for tag in (value or "").split(","))
    return ", ".join(dict.fromkeys(tag for tag in tags if tag))


class CustomerForm(Form):
    tags = StringField(_l("Tags"), [at_most(300)], filters=[_tags])
    note = TextAreaField(_l("Note"), [at_most(2000)], filters=[tidy_text])

    @classmethod
    def of(cls, account: Account) -> CustomerForm:
        return cls(values={"tags": account.tags, "note": account.note})

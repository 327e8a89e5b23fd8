"""The base of every form: typed, and with its complaints in the shape that pages show them."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask_babel import format_decimal
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import Field
from wtforms.validators import Length


class Form(FlaskForm):
    """Filled from the request's body or, in place of it, from `sent`, unless `is_empty` or `values`
    say otherwise.
    """

    def __init__(
        self,
        *,
        is_empty: bool = False,
        prefix: str = "",
        values: Mapping[str, Any] | None = None,
        sent: MultiDict[str, str] | None = None,
    ) -> None:
        if sent is not None:
            super().__init__(formdata=sent, prefix=prefix)  # type: ignore[no-untyped-call]  # untyped
        elif is_empty or values is not None:
            super().__init__(formdata=None, prefix=prefix, data=values)  # type: ignore[no-untyped-call]  # untyped
        else:
            super().__init__(prefix=prefix)  # type: ignore[no-untyped-call]  # untyped

    def is_valid(self) -> bool:
        return bool(self.validate())  # type: ignore[no-untyped-call]  # untyped

    @property
    def complaints(self) -> dict[str, str]:
        """Name of a field -> what is wrong with it; the first complaint only."""
        return {field.name: str(field.errors[0]) for field in self if field.errors}

    @property
    def repeated(self) -> dict[str, str]:
        """Name of a field -> its label, where another field has the same complaint."""
        told = Counter(self.complaints.values())
        return {
            name: str(self[name].label.text)
            for name, sentence in self.complaints.items()
            if told[sentence] > 1
        }

    def complain(self, field: Field, sentence: str) -> None:
        """What only the database knew."""
        field.errors = (*field.errors, sentence)


def at_most(length: int) -> Length:
    most = LazyString(format_decimal, length)
    return Length(max=length, message=_l("Use at most %(most)s characters.", most=most))


def is_email(text: str) -> bool:
    """Whether any mail server takes it: letters beyond ASCII only behind the @."""
    try:
        validate_email(text, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        return False
    return True


def tidy(value: str | None) -> str:
    """A WTForms filter: one line in its composed form, without blanks around it."""
    return unicodedata.normalize("NFC", " ".join((value or "").split()))


def tidy_text(value: str | None) -> str:
    """The same for text of several lines."""
    lines = unicodedata.normalize("NFC", value or "").splitlines()
    return "\n".join(line.rstrip() for line in lines).strip()

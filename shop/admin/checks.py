"""What several forms of the admin ask of a field. All raise ValidationError with a sentence."""

from __future__ import annotations

import re
from datetime import date

from flask_babel import gettext as _
from wtforms import Field, ValidationError

_WHOLE = re.compile(r"[0-9]{1,8}", re.ASCII)


def check_whole(field: Field, least: int, most: int) -> None:
    if not _WHOLE.fullmatch(field.data or "") or not least <= int(field.data) <= most:
        raise ValidationError(
            _("Type a whole number from %(least)s to %(most)s.", least=least, most=most)
        )


def check_pieces(field: Field, most: int) -> None:
    """Empty is none of them."""
    if field.data and not (field.data.isascii() and field.data.isdigit()):
        raise ValidationError(_("Type a whole number."))
    if int(field.data or "0") > most:
        raise ValidationError(_("At most %(most)s.", most=most))


def check_date(field: Field) -> None:
    """Empty is no fault."""
    try:
        date.fromisoformat(field.data or "2026-01-01")
    except ValueError:
        raise ValidationError(_("Type a date like 2026-11-27.")) from None

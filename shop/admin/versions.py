"""Two people edit the same: a form knows the state it was made from, and whether that still is.

What is sent is compared with what the form would show now. Nothing typed is lost: it is on the page
with the complaint, and saving again replaces what the other wrote.
"""

from __future__ import annotations

import hashlib
import json

from flask import g, request
from flask_babel import gettext as _
from markupsafe import Markup
from wtforms import Form

#: Name of the hidden field.
FIELD = "made_from"


class ChangedMeanwhile(Exception):
    """The row is no longer what it was when the page was opened."""


def version_of(*forms: Form) -> str:
    """Changes with everything the forms show."""
    shown = [[[field.name, field.data] for field in form] for form in forms]
    return hashlib.sha256(json.dumps(shown, default=str).encode()).hexdigest()[:16]


def check(*stored: Form) -> None:
    """To be called under the row's lock, with the forms as the row fills them now. Raises
    ChangedMeanwhile.
    """
    now = version_of(*stored)
    sent = request.form.get(FIELD)
    if sent and sent != now:
        g.version_told = now
        raise ChangedMeanwhile


def sentence() -> str:
    return _("Somebody changed this meanwhile. Saving again replaces what they wrote.")


def made_from(*forms: Form) -> Markup:
    """The hidden field: what was sent stays, until the conflict was told."""
    value = g.get("version_told") or request.form.get(FIELD) or version_of(*forms)
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, value[:64])

"""Two people edit the same: a form knows the state it was made from, and whether that still is.

What is sent is compared with what the form would show now. Nothing typed is lost: it is on the page
with the complaint and with what stands in the shop by now, and saving again replaces what the other
wrote.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from flask import g, request
from flask_babel import gettext as _
from markupsafe import Markup
from wtforms import BooleanField, Field, Form, HiddenField, SelectField, StringField
from wtforms.validators import AnyOf

from shop.extensions import db

#: Name of the hidden field; a page with several forms adds the form's name.
FIELD = "made_from"
#: What is said of fields that hold the code of a choice.
_CODES = frozenset(
    ("about", "comparison", "direction", "focal", "kind", "needs", "parent", "role", "source")
)


class ChangedMeanwhile(Exception):
    """The row is no longer what it was when the page was opened."""


def version_of(*forms: Form) -> str:
    """Changes with everything the forms show."""
    return version_of_values([[[field.name, field.data] for field in form] for form in forms])


def version_of_values(values: Any) -> str:
    return hashlib.sha256(json.dumps(values, default=str).encode()).hexdigest()[:16]


def check(*stored: Form, typed: Sequence[Form] = (), name: str = "") -> None:
    """To be called under the row's lock, with the forms as the row fills them now, and with what
    was typed, so that the page can tell where it differs. `name`: of the form, on a page with
    several. Raises ChangedMeanwhile.
    """
    check_version(version_of(*stored), name=name, told=_differences(stored, typed))


def check_version(now: str, *, name: str = "", told: Iterable[tuple[str, str]] = ()) -> None:
    """As `check`, of a version that the caller has. Raises ChangedMeanwhile."""
    sent = request.form.get(_field(name))
    if sent and sent != now:
        g.version_told = {_field(name): now}
        g.conflict = list(told)
        raise ChangedMeanwhile


def lock(model: type[Any], row_id: int = 1) -> Any:
    """The row as it is now, which nobody else changes meanwhile; none where there is none."""
    return db.session.get(model, row_id, with_for_update=True, populate_existing=True)


def sentence() -> str:
    return _("Somebody changed this meanwhile. Saving again replaces what they wrote.")


def conflict() -> list[tuple[str, str]]:
    """Of the answer that tells of a conflict: what stands in the shop where it differs from what
    was typed, as words and value.
    """
    found: list[tuple[str, str]] = g.get("conflict") or []
    return found


def made_from(*forms: Form, name: str = "") -> Markup:
    """The hidden field: what was sent stays, until the conflict was told."""
    return hidden(version_of(*forms), name=name)


def hidden(version: str, *, name: str = "") -> Markup:
    """As `made_from`, of a version that the caller has."""
    field = _field(name)
    value = g.get("version_told", {}).get(field) or request.form.get(field) or version
    return Markup('<input type="hidden" name="{}" value="{}">').format(field, value[:64])


# Inside -------------------------------------------------------------------------------------------


def _field(name: str) -> str:
    return f"{FIELD}-{name}" if name else FIELD


def _differences(stored: Sequence[Form], typed: Sequence[Form]) -> Iterator[tuple[str, str]]:
    mine = {field.name: field.data for form in typed for field in form}
    for form in stored:
        for field in form:
            is_shown = field.name in mine and not isinstance(field, HiddenField)
            if is_shown and (field.data or "") != (mine[field.name] or ""):
                yield str(field.label.text), _said(field)


def _said(field: Field) -> str:
    if isinstance(field, BooleanField):
        return _("yes") if field.data else _("no")
    is_code = field.name.rpartition("-")[2] in _CODES
    is_one_of = any(isinstance(validator, AnyOf) for validator in field.validators)
    if is_code or is_one_of or isinstance(field, SelectField) or not isinstance(field, StringField):
        return _("another choice")
    return str(field.data) if field.data else _("nothing")

"""The button in the message that says what was done."""

from __future__ import annotations

from collections.abc import Sequence

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from shop.admin import bulk_views, undo
from shop.admin.access import bp, staff
from shop.admin.restoration import NotRestored
from shop.database import in_transaction
from shop.web.input import id_in
from shop.web.paths import way_back

#: As many as a list lets one mark.
MAX_ALSO = 100


@bp.post("/undo/<id:entry_id>")
def take_back(entry_id: int) -> ResponseReturnValue:
    """One's own doing, within the hour."""
    also = [id_in(word) for word in request.form.get(undo.ALSO, "").split()]
    try:
        in_transaction(lambda: _take_back([entry_id, *also[:MAX_ALSO]]))
    except undo.NotUndoable:
        abort(409, _("This cannot be taken back any more. Nothing was changed."))
    except undo.ChangedSince:
        abort(409, _("It was changed again since then, so it stays as it is. Nothing was changed."))
    except NotRestored as refusal:
        abort(409, _("%(why)s Nothing was changed.", why=str(refusal)))
    except IntegrityError:  # somebody took its address in this very moment
        abort(409, _("Something else took its place in this moment. Nothing was changed."))
    if (job_id := bulk_views.back_job_of(entry_id)) is not None:
        return redirect(url_for(".product_job", job_id=job_id), code=303)
    flash(_("Taken back."), "ok")
    return redirect(way_back(request), code=303)


# Inside -----------------------------------------------------------------------------------------


def _take_back(entry_ids: Sequence[int]) -> None:
    """It locks several things, in another order than those who change them may."""
    by, may = staff().id, staff().may
    for entry_id in entry_ids:
        undo.take_back(entry_id, by=by, may=may)

"""The button in the message that says what was done."""

from __future__ import annotations

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from shop.admin import bulk_views, undo
from shop.admin.access import bp, staff
from shop.admin.restoration import NotRestored
from shop.database import transaction
from shop.web.input import id_in
from shop.web.paths import way_back

#: As many as a list lets one mark.
MAX_ALSO = 100


@bp.post("/undo/<id:entry_id>")
def take_back(entry_id: int) -> ResponseReturnValue:
    """One's own doing, within the hour."""
    also = [id_in(word) for word in request.form.get(undo.ALSO, "").split()]
    try:
        with transaction():
            for one in (entry_id, *also[:MAX_ALSO]):
                undo.take_back(one, by=staff().id, may=staff().may)
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

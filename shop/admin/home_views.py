"""What to do now."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop import audit
from shop.admin import queries
from shop.admin.access import bp, staff, store
from shop.database import transaction
from shop.outbox import service as outbox


@bp.get("")
def home() -> ResponseReturnValue:
    return render_template("admin/home.html", home=queries.home(store().currency))


@bp.post("/outbox/<id:message_id>/attempts")
def retry_message(message_id: int) -> ResponseReturnValue:
    """Send a parked message again, with all its tries."""
    with transaction():
        message = queries.parked_message(message_id)
        if message is None:
            abort(404)
        outbox.try_again(message)
        audit.record(
            staff().id, "outbox.retried", subject_kind="outbox_message", subject_id=message_id
        )
    flash(_("It will be sent again within a minute."), "ok")
    return redirect(url_for(".home"), code=303)

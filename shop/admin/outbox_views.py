"""The outbox: what was sent, what waits, and what could not be sent."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop import audit
from shop.admin import outbox_queries as queries
from shop.admin.access import bp, staff
from shop.admin.lists import one_of, pager_of
from shop.admin.mail_words import mail_name
from shop.admin.outbox_queries import OutboxFilter
from shop.admin.queries import PAGE_SIZE
from shop.database import transaction
from shop.outbox import service as outbox
from shop.web.counts import ngettext


@bp.get("/settings/outbox")
def outbox_messages() -> ResponseReturnValue:
    only = one_of(OutboxFilter, request.args.get("show"), OutboxFilter.ALL)
    pager = pager_of(
        lambda page: queries.messages(only=only, page=page),
        PAGE_SIZE,
        ".outbox_messages",
        {"show": only},
    )
    parked, waiting = queries.counts()
    return render_template(
        "admin/outbox.html",
        pager=pager,
        text="",
        only=only,
        parked=parked,
        waiting=waiting,
        mail_name=mail_name,
    )


@bp.post("/settings/outbox/<id:message_id>/attempts")
def retry_message(message_id: int) -> ResponseReturnValue:
    """Send what was given up, or waits for its next try, with all its tries."""
    if not queries.has_message(message_id):
        abort(404)
    with transaction():
        if not outbox.try_again(message_id):
            abort(
                409,
                _("It is sent already, or will be within two minutes. Nothing was changed."),
            )
        _record(message_id)
    flash(_("It will be sent again within a minute."), "ok")
    return redirect(_back(), code=303)


@bp.post("/settings/outbox/attempts")
def retry_parked() -> ResponseReturnValue:
    """Send all that was given up."""
    with transaction():
        ids = outbox.try_parked_again()
        for message_id in ids:
            _record(message_id)
    if not ids:
        abort(409, _("Nothing was given up. Nothing was changed."))
    sentence = ngettext(
        "%(num)s message will be sent again within a minute.",
        "%(num)s messages will be sent again, one after the other.",
        len(ids),
    )
    flash(sentence, "ok")
    return redirect(url_for(".outbox_messages"), code=303)


def _record(message_id: int) -> None:
    audit.record(staff().id, "outbox.retried", subject_kind="outbox_message", subject_id=message_id)


def _back() -> str:
    """Where the button stood: the list, or the home page."""
    is_home = request.form.get("back") == "home"
    return url_for(".home") if is_home else url_for(".outbox_messages")

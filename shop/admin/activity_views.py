"""Who changed what, and what was deleted, to be brought back."""

from __future__ import annotations

from flask import (
    abort,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from shop import audit
from shop.admin import activity_export, activity_words, bulk_views, undo
from shop.admin import activity_queries as queries
from shop.admin.access import bp, staff, store
from shop.admin.activity_queries import VERBS, ActivitySearch
from shop.admin.downloads import csv_file
from shop.admin.export_notes import note_export
from shop.admin.lists import listing_text, pager_of
from shop.admin.queries import PAGE_SIZE
from shop.admin.restoration import UNDONE, NotRestored, restore
from shop.admin.times import days_asked_for
from shop.database import transaction
from shop.web.forms import tidy
from shop.web.input import id_in


@bp.get("/settings/activity")
def activity() -> ResponseReturnValue:
    search = _search()
    pager = pager_of(
        lambda page: queries.entries(search, page), PAGE_SIZE, ".activity", search.as_args()
    )
    return render_template(
        "admin/activity.html",
        pager=pager,
        search=search,
        text=search.text,
        people=queries.people(),
        words=activity_words,
        undone=UNDONE,
        currency=store().currency,
        is_new_shop=not pager.rows and search == ActivitySearch(),
    )


@bp.get("/settings/activity.csv")
def export_activity() -> ResponseReturnValue:
    """What the address's filters find."""
    search = _search()
    note_export("activity", is_part=search != ActivitySearch())
    lines = activity_export.lines(queries.to_export(search), store().currency)
    return csv_file(lines, "activity")


@bp.post("/settings/activity/<id:entry_id>/restoration")
def restore_deleted(entry_id: int) -> ResponseReturnValue:
    """Bring back what was deleted, once."""
    found = queries.entry(entry_id)
    if found is None:
        abort(404)
    if found.action in UNDONE and not undo.may_change(found.subject_kind, staff().may):
        abort(403, _("Your role does not let you change this. Nothing was changed."))
    try:
        with transaction():
            entry = audit.take_kept(entry_id)
            if entry is None:
                abort(409, _("It was brought back already, or is forgotten. Nothing was changed."))
            restore(entry, by=staff().id)
    except NotRestored as refusal:
        abort(409, _("%(why)s Nothing was changed.", why=str(refusal)))
    except IntegrityError:  # somebody took its address in this very moment
        abort(409, _("Something else took its place in this moment. Nothing was changed."))
    if (job_id := bulk_views.back_job_of(entry_id)) is not None:
        return redirect(url_for(".product_job", job_id=job_id), code=303)
    is_undone = found.action in UNDONE
    words = _("Taken back.") if is_undone else _("Brought back, as it was when it was deleted.")
    flash(words, "ok")
    return redirect(url_for(".activity", kind=found.subject_kind), code=303)


def _search() -> ActivitySearch:
    """What the address asks for; what it cannot mean is left out."""
    args = request.args
    person, verb = args.get("person", ""), args.get("action", "")
    since, until, is_swapped = days_asked_for(args)
    kind = tidy(args.get("kind"))[:40]
    return ActivitySearch(
        text=listing_text(),
        account_id=0 if person == "0" else id_in(person) or None,
        kind=kind if kind in activity_words.kinds() else "",
        subject_id=id_in(args.get("id", "")) or None,
        verb=verb if verb in VERBS else "",
        since=since,
        until=until,
        is_swapped=is_swapped,
        is_kept=args.get("show") == "kept",
    )

"""What shoppers searched, and words that mean the same."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.admin import search_queries as queries
from shop.admin import versions
from shop.admin.access import bp, staff
from shop.admin.lists import listing_text, one_of, pager_of
from shop.admin.queries import PAGE_SIZE
from shop.admin.search_forms import TWO_WAY, SynonymForm
from shop.admin.search_queries import Period, SearchFilter
from shop.admin.undo import flash_with_undo
from shop.admin.versions import ChangedMeanwhile
from shop.clock import now
from shop.database import transaction
from shop.extensions import db
from shop.search import service
from shop.search.models import Synonym
from shop.web.forms import tidy


@bp.get("/searches")
def searches() -> ResponseReturnValue:
    text = listing_text()
    only = one_of(SearchFilter, request.args.get("show"), SearchFilter.ALL)
    period = one_of(Period, request.args.get("days"), Period.MONTH)
    chosen: dict[str, Any] = {"q": text or None, "show": only or None, "days": _unusual(period)}
    pager = pager_of(
        lambda page: queries.searches(period, only=only, text=text, page=page),
        PAGE_SIZE,
        ".searches",
        chosen,
    )
    return render_template(
        "admin/searches.html",
        pager=pager,
        text=text,
        only=only,
        period=period,
        totals=queries.totals(period, now().date()),
    )


@bp.get("/searches/synonyms")
def synonyms() -> ResponseReturnValue:
    text = listing_text()
    pager = pager_of(
        lambda page: queries.synonyms(text=text, page=page),
        PAGE_SIZE,
        ".synonyms",
        {"q": text or None},
    )
    return render_template("admin/synonyms.html", pager=pager, text=text)


@bp.get("/searches/synonyms/new")
def new_synonym() -> ResponseReturnValue:
    """`?searched=` is what found nothing, from the report."""
    searched = tidy(request.args.get("searched"))[:100]
    form = SynonymForm(values={"searched": searched, "direction": TWO_WAY})
    return render_template("admin/synonym.html", form=form, synonym=None)


@bp.post("/searches/synonyms/new")
def create_synonym() -> ResponseReturnValue:
    form = SynonymForm()
    if form.is_valid():
        try:
            with transaction():
                service.add_synonym(form.details(), by=staff().id)
        except service.NothingToFind:
            _complain_of_same_words(form)
        else:
            flash(_("Synonym added. Searches find it from now on."), "ok")
            return redirect(url_for(".synonyms"), code=303)
    return render_template("admin/synonym.html", form=form, synonym=None), 422


@bp.get("/searches/synonyms/<id:synonym_id>")
def synonym(synonym_id: int) -> ResponseReturnValue:
    found = _synonym_or_404(synonym_id)
    return render_template("admin/synonym.html", form=SynonymForm.of(found), synonym=found)


@bp.post("/searches/synonyms/<id:synonym_id>")
def save_synonym(synonym_id: int) -> ResponseReturnValue:
    _synonym_or_404(synonym_id)
    form = SynonymForm()
    if form.is_valid():
        try:
            with transaction():
                found = versions.lock(Synonym, synonym_id) or abort(404)
                versions.check(SynonymForm.of(found), typed=[form])
                service.change_synonym(found, form.details(), by=staff().id)
        except ChangedMeanwhile:
            form.complain(form.searched, versions.sentence())
            found = _synonym_or_404(synonym_id)
            return render_template("admin/synonym.html", form=form, synonym=found), 409
        except service.NothingToFind:
            _complain_of_same_words(form)
        else:
            flash(_("Saved."), "ok")
            return redirect(url_for(".synonyms"), code=303)
    found = _synonym_or_404(synonym_id)
    return render_template("admin/synonym.html", form=form, synonym=found), 422


@bp.post("/searches/synonyms/<id:synonym_id>/delete")
def delete_synonym(synonym_id: int) -> ResponseReturnValue:
    with transaction():
        service.remove_synonym(_synonym_or_404(synonym_id), by=staff().id)
    flash_with_undo(_("Synonym removed."), by=staff().id)
    return redirect(url_for(".synonyms"), code=303)


def _unusual(period: Period) -> str | None:
    return None if period is Period.MONTH else str(period)


def _synonym_or_404(synonym_id: int) -> Synonym:
    found = db.session.get(Synonym, synonym_id)
    if found is None:
        abort(404)
    return found


def _complain_of_same_words(form: SynonymForm) -> None:
    form.complain(form.found, _("Search takes these for the same word already."))

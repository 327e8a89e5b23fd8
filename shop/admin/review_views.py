"""Reviews: the queue, and the page of one."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.admin import review_queries as queries
from shop.admin import versions
from shop.admin.access import bp, staff
from shop.admin.lists import listing_text, one_of, pager_of
from shop.admin.queries import PAGE_SIZE
from shop.admin.review_forms import RejectionForm, ReplyForm
from shop.admin.review_queries import ReviewFilter, ReviewRow
from shop.admin.versions import ChangedMeanwhile
from shop.database import transaction
from shop.media.pictures import remove_picture
from shop.reviews import service
from shop.reviews.forms import RATINGS
from shop.reviews.models import Review
from shop.web.config import settings


@bp.get("/reviews")
def reviews() -> ResponseReturnValue:
    text = listing_text()
    only = one_of(ReviewFilter, request.args.get("show"), ReviewFilter.PENDING)
    asked = request.args.get("rating", "")
    rating = int(asked) if asked in RATINGS else None
    chosen: dict[str, Any] = {"q": text or None, "show": only or None, "rating": rating}
    pager = pager_of(
        lambda page: queries.reviews(text=text, only=only, rating=rating, page=page),
        PAGE_SIZE,
        ".reviews",
        chosen,
    )
    return render_template(
        "admin/reviews.html",
        pager=pager,
        text=text,
        only=only,
        rating=rating,
        is_new_shop=not pager.rows and not queries.has_reviews(),
    )


@bp.get("/reviews/<id:review_id>")
def review(review_id: int) -> ResponseReturnValue:
    return _page(_row_or_404(review_id))


@bp.post("/reviews/<id:review_id>/publication")
def publish_review(review_id: int) -> ResponseReturnValue:
    with transaction():
        service.publish(_locked_or_404(review_id), by=staff().id)
    flash(_("Published."), "ok")
    return _back(review_id)


@bp.post("/reviews/<id:review_id>/rejection")
def reject_review(review_id: int) -> ResponseReturnValue:
    """Also takes a published one back."""
    row = _row_or_404(review_id)
    form = RejectionForm()
    if not form.is_valid():
        return _page(row, rejection=form), 422
    with transaction():
        reason = form.reason.data or ""
        is_told = service.reject(_locked_or_404(review_id), reason, by=staff().id)
    flash(
        _("Not published. The writer gets your reason by mail.")
        if is_told
        else _("Not published."),
        "ok",
    )
    return _back(review_id)


@bp.post("/reviews/<id:review_id>/reply")
def reply_to_review(review_id: int) -> ResponseReturnValue:
    """An empty answer takes the present one away."""
    row = _row_or_404(review_id)
    form = ReplyForm()
    if not form.is_valid():
        return _page(row, reply=form), 422
    text = form.text.data or ""
    try:
        with transaction():
            review = _locked_or_404(review_id)
            versions.check(ReplyForm.of(review), typed=[form])
            service.reply(review, text, by=staff().id)
    except ChangedMeanwhile:
        form.complain(form.text, versions.sentence())
        return _page(_row_or_404(review_id), reply=form), 409
    flash(_("Answer saved.") if text else _("Answer taken away."), "ok")
    return _back(review_id)


@bp.post("/reviews/<id:review_id>/anonymization")
def anonymize_review(review_id: int) -> ResponseReturnValue:
    with transaction():
        service.anonymize(_locked_or_404(review_id), by=staff().id)
    flash(_("The name is gone."), "ok")
    return _back(review_id)


@bp.post("/reviews/<id:review_id>/photos/<id:photo_id>/delete")
def delete_review_photo(review_id: int, photo_id: int) -> ResponseReturnValue:
    with transaction():
        files = service.remove_photo(_locked_or_404(review_id), photo_id, by=staff().id)
    for file in files:
        remove_picture(file, settings().media_path)
    flash(_("Photo removed."), "ok")
    return _back(review_id)


# Inside -----------------------------------------------------------------------------------------


def _row_or_404(review_id: int) -> ReviewRow:
    row = queries.review(review_id)
    if row is None:
        abort(404)
    return row


def _locked_or_404(review_id: int) -> Review:
    review = service.locked(review_id)
    if review is None:
        abort(404)
    return review


def _back(review_id: int) -> ResponseReturnValue:
    """To the queue where the form stood in it, else to the review."""
    if request.form.get("from") == "queue":
        only = one_of(ReviewFilter, request.form.get("show"), ReviewFilter.PENDING)
        return redirect(url_for(".reviews", show=only or None), code=303)
    return redirect(url_for(".review", review_id=review_id), code=303)


def _page(
    row: ReviewRow, *, rejection: RejectionForm | None = None, reply: ReplyForm | None = None
) -> str:
    return render_template(
        "admin/review.html",
        row=row,
        review=row.review,
        rejection=rejection or RejectionForm(values={"reason": row.review.rejection_reason}),
        reply=reply or ReplyForm.of(row.review),
    )

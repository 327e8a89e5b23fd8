"""Reviews to read, the same page for everyone, and the buyer's pages behind the order's link."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.catalog.product_page import published_product
from shop.database import in_transaction, transaction
from shop.limits import service as limits
from shop.media.pictures import (
    USUAL,
    PictureRefused,
    StoredPicture,
    remove_picture,
    removed_on_failure,
    store_picture,
)
from shop.orders.models import Order
from shop.orders.service import locked
from shop.orders.urls import order_of_link
from shop.orders.words import no_such_link
from shop.reviews import queries, service
from shop.reviews.forms import RATINGS, ReviewForm
from shop.reviews.models import MAX_PHOTOS, Review
from shop.reviews.queries import Purchase, Sort
from shop.web.config import settings
from shop.web.context import current_site
from shop.web.pagination import Pager, paginate, read_page

bp = Blueprint("reviews", __name__)

PER_PAGE = 20
#: Forms that one order's link may send in a quarter of an hour.
MAX_SENT = 30


# To read


@bp.get("/products/<handle>/reviews")
def of_product(handle: str) -> ResponseReturnValue:
    """What the address does not know of ratings and orders means all of them, the newest first."""
    product = published_product(handle, current_site().store.selling)
    if product is None:
        abort(404)
    asked = request.args.get("rating", "")
    rating = int(asked) if asked in RATINGS else None
    sort = _read_sort()
    summary = queries.summary(product.id)
    return render_template(
        "reviews/list.html",
        product=product,
        summary=summary,
        rating=rating,
        sort=sort,
        pager=_pager(product.id, handle, summary, rating, sort),
    )


@bp.after_request
def revalidate(response: Response) -> Response:
    """The public list is kept by browsers as other catalog pages are; a buyer's pages never."""
    if response.status_code == 200 and request.endpoint == "reviews.of_product":
        response.headers.setdefault("Cache-Control", "private, no-cache")
    return response


def _read_sort() -> Sort:
    try:
        return Sort(request.args.get("sort", Sort.NEWEST))
    except ValueError:
        return Sort.NEWEST


def _pager(
    product_id: int,
    handle: str,
    summary: queries.Summary | None,
    rating: int | None,
    sort: Sort,
) -> Pager[queries.PublishedReview]:
    number = read_page(request.args.get("page"))
    rows = queries.published(
        product_id,
        rating=rating,
        sort=sort,
        limit=PER_PAGE + 1,
        offset=(number - 1) * PER_PAGE,
    )
    total = 0 if summary is None else summary.by_stars[rating] if rating else summary.count
    return paginate(rows, number, PER_PAGE, _address_of(handle, rating, sort), total=total)


def _address_of(handle: str, rating: int | None, sort: Sort) -> Callable[[int], str]:
    return lambda number: url_for(
        "reviews.of_product",
        handle=handle,
        rating=rating,
        sort=None if sort is Sort.NEWEST else sort,
        page=number if number > 1 else None,
    )


# To write


@bp.get("/orders/<link>/reviews")
def of_order(link: str) -> ResponseReturnValue:
    """What was bought, each with its review or the way to write one."""
    order = _order_or_404(link)
    return render_template(
        "reviews/of_order.html", order=order, link=link, purchases=queries.purchases(order)
    )


@bp.get("/orders/<link>/reviews/<id:product_id>")
def write(link: str, product_id: int) -> ResponseReturnValue:
    order = _order_or_404(link)
    bought = _purchase_or_404(order, product_id)
    if bought.review is None:
        return _page(link, order, bought, ReviewForm.blank(order.name))
    return _page(link, order, bought, ReviewForm.of(bought.review))


@bp.post("/orders/<link>/reviews/<id:product_id>")
def submit(link: str, product_id: int) -> ResponseReturnValue:
    """Photos of a form with other faults are kept for the next try: a browser would forget them."""
    order = _order_or_404(link)
    bought = _purchase_or_404(order, product_id)
    form = ReviewForm.read(request.form)
    if not in_transaction(lambda: _may_send(order.id)):
        flash(_("That was often in a short time. Please wait some minutes and send again."), "warn")
        return _page(link, order, bought, form), 429
    stored, complaint = _stored_photos()
    if complaint:
        form = form.complaining("photos", complaint)
    try:
        with removed_on_failure([picture.file for picture in stored], settings().media_path):
            files = in_transaction(lambda: _keep(order.id, bought, form, stored))
    except service.AlreadyPublished:
        flash(_("Your review is published already, so it cannot be changed here."), "info")
        return redirect(url_for(".of_order", link=link), code=303)
    except service.TooManyPhotos:
        form = form.complaining(
            "photos", _("A review has %(count)s photos at most.", count=MAX_PHOTOS)
        )
        return _page(link, order, bought, form), 422
    for file in files:
        remove_picture(file, settings().media_path)
    if form.details is None:
        return _page(link, order, bought, form), 422
    flash(_("Thank you. We read every review before it appears, usually within two days."), "ok")
    return redirect(url_for(".of_order", link=link), code=303)


def _keep(
    order_id: int, bought: Purchase, form: ReviewForm, stored: list[StoredPicture]
) -> list[str]:
    """Files that nothing shows any more."""
    order = locked(order_id)
    files = service.remove_photos(order_id, bought.product_id, _photos_to_remove())
    service.add_photos(order_id, bought.product_id, stored)
    if form.details is not None:
        service.submit(order, bought.product_id, form.details, bought=bought.bought)
    return files


def _may_send(order_id: int) -> bool:
    return limits.take([limits.limit("review", str(order_id), MAX_SENT)]) == 0


def _photos_to_remove() -> set[int]:
    return set(request.form.getlist("remove_photo", type=int))


def _stored_photos() -> tuple[list[StoredPicture], str]:
    """Those that can be read, and what is wrong with the first that cannot."""
    uploads = [upload for upload in request.files.getlist("photos") if upload.filename]
    if len(uploads) > MAX_PHOTOS:
        return [], _("A review has %(count)s photos at most.", count=MAX_PHOTOS)
    stored: list[StoredPicture] = []
    complaint = ""
    for upload in uploads:
        try:
            stored.append(store_picture(upload.read(), settings().media_path, widths=USUAL))
        except PictureRefused as refusal:
            complaint = complaint or f"{upload.filename}: {refusal}"
    return stored, complaint


def _order_or_404(link: str) -> Order:
    order = order_of_link(link)
    if order is None:
        abort(404, no_such_link())
    return order


def _purchase_or_404(order: Order, product_id: int) -> Purchase:
    """Only what this order paid for."""
    found = {purchase.product_id: purchase for purchase in queries.purchases(order)}
    if product_id not in found:
        abort(404)
    return found[product_id]


def _page(link: str, order: Order, bought: Purchase, form: ReviewForm) -> str:
    review: Review | None = service.review_of(order.id, bought.product_id)
    return render_template(
        "reviews/write.html",
        order=order,
        link=link,
        bought=bought,
        review=review,
        form=form,
        photos=service.photos_of(order.id, bought.product_id),
        max_photos=MAX_PHOTOS,
    )


# To be asked no more


@bp.get("/orders/<link>/invitations")
def show_invitations(link: str) -> ResponseReturnValue:
    """Mail programs open links by themselves: looking at it changes nothing."""
    email = _mailbox(link)
    if not email:
        return _no_longer_good()
    return _invitations_page(link, is_stopped=not queries.may_be_invited(email))


@bp.post("/orders/<link>/invitations")
def stop_invitations(link: str) -> ResponseReturnValue:
    """By the page's button, or by a mail program in one click (RFC 8058), which sends no Origin and
    follows no redirect: the signed link itself is the proof.
    """
    email = _mailbox(link)
    if not email:
        return _no_longer_good()
    with transaction():
        service.stop_invitations(email)
    return _invitations_page(link, is_stopped=True)


@bp.post("/orders/<link>/invitations/resume")
def resume_invitations(link: str) -> ResponseReturnValue:
    email = _mailbox(link)
    if not email:
        return _no_longer_good()
    with transaction():
        service.resume_invitations(email)
    flash(_("You are asked again from now on."), "ok")
    return redirect(url_for(".show_invitations", link=link), code=303)


def _mailbox(link: str) -> str:
    """The buyer's address; empty for a link that is not ours, or once it is forgotten."""
    order = order_of_link(link)
    return order.email if order is not None else ""


def _invitations_page(link: str, *, is_stopped: bool) -> str:
    return render_template("reviews/invitations.html", link=link, is_stopped=is_stopped)


def _no_longer_good() -> ResponseReturnValue:
    return render_template("reviews/invitations.html", link=""), 404

"""The wishlist's page, and changes to it. Plain forms; JavaScript gets the state in JSON."""

from __future__ import annotations

from collections.abc import Mapping

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.accounts.security import signed_in
from shop.cart import session as cart_session
from shop.cart.cart import MAX_LINES, CartFull
from shop.cart.queries import variant_facts
from shop.database import transaction
from shop.web.config import settings
from shop.web.context import current_site
from shop.wishlist import queries, service, session
from shop.wishlist.models import Wishlist
from shop.wishlist.queries import Marks, WishLine
from shop.wishlist.service import MAX_WISHES, NotForSale, WishlistFull

bp = Blueprint("wishlist", __name__)


@bp.get("/wishlist")
def show() -> ResponseReturnValue:
    return _page(session.current())


@bp.get("/wishlist/state")
def state() -> ResponseReturnValue:
    """For the hearts and the number of pages that are the same for everyone."""
    return _state(session.current())


@bp.get("/wishlist/<token>")
def shared(token: str) -> ResponseReturnValue:
    """What somebody else wishes for: to look at and to buy, not to change."""
    wishlist = queries.by_share_token(token)
    if wishlist is None:
        abort(404, _("There is no wishlist at this address. Its owner may have made a new link."))
    return render_template("wishlist/shared.html", lines=_lines(wishlist))


@bp.post("/wishlist/lines")
def add() -> ResponseReturnValue:
    """A variant, or of a product the variant that its page shows first."""
    variant_id = _sent_id("variant_id") or _of_product(_sent_id("product_id"))
    return _added(variant_id) or _changed(
        _("%(title)s is on your wishlist.", title=_title_of(variant_id))
    )


@bp.post("/wishlist/lines/delete")
def remove() -> ResponseReturnValue:
    wishlist, variant_id = session.current(), _sent_id("variant_id")
    if wishlist is None:
        return _changed()
    with transaction():
        if variant_id:
            service.remove(wishlist, [variant_id])
        else:
            service.remove_product(wishlist, _sent_id("product_id"))
    undo = {
        "action": url_for("wishlist.add"),
        "fields": {"variant_id": variant_id},
        "words": _("Undo"),
    }
    return _changed(_("Taken off your wishlist."), undo if variant_id else None)


@bp.post("/wishlist/basket")
def move_to_basket() -> ResponseReturnValue:
    """One line, or all that can be bought; what is in the basket leaves the list."""
    wishlist, only = session.current(), _sent_id("variant_id")
    if wishlist is None:
        return redirect(url_for("wishlist.show"), code=303)
    wanted = [
        line
        for line in _lines(wishlist)
        if line.is_available and (not only or line.variant_id == only)
    ]
    if not wanted:
        return _refuse(_("That is sold out at the moment. Nothing was moved."), 409)
    moved = _put_in_basket(wanted)
    with transaction():
        service.remove(wishlist, moved)
    if len(moved) < len(wanted):
        flash(
            _("The basket is full: it holds %(count)s different things.", count=MAX_LINES), "error"
        )
    elif only:
        flash(_("%(title)s is in your basket.", title=wanted[0].title), "ok")
    else:
        flash(_("All that can be bought is in your basket."), "ok")
    return _hinted(redirect(url_for("cart.show"), code=303), wishlist)


@bp.post("/wishlist/from-basket")
def move_from_basket() -> ResponseReturnValue:
    """Save a line of the basket for later."""
    variant_id = _sent_id("variant_id")
    refusal = _added(variant_id)
    if refusal is not None:
        return refusal
    cart = cart_session.load()
    cart.remove(variant_id)
    cart_session.save(cart)
    flash(_("%(title)s is on your wishlist.", title=_title_of(variant_id)), "ok")
    return _hinted(redirect(url_for("cart.show"), code=303), session.current())


@bp.post("/wishlist/share")
def share() -> ResponseReturnValue:
    """Make a link for others, make a new one, or take it back."""
    wishlist = session.current()
    if wishlist is None:
        return redirect(url_for("wishlist.show"), code=303)
    with transaction():
        if "stop" in request.form:
            service.stop_sharing(wishlist)
        else:
            service.share(wishlist)
    return redirect(url_for("wishlist.show", _anchor="share"), code=303)


# Inside


def _page(wishlist: Wishlist | None) -> str:
    return render_template(
        "wishlist/wishlist.html",
        lines=_lines(wishlist) if wishlist else [],
        wishlist=wishlist,
        share_url=f"{settings().url}/wishlist/{wishlist.share_token}"
        if wishlist and wishlist.share_token
        else "",
    )


def _lines(wishlist: Wishlist) -> list[WishLine]:
    store = current_site().store
    return queries.lines(wishlist.id, store.selling, store.stock_words)


def _put_in_basket(lines: list[WishLine]) -> list[int]:
    """The variants that found room."""
    cart, moved = cart_session.load(), []
    for line in lines:
        try:
            cart.add(line.variant_id, 0 if line.variant_id in cart.quantities else 1)
        except CartFull:
            break
        moved.append(line.variant_id)
    cart_session.save(cart)
    code = current_site().store.selling.code
    seen = {line.variant_id: line.unit.amount for line in lines}
    cart_session.note_seen(cart_session.seen_amounts(code) | seen, code)
    return moved


def _added(variant_id: int) -> ResponseReturnValue | None:
    """Put it on the list; an answer where that is refused."""
    try:
        with transaction():
            wishlist = session.current() or _new_wishlist()
            service.add(wishlist, variant_id)
            token = wishlist.token
    except NotForSale:
        return _refuse(_("That product is not for sale any more."), 404)
    except WishlistFull:
        sentence = _(
            "Your wishlist is full: it holds %(count)s things. Please remove one first.",
            count=MAX_WISHES,
        )
        return _refuse(sentence, 409)
    session.keep(token)
    return None


def _new_wishlist() -> Wishlist:
    """A customer's own, so that it is there on the next device."""
    account = signed_in()
    if account is None or account.is_staff:
        return service.new_wishlist()
    own = service.adopt(account.id, service.new_wishlist())
    assert own is not None  # noqa: S101 - it was given one
    return own


def _title_of(variant_id: int) -> str:
    return variant_facts([variant_id], current_site().store.selling)[variant_id].title


def _of_product(product_id: int) -> int:
    return (queries.variant_to_wish_for(product_id) if product_id else None) or 0


def _sent_id(name: str) -> int:
    """0 where the form has none."""
    text = request.form.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _changed(message: str = "", undo: Mapping[str, object] | None = None) -> ResponseReturnValue:
    wishlist = session.current()
    if _wants_json():
        return _hinted(_state(wishlist, message), wishlist)
    if message:
        flash({"text": message, "undo": undo} if undo else message, "ok")  # type: ignore[arg-type]  # any JSON
    return _hinted(redirect(url_for("wishlist.show"), code=303), wishlist)


def _refuse(message: str, status: int) -> ResponseReturnValue:
    if _wants_json():
        return jsonify(error={"message": message}), status
    flash(message, "error")
    return _page(session.current()), status


def _state(wishlist: Wishlist | None, message: str = "") -> Response:
    found = queries.marks(wishlist.id) if wishlist else Marks((), ())
    return jsonify(
        count=len(found.variants),
        products=found.products,
        variants=found.variants,
        notice=message,
    )


def _hinted(answer: ResponseReturnValue, wishlist: Wishlist | None) -> Response:
    response = make_response(answer)
    if wishlist is not None:
        session.hint(response, wishlist, is_https=settings().is_https)
    return response


def _wants_json() -> bool:
    return request.accept_mimetypes.best == "application/json"

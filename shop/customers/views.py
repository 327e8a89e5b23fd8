"""A customer's own pages: orders, details, and the browsers that are signed in."""

from __future__ import annotations

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.exc import DBAPIError

from shop.accounts import passwords, queries
from shop.accounts import service as accounts
from shop.accounts.models import Account, LinkPurpose
from shop.accounts.security import is_recent, session_key, signed_in
from shop.address_book import queries as address_book
from shop.address_book import service as address_book_service
from shop.address_book.service import MAX_ADDRESSES, BookFull
from shop.cart import session as carts
from shop.cart.cart import MAX_LINES, CartFull
from shop.cart.saved import save_cart
from shop.clock import now
from shop.customers.forms import ChangePasswordForm, ErasureForm, NameForm, NewEmailForm
from shop.customers.session import (
    arrive,
    customer,
    leave,
    require_customer,
    tell_name,
    tell_scripts,
)
from shop.database import is_busy, transaction
from shop.extensions import db
from shop.gift_cards import queries as gift_cards
from shop.limits import service as limits
from shop.limits.words import too_many
from shop.newsletter import queries as subscribers
from shop.orders import queries as orders
from shop.orders.models import Order
from shop.orders.timeline import steps_of
from shop.orders.urls import order_link
from shop.payments import queries as payments
from shop.payments.refund_queries import refunds_of
from shop.pricing.queries import delivery_calendar
from shop.privacy import service as privacy
from shop.privacy.export import archive_of
from shop.reviews.queries import may_be_invited
from shop.web.config import settings
from shop.web.context import current_site
from shop.web.languages import current_language
from shop.web.pagination import paginate, read_page
from shop.web.proxies import g_now

bp = Blueprint("customers", __name__, url_prefix="/account")
bp.before_request(require_customer)
bp.after_app_request(tell_scripts)

PER_PAGE = 10


@bp.context_processor
def every_page() -> dict[str, object]:
    return {"customer": customer()}


# Orders ------------------------------------------------------------------------------------------


@bp.get("")
def home() -> ResponseReturnValue:
    latest = orders.orders_of_account(customer().id, limit=1)
    return render_template(
        "customers/home.html",
        latest=latest[0] if latest else None,
        credits=gift_cards.store_credits_of(customer().email),
    )


@bp.get("/orders")
def order_list() -> ResponseReturnValue:
    number = read_page(request.args.get("page"))
    rows = orders.orders_of_account(
        customer().id, limit=PER_PAGE + 1, offset=(number - 1) * PER_PAGE
    )
    pager = paginate(rows, number, PER_PAGE, lambda page: url_for(".order_list", page=page))
    return render_template("customers/orders.html", pager=pager)


@bp.get("/orders/<id:order_id>")
def order(order_id: int) -> ResponseReturnValue:
    found = _order_or_404(order_id)
    promised = delivery_calendar(current_site().store).promise(
        found.promised_from or now(), found.shipping_min_days, found.shipping_max_days
    )
    return render_template(
        "customers/order.html",
        order=found,
        link=order_link(found.token),
        steps=steps_of(found, promised.days),
        payments=payments.payments_of(found.id),
        refunds=[one for one in refunds_of(found.id) if one.is_counted],
        may_keep_address=bool(found.line1)
        and not address_book.is_saved(customer().id, found.address),
    )


@bp.post("/orders/<id:order_id>/basket")
def buy_again(order_id: int) -> ResponseReturnValue:
    """Into the basket at today's prices. What has become dearer, rarer or is gone, the basket
    tells by itself: it is shown the old prices as those last seen.
    """
    found = _order_or_404(order_id)
    cart, seen = carts.load(), carts.seen_amounts(found.currency)
    gone = [line.title for line in found.lines if line.variant_id is None]
    try:
        for line in found.lines:
            if line.variant_id is None:
                continue
            has = cart.quantities.get(line.variant_id, 0)
            if not has:
                seen[line.variant_id] = line.unit_amount
            cart.add(line.variant_id, max(0, line.quantity - has))
    except CartFull:
        flash(
            _("The basket is full: it holds %(count)s different things.", count=MAX_LINES), "error"
        )
    carts.save(cart)
    if found.currency == current_site().store.selling.code:
        carts.note_seen(seen, found.currency)
    if gone:
        flash(_("No longer for sale: %(titles)s.", titles=", ".join(gone)), "warn")
    if len(gone) < len(found.lines):
        flash(_("Your order is in the basket again, at today's prices."), "ok")
    return redirect(url_for("cart.show"), code=303)


@bp.post("/orders/<id:order_id>/address")
def keep_address(order_id: int) -> ResponseReturnValue:
    """Into the address book, for the next order."""
    found = _order_or_404(order_id)
    if not found.line1:
        abort(409, _("This order went to no address. Nothing was changed."))
    try:
        with transaction():
            address_book_service.add(customer().id, found.address, found.phone)
    except BookFull:
        flash(
            _("You keep %(count)s addresses already. Remove one first.", count=MAX_ADDRESSES),
            "error",
        )
    else:
        flash(_("Address saved."), "ok")
    return redirect(url_for("address_book.show"), code=303)


# Details and security ----------------------------------------------------------------------------


@bp.get("/details")
def details() -> ResponseReturnValue:
    return _details_page()


@bp.post("/details/name")
def change_name() -> ResponseReturnValue:
    form = NameForm(prefix="own-")
    if not form.is_valid():
        return _details_page(name=form), 422
    name = form.name.data or ""
    with transaction():
        _account().name = name
    tell_name(name)
    flash(_("Saved."), "ok")
    return _back()


@bp.post("/details/email")
def change_email() -> ResponseReturnValue:
    """The new address counts once its mailbox has said so."""
    form = NewEmailForm(prefix="email-")
    if not form.is_valid():
        return _details_page(email=form), 422
    refusal = _refusal(form)
    if refusal:
        return _details_page(email=form), refusal
    limit = limits.limit("new address", str(customer().id), 5)
    with transaction():
        wait = limits.take([limit])
        if not wait:
            accounts.mail_link(
                LinkPurpose.CHANGE_EMAIL,
                form.address,
                language=current_language(),
                account_id=customer().id,
            )
    if wait:
        form.complain(form.email, too_many(wait))
        return _details_page(email=form), 429
    flash(_("A mail is on its way to %(email)s: open the link in it.", email=form.address), "info")
    return _back()


@bp.post("/details/password")
def change_password() -> ResponseReturnValue:
    form = ChangePasswordForm(prefix="password-")
    if not form.is_valid():
        return _details_page(password=form), 422
    refusal = _refusal(form)
    if refusal:
        return _details_page(password=form), refusal
    password_hash = passwords.hashed(form.typed)
    with transaction():
        account = _account()
        accounts.choose_password(account, password_hash)
        arrive(account, by="password")
    flash(_("Your new password counts from now on. Every other browser is signed out."), "ok")
    return _back()


@bp.post("/sessions/<id:session_id>/delete")
def end_session(session_id: int) -> ResponseReturnValue:
    with transaction():
        is_gone = accounts.end_one_session(customer().id, session_id)
    if not is_gone:
        abort(404)
    flash(_("That browser is signed out."), "ok")
    return redirect(url_for(".details", _anchor="sessions"), code=303)


@bp.post("/sessions/delete")
def end_all_sessions() -> ResponseReturnValue:
    """Everywhere, here too."""
    with transaction():
        accounts.end_sessions(_account())
        leave()
    flash(_("You are signed out everywhere."), "ok")
    return redirect(url_for("accounts.show_sign_in"), code=303)


# Privacy -----------------------------------------------------------------------------------------


@bp.get("/privacy")
def show_privacy() -> ResponseReturnValue:
    return _privacy_page(ErasureForm(values={}))


@bp.post("/privacy/export")
def export() -> ResponseReturnValue:
    """Everything the shop keeps about them, as a file."""
    limit = limits.limit("export", str(customer().id), 5)
    with transaction():
        wait = limits.take([limit])
    if wait:
        flash(too_many(wait), "warn")
        return _privacy_page(ErasureForm(values={})), 429, {"Retry-After": str(wait)}
    response = Response(archive_of(_account(), settings().media_path), mimetype="application/zip")
    response.headers["Content-Disposition"] = 'attachment; filename="my-data.zip"'
    return response


@bp.post("/privacy/erasure")
def erase() -> ResponseReturnValue:
    form = ErasureForm()
    if not form.is_valid():
        return _privacy_page(form), 422
    refusal = _refusal(form)
    if refusal:
        return _privacy_page(form), refusal
    with transaction():
        account = _account()
        leave()
        privacy.erase(account, by=None)
    flash(_("Your account and what belonged to it are erased."), "ok")
    return redirect("/", code=303)


# After any request -------------------------------------------------------------------------------


@bp.after_app_request
def keep_cart(response: Response) -> Response:
    """A customer's changed cart is kept with the account. The cookie's counts: where the database
    is busy, the account's is brought up later.
    """
    # A cart that was saved on the way in is kept already; a failed request changed nothing.
    told = vars(g_now())
    if "cart_count" not in told or "account_name" in told or response.status_code >= 400:
        return response
    account = signed_in() if "_user_id" in session else None
    if account is not None and not account.is_staff:
        account_id = account.id
        try:
            with transaction():
                save_cart(account_id, carts.load())
        except DBAPIError as error:
            if not is_busy(error):
                raise
    return response


# Inside ------------------------------------------------------------------------------------------


def _account() -> Account:
    return db.session.get_one(Account, customer().id)


def _order_or_404(order_id: int) -> Order:
    found = orders.order_of_account(customer().id, order_id)
    if found is None:
        abort(404)
    return found


def _details_page(
    *,
    name: NameForm | None = None,
    email: NewEmailForm | None = None,
    password: ChangePasswordForm | None = None,
) -> str:
    return render_template(
        "customers/details.html",
        name_form=name or NameForm(prefix="own-", values={"name": customer().name}),
        email_form=email or NewEmailForm(prefix="email-", values={}),
        password_form=password or ChangePasswordForm(prefix="password-", values={}),
        subscriber=subscribers.by_email(customer().email),
        may_be_invited=may_be_invited(customer().email),
        sessions=queries.sessions_of(customer().id),
        this_session=session_key(),
        must_sign_in=not customer().has_password and not is_recent(),
    )


def _privacy_page(form: ErasureForm) -> str:
    return render_template(
        "customers/privacy.html",
        form=form,
        credits=[card.balance for card in gift_cards.store_credits_of(customer().email)],
        must_sign_in=not customer().has_password and not is_recent(),
    )


def _refusal(form: NewEmailForm | ChangePasswordForm | ErasureForm) -> int:
    """Whether it is shown who asks: by the password, or, where there is none, by having signed in
    just now. Zero, or the status to answer with; the form tells why.
    """
    if not customer().has_password:
        if is_recent():
            return 0
        form.complain(form.current, _("Please sign in again first: that was a while ago."))
        return 403
    # By this session, so that strangers who guess elsewhere do not keep the owner from it.
    allowed = accounts.sign_in_limits(
        customer().email, address=request.remote_addr, device=session_key()
    )
    with transaction():
        wait = limits.take(allowed)
    if wait:
        form.complain(form.current, too_many(wait))
        return 429
    try:
        is_right = passwords.matches(form.current.data or "", _account())
    except passwords.TooManyAtOnce:
        with transaction():
            limits.give_back(allowed)
        form.complain(form.current, _("The shop is busy. Please try again in a few seconds."))
        return 503
    if not is_right:
        form.complain(form.current, _("That is not your password."))
        return 422
    with transaction():
        limits.give_back(allowed)
    return 0


def _back() -> ResponseReturnValue:
    return redirect(url_for(".details"), code=303)

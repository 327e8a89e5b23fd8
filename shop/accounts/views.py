"""Signing in and out, by password or mailed link, and what mailed links lead to.

No answer tells whether an address has an account: whoever asks for a link gets a mail, and only
the mail knows.
"""

from __future__ import annotations

from math import ceil

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.accounts import passwords, queries, service
from shop.accounts.forms import EmailForm, NewCustomerForm, NewPasswordForm, SignInForm
from shop.accounts.links import link_of
from shop.accounts.models import Account, LinkPurpose, MailedLink
from shop.accounts.second_step import queries as second_step
from shop.accounts.second_step.passkeys import is_possible as passkeys_are_possible
from shop.accounts.security import go_halfway, known_device, signed_in
from shop.customers import session as customers
from shop.database import in_transaction, transaction
from shop.limits import service as limits
from shop.orders import service as orders
from shop.web.counts import ngettext
from shop.web.languages import current_language
from shop.web.paths import own_path

bp = Blueprint("accounts", __name__)

BUSY_SECONDS = 5


# By password -----------------------------------------------------------------------------------


@bp.get("/sign-in")
def show_sign_in() -> ResponseReturnValue:
    wanted = request.args.get("next", "")
    if account := signed_in():
        return redirect(_way_on(account, wanted), code=303)
    if _leads_to_admin(wanted) and not queries.has_owner():
        return redirect(url_for("setup.where"), code=303)
    return _page(SignInForm(values={"next": wanted}))


@bp.post("/sign-in")
def sign_in() -> ResponseReturnValue:
    form = SignInForm()
    if not form.is_valid():
        return _page(form), 422
    credentials = form.credentials()
    email = _known_form(credentials.email)
    account = queries.account_by_email(email)
    allowed = service.sign_in_limits(
        email,
        address=request.remote_addr,
        device=known_device(account.id) if account is not None else None,
    )
    with transaction():
        wait = limits.take(allowed)
    if wait:
        return _turned_away(form, _too_many_tries(wait), 429, wait)
    try:
        is_right = passwords.matches(credentials.password, account)
    except passwords.TooManyAtOnce:
        with transaction():
            limits.give_back(allowed)  # no password was looked at
        return _turned_away(form, _too_many_at_once(), 503, BUSY_SECONDS)
    if account is None or not is_right or not account.active:
        return _page(form, is_refused=True), 422
    has_more_to_show = account.is_staff and second_step.has_second_step(account.id)
    with transaction():
        limits.forget(allowed[0])
        if has_more_to_show:
            go_halfway(account, form.next.data or "")
        else:
            customers.arrive(account, by="password")
    if has_more_to_show:
        return redirect(url_for("second_step.show"), code=303)
    return redirect(_way_on(account, form.next.data or ""), code=303)


@bp.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """A copy of the cookie is worth nothing afterwards. The staff come to their own way in."""
    account = signed_in()
    way_back = url_for("admin.home") if account and account.is_staff else None
    with transaction():
        customers.leave()
    return redirect(url_for(".show_sign_in", next=way_back), code=303)


# By mailed link ----------------------------------------------------------------------------------


@bp.post("/sign-in/link")
def mail_sign_in_link() -> ResponseReturnValue:
    """Sent by the sign-in form, whose password plays no part in it."""
    form = EmailForm()
    if not form.is_valid():
        shown = SignInForm(values={"email": form.email.data, "next": form.next.data})
        shown.complain(shown.email, form.complaints.get("email", ""))
        return _page(shown), 422
    wait = _mail_link(LinkPurpose.SIGN_IN, form)
    if wait:
        shown = SignInForm(values={"email": form.email.data, "next": form.next.data})
        return _too_many(_page(shown, notice=_too_many_links(wait)), wait)
    return _sent(form)


@bp.get("/sign-up")
def show_sign_up() -> ResponseReturnValue:
    wanted = request.args.get("next", "")
    if account := signed_in():
        return redirect(_way_on(account, wanted), code=303)
    return _sign_up_page(EmailForm(values={"next": wanted}))


@bp.post("/sign-up")
def sign_up() -> ResponseReturnValue:
    form = EmailForm()
    if not form.is_valid():
        return _sign_up_page(form), 422
    if wait := _mail_link(LinkPurpose.SIGN_UP, form):
        return _too_many(_sign_up_page(form, _too_many_links(wait)), wait)
    return _sent(form)


@bp.get("/forgot-password")
def show_forgot_password() -> ResponseReturnValue:
    return _forgot_page(EmailForm(values={"next": request.args.get("next", "")}))


@bp.post("/forgot-password")
def forgot_password() -> ResponseReturnValue:
    form = EmailForm()
    if not form.is_valid():
        return _forgot_page(form), 422
    if wait := _mail_link(LinkPurpose.NEW_PASSWORD, form):
        return _too_many(_forgot_page(form, _too_many_links(wait)), wait)
    return _sent(form)


@bp.get("/link-sent")
def link_sent() -> ResponseReturnValue:
    return render_template("accounts/link_sent.html", wanted=request.args.get("next", ""))


@bp.get("/links/<text>")
def show_link(text: str) -> ResponseReturnValue:
    """Mail programs open links by themselves: looking at it changes nothing."""
    link = link_of(text)
    account = queries.account_by_email(link.email) if link else None
    if link is None or not _opens(link, account):
        return _no_link()
    return _link_page(link, account)


@bp.post("/links/<text>")
def follow_link(text: str) -> ResponseReturnValue:
    link = link_of(text)
    account = queries.account_by_email(link.email) if link else None
    if link is None or not _opens(link, account):
        return _no_link()
    try:
        if link.purpose == LinkPurpose.CHANGE_EMAIL:
            return _change_email(link)
        if account is None:
            return _create(link)
        if link.purpose == LinkPurpose.NEW_PASSWORD:
            return _choose_password(link, account)
    except passwords.TooManyAtOnce:
        return _link_page(link, account, notice=_too_many_at_once()), 503

    def sign_in() -> bool:
        is_good = service.use_link(link)
        if is_good:
            customers.arrive(account, by="link")
        return is_good

    return _arrived(account, link) if in_transaction(sign_in) else _no_link()


# Inside ------------------------------------------------------------------------------------------


def _create(link: MailedLink) -> ResponseReturnValue:
    form = NewCustomerForm()
    if not form.is_valid():
        return _link_page(link, None, form), 422
    password = form.password.data or ""
    password_hash = passwords.hashed(password) if password else None

    def create() -> Account | None:
        if not service.use_link(link):
            return None
        account = service.create_customer(
            link.email,
            name=form.name.data or "",
            password_hash=password_hash,
            language=current_language(),
        )
        orders.claim(account.id, account.email)
        customers.take_over_details(account)
        customers.arrive(account, by="link")
        return account

    account = in_transaction(create)
    if account is None:
        return _no_link()
    flash(_("Welcome. Your account is ready."), "ok")
    return _arrived(account, link)


def _choose_password(link: MailedLink, account: Account) -> ResponseReturnValue:
    form = NewPasswordForm()
    if not form.is_valid():
        return _link_page(link, account, form), 422
    password_hash = passwords.hashed(form.typed)

    def choose() -> bool:
        is_good = service.use_link(link)
        if is_good:
            service.choose_password(account, password_hash)
            customers.arrive(account, by="link")
        return is_good

    if not in_transaction(choose):
        return _no_link()
    flash(_("Your new password counts from now on. Every other browser is signed out."), "ok")
    return _arrived(account, link)


def _change_email(link: MailedLink) -> ResponseReturnValue:
    """Whoever opens it reads the new mailbox; that it is the account's wish was proved before."""

    def change() -> bool:
        account = queries.account(link.account_id)
        if account is None or not service.use_link(link):
            return False
        orders.claim(account.id, account.email)  # what the address before ordered, too
        service.change_email(account, link)
        orders.claim(account.id, account.email)
        return True

    if not in_transaction(change):
        return _no_link()
    flash(_("Your account uses %(email)s from now on.", email=link.email), "ok")
    return redirect(url_for("customers.details"), code=303)


def _opens(link: MailedLink, account: Account | None) -> bool:
    """Staff sign in by their password alone, and closed accounts do not open."""
    if link.purpose == LinkPurpose.CHANGE_EMAIL:
        return account is None
    return account is None or (account.active and not account.is_staff)


def _arrived(account: Account, link: MailedLink) -> ResponseReturnValue:
    return redirect(_way_on(account, link.way_on), code=303)


def _link_page(
    link: MailedLink,
    account: Account | None,
    form: NewCustomerForm | NewPasswordForm | None = None,
    notice: str = "",
) -> str:
    if form is None:
        form = NewCustomerForm(values={}) if account is None else NewPasswordForm(values={})
    return render_template(
        "accounts/link.html",
        link=link,
        is_new=account is None,
        form=form,
        notice=notice,
        purposes=LinkPurpose,
    )


def _no_link() -> ResponseReturnValue:
    return render_template("accounts/no_link.html"), 404


def _mail_link(purpose: LinkPurpose, form: EmailForm) -> int:
    """Seconds to wait; zero where the mail is on its way."""
    email = form.address
    with transaction():
        wait = limits.take(service.link_limits(email, request.remote_addr))
        if not wait:
            service.mail_link(
                purpose,
                email,
                language=current_language(),
                way_on=own_path(form.next.data or "") or "",
            )
    return wait


def _sent(form: EmailForm) -> ResponseReturnValue:
    return redirect(url_for(".link_sent", next=form.next.data or None), code=303)


def _way_on(account: Account, wanted: str) -> str:
    home = url_for("admin.home") if account.is_staff else url_for("customers.home")
    return own_path(wanted) or home


def _leads_to_admin(wanted: str) -> bool:
    """Only the staff go there: they alone have passkeys, are invited, and no mailed link opens
    their accounts.
    """
    return wanted.startswith("/admin")


def _known_form(email: str) -> str:
    """What is no email address belongs to nobody, and is answered like an unknown one."""
    try:
        return service.normal_email(email)
    except service.UnusableEmail:
        return email.strip(" ").casefold()


def _page(form: SignInForm, *, is_refused: bool = False, notice: str = "") -> str:
    is_for_staff = _leads_to_admin(form.next.data or "")
    return render_template(
        "accounts/sign_in.html",
        form=form,
        is_refused=is_refused,
        notice=notice,
        is_for_staff=is_for_staff,
        offers_passkeys=is_for_staff and passkeys_are_possible(),
    )


def _sign_up_page(form: EmailForm, notice: str = "") -> str:
    return render_template("accounts/sign_up.html", form=form, notice=notice)


def _forgot_page(form: EmailForm, notice: str = "") -> str:
    return render_template("accounts/forgot_password.html", form=form, notice=notice)


def _turned_away(form: SignInForm, sentence: str, status: int, seconds: int) -> ResponseReturnValue:
    response = make_response(_page(form, notice=sentence), status)
    response.headers["Retry-After"] = str(seconds)
    return response


def _too_many(page: str, seconds: int) -> ResponseReturnValue:
    return page, 429, {"Retry-After": str(seconds)}


def _too_many_at_once() -> str:
    return _("Many people sign in at this moment. Please try again in a few seconds.")


def _too_many_tries(seconds: int) -> str:
    return ngettext(
        "Too many tries. Please wait %(num)s minute and try again; nothing is locked for good.",
        "Too many tries. Please wait %(num)s minutes and try again; nothing is locked for good.",
        ceil(seconds / 60),
    )


def _too_many_links(seconds: int) -> str:
    return ngettext(
        "Nothing was sent: that were many mails in a short time. Please look for the ones before,"
        " or wait %(num)s minute.",
        "Nothing was sent: that were many mails in a short time. Please look for the ones before,"
        " or wait %(num)s minutes.",
        ceil(seconds / 60),
    )

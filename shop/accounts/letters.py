"""The mails of accounts. Everybody who asks for a link gets one; only the mailbox's owner learns
from it whether there is an account.
"""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from shop.accounts import queries, service
from shop.accounts.links import link_url
from shop.accounts.models import Account, LinkPurpose, MailedLink
from shop.extensions import db
from shop.outbox.mailer import Facts, Letter
from shop.sentences import N_
from shop.web.config import settings

#: Subject and heading, the sentence, the button; by what was asked for by whom there is.
Words = tuple[LazyString, LazyString, LazyString]

_SIGN_IN: Words = (
    _("Your link to sign in"),
    _("You asked for a link to sign in. It works once, within the next hour."),
    _("Sign in"),
)
_NEW_PASSWORD: Words = (
    _("Choose a new password"),
    _("You asked for a new password. The link works once, within the next hour."),
    _("Choose a new password"),
)
_HAS_ACCOUNT: Words = (
    _("You already have an account"),
    _(
        "Somebody, probably you, asked for a new account with this address. There is one already;"
        " this link signs you in. It works once, within a day."
    ),
    _("Sign in"),
)
_SIGN_UP: Words = (
    _("Confirm your address"),
    _("One more step to your account: open this link. It works once, within a day."),
    _("Confirm and go on"),
)
_NO_ACCOUNT: Words = (
    _("There is no account with this address"),
    _(
        "You asked to sign in, but there is no account with this address yet. Maybe you ordered"
        " without one, or with another address. This link makes one; it works once, within the"
        " next hour."
    ),
    _("Create an account"),
)
_CHANGE_EMAIL: Words = (
    _("Confirm your new address"),
    _("Open this link to use this address for your account from now on. It works for a day."),
    _("Use this address"),
)
_TAKEN: Words = (
    _("This address has an account already"),
    _(
        "You wanted to use this address for your account, but another account has it. Sign in to"
        " that one, or choose another address."
    ),
    _("Sign in"),
)
_STAFF: Words = (
    _("Staff sign in with their password"),
    _(
        "Somebody asked for a link to your account at the shop. No mailed link opens the accounts"
        " of staff: sign in with your password or a passkey. If the password is lost, whoever"
        " looks after the shop's server sets a new one."
    ),
    _("Sign in"),
)
_KNOWN = {
    LinkPurpose.SIGN_IN: _SIGN_IN,
    LinkPurpose.NEW_PASSWORD: _NEW_PASSWORD,
    LinkPurpose.SIGN_UP: _HAS_ACCOUNT,
}


def link(payload: dict[str, Any]) -> Letter | None:
    """None where the link is worth nothing any more, or its account is closed."""
    found = queries.good_link(payload["link_id"])
    if found is None:
        return None
    account = queries.account_by_email(found.email)
    if account is not None and not account.active:
        return None
    words = _words(found, account)
    return _letter(found.email, found.language, words, _url(found, words))


def password_changed(payload: dict[str, Any]) -> Letter | None:
    account = db.session.get(Account, payload["account_id"])
    if account is None:
        return None
    words = (
        _("Your password was changed"),
        _(
            "The password of your account was changed just now, and every other browser was signed"
            " out. If that was not you, choose a new one at once."
        ),
        _("Choose a new password"),
    )
    return _letter(
        account.email, account.language, words, f"{settings().url}/forgot-password", is_warning=True
    )


def email_changed(payload: dict[str, Any]) -> Letter | None:
    """To the address before."""
    found = db.session.get(MailedLink, payload["link_id"])
    if found is None:
        return None
    words = (
        _("Your account has a new address"),
        _(
            "Your account's email address was changed to another one. If that was not you, write"
            " to us at once."
        ),
        _("Write to us"),
    )
    url = f"{settings().url}/pages/contact"
    return _letter(found.old_email, found.language, words, url, is_warning=True)


def new_device(payload: dict[str, Any]) -> Letter | None:
    account = db.session.get(Account, payload["account_id"])
    if account is None:
        return None
    words = (
        _("A new browser has signed in"),
        _(
            "Somebody, probably you, signed in to your staff account with a browser that never did"
            " so before: %(device)s. If that was not you, change your password at once and tell an"
            " owner of the shop.",
            device=payload["device"] or _("unknown"),
        ),
        _("Look at my account"),
    )
    url = f"{settings().url}/admin/account"
    return _letter(account.email, account.language, words, url, is_warning=True)


#: By the action that the activity keeps.
_CHANGES = {
    "account.authenticator_added": N_(
        "An authenticator app was added to your staff account. Its codes are asked for after the"
        " password from now on."
    ),
    "account.authenticator_removed": N_(
        "The authenticator app was removed from your staff account. Its codes are worth nothing"
        " now."
    ),
    "account.passkey_added": N_(
        "A passkey was added to your staff account: %(passkey)s. It signs in without a password."
    ),
    "account.passkey_removed": N_(
        "A passkey was removed from your staff account: %(passkey)s. It signs nobody in any more."
    ),
    "account.recovery_codes_made": N_(
        "New recovery codes were made for your staff account. Those before are worth nothing now."
    ),
    "account.second_step_reset": N_(
        "The authenticator app, the passkeys and the recovery codes of your staff account were"
        " removed, and every browser was signed out."
    ),
}


def second_step_changed(payload: dict[str, Any]) -> Letter | None:
    account = db.session.get(Account, payload["account_id"])
    if account is None:
        return None
    change = _CHANGES[payload["change"]]
    words = (
        _("Your second step was changed"),
        _(
            "%(change)s If that was not you, change your password at once and tell an owner of the"
            " shop.",
            change=_(change, passkey=payload["passkey"]),
        ),
        _("Look at my account"),
    )
    url = f"{settings().url}/admin/account"
    return _letter(account.email, account.language, words, url, is_warning=True)


LETTERS: dict[str, Facts] = {
    service.SECOND_STEP_CHANGED: second_step_changed,
    service.NEW_DEVICE: new_device,
    service.LINK: link,
    service.PASSWORD_CHANGED: password_changed,
    service.EMAIL_CHANGED: email_changed,
}


def _words(found: MailedLink, account: Account | None) -> Words:
    purpose = LinkPurpose(found.purpose)
    if purpose == LinkPurpose.CHANGE_EMAIL:
        return _CHANGE_EMAIL if account is None else _TAKEN
    if account is None:
        return _SIGN_UP if purpose == LinkPurpose.SIGN_UP else _NO_ACCOUNT
    return _STAFF if account.is_staff else _KNOWN[purpose]


def _url(found: MailedLink, words: Words) -> str:
    if words == _STAFF:
        return f"{settings().url}/admin"
    return f"{settings().url}/sign-in" if words == _TAKEN else link_url(found)


def _letter(to: str, language: str, words: Words, url: str, *, is_warning: bool = False) -> Letter:
    """`is_warning`: who did not expect it has something to do."""
    title, sentence, button = words
    return Letter(
        to=to,
        subject=title,
        template="accounts/link",
        language=language,
        title=title,
        sentence=sentence,
        button=button,
        url=url,
        is_warning=is_warning,
    )

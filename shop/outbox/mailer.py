"""Mails: rendered when they are sent, in text and HTML, by SMTP or into a folder in development."""

from __future__ import annotations

import email
import email.policy
import hashlib
import os
import smtplib
from collections.abc import Callable
from email.message import EmailMessage
from email.utils import quote
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import css_inline
from babel import Locale
from flask import current_app
from flask_babel import force_locale
from flask_babel.speaklater import LazyString
from flask_mail import Message

from shop.extensions import mail
from shop.outbox.worker import Claimed
from shop.settings import Settings
from shop.store import queries as store
from shop.theme import queries as theme_queries
from shop.theme.look import corners, mail_colors
from shop.theme.themes import CORE, Theme
from shop.web.config import settings
from shop.web.filters import tell_sole_currency
from shop.web.languages import locale_of

#: What a mail's templates print, and to whom it goes: made from the ids in the payload.
Facts = Callable[[dict[str, Any]], "Letter | None"]


class Letter:
    """One mail to be written: the recipient, the subject, and what its templates print.

    A lazy subject is said in the mail's language.
    """

    def __init__(
        self,
        *,
        to: str,
        subject: str | LazyString,
        template: str,
        language: str = "en",
        reply_to: str = "",
        stop_url: str = "",
        **context: Any,
    ) -> None:
        self.to, self.subject, self.template, self.context = to, subject, template, context
        self.language = language
        #: Empty: the shop's own address.
        self.reply_to = reply_to
        #: Where a POST, by a mail program's own button too, ends such mails (RFC 8058); the
        #: templates print it as well. Empty: no mail that anybody could want to end.
        self.stop_url = stop_url
        self.context["stop_url"] = stop_url


class _Mail(Message):
    """Its headers leave as they are. Python would encode the address of a page that is too long
    for a line and has no place to break, and mail programs then find no way to unsubscribe: what
    stands in `<>` is never encoded (RFC 2047, section 5).
    """

    def as_bytes(self) -> bytes:
        policy = email.policy.SMTP.clone(refold_source="none")
        return self._message().as_bytes(policy=policy)


def send(claimed: Claimed, letters: dict[str, Facts]) -> None:
    """Send the mail that the promise names, unless it was taken back or its address erased."""
    letter = letters[claimed.name](claimed.payload)
    if letter is None or not letter.to:
        return
    message = _message(letter, claimed.dedupe_key)
    if settings().mail_server:
        _send(message)
    else:
        _drop_in_folder(message, settings().mail_folder)


def render(letter: Letter) -> tuple[str, str]:
    """Text and HTML. The styles are written into the elements: mail programs drop style sheets."""
    shop, live = theme_queries.frame()
    themes = current_app.extensions["themes"]
    theme = themes.get(live.handle) or themes[CORE]
    locale = Locale.parse(locale_of(letter.language))
    tell_sole_currency(shop.sole_currency)
    context = {
        "shop": shop,
        "logo": live.look.logo,
        "day": mail_colors(theme, live.look),
        "night": mail_colors(theme, live.look, is_night=True),
        "corners": corners(theme, live.look),
        "shop_url": settings().url,
        "settings": settings(),
        "language": letter.language,
        "direction": locale.text_direction,
        **letter.context,
    }
    with force_locale(str(locale)):
        text = _template(theme, f"emails/{letter.template}.txt", context)
        html = _template(theme, f"emails/{letter.template}.html", context)
    return text, _inliner().inline(html)


def _template(theme: Theme, name: str, context: dict[str, Any]) -> str:
    # Not render_template: its context processors expect a request.
    environment: Any = current_app.jinja_env
    return str(environment.of_theme(theme.handle).get_template(name).render(context))


def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(
        keep_style_tags=True, keep_at_rules=True, load_remote_stylesheets=False
    )


def _message(letter: Letter, dedupe_key: str) -> Message:
    shop = store.current()
    text, html = render(letter)
    with force_locale(locale_of(letter.language)):
        subject = " ".join(str(letter.subject).split())
    sender = settings().mail_sender or shop.contact_email
    message = _Mail(
        subject=subject,
        recipients=[letter.to],
        sender=_named(shop.mail_sender_name or shop.name, sender),
        reply_to=letter.reply_to or shop.mail_reply_to or shop.contact_email,
        body=text,
        html=html,
    )
    message.extra_headers = _headers(letter)
    # The same promise has the same id, so that a receiver can drop a repeat.
    message.msgId = _message_id(dedupe_key, settings())
    return message


def _headers(letter: Letter) -> dict[str, str]:
    """Out-of-office replies stay away (RFC 3834), but from a message that a person has typed."""
    headers = {} if letter.reply_to else {"Auto-Submitted": "auto-generated"}
    if letter.stop_url:
        headers["List-Unsubscribe"] = f"<{letter.stop_url}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def _named(name: str, address: str) -> str:
    """The name in quotes, so that no letter in it ends it; Flask-Mail encodes the result."""
    return f'"{quote(" ".join(name.split()))}" <{address}>'


def _message_id(dedupe_key: str, config: Settings) -> str:
    digest = hashlib.sha256(f"{config.stripe_store_id}:{dedupe_key}".encode()).hexdigest()[:32]
    return f"<{digest}@{urlsplit(config.url).hostname}>"


def _send(message: Message) -> None:
    """A server that breaks off after it has taken the mail has taken it: no second copy."""
    is_taken = False
    try:
        with mail.connect() as connection:
            connection.send(message)
            is_taken = True
    except (smtplib.SMTPException, OSError):
        if not is_taken:
            raise


# Development: a folder instead of a server -------------------------------------------------------


def _drop_in_folder(message: Message, folder: Path) -> None:
    """One file per promise: a repeat overwrites it."""
    folder.mkdir(parents=True, exist_ok=True)
    name = (message.msgId or "").strip("<>").partition("@")[0]
    target = folder / f"{name}.eml"
    draft = target.with_suffix(f".{os.getpid()}.tmp")
    draft.write_bytes(message.as_bytes())
    draft.replace(target)


def dropped(folder: Path) -> list[tuple[str, EmailMessage]]:
    """Names and mails in the folder, newest first."""
    files = sorted(folder.glob("*.eml"), key=lambda file: file.stat().st_mtime, reverse=True)
    return [(file.stem, _read(file)) for file in files]


def dropped_one(folder: Path, name: str) -> EmailMessage | None:
    file = folder / f"{name}.eml"
    return _read(file) if name.isalnum() and file.is_file() else None


def _read(file: Path) -> EmailMessage:
    return email.message_from_bytes(file.read_bytes(), policy=email.policy.default)

"""Each kind of mail, to be looked at in every language and sent to oneself."""

from __future__ import annotations

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _

from shop import audit
from shop.admin import mail_samples
from shop.admin.access import bp, staff
from shop.admin.mail_words import mail_name
from shop.admin.refund_forms import new_press
from shop.database import transaction
from shop.outbox import service as outbox
from shop.outbox.mailer import Letter, render
from shop.web.config import settings
from shop.web.context import own_name
from shop.web.headers import content_security_policy
from shop.web.languages import LOCALES, locale_of


@bp.get("/settings/mails/<name>")
def mail_preview(name: str) -> ResponseReturnValue:
    language = _language(request.args.get("language"))
    letter = _sample(name, language)
    with force_locale(locale_of(language)):
        subject = str(letter.subject)
    page = render_template(
        "admin/mail.html",
        name=name,
        title=mail_name(name),
        language=language,
        languages=[(code, own_name(code)) for code in LOCALES],
        subject=subject,
        text=render(letter)[0],
        press=new_press(),
        to=staff().email,
    )
    response = Response(page, mimetype="text/html")
    policy = content_security_policy(settings())
    response.headers["Content-Security-Policy"] = f"{policy}; frame-src 'self'"
    return response


@bp.get("/settings/mails/<name>/html")
def mail_html(name: str) -> ResponseReturnValue:
    """The HTML part alone, as a mail program would show it: its styles stand in its elements."""
    letter = _sample(name, _language(request.args.get("language")))
    response = Response(render(letter)[1], mimetype="text/html")
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; img-src 'self' data: https:; style-src 'unsafe-inline'; sandbox; "
        "frame-ancestors 'self'"
    )
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


@bp.post("/settings/mails/<name>/tests")
def test_mail(name: str) -> ResponseReturnValue:
    """To whoever asks for it, and to nobody else."""
    language = _language(request.form.get("language"))
    _sample(name, language)
    press = request.form.get("press", "")[:40] or new_press()
    to = staff().email
    with transaction():
        outbox.enqueue(
            channel=outbox.EMAIL,
            name=mail_samples.TEST,
            payload={"mail": name, "language": language, "to": to},
            dedupe_key=f"{mail_samples.TEST}:{staff().id}:{press}",
        )
        audit.record(
            staff().id, "store.mail_tested", subject_kind="store", subject_id=1,
            name=name, language=language,
        )  # fmt: skip
    flash(_("A test is on the way to %(email)s.", email=to), "ok")
    return redirect(url_for(".mail_preview", name=name, language=language), code=303)


def _sample(name: str, language: str) -> Letter:
    try:
        return mail_samples.sample(name, language, staff().email)
    except mail_samples.NoSuchMail:
        abort(404)


def _language(text: str | None) -> str:
    return text if text in LOCALES else next(iter(LOCALES))

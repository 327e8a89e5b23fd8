"""The shop's own settings, a page for each kind."""

from __future__ import annotations

from flask import abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.admin import mail_samples, versions
from shop.admin.access import bp, staff, store
from shop.admin.mail_words import mail_name
from shop.admin.settings_forms import (
    DeliveryForm,
    LanguagesForm,
    LegalForm,
    MailsForm,
    ReviewsForm,
    ShopForm,
    StockForm,
)
from shop.admin.undo import flash_with_undo
from shop.admin.versions import ChangedMeanwhile
from shop.database import transaction
from shop.store import queries as stores
from shop.store import service
from shop.web.config import settings as config
from shop.web.context import own_name
from shop.web.languages import LOCALES

SettingsForm = (
    ShopForm | LanguagesForm | MailsForm | LegalForm | StockForm | DeliveryForm | ReviewsForm
)
FORMS: dict[str, type[SettingsForm]] = {
    "shop": ShopForm,
    "languages": LanguagesForm,
    "mails": MailsForm,
    "legal": LegalForm,
    "stock": StockForm,
    "delivery": DeliveryForm,
    "reviews": ReviewsForm,
}


@bp.get("/settings")
def settings() -> ResponseReturnValue:
    return render_template("admin/settings.html", store=store())


@bp.get("/settings/<section>")
def settings_section(section: str) -> ResponseReturnValue:
    return _page(section, _form(section).of(store()))


@bp.post("/settings/<section>")
def save_settings(section: str) -> ResponseReturnValue:
    form = _form(section)()
    if not form.is_valid():
        return _page(section, form), 422
    columns, by = form.columns(), staff().id
    try:
        with transaction():
            service.take_turn()
            versions.check(_form(section).of(stores.current()), typed=[form])
            service.change(columns, by=by)
    except ChangedMeanwhile:
        form.complain(next(iter(form)), versions.sentence())
        return _page(section, form), 409
    flash_with_undo(_("Saved."), by=staff().id)
    return redirect(url_for(".settings_section", section=section), code=303)


def _form(section: str) -> type[SettingsForm]:
    if section not in FORMS:
        abort(404)
    return FORMS[section]


def _page(section: str, form: SettingsForm) -> str:
    return render_template(
        f"admin/settings_{section}.html",
        form=form,
        store=store(),
        languages=[(code, own_name(code)) for code in LOCALES],
        mails=mail_samples.names(),
        mail_name=mail_name,
        mail_sender=config().mail_sender,
    )

"""The shop's look: arranged in a draft, seen by staff alone until it is published."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.admin import theme_queries
from shop.admin.access import bp, staff
from shop.admin.theme_draft import save_draft, saved, shown_version, stored_upload, themes
from shop.admin.theme_forms import BrandForm, ColorSheet, StyleForm
from shop.admin.theme_words import font_names, kind_names, role_names
from shop.theme import service
from shop.theme.look import Logo, Look

#: A logo may be a thin line, an icon small.
MIN_LOGO, MIN_ICON = 32, 64


@bp.get("/theme")
def theme() -> ResponseReturnValue:
    return render_template(
        "admin/theme.html",
        shown=shown_version(),
        kinds=kind_names(),
        history=theme_queries.history(),
        themes=themes(),
    )


# Name and logo


@bp.get("/theme/brand")
def theme_brand() -> ResponseReturnValue:
    shown = shown_version()
    words = {"name": shown.name, "tagline": shown.tagline}
    return _brand_page(BrandForm(values=words | {"has_mark": shown.look.has_mark}))


@bp.post("/theme/brand")
def save_theme_brand() -> ResponseReturnValue:
    form = BrandForm()
    if not form.is_valid():
        return _brand_page(form), 422
    changed = _stored_logos(form) | {"has_mark": form.has_mark.data}
    if form.complaints:
        return _brand_page(form), 422

    def save() -> None:
        service.change_words({"name": form.name.data or "", "tagline": form.tagline.data or ""})
        service.change_look(shown_version().theme, lambda look: replace(look, **changed))

    save_draft(save)
    return saved("theme_brand")


# Theme, fonts, corners


@bp.get("/theme/style")
def theme_style() -> ResponseReturnValue:
    shown = shown_version()
    form = StyleForm(
        values={
            "theme": shown.theme.handle,
            "text_font": shown.look.text_font,
            "heading_font": shown.look.heading_font,
            "corners": shown.look.corners,
            "spacing": shown.look.spacing,
        }
    )
    return _style_page(form)


@bp.post("/theme/style")
def save_theme_style() -> ResponseReturnValue:
    form = StyleForm()
    form.offer(_style_choices())
    if not form.is_valid():
        return _style_page(form), 422
    chosen = themes()[form.theme.data]
    values = {name: form[name].data for name in ("text_font", "heading_font", "corners", "spacing")}

    def changed(look: Look) -> Look:
        look = replace(look, **values)
        # Colors were chosen for, and checked against, the theme they were chosen in.
        is_kept = chosen.handle == shown_version().theme.handle
        return look if is_kept else replace(look, light={}, dark={})

    save_draft(lambda: service.change_look(chosen, changed))
    return saved("theme_style")


# Colors


@bp.get("/theme/colors")
def theme_colors() -> ResponseReturnValue:
    shown = shown_version()
    return _colors_page(ColorSheet.of(shown.theme, shown.look))


@bp.post("/theme/colors")
def save_theme_colors() -> ResponseReturnValue:
    """All of them, or the theme's own again."""
    chosen = shown_version().theme
    overrides: dict[str, Any] = {"light": {}, "dark": {}}
    if request.form.get("reset") is None:
        sheet = ColorSheet.sent(request.form)
        overrides = sheet.overrides(chosen, role_names())
        if sheet.complaints:
            return _colors_page(sheet), 422
    save_draft(lambda: service.change_look(chosen, lambda look: replace(look, **overrides)))
    return saved("theme_colors")


# Publishing


@bp.post("/theme/publication")
def publish_theme() -> ResponseReturnValue:
    revision = request.form.get("revision", "")
    if not (revision.isascii() and revision.isdigit() and len(revision) < 10):
        abort(400)
    by = staff().id
    try:
        save_draft(lambda: service.publish(int(revision), by=by))
    except service.NoDraft:
        flash(_("There was nothing to publish: the shop shows the latest version."), "info")
    except service.EditedMeanwhile:
        abort(409, _("Somebody changed the draft since you looked at it. Look at it again first."))
    else:
        flash(_("Published. Every shopper sees it now."), "ok")
    return redirect(url_for(".theme"), code=303)


@bp.post("/theme/draft/delete")
def discard_theme() -> ResponseReturnValue:
    by = staff().id
    try:
        save_draft(lambda: service.discard(by=by))
    except service.NoDraft:
        flash(_("There was no draft."), "info")
    else:
        flash(_("The draft is gone. The shop is as it was."), "ok")
    return redirect(url_for(".theme"), code=303)


@bp.post("/theme/versions/<id:version_id>/restoration")
def restore_theme(version_id: int) -> ResponseReturnValue:
    try:
        save_draft(lambda: service.restore(version_id))
    except service.NoDraft:
        abort(404)
    flash(_("The earlier version is your draft now. Look at it, then publish it."), "ok")
    return redirect(url_for(".theme"), code=303)


# Inside -----------------------------------------------------------------------------------------


def _brand_page(form: BrandForm) -> str:
    return render_template("admin/theme_brand.html", form=form, shown=shown_version())


def _style_page(form: StyleForm) -> str:
    form.offer(_style_choices())
    # In the reader's language, where the shop brought the theme; a merchant's own as it is written.
    told = [
        # Of an empty sentence, catalogs know themselves.
        (each.handle, each.title, _(each.about) if each.about else "", "")
        for each in themes().values()
    ]
    return render_template("admin/theme_style.html", form=form, shown=shown_version(), themes=told)


def _colors_page(sheet: ColorSheet) -> str:
    shown = shown_version()
    return render_template("admin/theme_colors.html", sheet=sheet, shown=shown, names=role_names())


def _stored_logos(form: BrandForm) -> dict[str, Any]:
    """What changes of the look's logos."""
    found: dict[str, Any] = {}
    for name in form.UPLOADS:
        least = MIN_ICON if name == "icon" else MIN_LOGO
        stored = stored_upload(form, form[name], min_side=least, keeps_transparency=True)
        if stored is not None:
            found[name] = Logo(file=stored.file, width=stored.width, height=stored.height)
        elif form[f"remove_{name}"].data:
            found[name] = None
    return found


def _style_choices() -> dict[str, list[tuple[str, str]]]:
    own = ("", _("As the theme has it"))
    fonts = [own, *font_names().items()]
    return {
        "theme": [(handle, each.title) for handle, each in themes().items()],
        "text_font": fonts,
        "heading_font": fonts,
        "corners": [
            own, ("square", _("Square")), ("slight", _("Slightly rounded")), ("round", _("Round")),
        ],
        "spacing": [
            own, ("tight", _("Little")), ("roomy", _("Roomy")), ("airy", _("A great deal")),
        ],
    }  # fmt: skip

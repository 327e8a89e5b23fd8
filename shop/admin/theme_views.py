"""The shop's look: arranged in a draft, seen by staff alone until it is published."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from msgspec import structs
from sqlalchemy.exc import IntegrityError
from wtforms import Field

from shop.admin import theme_queries
from shop.admin.access import bp, staff, store
from shop.admin.theme_forms import FORMS, BrandForm, ColorSheet, SectionForm, StyleForm
from shop.catalog.handles import is_handle
from shop.database import in_transaction
from shop.media.pictures import PictureRefused, StoredPicture, store_picture
from shop.theme import queries, service
from shop.theme.look import Logo, Look, read_look
from shop.theme.models import ThemeVersion, VersionState
from shop.theme.sections import (
    ICONS,
    KINDS,
    FeaturedCollection,
    Section,
    SectionPicture,
    default_sections,
    find,
    new_id,
    read_sections,
)
from shop.theme.themes import CORE, Theme
from shop.web.config import settings
from shop.web.forms import Form

Done = TypeVar("Done")
#: A logo may be a thin line, an icon small.
MIN_LOGO, MIN_ICON = 32, 64
#: For banners across a whole window.
PICTURE_WIDTHS = (400, 800, 1600, 2400)


@dataclass(frozen=True)
class Shown:
    """The version that the pages edit: the draft, or what is live where there is none."""

    theme: Theme
    look: Look
    sections: list[Section]
    name: str
    tagline: str
    #: 0: there is no draft.
    revision: int

    @property
    def is_draft(self) -> bool:
        return self.revision > 0


@bp.get("/theme")
def theme() -> ResponseReturnValue:
    return render_template(
        "admin/theme.html",
        shown=_shown(),
        kinds=_kind_names(),
        history=theme_queries.history(),
        themes=_themes(),
    )


# Name and logo


@bp.get("/theme/brand")
def theme_brand() -> ResponseReturnValue:
    shown = _shown()
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
        service.change_look(_shown().theme, lambda look: replace(look, **changed))

    _save(save)
    return _saved("theme_brand")


# Theme, fonts, corners


@bp.get("/theme/style")
def theme_style() -> ResponseReturnValue:
    shown = _shown()
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
    chosen = _themes()[form.theme.data]
    values = {name: form[name].data for name in ("text_font", "heading_font", "corners", "spacing")}

    def changed(look: Look) -> Look:
        look = replace(look, **values)
        # Colors were chosen for, and checked against, the theme they were chosen in.
        return look if chosen.handle == _shown().theme.handle else replace(look, light={}, dark={})

    _save(lambda: service.change_look(chosen, changed))
    return _saved("theme_style")


# Colors


@bp.get("/theme/colors")
def theme_colors() -> ResponseReturnValue:
    shown = _shown()
    return _colors_page(ColorSheet.of(shown.theme, shown.look))


@bp.post("/theme/colors")
def save_theme_colors() -> ResponseReturnValue:
    """All of them, or the theme's own again."""
    chosen = _shown().theme
    overrides: dict[str, Any] = {"light": {}, "dark": {}}
    if request.form.get("reset") is None:
        sheet = ColorSheet.sent(request.form)
        overrides = sheet.overrides(chosen, _role_names())
        if sheet.complaints:
            return _colors_page(sheet), 422
    _save(lambda: service.change_look(chosen, lambda look: replace(look, **overrides)))
    return _saved("theme_colors")


# Sections of the home page


@bp.post("/theme/sections")
def add_section() -> ResponseReturnValue:
    kind = request.form.get("kind")
    if kind not in KINDS:
        abort(400)
    id_ = new_id(section.id for section in _shown().sections)
    values: dict[str, Any] = {}
    if KINDS[kind] is FeaturedCollection:
        first = next(iter(theme_queries.collections()), ("", ""))
        values = {"collection": first[0]}
    try:
        _save(lambda: service.add_section(KINDS[kind](id=id_, **values)))
    except service.TooManySections:
        abort(409, _("The home page has as many sections as it can hold. Remove one first."))
    flash(_("Added at the end. Fill it, then move it to its place."), "ok")
    return redirect(url_for(".section", section_id=id_), code=303)


@bp.get("/theme/sections/<section_id>")
def section(section_id: str) -> ResponseReturnValue:
    found = _section_or_404(section_id)
    return _section_page(found, FORMS[found.kind].of(found))


@bp.post("/theme/sections/<section_id>")
def save_section(section_id: str) -> ResponseReturnValue:
    found = _section_or_404(section_id)
    form = FORMS[found.kind]()
    _offer(form)
    if not (form.is_valid() and _knows_collections(form)):
        return _section_page(found, form), 422
    picture = _stored_section_picture(form)
    if form.complaints:
        return _section_page(found, form), 422
    before = structs.replace(found, picture=picture) if picture else found
    _save(lambda: service.change_section(form.changed(before)))
    return _saved("theme", anchor=f"section-{section_id}")


@bp.post("/theme/sections/<section_id>/position")
def move_section(section_id: str) -> ResponseReturnValue:
    steps = {"up": -1, "down": 1}
    direction = request.form.get("direction", "")
    if direction not in steps:
        abort(400)
    _save(lambda: service.move_section(section_id, steps[direction]))
    return _to_sections(section_id)


@bp.post("/theme/sections/<section_id>/visibility")
def hide_section(section_id: str) -> ResponseReturnValue:
    is_hidden = request.form.get("hidden")
    if is_hidden not in ("0", "1"):
        abort(400)
    _save(lambda: service.hide_section(section_id, is_hidden == "1"))
    return _to_sections(section_id)


@bp.post("/theme/sections/<section_id>/delete")
def delete_section(section_id: str) -> ResponseReturnValue:
    _save(lambda: service.remove_section(section_id))
    flash(_("Section removed from the draft."), "ok")
    return _to_sections("")


# Publishing


@bp.post("/theme/publication")
def publish_theme() -> ResponseReturnValue:
    revision = request.form.get("revision", "")
    if not (revision.isascii() and revision.isdigit() and len(revision) < 10):
        abort(400)
    by = staff().id
    try:
        _save(lambda: service.publish(int(revision), by=by))
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
        _save(lambda: service.discard(by=by))
    except service.NoDraft:
        flash(_("There was no draft."), "info")
    else:
        flash(_("The draft is gone. The shop is as it was."), "ok")
    return redirect(url_for(".theme"), code=303)


@bp.post("/theme/versions/<id:version_id>/restoration")
def restore_theme(version_id: int) -> ResponseReturnValue:
    try:
        _save(lambda: service.restore(version_id))
    except service.NoDraft:
        abort(404)
    flash(_("The earlier version is your draft now. Look at it, then publish it."), "ok")
    return redirect(url_for(".theme"), code=303)


# Inside -----------------------------------------------------------------------------------------


def _shown() -> Shown:
    version = queries.version(VersionState.DRAFT) or queries.version(VersionState.LIVE)
    words: dict[str, Any] = version.words if _is_draft(version) and version else {}
    shown_store = queries.in_words(store(), words)
    return Shown(
        theme=_themes().get(version.theme if version else CORE) or _themes()[CORE],
        look=read_look(version.look) if version else Look(),
        sections=read_sections(version.sections) if version else default_sections(),
        name=shown_store.name,
        tagline=shown_store.tagline,
        revision=version.revision if version and _is_draft(version) else 0,
    )


def _is_draft(version: ThemeVersion | None) -> bool:
    return version is not None and version.state == VersionState.DRAFT


def _save(work: Callable[[], Done]) -> Done:
    """404 for a section that is gone; 409 where two began a draft in the same moment."""
    try:
        return in_transaction(work)
    except service.NoSection:
        abort(404)
    except IntegrityError:
        abort(409)


def _saved(endpoint: str, anchor: str | None = None) -> ResponseReturnValue:
    flash(_("Saved in the draft."), "ok")
    return redirect(url_for(f".{endpoint}", _anchor=anchor), code=303)


def _to_sections(section_id: str) -> ResponseReturnValue:
    anchor = f"section-{section_id}" if section_id else "sections"
    return redirect(url_for(".theme", _anchor=anchor), code=303)


def _themes() -> dict[str, Theme]:
    found: dict[str, Theme] = current_app.extensions["themes"]
    return found


def _section_or_404(section_id: str) -> Section:
    found = find(_shown().sections, section_id)
    if found is None:
        abort(404)
    return found


def _brand_page(form: BrandForm) -> str:
    return render_template("admin/theme_brand.html", form=form, shown=_shown())


def _style_page(form: StyleForm) -> str:
    form.offer(_style_choices())
    # In the reader's language, where the shop brought the theme; a merchant's own as it is written.
    themes = [
        # Of an empty sentence, catalogs know themselves.
        (each.handle, each.title, _(each.about) if each.about else "", "")
        for each in _themes().values()
    ]
    return render_template("admin/theme_style.html", form=form, shown=_shown(), themes=themes)


def _colors_page(sheet: ColorSheet) -> str:
    shown = _shown()
    return render_template("admin/theme_colors.html", sheet=sheet, shown=shown, names=_role_names())


def _section_page(section: Section, form: SectionForm) -> str:
    _offer(form)
    return render_template(
        "admin/theme_section.html",
        section=section,
        form=form,
        shown=_shown(),
        kind=_kind_names()[section.kind],
    )


def _offer(form: SectionForm) -> None:
    pairs = theme_queries.collections()
    for item in form:
        if item.name == "collection":
            item.choices = pairs
        elif item.name.startswith("tile-"):
            item.choices = [("", _("None")), *pairs]
        elif item.name.startswith("icon-"):
            item.choices = [(icon, icon) for icon in ICONS]


def _knows_collections(form: SectionForm) -> bool:
    for item in form:
        if item.name == "collection" or item.name.startswith("tile-"):
            known = {value for value, _words in item.choices}
            if item.data not in known or (item.data and not is_handle(item.data)):
                form.complain(item, _("Choose one of the list."))
    return not form.complaints


def _stored_section_picture(form: SectionForm) -> SectionPicture | None:
    """None: nothing was sent, or the form holds the complaint."""
    if "picture" not in form:
        return None
    stored = _stored(form, form["picture"], widths=PICTURE_WIDTHS)
    if stored is None:
        return None
    return SectionPicture(
        file=stored.file,
        width=stored.width,
        height=stored.height,
        ground=stored.ground,
        widths=stored.widths,
    )


def _stored_logos(form: BrandForm) -> dict[str, Any]:
    """What changes of the look's logos."""
    found: dict[str, Any] = {}
    for name in form.UPLOADS:
        least = MIN_ICON if name == "icon" else MIN_LOGO
        stored = _stored(form, form[name], min_side=least, keeps_transparency=True)
        if stored is not None:
            found[name] = Logo(file=stored.file, width=stored.width, height=stored.height)
        elif form[f"remove_{name}"].data:
            found[name] = None
    return found


def _stored(form: Form, item: Field, **how: Any) -> StoredPicture | None:
    upload = request.files.get(item.name)
    if upload is None or not upload.filename:
        return None
    data = upload.read()
    if data.lstrip()[:5].lower() in (b"<?xml", b"<svg "):
        form.complain(
            item,
            _(
                "A drawing in SVG can carry programs, so the shop does not take it. Send a PNG or"
                " WebP, 800 pixels wide; what is transparent stays so."
            ),
        )
        return None
    try:
        return store_picture(data, settings().media_path, **how)
    except PictureRefused as refusal:
        form.complain(item, str(refusal))
        return None


def _style_choices() -> dict[str, list[tuple[str, str]]]:
    own = ("", _("As the theme has it"))
    fonts = [own, *_font_names().items()]
    return {
        "theme": [(handle, each.title) for handle, each in _themes().items()],
        "text_font": fonts,
        "heading_font": fonts,
        "corners": [
            own, ("square", _("Square")), ("slight", _("Slightly rounded")), ("round", _("Round")),
        ],
        "spacing": [
            own, ("tight", _("Little")), ("roomy", _("Roomy")), ("airy", _("A great deal")),
        ],
    }  # fmt: skip


def _font_names() -> dict[str, str]:
    return {
        "fettle-text": "Fettle Text",
        "fettle-wide": "Fettle Wide",
        "system": _("System, as the device has it"),
        "grotesque": _("Grotesque, plain and even"),
        "humanist": _("Humanist, friendly"),
        "geometric": _("Geometric, round"),
        "old-style": _("Old style, bookish"),
        "transitional": _("Transitional, newspaper"),
        "didone": _("Didone, fashion"),
        "slab": _("Slab, sturdy"),
        "typewriter": _("Typewriter"),
    }


def _kind_names() -> dict[str, str]:
    return {
        "hero": _("Banner"),
        "swatches": _("Swatch rack"),
        "newest": _("Newest products"),
        "collection": _("One collection"),
        "collections": _("Collection tiles"),
        "promises": _("Promises"),
        "story": _("Picture and words"),
        "text": _("Words"),
        "journal": _("From the journal"),
        "questions": _("Questions and answers"),
    }


def _role_names() -> dict[str, str]:
    return {
        "background": _("Page"),
        "surface": _("Panels and fields"),
        "ink": _("Text"),
        "action": _("Buttons and links"),
        "on_action": _("Text on buttons"),
        "highlight": _("Highlight"),
        "on_highlight": _("Text on highlights"),
        "sale": _("Sale"),
        "banner": _("Banner"),
        "on_banner": _("Text on the banner"),
        "footer": _("Footer"),
        "on_footer": _("Text on the footer"),
    }

"""Sections of the home page, arranged in the draft of the shop's look."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from msgspec import structs

from shop.admin import theme_queries
from shop.admin.access import bp
from shop.admin.theme_draft import save_draft, saved, shown_version, stored_upload
from shop.admin.theme_forms import FORMS, SectionForm
from shop.admin.theme_words import kind_names
from shop.catalog.handles import is_handle
from shop.theme import service
from shop.theme.sections import (
    ICONS,
    KINDS,
    FeaturedCollection,
    Section,
    SectionPicture,
    find,
    new_id,
)

#: For banners across a whole window.
PICTURE_WIDTHS = (400, 800, 1600, 2400)


@bp.post("/theme/sections")
def add_section() -> ResponseReturnValue:
    kind = request.form.get("kind")
    if kind not in KINDS:
        abort(400)
    id_ = new_id(section.id for section in shown_version().sections)
    values: dict[str, Any] = {}
    if KINDS[kind] is FeaturedCollection:
        first = next(iter(theme_queries.collections()), ("", ""))
        values = {"collection": first[0]}
    try:
        save_draft(lambda: service.add_section(KINDS[kind](id=id_, **values)))
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
    save_draft(lambda: service.change_section(form.changed(before)))
    return saved("theme", anchor=f"section-{section_id}")


@bp.post("/theme/sections/<section_id>/position")
def move_section(section_id: str) -> ResponseReturnValue:
    steps = {"up": -1, "down": 1}
    direction = request.form.get("direction", "")
    if direction not in steps:
        abort(400)
    save_draft(lambda: service.move_section(section_id, steps[direction]))
    return _to_sections(section_id)


@bp.post("/theme/sections/<section_id>/visibility")
def hide_section(section_id: str) -> ResponseReturnValue:
    is_hidden = request.form.get("hidden")
    if is_hidden not in ("0", "1"):
        abort(400)
    save_draft(lambda: service.hide_section(section_id, is_hidden == "1"))
    return _to_sections(section_id)


@bp.post("/theme/sections/<section_id>/delete")
def delete_section(section_id: str) -> ResponseReturnValue:
    save_draft(lambda: service.remove_section(section_id))
    flash(_("Section removed from the draft."), "ok")
    return _to_sections("")


# Inside -----------------------------------------------------------------------------------------


def _section_or_404(section_id: str) -> Section:
    found = find(shown_version().sections, section_id)
    if found is None:
        abort(404)
    return found


def _section_page(section: Section, form: SectionForm) -> str:
    _offer(form)
    return render_template(
        "admin/theme_section.html",
        section=section,
        form=form,
        shown=shown_version(),
        kind=kind_names()[section.kind],
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
    stored = stored_upload(form, form["picture"], widths=PICTURE_WIDTHS)
    if stored is None:
        return None
    return SectionPicture(
        file=stored.file,
        width=stored.width,
        height=stored.height,
        ground=stored.ground,
        widths=stored.widths,
    )


def _to_sections(section_id: str) -> ResponseReturnValue:
    anchor = f"section-{section_id}" if section_id else "sections"
    return redirect(url_for(".theme", _anchor=anchor), code=303)

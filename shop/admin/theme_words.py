"""How staff read the fonts, kinds of sections and colors of the shop's look."""

from __future__ import annotations

from flask_babel import gettext as _


def font_names() -> dict[str, str]:
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


def kind_names() -> dict[str, str]:
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


def role_names() -> dict[str, str]:
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

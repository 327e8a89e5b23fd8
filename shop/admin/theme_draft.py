"""What the pages of the shop's look share: the version that they edit, and how it is saved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import abort, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from wtforms import Field

from shop.admin.access import store
from shop.database import in_transaction
from shop.media.pictures import PictureRefused, StoredPicture, store_picture
from shop.theme import queries, service
from shop.theme.look import Look, read_look
from shop.theme.models import ThemeVersion, VersionState
from shop.theme.sections import Section, default_sections, read_sections
from shop.theme.themes import CORE, Theme
from shop.web.config import settings
from shop.web.forms import Form

Done = TypeVar("Done")


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


def shown_version() -> Shown:
    version = queries.version(VersionState.DRAFT) or queries.version(VersionState.LIVE)
    words: dict[str, Any] = version.words if _is_draft(version) and version else {}
    shown_store = queries.in_words(store(), words)
    return Shown(
        theme=themes().get(version.theme if version else CORE) or themes()[CORE],
        look=read_look(version.look) if version else Look(),
        sections=read_sections(version.sections) if version else default_sections(),
        name=shown_store.name,
        tagline=shown_store.tagline,
        revision=version.revision if version and _is_draft(version) else 0,
    )


def themes() -> dict[str, Theme]:
    found: dict[str, Theme] = current_app.extensions["themes"]
    return found


def save_draft(work: Callable[[], Done]) -> Done:
    """404 for a section that is gone; 409 where two began a draft in the same moment."""
    try:
        return in_transaction(work)
    except service.NoSection:
        abort(404)
    except IntegrityError:
        abort(409)


def saved(endpoint: str, anchor: str | None = None) -> ResponseReturnValue:
    flash(_("Saved in the draft."), "ok")
    return redirect(url_for(f".{endpoint}", _anchor=anchor), code=303)


def stored_upload(form: Form, item: Field, **how: Any) -> StoredPicture | None:
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


def _is_draft(version: ThemeVersion | None) -> bool:
    return version is not None and version.state == VersionState.DRAFT

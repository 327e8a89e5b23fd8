"""What was deleted is forgotten at last, and its pictures with it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shop import audit
from shop.database import in_transaction
from shop.extensions import db
from shop.media.pictures import remove_picture
from shop.reviews.queries import pictures_in_use


def forget_deleted(media_path: Path) -> None:
    """What was deleted so long ago that it cannot be brought back any more."""
    remove_pictures_of(in_transaction(audit.forget_kept), media_path)


def remove_pictures_of(forgotten: audit.Forgotten, media_path: Path) -> None:
    """Of articles and products, after the transaction that forgot them: only files of our own
    making, since the demo's belong to several, that nothing else shows.
    """
    files = {file for action, kept in forgotten for file in _files(action, kept)}
    if not files:
        return
    kept_still = {
        file for action, kept in audit.all_kept("product.deleted") for file in _files(action, kept)
    }
    gone = files - kept_still
    gone -= pictures_in_use(sorted(gone))
    db.session.rollback()
    for file in sorted(gone):
        remove_picture(file, media_path)


def _files(action: str, kept: Mapping[str, Any]) -> list[str]:
    """Base names of the pictures that such a thing showed."""
    if action == "article.deleted":
        files = [kept.get("file")]
    elif action == "product.deleted":
        files = [image["file"] for image in kept.get("images", ())]
    else:
        files = []
    return [file for file in files if file and file.startswith("p-")]

"""What was deleted is forgotten at last."""

from __future__ import annotations

from pathlib import Path

from shop import audit
from shop.database import in_transaction
from shop.media.pictures import remove_picture


def forget_deleted(media_path: Path) -> None:
    """What cannot be brought back any more, with the pictures of articles: only files of our own
    making, since the demo's belong to several.
    """
    for action, kept in in_transaction(audit.forget_kept):
        file = kept.get("file") or ""
        if action == "article.deleted" and file.startswith("p-"):
            remove_picture(file, media_path)

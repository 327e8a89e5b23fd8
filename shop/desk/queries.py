"""What a person keeps."""

from __future__ import annotations

import sqlalchemy as sa

from shop.desk.models import SavedView, UnsavedForm
from shop.extensions import db


def _is_seen_by(account_id: int, area: str) -> sa.ColumnElement[bool]:
    """Whether a view is the person's own, or everybody's."""
    return sa.and_(
        SavedView.area == area, sa.or_(SavedView.account_id == account_id, SavedView.is_shared)
    )


def views(account_id: int, area: str) -> sa.Select[int, str, str, bool, bool]:
    """Those that the person sees: id, name, address (its question), is_shared, is_own."""
    return sa.select(
        SavedView.id,
        SavedView.name,
        SavedView.query.label("address"),
        SavedView.is_shared,
        (SavedView.account_id == account_id).label("is_own"),
    ).where(_is_seen_by(account_id, area))


def unsaved(account_id: int, form: str) -> UnsavedForm | None:
    return db.session.get(UnsavedForm, (account_id, form))

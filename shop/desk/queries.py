"""What a person keeps."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from shop.desk.models import SavedView, UnsavedForm
from shop.extensions import db


def is_seen_by(account_id: int, area: str) -> sa.ColumnElement[bool]:
    """Whether a view is the person's own, or everybody's."""
    return sa.and_(
        SavedView.area == area, sa.or_(SavedView.account_id == account_id, SavedView.is_shared)
    )


def views(account_id: int, area: str) -> Sequence[SavedView]:
    return db.session.scalars(
        sa.select(SavedView)
        .where(is_seen_by(account_id, area))
        .order_by(SavedView.name, SavedView.id)
    ).all()


def unsaved(account_id: int, form: str) -> UnsavedForm | None:
    return db.session.get(UnsavedForm, (account_id, form))

"""Keeping views and unsaved forms, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa

from shop.clock import now
from shop.database import upsert
from shop.desk.models import SavedView, UnsavedForm
from shop.extensions import db

MAX_VIEWS = 30
#: Nobody comes back to a form after that.
FORMS_KEPT_FOR = timedelta(days=30)


class TooManyViews(Exception):
    """MAX_VIEWS of one person for one list."""


def save_view(account_id: int, area: str, name: str, query: str, *, is_shared: bool) -> SavedView:
    """One of the same name is replaced. Raises TooManyViews."""
    own = sa.select(SavedView).where(SavedView.account_id == account_id, SavedView.area == area)
    view = db.session.scalar(own.where(SavedView.name == name).with_for_update())
    if view is None:
        if len(db.session.scalars(own).all()) >= MAX_VIEWS:
            raise TooManyViews
        view = SavedView(account_id=account_id, area=area, name=name)
        db.session.add(view)
    view.query, view.is_shared = query, is_shared
    db.session.flush()
    return view


def remove_view(account_id: int, area: str, view_id: int) -> bool:
    """Only one's own; whether there was one."""
    removed = db.session.scalar(
        sa.delete(SavedView)
        .where(SavedView.id == view_id, SavedView.account_id == account_id, SavedView.area == area)
        .returning(SavedView.id)
    )
    return removed is not None


def keep_unsaved(account_id: int, form: str, fields: Sequence[tuple[str, str]]) -> None:
    """In place of what was kept before; of two at once, the later one stays."""
    values = {"fields": [list(pair) for pair in fields], "saved_at": now()}
    db.session.execute(
        upsert(UnsavedForm)
        .values(account_id=account_id, form=form, **values)
        .on_conflict_do_update(index_elements=["account_id", "form"], set_=values)
    )


def drop_unsaved(account_id: int, form: str) -> None:
    """Saved, or not wanted any more."""
    db.session.execute(
        sa.delete(UnsavedForm).where(UnsavedForm.account_id == account_id, UnsavedForm.form == form)
    )


def forget_old() -> None:
    db.session.execute(sa.delete(UnsavedForm).where(UnsavedForm.saved_at < now() - FORMS_KEPT_FOR))

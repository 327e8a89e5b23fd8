"""The shop's look as pages need it. One query brings it together with the store's settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

import sqlalchemy as sa

from shop.extensions import db
from shop.store.models import StoreSettings
from shop.store.queries import COLUMNS, Store, store_of
from shop.theme.look import Look, read_look
from shop.theme.models import ThemeVersion, VersionState
from shop.theme.sections import Section, default_sections, read_sections
from shop.theme.themes import CORE


@dataclass(frozen=True)
class LiveTheme:
    """What the frame of a page takes from the version it shows; the defaults stand in for none."""

    handle: str = CORE
    look: Look = field(default_factory=Look)
    #: Name of its style sheet; empty: the theme's own look.
    digest: str = ""


def frame() -> tuple[Store, LiveTheme]:
    """What stands around every page. One query."""
    row = db.session.execute(_FRAME).one()
    stored = row[: len(COLUMNS)]
    store = store_of(stored) if row.has_store is not None else Store()
    return store, _live(row)


def sections(state: VersionState = VersionState.LIVE) -> list[Section]:
    """Of the home page; the usual ones before anybody has arranged it."""
    stored = db.session.execute(
        sa.select(ThemeVersion.sections).where(ThemeVersion.state == state)
    ).scalar_one_or_none()
    return default_sections() if stored is None else read_sections(stored)


def version(state: VersionState, *, is_locked: bool = False) -> ThemeVersion | None:
    statement = sa.select(ThemeVersion).where(ThemeVersion.state == state)
    return db.session.scalar(statement.with_for_update() if is_locked else statement)


def stylesheet(digest: str) -> str | None:
    """What any version, draft or past, says under this name."""
    return db.session.scalar(
        sa.select(ThemeVersion.stylesheet).where(ThemeVersion.digest == digest).limit(1)
    )


def in_words(store: Store, words: Mapping[str, Any]) -> Store:
    """The store as a version's words would make it."""
    known = {item.name for item in fields(Store)} & words.keys()
    return replace(store, **{name: words[name] for name in known})


def _live(row: Any) -> LiveTheme:
    if row.theme is None:
        return LiveTheme()
    return LiveTheme(row.theme, read_look(row.look), row.digest)


_one = sa.select(sa.literal(1).label("one")).subquery()
_FRAME = (
    sa.select(
        *COLUMNS,
        StoreSettings.id.label("has_store"),
        ThemeVersion.theme,
        ThemeVersion.look,
        ThemeVersion.digest,
    )
    .select_from(_one)
    .outerjoin(StoreSettings, sa.true())
    .outerjoin(ThemeVersion, ThemeVersion.state == VersionState.LIVE)
)

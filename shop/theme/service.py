"""Changing the shop's look: every change goes to the draft, and publishing shows it to all."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from shop import audit
from shop.clock import now
from shop.extensions import db
from shop.store.models import StoreSettings
from shop.theme import queries
from shop.theme.look import Look, digest_of, read_look, stylesheet
from shop.theme.models import ThemeVersion, VersionState
from shop.theme.sections import (
    MAX_SECTIONS,
    Section,
    default_sections,
    find,
    hidden,
    moved,
    read_sections,
    replaced,
    write_sections,
)
from shop.theme.themes import CORE, Theme

#: What of the store a version may change.
WORDS = ("name", "tagline")


class NoDraft(Exception):
    """There is nothing to publish or to throw away."""


class EditedMeanwhile(Exception):
    """The draft is no longer the one that was looked at."""


class TooManySections(Exception):
    pass


class NoSection(Exception):
    """It was removed meanwhile, or never was."""


def draft() -> ThemeVersion:
    """The draft, locked; a copy of what is live where there is none yet."""
    found = queries.version(VersionState.DRAFT, is_locked=True)
    return found or _add_draft(queries.version(VersionState.LIVE))


def change_words(words: dict[str, str]) -> None:
    version = draft()
    version.words = {**version.words, **words}
    _touch(version)


def change_look(theme: Theme, change: Callable[[Look], Look]) -> Look:
    """The look that was there before."""
    version = draft()
    before = read_look(version.look)
    after = change(before)
    version.theme, version.look = theme.handle, msgspec.to_builtins(after)
    version.stylesheet = stylesheet(theme, after)
    version.digest = digest_of(version.stylesheet)
    _touch(version)
    return before


def add_section(section: Section) -> None:
    """At the end. Raises TooManySections."""

    def added(sections: list[Section]) -> Sequence[Section]:
        if len(sections) >= MAX_SECTIONS:
            raise TooManySections
        return [*sections, section]

    _change_sections(added)


def change_section(section: Section) -> None:
    """Raises NoSection."""
    _change_sections(lambda sections: replaced(_holding(sections, section.id), section))


def move_section(id_: str, by: int) -> None:
    _change_sections(lambda sections: moved(_holding(sections, id_), id_, by))


def hide_section(id_: str, is_hidden: bool) -> None:
    def changed(sections: list[Section]) -> Sequence[Section]:
        section = find(sections, id_)
        if section is None:
            raise NoSection
        return replaced(sections, hidden(section, is_hidden))

    _change_sections(changed)


def remove_section(id_: str) -> None:
    _change_sections(lambda sections: [each for each in _holding(sections, id_) if each.id != id_])


def publish(revision: int, *, by: int | None) -> ThemeVersion:
    """What was looked at becomes what all see. Raises NoDraft, EditedMeanwhile."""
    version = queries.version(VersionState.DRAFT, is_locked=True)
    if version is None:
        raise NoDraft
    if version.revision != revision:
        raise EditedMeanwhile
    make_live(version, by=by)
    audit.record(by, "theme.published", subject_kind="theme", subject_id=version.id)
    return version


def make_live(version: ThemeVersion, *, by: int | None) -> None:
    """In the place of what is live now."""
    before = queries.version(VersionState.LIVE, is_locked=True)
    if before is not None:
        before.state = VersionState.PAST
        db.session.flush()  # the one live version gives up its place first
    version.state, version.published_at, version.published_by = VersionState.LIVE, now(), by
    store = db.session.get(StoreSettings, 1)
    if store is not None:
        for name in WORDS:
            if name in version.words:
                setattr(store, name, version.words[name])
    db.session.flush()


def discard(*, by: int | None) -> None:
    """Raises NoDraft."""
    version = queries.version(VersionState.DRAFT, is_locked=True)
    if version is None:
        raise NoDraft
    audit.record(by, "theme.discarded", subject_kind="theme", subject_id=version.id)
    db.session.delete(version)
    db.session.flush()


def restore(version_id: int) -> ThemeVersion:
    """An earlier version as the draft, in place of one that was there. Raises NoDraft."""
    earlier = db.session.get(ThemeVersion, version_id)
    if earlier is None or earlier.published_at is None:
        raise NoDraft
    present = queries.version(VersionState.DRAFT, is_locked=True)
    if present is not None:
        db.session.delete(present)
        db.session.flush()
    return _add_draft(earlier)


def _add_draft(source: ThemeVersion | None) -> ThemeVersion:
    is_past = source is not None and source.state == VersionState.PAST
    version = ThemeVersion(
        state=VersionState.DRAFT,
        revision=1,
        theme=source.theme if source else CORE,
        # The words of what is live are the store's, which may have changed since.
        words=source.words if source and is_past else {},
        look=source.look if source else {},
        sections=source.sections if source else write_sections(default_sections()),
        stylesheet=source.stylesheet if source else "",
        digest=source.digest if source else "",
    )
    db.session.add(version)
    db.session.flush()
    return version


def _change_sections(change: Callable[[list[Section]], Sequence[Section]]) -> None:
    version = draft()
    version.sections = write_sections(change(read_sections(version.sections)))
    _touch(version)


def _holding(sections: list[Section], id_: str) -> list[Section]:
    if find(sections, id_) is None:
        raise NoSection
    return sections


def _touch(version: ThemeVersion) -> None:
    version.revision += 1
    db.session.flush()

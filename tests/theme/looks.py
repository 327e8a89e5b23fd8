"""A shop's look for tests."""

from __future__ import annotations

from typing import Any

from shop.clock import now
from shop.extensions import db
from shop.theme.models import ThemeVersion, VersionState
from shop.theme.sections import Section, write_sections


def show(*sections: Section, **values: Any) -> ThemeVersion:
    """The live version, with these sections on its home page."""
    version = ThemeVersion(
        **{
            "state": VersionState.LIVE,
            "theme": "fettle",
            "published_at": now(),
            "sections": write_sections(sections),
            **values,
        }
    )
    db.session.add(version)
    db.session.flush()
    return version

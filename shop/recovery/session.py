"""Which reminder's basket this browser took up, until its checkout begins."""

from __future__ import annotations

from flask import session

TAKEN_UP = "recovery"


def note_taken_up(id_: int) -> None:
    session[TAKEN_UP] = id_


def taken_up() -> int | None:
    """Once: a later checkout has nothing to do with it."""
    id_ = session.pop(TAKEN_UP, None)
    return id_ if isinstance(id_, int) else None

"""Writing redirects, in the caller's transaction. Chains are collapsed and loops cannot arise."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from shop import audit
from shop.extensions import db
from shop.redirects import queries
from shop.redirects.models import MAX_PATH, Redirect

#: A path of this shop; browsers take "//" for another host's beginning.
_PATH = re.compile(r"/(?![/\\])[^?#\\\s]*")
_ELSEWHERE = re.compile(r"https?://[^\s/?#]+\.[^\s/?#]+(?:[/?#]\S*)?|/(?![/\\])[^\\\s]*")


class NotAPath(Exception):
    """Not "/like/this", without a query."""


class NotATarget(Exception):
    """Neither a path of this shop nor an http(s) address."""


class PathTaken(Exception):
    """Another redirect begins there; its target is the argument."""


class LeadsBack(Exception):
    """The target leads to where it began."""


def moved(path: str, target: str) -> None:
    """What stood at `path` stands at `target` now, and nothing else stood there."""
    if path == target:
        return
    # The target shows something again, so no redirect may begin there.
    db.session.execute(sa.delete(Redirect).where(Redirect.path.in_([path, target])))
    _lead(path, target)


def add(path: str, target: str, *, by: int | None = None, replaces: str = "") -> Redirect:
    """Raises NotAPath, NotATarget, LeadsBack; PathTaken where one leads on from `path` already,
    unless it leads to `replaces`, which is given up for this.
    """
    before = queries.target_of(path)
    if before not in (None, replaces):
        raise PathTaken(before)
    made = _added(path, target)
    led = [before, made.target] if before else made.target
    _record("added", made, by, path=path, target=led)
    return made


def remove(redirect: Redirect, *, by: int | None = None) -> None:
    facts = {"path": redirect.path, "target": redirect.target}
    audit.record_removal(
        facts, by, "redirect.removed", subject_kind="redirect", subject_id=redirect.id, **facts
    )
    db.session.delete(redirect)
    db.session.flush()


def restore(kept: Mapping[str, Any], *, by: int | None) -> Redirect:
    """One that was removed. Raises PathTaken, LeadsBack."""
    if (target := queries.target_of(kept["path"])) is not None:
        raise PathTaken(target)
    made = _added(kept["path"], kept["target"])
    _record("restored", made, by, path=made.path, target=made.target)
    return made


def _added(path: str, target: str) -> Redirect:
    if len(path) > MAX_PATH or not _PATH.fullmatch(path):
        raise NotAPath
    if len(target) > MAX_PATH or not _ELSEWHERE.fullmatch(target):
        raise NotATarget
    final = queries.target_of(target) or target
    if final == path:
        raise LeadsBack
    db.session.execute(sa.delete(Redirect).where(Redirect.path == path))
    return _lead(path, final)


def _lead(path: str, target: str) -> Redirect:
    """Whatever led to `path` leads to `target` at once."""
    db.session.execute(sa.update(Redirect).where(Redirect.target == path).values(target=target))
    redirect = Redirect(path=path, target=target)
    db.session.add(redirect)
    db.session.flush()
    return redirect


def _record(action: str, row: Redirect, by: int | None, **data: Any) -> None:
    audit.record(by, f"redirect.{action}", subject_kind="redirect", subject_id=row.id, **data)

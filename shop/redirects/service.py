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
#: Of this shop, then elsewhere: names parted by dots, without a password before them.
_TARGET = re.compile(
    r"/(?![/\\])[^\\\s]*"
    r"|https?://(?:[\w-]{1,63}\.)+[\w-]{1,63}(?::[0-9]{1,5})?(?:[/?#]\S*)?",
    re.IGNORECASE,
)


class NotAPath(Exception):
    """Not "/like/this", without a query; or one where no redirect begins."""


class NotATarget(Exception):
    """Neither a path of this shop nor an http(s) address."""


class PathTaken(Exception):
    """Another redirect begins there; its target is the argument."""


class LeadsBack(Exception):
    """The target leads to where it began."""


def is_path(path: str) -> bool:
    """Whether a redirect may begin there."""
    if len(path) > MAX_PATH or path.startswith(queries.FIXED):
        return False
    return path.isprintable() and _PATH.fullmatch(path) is not None


def is_target(target: str) -> bool:
    """Whether it is a path of this shop, or an address elsewhere."""
    if len(target) > MAX_PATH or not target.isprintable():
        return False
    # Other sites may well read what we cannot.
    if target.startswith("/") and not queries.path_of(target).isprintable():
        return False
    return _TARGET.fullmatch(target) is not None


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
    if not is_path(path):
        raise NotAPath
    if not is_target(target):
        raise NotATarget
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
    """Raises LeadsBack."""
    if path in (each.rstrip("/") or "/" for each in queries.passed(target)):
        raise LeadsBack
    db.session.execute(sa.delete(Redirect).where(Redirect.path == path))
    # Only as it stands: what "/b?x=1" asks of its page is kept where that has moved.
    return _lead(path, queries.target_of(target) or target)


def _lead(path: str, target: str) -> Redirect:
    """Whatever led to `path` leads to `target` at once."""
    db.session.execute(sa.update(Redirect).where(Redirect.target == path).values(target=target))
    redirect = Redirect(path=path, target=target)
    db.session.add(redirect)
    db.session.flush()
    return redirect


def _record(action: str, row: Redirect, by: int | None, **data: Any) -> None:
    audit.record(by, f"redirect.{action}", subject_kind="redirect", subject_id=row.id, **data)

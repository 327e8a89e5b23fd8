"""The shop with a switch that kills it at its n-th point: before and after each statement, each
commit, each request to Stripe and each mail. The shop itself knows nothing of it.

Start it in place of the shop's own factory, with KILL_SWITCH naming a folder. Points are counted
over all processes of that folder from `arm` on; the process group that passes the n-th is killed.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

import shop
from shop.extensions import db
from shop.outbox import mailer

#: One line a point, each as long as the others, so that the file's length counts them.
WIDTH = 64


class KillSwitch:
    def __init__(self, folder: Path) -> None:
        self._at, self._points = folder / "at", folder / "points"

    def arm(self, at: int) -> None:
        self._points.unlink(missing_ok=True)
        self._at.write_text(str(at))

    def disarm(self) -> list[str]:
        """The points passed since it was armed."""
        self._at.unlink(missing_ok=True)
        return self._points.read_text().split("\n")[:-1] if self._points.exists() else []

    def point(self, what: str) -> None:
        try:
            at = int(self._at.read_text() or "0")
        except FileNotFoundError:
            return
        if self._count(" ".join(what.split())) == at:
            os.killpg(0, signal.SIGKILL)

    def _count(self, what: str) -> int:
        line = f"{what[: WIDTH - 1]:<{WIDTH - 1}}\n".encode("ascii", "replace")
        file = os.open(self._points, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(file, line)
            return os.lseek(file, 0, os.SEEK_CUR) // WIDTH
        finally:
            os.close(file)


def create_app() -> Flask:
    app = shop.create_app()
    switch = KillSwitch(Path(os.environ["KILL_SWITCH"]))
    with app.app_context():
        _watch_statements(db.engine, switch)
    requests.Session.send = _around(requests.Session.send, "stripe", switch)
    mailer._drop_in_folder = _around(mailer._drop_in_folder, "mail", switch)
    return app


def _watch_statements(engine: sa.Engine, switch: KillSwitch) -> None:
    @sa.event.listens_for(engine, "before_cursor_execute")
    def before(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        switch.point(f"before {statement}")

    @sa.event.listens_for(engine, "after_cursor_execute")
    def after(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        switch.point(f"after {statement}")

    @sa.event.listens_for(engine, "commit")
    def before_commit(_connection: Any) -> None:
        switch.point("before commit")

    @sa.event.listens_for(Session, "after_commit")
    def after_commit(_session: Any) -> None:
        switch.point("after commit")


def _around(work: Callable[..., Any], what: str, switch: KillSwitch) -> Callable[..., Any]:
    def watched(*arguments: Any, **named: Any) -> Any:
        switch.point(f"before {what}")
        result = work(*arguments, **named)
        switch.point(f"after {what}")
        return result

    return watched

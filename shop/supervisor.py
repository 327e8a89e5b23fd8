"""One command for a whole shop: web server, worker and, in development, the payment sandbox.

`python -m shop.supervisor` migrates, fills an empty development shop with the demo, starts the
processes, restarts one that dies and stops all of them on Ctrl-C or SIGTERM.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import flask_migrate
import requests
from dotenv import dotenv_values
from sqlalchemy.exc import OperationalError

from shop import create_app, load_settings
from shop.accounts import queries as accounts
from shop.accounts.service import NewAdmin, ensure_demo_admin
from shop.database import in_transaction
from shop.demo.loader import copy_pictures, load
from shop.extensions import db
from shop.settings import ROOT, SANDBOX_KEY, Settings, SettingsError
from shop.setup.link import setup_url
from shop.store import queries as store
from shop.store.models import StoreSettings
from shop.store.queries import Store

#: Seconds that a process gets to finish what it is doing.
GRACE = 25.0
#: Seconds between two starts of a process that keeps dying.
RESTART_WAIT = 1.0
#: Seconds until the web server must answer.
START_LIMIT = 120.0
#: How often it may die before that, and be started again.
START_DEATHS = 2
PR_SET_PDEATHSIG = 1


@dataclass
class Child:
    """One process of the shop, in a process group of its own."""

    name: str
    command: list[str]
    log: Path | None
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    _output: IO[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        if self.log is not None and self._output is None:
            self._output = self.log.open("ab")
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 - our own commands
            self.command,
            cwd=ROOT,
            stdout=self._output,
            stderr=self._output,
            start_new_session=True,
            preexec_fn=_end_with_parent if sys.platform == "linux" else None,
        )

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def restart_if_dead(self) -> None:
        process = self.process
        if process is None or process.poll() is None:
            return
        _say(f"{self.name} ended ({process.returncode}); starting it again")
        self._signal(signal.SIGKILL)  # what the dead process left behind in its group
        if time.monotonic() - self.started_at < RESTART_WAIT:
            time.sleep(RESTART_WAIT)
        self.start()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def wait(self, seconds: float) -> None:
        if self.process is None:
            return
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            _say(f"{self.name} did not stop in time")
        self._signal(signal.SIGKILL)
        self.process.wait()
        if self._output is not None:
            self._output.close()

    def _signal(self, number: signal.Signals) -> None:
        if self.process is not None:
            try:
                os.killpg(self.process.pid, number)
            except (ProcessLookupError, PermissionError):
                return


def main() -> int:
    os.umask(0o077)  # customers' data is the shop's own
    _prepare_environment()
    try:
        settings = load_settings()
    except SettingsError as error:
        _say(str(error))
        return 2
    busy = [port for port in _ports(settings) if _is_taken(settings.host, port)]
    if busy:
        _say(f"Port {busy[0]} is in use. Choose another: make run PORT={settings.port + 100}")
        return 2
    try:
        shop, way_in = _prepare_shop(settings)
    except OperationalError as error:
        _say(f"The shop cannot start:\n  - The database does not answer: {error.orig}".rstrip())
        return 2
    children = _children(settings, shop)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    for child in children:
        child.start()
    if not _answers(settings, children[0], stop):
        _say("The web server did not start." + _where_it_says_why(children[0]))
        _stop(children)
        return 1
    _greet(settings, way_in)
    while not stop.wait(0.5):
        for child in children:
            child.restart_if_dead()
    _say("Stopping ...")
    _stop(children)
    return 0


# Before the start --------------------------------------------------------------------------------


def _prepare_environment() -> None:
    """A development shop without secrets gets its own, written to .env once."""
    file = ROOT / ".env"
    known = {**dotenv_values(file), **os.environ}
    if known.get("SHOP_ENV", "development") != "development":
        return
    generated = {"SECRET_KEY": secrets.token_urlsafe(48)}
    if (known.get("STRIPE_SECRET_KEY") or SANDBOX_KEY).startswith(SANDBOX_KEY):
        generated["STRIPE_SECRET_KEY"] = SANDBOX_KEY + secrets.token_hex(12)
        generated["STRIPE_WEBHOOK_SECRET"] = "whsec_" + secrets.token_hex(24)
    missing = {name: value for name, value in generated.items() if not known.get(name)}
    if not missing:
        return
    lines = [f"{name}={value}" for name, value in missing.items()]
    before = file.read_text() if file.exists() else ""
    file.touch(mode=0o600)
    separator = "\n" if before and not before.endswith("\n") else ""
    file.write_text(before + separator + "\n".join(lines) + "\n")


def _prepare_shop(settings: Settings) -> tuple[Store, str]:
    """Migrate; fill an empty development shop; returns the shop and a line on how to get in."""
    app = create_app(settings)
    with app.app_context():
        flask_migrate.upgrade()
        is_new = db.session.get(StoreSettings, 1) is None
        db.session.rollback()
        way_in = ""
        if settings.demo and not settings.is_production:
            if is_new:
                _say("Loading the demo shop ...")
                copy_pictures(settings.media_path)
                in_transaction(load)
            demo_name = store.current().name
            made = in_transaction(lambda: ensure_demo_admin(demo_name))
            sign_in = _remembered_sign_in(settings, made)
            way_in = f"Sign in  {sign_in.email}  {sign_in.password}" if sign_in else ""
        if not accounts.has_owner():
            way_in = f"Set up   {setup_url()}\n           for whoever owns the shop; good for a day"
        shop = store.current()
        db.session.remove()
        db.engine.dispose()
    return shop, way_in


def _remembered_sign_in(settings: Settings, made: NewAdmin | None) -> NewAdmin | None:
    """The demo admin's generated password is kept beside the data, readable by its owner only."""
    # One for each database: another one has another admin.
    database = hashlib.sha256(settings.database.encode()).hexdigest()[:8]
    file = settings.data_folder / f"demo-sign-in-{database}"
    if made is not None:
        file.touch(mode=0o600)
        file.write_text(f"{made.email}\n{made.password}")
    if not file.exists():
        return None
    email, _, password = file.read_text().partition("\n")
    return NewAdmin(email, password)


def _ports(settings: Settings) -> list[int]:
    return [settings.port, *([settings.sandbox_port] if settings.uses_sandbox else [])]


def _is_taken(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


# The processes -----------------------------------------------------------------------------------


def _children(settings: Settings, shop: Store) -> list[Child]:
    logs = None
    if not settings.is_production:
        logs = settings.data_folder / "logs"
        logs.mkdir(parents=True, exist_ok=True)
    flask = [sys.executable, "-m", "flask", "--app", "shop"]
    commands = {"web": _web(settings), "worker": [*flask, "worker"]}
    if settings.uses_sandbox:
        commands["sandbox"] = [*flask, "stripe-sandbox", *_sandbox_options(settings, shop)]
    return [
        Child(name, command, logs / f"{name}.log" if logs else None)
        for name, command in commands.items()
    ]


def _web(settings: Settings) -> list[str]:
    """One blocking thread a process gives the best latency; more processes give more throughput."""
    granian = shutil.which("granian", path=str(Path(sys.executable).parent)) or "granian"
    return [
        granian, "--interface", "wsgi", "--factory", "shop:create_web_app",
        "--host", settings.host, "--port", str(settings.port),
        "--workers", str(settings.web_workers), "--blocking-threads", "1",
        "--respawn-failed-workers", "--workers-kill-timeout", "20", "--no-ws",
        "--log-level", "warning",
    ]  # fmt: skip


def _sandbox_options(settings: Settings, shop: Store) -> list[str]:
    return [
        "--port", str(settings.sandbox_port),
        "--state", str(settings.data_folder / "stripe-sandbox.sqlite"),
        "--webhook-url", f"{settings.local_url}/webhooks/stripe",
        "--webhook-secret", settings.webhook_secrets[0],
        "--key", settings.stripe_secret_key,
        "--name", shop.name,
        "--country", shop.country,
    ]  # fmt: skip


def _answers(settings: Settings, web: Child, stop: threading.Event) -> bool:
    """Wait until the shop answers, by its own name: in production it knows no other."""
    asker = requests.Session()
    asker.trust_env = False  # a proxy has no part in this machine asking itself
    asker.headers["Host"] = urlsplit(settings.url).netloc
    deadline, deaths = time.monotonic() + START_LIMIT, 0
    with asker:
        while time.monotonic() < deadline and deaths <= START_DEATHS and not stop.wait(0.1):
            if not web.is_alive:
                deaths += 1
                web.restart_if_dead()
            with contextlib.suppress(OSError, requests.RequestException):
                if asker.get(f"{settings.local_url}/healthz", timeout=5).ok:
                    return True
    return stop.is_set()


def _where_it_says_why(child: Child) -> str:
    return f" See {child.log}" if child.log else ""


def _stop(children: list[Child]) -> None:
    for child in children:
        child.stop()
    deadline = time.monotonic() + GRACE
    for child in children:
        child.wait(max(0.1, deadline - time.monotonic()))


def _end_with_parent() -> None:
    """Linux: a child ends when the supervisor is killed, so that a restart finds its ports free."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


# Words -------------------------------------------------------------------------------------------


def _greet(settings: Settings, way_in: str) -> None:
    lines = [f"  Shop     {settings.url}", f"  Admin    {settings.url}/admin"]
    if way_in:
        lines.append(f"  {way_in}")
    if not settings.mail_server:
        lines.append(f"  Mails    {settings.url}/dev/mail")
    if settings.uses_sandbox:
        lines.append(f"  Stripe   {settings.stripe_api}/_sandbox  (sandbox: no real money)")
        lines.append("  Pay with card 4242 4242 4242 4242, any future date, any CVC.")
    lines.append("  Stop with Ctrl-C.")
    _say("\n" + "\n".join(lines) + "\n")


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())

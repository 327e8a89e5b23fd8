"""A whole shop, started by its one command with the demo in it, and a real Chromium."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, BrowserContext, Error, Page

from shop.settings import ROOT
from tests.reliability.processes import PATIENCE, free_port

START_LIMIT = 300


@dataclass(frozen=True)
class RunningShop:
    port: int
    folder: Path
    email: str
    password: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def sandbox_url(self) -> str:
        return f"http://127.0.0.1:{self.port + 1}"

    def query(self, statement: str, **values: object) -> list[sa.Row[tuple[object, ...]]]:
        with self._connection() as connection:
            return list(connection.execute(sa.text(statement), values).all())

    def run(self, statement: str, **values: object) -> None:
        with self._connection() as connection, connection.begin():
            connection.execute(sa.text(statement), values)

    @contextmanager
    def _connection(self) -> Iterator[sa.Connection]:
        engine = sa.create_engine(
            f"sqlite:///{self.folder / 'till.sqlite'}",
            connect_args={"timeout": PATIENCE},
        )
        with engine.connect() as connection:
            yield connection
        engine.dispose()

    def on_hand(self, sku: str) -> int:
        ((on_hand,),) = self.query(
            "SELECT on_hand FROM stock_items JOIN variants ON variants.id = variant_id"
            " WHERE sku = :sku",
            sku=sku,
        )
        assert isinstance(on_hand, int)
        return on_hand

    def mails_to(self, address: str) -> list[str]:
        """The sources of all mails to the address."""
        mails = [file.read_text() for file in (self.folder / "mail").glob("*.eml")]
        return [mail for mail in mails if f"To: {address}" in mail]


@pytest.fixture(scope="session")
def running_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningShop]:
    folder = tmp_path_factory.mktemp("shop")
    with started(folder) as (port, told):
        sign_in = re.search(r"Sign in +(\S+) +(\S+)", told)
        assert sign_in is not None, told
        yield RunningShop(port, folder, email=sign_in[1], password=sign_in[2])


@contextmanager
def started(folder: Path, **environ: str) -> Iterator[tuple[int, str]]:
    """A whole shop with its data in the folder: its port, and what its one command says."""
    port = free_port(in_a_row=2)  # the sandbox takes the second
    process = subprocess.Popen(
        [sys.executable, "-m", "shop.supervisor"],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
        env={
            **os.environ,
            "PORT": str(port),
            "DATA_PATH": str(folder),
            "SECRET_KEY": "browser-tests-0123456789-abcdefghij",
            "STRIPE_SECRET_KEY": "sk_test_sandbox_browser",
            "STRIPE_WEBHOOK_SECRET": "whsec_browser_0123456789",
            **environ,
        },
    )  # fmt: skip
    try:
        yield port, read_greeting(process)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(40)
        assert process.stdout is not None
        process.stdout.close()


def read_greeting(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    told, deadline = "", time.monotonic() + START_LIMIT
    while "Stop with Ctrl-C" not in told and time.monotonic() < deadline:
        line = process.stdout.readline()
        if not line:
            break
        told += line
    return told


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def context(
    browser: Browser, running_shop: RunningShop, request: pytest.FixtureRequest
) -> Iterator[BrowserContext]:
    context = browser.new_context(
        base_url=running_shop.url,
        java_script_enabled=request.param,
        viewport={"width": 1280, "height": 900},
    )
    yield context
    context.close()


def ask(page: Page, expression: str) -> Any:
    """What the page answers to it. Where it is left for another in this moment, that one is asked
    once it has arrived: a press leads on without waiting.
    """
    while True:
        try:
            return page.evaluate(expression)
        except Error as error:
            if "Execution context was destroyed" not in error.message:
                raise
            page.wait_for_load_state()


def has_scripts_on(page: Page) -> bool:
    return page.evaluate("matchMedia('(scripting: enabled)').matches") is True


def note_error(complaints: list[str], error: str) -> None:
    """Chromium also reports, with scripts off too, that it gave up moving one page into the next;
    the next page just appears then.
    """
    if not error.startswith("Transition was"):
        complaints.append(error)


def complaints_of(page: Page) -> list[str]:
    """What the page will throw, and what its security policy will refuse, as it happens."""
    # "Content Security Policy" stands in each browser message about a refused load.
    complaints: list[str] = []
    page.on("pageerror", lambda error: note_error(complaints, str(error)))
    page.on(
        "console",
        lambda message: (
            complaints.append(message.text) if "Content Security Policy" in message.text else None
        ),
    )
    return complaints


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """Fails the test where the page broke its own security policy or threw an error."""
    page = context.new_page()
    complaints = complaints_of(page)
    yield page
    assert complaints == []

"""A sandbox of its own for each test, on a free port, with its state in a temporary folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.payments.sandbox.harness import Mailbox, World


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    mailbox = Mailbox()
    yield mailbox
    mailbox.close()


@pytest.fixture
def world(tmp_path: Path, mailbox: Mailbox) -> Iterator[World]:
    world = World(tmp_path / "sandbox.sqlite", mailbox)
    world.start()
    yield world
    world.stop()

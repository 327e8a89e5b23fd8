from __future__ import annotations

from tests.payments.sandbox.conftest import mailbox, world

__all__ = ["mailbox", "world"]

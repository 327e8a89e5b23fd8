"""Stripe's keys: those of the environment, or those that were typed in the admin.

Typed ones lie in a file of the data folder that only the shop's own user may read, so that no copy
of the database holds them. Every process reads them there. Why: docs/adr/0037.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from dotenv import dotenv_values

from shop.settings import Settings

FILE = "stripe-keys.env"


class KeySource(StrEnum):
    ENVIRONMENT = "environment"
    TYPED = "typed"
    #: The development stand-in's, which gives way to typed ones.
    SANDBOX = "sandbox"
    NONE = "none"


@dataclass(frozen=True)
class TypedKeys:
    secret_key: str = field(repr=False)
    #: Empty: Stripe could not be told where to send its events.
    webhook_secret: str = field(default="", repr=False)
    #: Names the account to scripts: no secret. Empty: nobody typed it.
    publishable_key: str = ""

    @property
    def publishable_start(self) -> str:
        """Of the publishable key of the same mode, test or live."""
        return "pk_live_" if self.secret_key.startswith(("sk_live_", "rk_live_")) else "pk_test_"


def source_of(settings: Settings) -> KeySource:
    if settings.stripe_secret_key and not settings.uses_sandbox:
        return KeySource.ENVIRONMENT
    if typed_keys(settings) is not None:
        return KeySource.TYPED
    return KeySource.SANDBOX if settings.uses_sandbox else KeySource.NONE


def with_keys(settings: Settings) -> Settings:
    """The settings with the keys that count at this moment."""
    typed = typed_keys(settings)
    if typed is None or source_of(settings) is not KeySource.TYPED:
        return settings
    changed = replace(
        settings,
        stripe_secret_key=typed.secret_key,
        stripe_webhook_secret=typed.webhook_secret,
        stripe_publishable_key=typed.publishable_key or _fitting_key(settings, typed),
    )
    if changed.uses_sandbox:  # which is also told of events by what it was started with
        both = [typed.webhook_secret, *settings.webhook_secrets]
        return replace(changed, stripe_webhook_secret=",".join(filter(None, both)))
    return changed


def typed_keys(settings: Settings) -> TypedKeys | None:
    file = settings.data_folder / FILE
    try:
        state = file.stat()
    except OSError:
        return None
    return _read(file, state.st_mtime_ns, state.st_ino)


def keep(settings: Settings, keys: TypedKeys) -> None:
    """In place of those before; a crash leaves the ones or the others."""
    file = settings.data_folder / FILE
    lines = {
        "STRIPE_SECRET_KEY": keys.secret_key,
        "STRIPE_WEBHOOK_SECRET": keys.webhook_secret,
        "STRIPE_PUBLISHABLE_KEY": keys.publishable_key,
    }
    text = "".join(f"{name}={value}\n" for name, value in lines.items())
    partial = file.with_name(f".{FILE}.{secrets.token_hex(4)}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
    partial.replace(file)


def forget(settings: Settings) -> None:
    (settings.data_folder / FILE).unlink(missing_ok=True)


def _fitting_key(settings: Settings, typed: TypedKeys) -> str:
    """The environment's publishable key, where it is of the typed one's mode."""
    key = settings.stripe_publishable_key
    return key if key.startswith(typed.publishable_start) else ""


@lru_cache(maxsize=4)
def _read(file: Path, _changed_at: int, _inode: int) -> TypedKeys | None:
    values = dotenv_values(file)
    key = values.get("STRIPE_SECRET_KEY") or ""
    if not key:
        return None
    return TypedKeys(
        key,
        values.get("STRIPE_WEBHOOK_SECRET") or "",
        values.get("STRIPE_PUBLISHABLE_KEY") or "",
    )

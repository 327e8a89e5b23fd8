"""How many wrong passwords are heard: counted in the database, so that the limits hold for all
processes together.

An attempt is written down before its password is checked and counted afterwards; many at once
therefore see each other. Attempts that are turned away are not counted: whoever keeps trying does
not keep the owner out.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

import sqlalchemy as sa

from shop.accounts.models import SignInFailure
from shop.clock import now
from shop.extensions import db

WINDOW = timedelta(minutes=15)
FOR_ONE_ACCOUNT = 5
FOR_ONE_ADDRESS = 30


@dataclass(frozen=True)
class Limit:
    key: str
    allowed: int


def limits_of(email: str, *, address: str, device: str | None) -> tuple[Limit, Limit]:
    """A browser that the account has used before counts for itself, not for the account."""
    account = f"device:{device}" if device else f"account:{email}"
    return (
        Limit(_digest(account), FOR_ONE_ACCOUNT),
        Limit(_digest(f"address:{_network(address)}"), FOR_ONE_ADDRESS),
    )


def limit_of(what: str, address: str, allowed: int) -> Limit:
    """How often one network may try something else than to sign in."""
    return Limit(_digest(f"{what}:{_network(address)}"), allowed)


def note_attempt(limits: Sequence[Limit]) -> list[int]:
    """Write the attempt down as a failure; take_back() undoes it by the ids returned."""
    db.session.execute(sa.delete(SignInFailure).where(SignInFailure.at <= now() - WINDOW))
    rows = [SignInFailure(key=limit.key) for limit in limits]
    db.session.add_all(rows)
    db.session.flush()
    return [row.id for row in rows]


def seconds_to_wait(limits: Sequence[Limit]) -> int:
    """Zero where the attempt just noted may be heard."""
    return max(_seconds_to_wait(limit) for limit in limits)


def take_back(attempt: Sequence[int]) -> None:
    db.session.execute(sa.delete(SignInFailure).where(SignInFailure.id.in_(attempt)))


def forget(limit: Limit) -> None:
    db.session.execute(sa.delete(SignInFailure).where(SignInFailure.key == limit.key))


def _seconds_to_wait(limit: Limit) -> int:
    newest = db.session.scalars(
        sa.select(SignInFailure.at)
        .where(SignInFailure.key == limit.key, SignInFailure.at > now() - WINDOW)
        .order_by(SignInFailure.at.desc())
        .limit(limit.allowed + 1)
    ).all()
    if len(newest) <= limit.allowed:
        return 0
    return max(1, ceil((newest[-1] + WINDOW - now()).total_seconds()))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _network(address: str) -> str:
    """One household's IPv6 addresses are a /64."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv6Address):
        return str(ip.ipv4_mapped or ipaddress.ip_network(f"{ip}/64", strict=False))
    return str(ip)

"""How often somebody may try something: one counter a key, in the database.

A counter begins with the first try and ends a window later. It is taken by one conditional UPSERT,
so that of fifty at once exactly as many pass as may. What is refused is not counted: whoever keeps
trying does not keep others, or themselves, out for longer. Around the end of a window up to twice
as many may pass in a short time; a limit is chosen with that in mind.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from shop.clock import now
from shop.extensions import UtcDateTime, db
from shop.limits.models import RateLimit
from shop.web.config import settings

QUARTER_HOUR = timedelta(minutes=15)


@dataclass(frozen=True, order=True)
class Limit:
    key: str
    allowed: int
    window: timedelta = QUARTER_HOUR


def limit(what: str, who: str, allowed: int, window: timedelta = QUARTER_HOUR) -> Limit:
    """How often `who` may do `what` in a window; another window or number is the same counter."""
    return Limit(digest(f"{what}:{who}"), allowed, window)


def network_limit(
    what: str, address: str | None, allowed: int, window: timedelta = QUARTER_HOUR
) -> Limit:
    """For everybody behind one network address; see `network`."""
    return limit(what, f"network:{network(address)}", allowed, window)


def take(limits: Iterable[Limit]) -> int:
    """Count one try against each of them, or, where one is used up, against none.

    Returns the seconds to wait; zero: it was counted. In the caller's transaction, which should
    be short: others who try under the same key wait for it.
    """
    taken, wait = [], 0
    for one in sorted(limits):  # one lock order: two who share several keys cannot deadlock
        if _count(one):
            taken.append(one)
        else:
            wait = max(wait, seconds_to_wait([one]))
    if wait:
        give_back(taken)
    return wait


def give_back(limits: Iterable[Limit]) -> None:
    """What `take` counted turned out to be no try."""
    for one in sorted(limits):
        counter = RateLimit.key == one.key
        db.session.execute(_bare(sa.delete(RateLimit).where(counter, RateLimit.used == 1)))
        db.session.execute(
            _bare(sa.update(RateLimit).where(counter).values(used=RateLimit.used - 1))
        )


def seconds_to_wait(limits: Iterable[Limit]) -> int:
    """Until each of them allows another try, without counting one; zero: now."""
    allowed = {one.key: one.allowed for one in limits}
    counters = db.session.execute(_COUNTERS, {"keys": list(allowed), "at": now()})
    waits = [
        max(1, ceil((counter.ends_at - now()).total_seconds()))
        for counter in counters
        if counter.used >= allowed[counter.key]
    ]
    return max(waits, default=0)


def forget(one: Limit) -> None:
    db.session.execute(_bare(sa.delete(RateLimit).where(RateLimit.key == one.key)))


def forget_ended() -> None:
    """Counters whose window is over say nothing any more."""
    db.session.execute(_bare(sa.delete(RateLimit).where(RateLimit.ends_at <= now())))


def digest(text: str) -> str:
    """Keyed: without the shop's secret nobody can tell which address it was by trying them all."""
    return hmac.digest(settings().secret_key.encode(), text.encode(), "sha256").hex()


def network(address: str | None) -> str:
    """One household's IPv6 addresses are a /64."""
    try:
        ip = ipaddress.ip_address(address or "")
    except ValueError:
        return address or ""
    if isinstance(ip, ipaddress.IPv6Address):
        return str(ip.ipv4_mapped or ipaddress.ip_network((ip.packed, 64), strict=False))
    return str(ip)


def _count(one: Limit) -> bool:
    """One statement: the counter anew where there is none or it is over, else one more up to what
    is allowed. The row stays locked until the transaction ends.
    """
    if one.allowed < 1:
        raise ValueError("a limit allows one try at least")
    statement = _COUNT_ON_POSTGRES if db.engine.dialect.name == "postgresql" else _COUNT_ON_SQLITE
    values = {"who": one.key, "at": now(), "until": now() + one.window, "allowed": one.allowed}
    return db.session.scalar(statement, values) is not None


def _bare(statement: sa.Update | sa.Delete) -> sa.Update | sa.Delete:
    return statement.execution_options(synchronize_session=False)


# The statements, built once: each order and each try to sign in runs them.

_AT, _UNTIL = sa.bindparam("at", type_=UtcDateTime()), sa.bindparam("until", type_=UtcDateTime())
_COUNTERS = sa.select(RateLimit.key, RateLimit.used, RateLimit.ends_at).where(
    RateLimit.key.in_(sa.bindparam("keys", expanding=True)), RateLimit.ends_at > _AT
)


def _counting(insert: Callable[..., Any]) -> Any:
    is_over = RateLimit.ends_at <= _AT
    statement = insert(RateLimit).values(key=sa.bindparam("who"), used=1, ends_at=_UNTIL)
    return statement.on_conflict_do_update(
        index_elements=["key"],
        set_={
            "used": sa.case((is_over, 1), else_=RateLimit.used + 1),
            "ends_at": sa.case((is_over, _UNTIL), else_=RateLimit.ends_at),
        },
        where=sa.or_(is_over, RateLimit.used < sa.bindparam("allowed")),
    ).returning(RateLimit.key)


_COUNT_ON_POSTGRES, _COUNT_ON_SQLITE = _counting(postgresql.insert), _counting(sqlite.insert)

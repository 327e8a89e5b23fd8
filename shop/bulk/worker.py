"""Carries jobs on, in the worker and, where there is little to do, at once."""

from __future__ import annotations

import time

from shop.bulk import queries, service
from shop.database import in_transaction
from shop.extensions import db
from shop.store import queries as store

#: Seconds in which the worker's other chores wait.
PATIENCE = 1.0


def carry_jobs_on() -> None:
    """For a while; the rest is done at the next turn."""
    until = time.monotonic() + PATIENCE
    for job_id in queries.unfinished():
        while time.monotonic() < until and carry_on(job_id):
            pass


def finish(job_id: int) -> None:
    """All that is left of it."""
    while carry_on(job_id):
        pass


def carry_on(job_id: int) -> bool:
    """One part of it; whether there is more."""
    currency = store.current().currency
    db.session.rollback()
    part = in_transaction(lambda: service.carry_on(job_id, currency))
    return part.has_more

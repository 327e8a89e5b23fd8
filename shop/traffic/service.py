"""Writing down how many visitors took which step."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import date

import sqlalchemy as sa

from shop.database import upsert
from shop.extensions import Model, db
from shop.traffic import sketch
from shop.traffic.models import TrafficDay, TrafficSalt
from shop.traffic.steps import Step, is_machine
from shop.traffic.tally import Visitor

_SALT_BYTES = 32


def record(taken: Iterable[tuple[Step, Visitor]], *, on: date) -> None:
    """Add the visitors to the day's sketches; who is in them already counts no second time.

    Who looks at a product or fills a cart has visited too.
    """
    salt, digests = _salt_of(on), {step: set[int]() for step in Step}
    for step, (address, agent) in taken:
        if not is_machine(agent):
            found = sketch.digest(salt, address, agent)
            digests[step].add(found)
            digests[Step.VISIT].add(found)
    for step, found_in_step in digests.items():
        if found_in_step:
            _add(on, step, sketch.sketch_of(found_in_step))


def forget_sketches(*, today: date) -> None:
    """Of days that are over only the counts stay."""
    db.session.execute(sa.delete(TrafficSalt).where(TrafficSalt.day < today))
    db.session.execute(
        sa.update(TrafficDay)
        .where(TrafficDay.day < today, TrafficDay.sketch.is_not(None))
        .values(sketch=None)
    )


def _salt_of(day: date) -> bytes:
    known = sa.select(TrafficSalt.salt).where(TrafficSalt.day == day)
    found = db.session.scalar(known)
    if found is None:
        _insert_new(TrafficSalt, day=day, salt=secrets.token_bytes(_SALT_BYTES))
        found = db.session.scalars(known).one()
    return found


def _add(day: date, step: Step, more: bytes) -> None:
    _insert_new(TrafficDay, day=day, step=step, visitors=0)
    row = db.session.scalars(
        sa.select(TrafficDay)
        .where(TrafficDay.day == day, TrafficDay.step == step)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    together = sketch.merged(row.sketch, more) if row.sketch else more
    if together != row.sketch:
        row.sketch, row.visitors = together, sketch.estimate(together)
        db.session.flush()


def _insert_new(model: type[Model], **values: object) -> None:
    """Nothing happens where another process was quicker."""
    db.session.execute(upsert(model).values(**values).on_conflict_do_nothing())

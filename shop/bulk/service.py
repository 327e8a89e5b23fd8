"""Jobs over many products: begun, carried on a few products at a time, taken back.

A part of a job is one transaction under the lock of the job's row, so several workers may carry it
on, and one that dies loses nothing: what it had not kept is done by the next.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from shop import audit
from shop.bulk import actions
from shop.bulk.actions import Reason, Skipped, Task
from shop.bulk.models import Action, BulkItem, BulkJob, ItemState
from shop.catalog.models import Product
from shop.clock import now
from shop.database import is_busy
from shop.extensions import db
from shop.store import service as store

log = logging.getLogger("shop.bulk")

#: Products in one transaction: SQLite's other writers wait for it.
PART = 20


#: The action under which a job stands in the audit trail.
BEGUN = "bulk_job.begun"


class CannotUndo(Exception):
    """It is not finished, was taken back already, or cannot be."""


@dataclass(frozen=True)
class Part:
    """What one transaction did of a job."""

    has_more: bool


def begin(
    action: Action,
    params: Mapping[str, Any],
    which: sa.ColumnElement[bool],
    *,
    press: str,
    by: int | None,
) -> BulkJob:
    """Of the products of which `which` is true now. The same press begins it once."""
    if known := db.session.scalar(sa.select(BulkJob).where(BulkJob.press == press)):
        return known
    job = BulkJob(action=action, params=dict(params), press=press, account_id=by)
    products = sa.select(Product.id, Product.title).where(which)
    return _begun(job, products.subquery(), by=by)


def undo(job: BulkJob, *, by: int | None) -> BulkJob:
    """A job that takes back what this one did. Raises CannotUndo."""
    if job.finished_at is None or not actions.can_revert(job.action):
        raise CannotUndo
    if db.session.scalar(sa.select(BulkJob.id).where(BulkJob.undoes_id == job.id)):
        raise CannotUndo
    if job.action == Action.PRICE and audit.has_since(store.CURRENCY_CHANGED, job.created_at):
        raise CannotUndo  # the prices of before are another currency's
    back = BulkJob(
        action=Action.UNDO, params={}, press=f"undo:{job.id}", account_id=by, undoes_id=job.id
    )
    done = sa.select(BulkItem.product_id.label("id"), BulkItem.title).where(
        BulkItem.job_id == job.id, BulkItem.state == ItemState.DONE
    )
    return _begun(back, done.subquery(), by=by)


def carry_on(job_id: int, currency: str) -> Part:
    """The next PART products; once it is finished nothing happens."""
    job = db.session.get(BulkJob, job_id, populate_existing=True, with_for_update=True)
    if job is None or job.finished_at is not None:
        return Part(has_more=False)
    waiting = db.session.scalars(
        sa.select(BulkItem)
        .where(BulkItem.job_id == job.id, BulkItem.state == ItemState.WAITING)
        .order_by(BulkItem.product_id)
        .limit(PART)
    ).all()
    task = Task(job.params, job.account_id, currency)
    for item in waiting:
        _do(job, item, task)
    has_more = len(waiting) == PART
    if not has_more:
        job.finished_at = now()
    db.session.flush()
    return Part(has_more)


# Inside


def _begun(job: BulkJob, products: sa.Subquery, *, by: int | None) -> BulkJob:
    db.session.add(job)
    db.session.flush()
    columns = ["job_id", "product_id", "title", "state", "reason"]
    rows = sa.select(
        sa.literal(job.id),
        products.c.id,
        products.c.title,
        sa.literal(str(ItemState.WAITING)),
        sa.literal(""),
    )
    db.session.execute(sa.insert(BulkItem).from_select(columns, rows))
    job.total = (
        db.session.scalar(
            sa.select(sa.func.count()).select_from(BulkItem).where(BulkItem.job_id == job.id)
        )
        or 0
    )
    can_go_back = job.undoes_id is None and actions.can_revert(job.action)
    audit.record_removal(
        {"job": job.id} if can_go_back else None,
        by,
        BEGUN,
        subject_kind="bulk_job",
        subject_id=job.id,
        what=str(job.action),
        params=job.params,
        products=job.total,
    )
    db.session.flush()
    return job


def _do(job: BulkJob, item: BulkItem, task: Task) -> None:
    """One product that fails keeps none of the others; what was half done of it is taken back."""
    try:
        with db.session.begin_nested():
            before = _done(job, item, task)
    except Skipped as skipped:
        item.state, item.reason = ItemState.SKIPPED, skipped.reason
    except Exception as error:  # one product that cannot be done must not stop the others
        if is_busy(error):
            raise
        log.exception("not done", extra={"job": job.id, "product": item.product_id})
        item.state, item.reason = ItemState.SKIPPED, Reason.FAILED
    else:
        item.state, item.before = ItemState.DONE, before


def _done(job: BulkJob, item: BulkItem, task: Task) -> dict[str, Any] | None:
    product = db.session.get(
        Product, item.product_id, populate_existing=True, with_for_update={"of": Product}
    )
    if product is None:
        raise Skipped(Reason.GONE)
    if job.undoes_id is None:
        return actions.perform(Action(job.action), product, task)
    first = db.session.get_one(BulkJob, job.undoes_id)
    undone = db.session.get_one(BulkItem, (job.undoes_id, item.product_id))
    actions.revert(Action(first.action), product, undone.before or {}, task)
    return None

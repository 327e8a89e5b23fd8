"""What pages tell of jobs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from shop.bulk import actions
from shop.bulk.models import BulkItem, BulkJob, ItemState
from shop.extensions import db
from shop.paging import in_order, page_of


@dataclass(frozen=True)
class Progress:
    job: BulkJob
    done: int
    skipped: int
    #: The job that takes it back.
    undone_by: int | None

    @property
    def waiting(self) -> int:
        return self.job.total - self.done - self.skipped

    @property
    def is_finished(self) -> bool:
        return self.job.finished_at is not None

    @property
    def can_undo(self) -> bool:
        return (
            self.is_finished
            and bool(self.done)
            and self.undone_by is None
            and actions.can_revert(self.job.action)
        )


def unfinished() -> Sequence[int]:
    """The oldest first."""
    return db.session.scalars(
        sa.select(BulkJob.id).where(BulkJob.finished_at.is_(None)).order_by(BulkJob.id)
    ).all()


def progress(job_id: int) -> Progress | None:
    job = db.session.get(BulkJob, job_id, populate_existing=True)
    if job is None:
        return None
    counts = {
        row[0]: row[1]
        for row in db.session.execute(
            sa.select(BulkItem.state, sa.func.count())
            .where(BulkItem.job_id == job_id)
            .group_by(BulkItem.state)
        )
    }
    undone_by = db.session.scalar(sa.select(BulkJob.id).where(BulkJob.undoes_id == job_id))
    return Progress(job, counts.get(ItemState.DONE, 0), counts.get(ItemState.SKIPPED, 0), undone_by)


def skipped(job_id: int, *, limit: int, offset: int) -> Sequence[BulkItem]:
    return db.session.scalars(
        sa.select(BulkItem)
        .where(BulkItem.job_id == job_id, BulkItem.state == ItemState.SKIPPED)
        .order_by(BulkItem.product_id)
        .limit(limit)
        .offset(offset)
    ).all()


def taking_back(job_id: int) -> BulkJob | None:
    return db.session.scalar(sa.select(BulkJob).where(BulkJob.undoes_id == job_id))


def by_press(press: str) -> BulkJob | None:
    return db.session.scalar(sa.select(BulkJob).where(BulkJob.press == press))


def jobs(page: int, per_page: int) -> Sequence[BulkJob]:
    """A page, the newest first, and one more where another follows."""
    found = page_of(sa.select(BulkJob), [BulkJob.id.desc()], page, per_page)
    return in_order(db.session.scalars(found).all(), page)

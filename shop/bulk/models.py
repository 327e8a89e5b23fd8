"""A job over many products, and what became of each of them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shop.clock import now
from shop.extensions import Model


class Action(StrEnum):
    """What is done with each product."""

    PUBLISH = "publish"
    UNPUBLISH = "unpublish"
    ARCHIVE = "archive"
    ADD_TAG = "add_tag"
    REMOVE_TAG = "remove_tag"
    PRICE = "price"
    COLLECT = "collect"
    DELETE = "delete"
    #: Takes back what another job did.
    UNDO = "undo"


class ItemState(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    SKIPPED = "skipped"


_ACTIONS = ", ".join(f"'{action}'" for action in Action)
_STATES = ", ".join(f"'{state}'" for state in ItemState)


class BulkJob(Model):
    __tablename__ = "bulk_jobs"
    __table_args__ = (
        sa.CheckConstraint(f"action IN ({_ACTIONS})", name="action_known"),
        sa.Index(
            "ix_bulk_jobs_unfinished",
            "id",
            sqlite_where=sa.text("finished_at IS NULL"),
            postgresql_where=sa.text("finished_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    action: Mapped[str] = mapped_column(sa.String(20))
    #: What the action needs to know, as shop/bulk/actions.py reads it.
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: Of the form that began it: pressed twice, it begins once.
    press: Mapped[str] = mapped_column(sa.String(40), unique=True)
    account_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("accounts.id", ondelete="SET NULL"), index=True
    )
    #: The job that this one takes back; a job is taken back once.
    undoes_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("bulk_jobs.id", ondelete="CASCADE"), unique=True
    )
    #: Products it is about.
    total: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]


class BulkItem(Model):
    __tablename__ = "bulk_items"
    __table_args__ = (
        sa.CheckConstraint(f"state IN ({_STATES})", name="state_known"),
        sa.Index("ix_bulk_items_state", "job_id", "state", "product_id"),
    )

    job_id: Mapped[int] = mapped_column(
        sa.ForeignKey("bulk_jobs.id", ondelete="CASCADE"), primary_key=True
    )
    #: No foreign key: the result is told of deleted products too.
    product_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    title: Mapped[str] = mapped_column(sa.String(255))
    state: Mapped[str] = mapped_column(sa.String(10), default=ItemState.WAITING)
    #: Why it was skipped: one of bulk.actions.Reason.
    reason: Mapped[str] = mapped_column(sa.String(30), default="")
    #: What it takes to go back.
    before: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))

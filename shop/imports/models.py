"""A file somebody gave, what it means for each product, and what is wrong with it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shop.catalog.csvfile import Fault
from shop.clock import now
from shop.extensions import Model


class ImportState(StrEnum):
    #: The worker looks what would change; nothing does.
    CHECKING = "checking"
    CHECKED = "checked"
    #: Not a row of it can be brought in.
    REFUSED = "refused"
    DISCARDED = "discarded"
    RUNNING = "running"
    DONE = "done"
    #: Stopped while it ran; what was brought in before stays.
    CANCELED = "canceled"
    UNDOING = "undoing"
    UNDONE = "undone"


#: States in which the worker has something to do.
AT_WORK = (ImportState.CHECKING, ImportState.RUNNING, ImportState.UNDOING)


class Outcome(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    #: Left out because of a fault.
    FAULTY = "faulty"


class Import(Model):
    __tablename__ = "imports"
    __table_args__ = (
        sa.CheckConstraint(
            "state IN ('checking', 'checked', 'refused', 'discarded', 'running', 'done',"
            " 'canceled', 'undoing', 'undone')",
            name="state_known",
        ),
        sa.CheckConstraint("source IN ('shopify', 'woocommerce')", name="source_known"),
        sa.CheckConstraint("position BETWEEN 0 AND total", name="position_within_total"),
        sa.Index("ix_imports_state", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    #: Who gave the file.
    account_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("accounts.id", ondelete="SET NULL"), index=True
    )
    #: One press of the form's button gives one file.
    press: Mapped[str] = mapped_column(sa.String(40), unique=True)
    file_name: Mapped[str] = mapped_column(sa.String(255))
    #: Bytes.
    file_size: Mapped[int]
    source: Mapped[str] = mapped_column(sa.String(16))
    #: What its prices are in.
    currency: Mapped[str] = mapped_column(sa.String(3))
    state: Mapped[str] = mapped_column(sa.String(16), default=ImportState.CHECKING)
    #: Products in the file, and how many of them the worker has been through in this state.
    total: Mapped[int] = mapped_column(default=0)
    position: Mapped[int] = mapped_column(default=0)
    #: How often in a row the next products could not be worked on.
    tries: Mapped[int] = mapped_column(default=0)
    created_count: Mapped[int] = mapped_column(default=0)
    updated_count: Mapped[int] = mapped_column(default=0)
    unchanged_count: Mapped[int] = mapped_column(default=0)
    faulty_count: Mapped[int] = mapped_column(default=0)
    fault_count: Mapped[int] = mapped_column(default=0)
    conflict_count: Mapped[int] = mapped_column(default=0)
    #: Ids of collections that had to be made.
    new_collections: Mapped[list[Any]] = mapped_column(default=list)
    created_at: Mapped[datetime] = mapped_column(default=now)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]

    @property
    def is_at_work(self) -> bool:
        return self.state in AT_WORK

    @property
    def can_start(self) -> bool:
        return self.state == ImportState.CHECKED and bool(self.created_count + self.updated_count)

    @property
    def is_faulty_alone(self) -> bool:
        """Every product of it holds errors, so that none can be brought in."""
        known = self.created_count + self.updated_count + self.unchanged_count
        return self.faulty_count > 0 and known == 0

    @property
    def can_undo(self) -> bool:
        has_done = bool(self.created_count + self.updated_count)
        return self.state in (ImportState.DONE, ImportState.CANCELED) and has_done


class ImportFile(Model):
    """The bytes as they came, packed; apart, so that lists do not read them."""

    __tablename__ = "import_files"

    import_id: Mapped[int] = mapped_column(
        sa.ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    content: Mapped[bytes] = mapped_column(sa.LargeBinary)


class ImportProduct(Model):
    """What a file means for one product; after the import: what it did to it."""

    __tablename__ = "import_products"
    __table_args__ = (
        sa.UniqueConstraint("import_id", "number"),
        sa.CheckConstraint(
            "outcome IN ('created', 'updated', 'unchanged', 'faulty')", name="outcome_known"
        ),
        sa.Index("ix_import_products_outcome", "import_id", "outcome", "number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(sa.ForeignKey("imports.id", ondelete="CASCADE"))
    #: Which of the file's products, from 0.
    number: Mapped[int]
    line: Mapped[int]
    handle: Mapped[str] = mapped_column(sa.String(255))
    title: Mapped[str] = mapped_column(sa.String(255))
    outcome: Mapped[str] = mapped_column(sa.String(16))
    #: The product may be gone by now, so this is no foreign key.
    product_id: Mapped[int | None] = mapped_column(index=True)
    #: Of an updated one: see catalog/snapshots.py. `labels`: what to call its variants.
    changes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    labels: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: [subject, sentence, values] of what was left alone on purpose.
    notes: Mapped[list[Any]] = mapped_column(default=list)
    #: Of a created one, as it was made.
    fingerprint: Mapped[str] = mapped_column(sa.String(64), default="")
    #: The last movement of stock that there was when it was brought in.
    movement_id: Mapped[int] = mapped_column(default=0)
    #: Done, and not only looked through.
    is_kept: Mapped[bool] = mapped_column(default=False)
    is_undone: Mapped[bool] = mapped_column(default=False)
    #: What could not be undone, and why, by its key in the changes.
    conflicts: Mapped[dict[str, Any]] = mapped_column(default=dict)


class ImportFault(Model):
    __tablename__ = "import_faults"
    __table_args__ = (sa.Index("ix_import_faults_line", "import_id", "line", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(sa.ForeignKey("imports.id", ondelete="CASCADE"))
    #: Of the product, where only the shop's own rows told of it.
    number: Mapped[int | None]
    line: Mapped[int]
    #: As the file names it; empty: the row, or the file.
    column_name: Mapped[str] = mapped_column(sa.String(255))
    #: In English, with named places for `data`.
    reason: Mapped[str] = mapped_column(sa.Text)
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)

    @property
    def as_fault(self) -> Fault:
        return Fault(self.line, self.column_name, self.reason, self.data)

"""Who changed what: one row for each change that staff make, and what is needed to bring back what
they deleted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shop.clock import now
from shop.extensions import Model, UtcDateTime, db, partial_index

Row = TypeVar("Row", bound=Model)

#: So long what was deleted can be brought back.
KEPT_FOR = timedelta(days=90)
#: Actions, and what was kept of each.
Forgotten = list[tuple[str, dict[str, Any]]]
#: Of an entry's words, as far as they can be searched.
MAX_TEXT = 2000


#: Where a session keeps the entry it recorded last.
_LATEST = "latest_audit_entry"


class AuditEntry(Model):
    __tablename__ = "audit_entries"
    __table_args__ = (
        sa.Index("ix_audit_entries_subject", "subject_kind", "subject_id"),
        sa.Index("ix_audit_entries_subject_kind_id", "subject_kind", "id"),
        sa.Index("ix_audit_entries_action", "action", "id"),
        sa.Index("ix_audit_entries_at", "at", "id"),
        partial_index("ix_audit_entries_kept", ("id",), "kept IS NOT NULL"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    #: None: the shop itself, or the command line.
    account_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("accounts.id", ondelete="SET NULL"), index=True
    )
    #: "variant.price_changed".
    action: Mapped[str] = mapped_column(sa.String(60))
    subject_kind: Mapped[str] = mapped_column(sa.String(40))
    subject_id: Mapped[int]
    #: What it was and what it is: pairs [before, after], or facts.
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: The words in `data`, in lower case, to be searched.
    text: Mapped[str] = mapped_column(sa.Text, default="", server_default=sa.text("''"))
    #: What was deleted, for whom knows how to bring it back; none: nothing can be.
    kept: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    at: Mapped[datetime] = mapped_column(default=now)


def change(
    row: Any, values: Mapping[str, Any], account_id: int | None, action: str, *, subject_kind: str
) -> None:
    """Set what differs, and record it with what it was."""
    changes = {
        name: [plain(getattr(row, name)), plain(value)]
        for name, value in values.items()
        if getattr(row, name) != value
    }
    for name in changes:
        setattr(row, name, values[name])
    if changes:
        record(account_id, action, subject_kind=subject_kind, subject_id=row.id, **changes)
    db.session.flush()


def record(
    account_id: int | None, action: str, *, subject_kind: str, subject_id: int, **data: Any
) -> None:
    """Add the entry to the caller's transaction."""
    record_removal(
        None, account_id, action, subject_kind=subject_kind, subject_id=subject_id, **data
    )


def record_removal(
    kept: Mapping[str, Any] | None,
    account_id: int | None,
    action: str,
    *,
    subject_kind: str,
    subject_id: int,
    **data: Any,
) -> None:
    """As `record`, with all that is needed to bring back the thing that is deleted."""
    entry = AuditEntry(
        account_id=account_id,
        action=action,
        subject_kind=subject_kind,
        subject_id=subject_id,
        data=data,
        text=" ".join(_words_in(data)).lower()[:MAX_TEXT],
        kept=dict(kept) if kept is not None else None,
    )
    db.session.add(entry)
    db.session.info[_LATEST] = entry


def record_changes(
    before: Mapping[str, Any],
    row: Model,
    account_id: int | None,
    action: str,
    *,
    subject_kind: str,
) -> bool:
    """What differs from `before`, which `values_of` told; whether anything does."""
    changes = differences(before, values_of(row))
    if changes:
        record(account_id, action, subject_kind=subject_kind, subject_id=before["id"], **changes)
    return bool(changes)


def entry_of(action: str, subject_id: int) -> AuditEntry | None:
    """The newest such entry about a thing."""
    return db.session.scalar(
        sa.select(AuditEntry)
        .where(AuditEntry.action == action, AuditEntry.subject_id == subject_id)
        .order_by(AuditEntry.id.desc())
        .limit(1)
    )


def latest() -> AuditEntry | None:
    """What this request recorded last; none where that was rolled back."""
    entry: AuditEntry | None = db.session.info.get(_LATEST)
    return entry if entry is not None and entry in db.session else None


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Pairs of what is not the same; `updated_at` is no change of its own."""
    return {
        name: [before[name], value]
        for name, value in after.items()
        if name in before and before[name] != value and name != "updated_at"
    }


# What was deleted ---------------------------------------------------------------------------------


def values_of(row: Model) -> dict[str, Any]:
    """Every column, as JSON can hold it."""
    return {column.key: plain(getattr(row, column.key)) for column in _columns(type(row))}


def remade(model: type[Row], kept: Mapping[str, Any]) -> Row:
    """A row like the one that `values_of` was asked of, with its id where that is still free.
    Columns that there are no more are left out.
    """
    values = {
        column.key: _read(column, kept[column.key])
        for column in _columns(model)
        if column.key in kept
    }
    if "id" in values and db.session.get(model, values["id"]) is not None:
        del values["id"]
    return model(**values)


def take_kept(entry_id: int) -> AuditEntry | None:
    """The entry, locked, of something that can be brought back; none where it was, or is forgotten.
    The caller brings it back in the same transaction.
    """
    return db.session.scalar(
        sa.select(AuditEntry)
        .where(AuditEntry.id == entry_id, AuditEntry.kept.is_not(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def forget_kept() -> Forgotten:
    """Of things deleted longer ago than KEPT_FOR."""
    old = db.session.scalars(
        sa.select(AuditEntry)
        .where(AuditEntry.kept.is_not(None), AuditEntry.at < now() - KEPT_FOR)
        .order_by(AuditEntry.id)
    ).all()
    return _forgotten(old)


def all_kept(action: str) -> Forgotten:
    """As `forget_kept`, of what can still be brought back."""
    return [(action, entry.kept) for entry in entries_kept(action) if entry.kept is not None]


def entries_kept(action: str, *, is_to_change: bool = False) -> Sequence[AuditEntry]:
    """Of the kind, with what can still be brought back; `is_to_change`: locked."""
    wanted = (
        sa.select(AuditEntry)
        .where(AuditEntry.action == action, AuditEntry.kept.is_not(None))
        .order_by(AuditEntry.id)
    )
    return db.session.scalars(wanted.with_for_update() if is_to_change else wanted).all()


def forget_kept_of(actions: Collection[str]) -> Forgotten:
    """As `forget_kept`, of what was deleted or saved so, whenever it was."""
    found = db.session.scalars(
        sa.select(AuditEntry)
        .where(AuditEntry.kept.is_not(None), AuditEntry.action.in_(actions))
        .order_by(AuditEntry.id)
    ).all()
    return _forgotten(found)


def _forgotten(entries: Sequence[AuditEntry]) -> Forgotten:
    gone = [(entry.action, entry.kept or {}) for entry in entries]
    for entry in entries:
        entry.kept = None
    db.session.flush()
    return gone


def last_id(action: str) -> int | None:
    """Of the newest entry of the kind; none: nobody ever did that."""
    return db.session.scalar(
        sa.select(sa.func.max(AuditEntry.id)).where(AuditEntry.action == action)
    )


def has_since(action: str, moment: datetime) -> bool:
    """Whether such a change was made after the moment."""
    wanted = sa.exists().where(AuditEntry.action == action, AuditEntry.at >= moment)
    return bool(db.session.scalar(sa.select(wanted)))


def plain(value: Any) -> Any:
    """As JSON can hold it."""
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if value is None or isinstance(value, (str, int, float, list, dict)):
        return value
    return list(value) if isinstance(value, tuple) else str(value)


def _columns(model: type[Model]) -> list[Any]:
    return [attribute.columns[0] for attribute in sa.inspect(model).column_attrs]


def _read(column: Any, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if isinstance(column.type, UtcDateTime):
        return datetime.fromisoformat(value)
    if isinstance(column.type, sa.Date):
        return date.fromisoformat(value)
    return time.fromisoformat(value) if isinstance(column.type, sa.Time) else value


def _words_in(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for each in value.values():
            yield from _words_in(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _words_in(each)
    elif value is not None and not isinstance(value, bool):
        yield str(value)

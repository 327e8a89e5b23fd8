"""What happens by itself once its time has come: expiries, slow refunds, bank decisions."""

from __future__ import annotations

from collections.abc import Callable

from . import authorizations, payments, refunds, sessions
from .store import Work


def run_due(work: Work) -> None:
    """Do everything that is due. Called before each request and by the background thread."""
    due = "SELECT id, name, subject FROM tasks WHERE due_at <= ? ORDER BY due_at, id"
    for row in work.sql(due, (work.at,)).fetchall():
        work.sql("DELETE FROM tasks WHERE id = ?", (row["id"],))
        _TASKS[row["name"]](work, row["subject"])


def next_due_at(work: Work) -> float | None:
    moment: float | None = work.sql("SELECT min(due_at) FROM tasks").fetchone()[0]
    return moment


def _expire_session(work: Work, session_id: str) -> None:
    session = work.need("checkout.session", session_id)
    if session["status"] == "open":
        sessions.close(work, session)


def _expire_authorization(work: Work, intent_id: str) -> None:
    intent = work.need("payment_intent", intent_id)
    if intent["status"] == "requires_capture":
        authorizations.expire(work, intent)


def _settle_bank_debit(work: Work, intent_id: str) -> None:
    intent = work.need("payment_intent", intent_id)
    payments.settle_bank_debit(work, intent, succeeds=intent["_refusal"] is None)


def _settle_refund(work: Work, refund_id: str) -> None:
    refunds.settle(work, work.need("refund", refund_id))


_TASKS: dict[str, Callable[[Work, str], None]] = {
    "expire_session": _expire_session,
    "expire_authorization": _expire_authorization,
    "settle_bank_debit": _settle_bank_debit,
    "settle_refund": _settle_refund,
}

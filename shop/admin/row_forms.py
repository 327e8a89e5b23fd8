"""A form and the rows below it, sent together: the rates of a zone of tax, the steps of a way of
delivery.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from flask import request

from shop.web.forms import Form

#: Empty rows below those that are filled.
BLANK_ROWS = 3


class Row(Protocol):
    @property
    def is_blank(self) -> bool: ...
    @property
    def complaints(self) -> dict[str, str]: ...
    def is_valid(self) -> bool: ...


F = TypeVar("F", bound=Form)
R = TypeVar("R", bound=Row)


@dataclass(frozen=True)
class RowsEditor(Generic[F, R]):
    form: F
    rows: Sequence[R]

    @property
    def forms(self) -> tuple[F | R, ...]:
        return (self.form, *self.rows)

    @property
    def complaints(self) -> dict[str, str]:
        return {name: text for form in self.forms for name, text in form.complaints.items()}

    @property
    def filled(self) -> list[R]:
        return [row for row in self.rows if not row.is_blank]

    def is_valid(self) -> bool:
        """Each by itself; all are asked, so that all complain at once."""
        answers = [form.is_valid() for form in self.forms]
        return all(answers)


def sent_rows(prefix: str, name: str, most: int) -> list[int]:
    """Numbers of the rows that were sent."""
    return [number for number in range(most) if f"{prefix}-{number}-{name}" in request.form]

"""Why a picture was not taken: a sentence that is kept as the program has it, and told in the
language of whoever reads it.
"""

from __future__ import annotations

import json
from typing import Any

from flask_babel import format_decimal
from flask_babel import gettext as _

_BETWEEN = "\t"


class Refusal(Exception):
    """`text`: as the program has it, with named places for `values`."""

    def __init__(self, text: str, **values: Any) -> None:
        self.text, self.values = text, values
        super().__init__(text)

    def __str__(self) -> str:
        return _(self.text, **_grouped(self.values))

    @property
    def kept(self) -> str:
        """For a column of the database; see `told`."""
        return f"{self.text}{_BETWEEN}{json.dumps(self.values)}" if self.values else self.text


def told(kept: str) -> str:
    """What `Refusal.kept` kept, in the reader's language."""
    text, between, values = kept.partition(_BETWEEN)
    return _(text, **_grouped(json.loads(values))) if between else _(text)


def _grouped(values: dict[str, Any]) -> dict[str, Any]:
    """Numbers as the reader's language writes them."""
    return {
        name: format_decimal(value) if isinstance(value, int) else value
        for name, value in values.items()
    }

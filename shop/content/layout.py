"""Which template a page's kind is laid out by, and what that prints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shop.catalog.coats import coats
from shop.catalog.queries import swatches
from shop.content.models import PageKind
from shop.content.queries import PageText
from shop.content.sections import split
from shop.web.filters import markdown


@dataclass(frozen=True)
class Layout:
    template: str
    values: dict[str, Any]


def layout(page: PageText) -> Layout:
    values: dict[str, Any] = {"page": page, "questions": []}
    if page.kind == PageKind.TEXT:
        return Layout("content/page.html", values)
    values["intro"], sections = split(page.body)
    if page.kind == PageKind.QUESTIONS:
        values["questions"] = [(part.heading, markdown(part.body)) for part in sections]
        return Layout("content/questions.html", values)
    values |= {
        "sections": sections,
        "tiles": {tile.value: tile for tile in swatches()},
        "coats": coats(),
    }
    return Layout("content/swatches.html", values)

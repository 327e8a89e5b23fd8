"""What a search finds, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass

from shop.search import index

PAGE_SIZE = 48


@dataclass(frozen=True)
class Hits:
    """Ids of products, the best first."""

    product_ids: list[int]
    has_next: bool


def hits(words: str, page: int = 1) -> Hits:
    found = index.find(words, limit=PAGE_SIZE + 1, offset=(page - 1) * PAGE_SIZE)
    return Hits(found[:PAGE_SIZE], has_next=len(found) > PAGE_SIZE)

"""The JSON-LD of a page, parsed as a browser finds it."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any


class _Blocks(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.is_in_block = False
        self.blocks: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.is_in_block = tag == "script" and ("type", "application/ld+json") in attrs
        if self.is_in_block:
            self.blocks.append("")

    def handle_endtag(self, tag: str) -> None:
        self.is_in_block = False

    def handle_data(self, data: str) -> None:
        if self.is_in_block:
            self.blocks[-1] += data


def data_of(html: str, kind: str) -> list[dict[str, Any]]:
    """Every node of the page that has the type."""
    reader = _Blocks()
    reader.feed(html)
    found: list[dict[str, Any]] = []
    for block in reader.blocks:
        data = json.loads(block)
        found += data if isinstance(data, list) else [data]
    return [node for node in found if node["@type"] == kind]

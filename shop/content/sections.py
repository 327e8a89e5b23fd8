"""A Markdown text parted at its headings of the second level. [pure]"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_HEADING = re.compile(r" {0,3}##[ \t]+(.+?)(?:[ \t]+#+)?[ \t]*")
_FENCE = re.compile(r" {0,3}(```|~~~)")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_MARKS = re.compile(r"[*_`]{1,2}")


@dataclass(frozen=True)
class Section:
    #: Words alone, without links and marks.
    heading: str
    #: Markdown.
    body: str


def split(text: str) -> tuple[str, list[Section]]:
    """What stands before the first heading, and the sections. Code blocks are left whole."""
    parts: list[tuple[str, list[str]]] = [("", [])]
    for line, heading in _lines(text):
        if heading is None:
            parts[-1][1].append(line)
        else:
            parts.append((heading, []))
    intro, *sections = [(heading, "\n".join(lines).strip()) for heading, lines in parts]
    return intro[1], [Section(heading, body) for heading, body in sections]


def _lines(text: str) -> Iterator[tuple[str, str | None]]:
    """Each line, with its words where it is a heading."""
    fence = None
    for line in text.splitlines():
        mark = _FENCE.match(line)
        if mark and fence in (None, mark[1]):
            fence = None if fence else mark[1]
        found = None if fence or mark else _HEADING.fullmatch(line)
        yield line, _words(found[1]) if found else None


def _words(heading: str) -> str:
    return _MARKS.sub("", _LINK.sub(r"\1", heading)).strip()

"""The shop's menus as the merchant arranges them: links, nested one deep. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

HEADER, FOOTER = "header", "footer"
NAMES = (HEADER, FOOTER)
#: Links of one menu, nested ones included.
MAX_LINKS = 40


@dataclass(frozen=True)
class MenuLink:
    label: str
    #: A path of this shop, or an http(s) address.
    target: str
    #: Whether it lies in the nearest one above it that does not.
    is_nested: bool = False


@dataclass(frozen=True)
class MenuEntry:
    """A link of the first level, with those that lie in it."""

    label: str
    target: str
    children: tuple[MenuLink, ...] = ()


class NoLink(Exception):
    """There is no link at this place, or it cannot go there."""


def read(stored: Mapping[str, Any], name: str) -> list[MenuLink]:
    """As store_settings keeps it; empty: the shop makes the menu itself."""
    rows = stored.get(name) or []
    return [MenuLink(row["label"], row["target"], bool(row.get("nested"))) for row in rows]


def written(links: Sequence[MenuLink]) -> list[dict[str, Any]]:
    return [
        {"label": link.label, "target": link.target, "nested": link.is_nested} for link in links
    ]


def entries(links: Sequence[MenuLink]) -> list[MenuEntry]:
    """Nested as pages print them."""
    found: list[MenuEntry] = []
    for link in links:
        if link.is_nested and found:
            found[-1] = replace(found[-1], children=(*found[-1].children, link))
        else:
            found.append(MenuEntry(link.label, link.target))
    return found


def nested(links: Sequence[MenuLink], place: int) -> list[MenuLink]:
    """It lies in the one above from now on, and what lay in it does too. Raises NoLink."""
    if place == 0 or _at(links, place).is_nested:
        raise NoLink
    return _changed(links, place, is_nested=True)


def raised(links: Sequence[MenuLink], place: int) -> list[MenuLink]:
    """To the first level; those behind it that lay beside it come to lie in it. Raises NoLink."""
    if not _at(links, place).is_nested:
        raise NoLink
    return _changed(links, place, is_nested=False)


def moved(links: Sequence[MenuLink], place: int, step: int) -> list[MenuLink]:
    """One up (-1) or down (1) among those of its level, with what lies in it. Raises NoLink."""
    if _at(links, place).is_nested:
        return _swapped(links, place, step)
    blocks = _blocks(links)
    at = next(number for number, (start, _) in enumerate(blocks) if start == place)
    other = at + step
    if not 0 <= other < len(blocks):
        raise NoLink
    blocks[at], blocks[other] = blocks[other], blocks[at]
    return [link for start, end in blocks for link in links[start:end]]


def removed(links: Sequence[MenuLink], place: int) -> list[MenuLink]:
    """What lay in it takes its place. Raises NoLink."""
    gone = _at(links, place)
    rest = [*links[:place], *links[place + 1 :]]
    end = place
    while not gone.is_nested and end < len(rest) and rest[end].is_nested:
        rest[end] = replace(rest[end], is_nested=False)
        end += 1
    return rest


def renamed(links: Sequence[MenuLink], place: int, *, label: str, target: str) -> list[MenuLink]:
    """Raises NoLink."""
    _at(links, place)
    return _changed(links, place, label=label, target=target)


def _at(links: Sequence[MenuLink], place: int) -> MenuLink:
    if not 0 <= place < len(links):
        raise NoLink
    return links[place]


def _changed(links: Sequence[MenuLink], place: int, **values: Any) -> list[MenuLink]:
    changed = list(links)
    changed[place] = replace(changed[place], **values)
    return changed


def _swapped(links: Sequence[MenuLink], place: int, step: int) -> list[MenuLink]:
    other = place + step
    if not 0 <= other < len(links) or not links[other].is_nested:
        raise NoLink
    changed = list(links)
    changed[place], changed[other] = changed[other], changed[place]
    return changed


def _blocks(links: Sequence[MenuLink]) -> list[tuple[int, int]]:
    """From where to where each link of the first level reaches with what lies in it."""
    starts = [number for number, link in enumerate(links) if number == 0 or not link.is_nested]
    return list(zip(starts, [*starts[1:], len(links)], strict=True))

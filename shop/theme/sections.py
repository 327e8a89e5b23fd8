"""The home page's sections, from the top: what each kind holds, as it is stored and shown."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from shop.theme.colors import is_dark

MAX_SECTIONS = 24
MAX_PROMISES, MAX_QUESTIONS, MAX_TILES, MAX_PRODUCTS = 4, 12, 12, 12
#: Drawings of components/icon.html that say something about a shop.
ICONS = ("truck", "box", "clock", "back", "lock", "check", "heart", "flame", "card", "mail",
         "store", "tag", "star", "help")  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class SectionPicture:
    """A picture of the media folder."""

    file: str
    width: int
    height: int
    #: "#rrggbb" of its border; empty: none.
    ground: str = ""
    alt: str = ""
    #: Widths of its renditions.
    widths: tuple[int, ...] = (400, 800)
    #: Whether it is cut for wide windows and for narrow ones: <file>-1920, <file>-mobile-900.
    is_cut: bool = False

    @property
    def is_dark(self) -> bool:
        return bool(self.ground) and is_dark(self.ground.lower())

    def srcset(self, extension: str) -> str:
        return ", ".join(f"/media/{self.file}-{w}.{extension} {w}w" for w in self.widths)


class Section(Struct, frozen=True, kw_only=True, tag_field="type", omit_defaults=True):
    id: str
    is_hidden: bool = False
    heading: str = ""

    @property
    def kind(self) -> str:
        return str(self.__struct_config__.tag)


class Hero(Section, frozen=True, kw_only=True, tag="hero"):
    text: str = ""
    button: str = ""
    button_url: str = ""
    link: str = ""
    link_url: str = ""
    picture: SectionPicture | None = None


class SwatchRack(Section, frozen=True, kw_only=True, tag="swatches"):
    link: str = ""
    link_url: str = ""


class Newest(Section, frozen=True, kw_only=True, tag="newest"):
    text: str = ""
    count: int = 5
    #: The first one large, the others around it.
    has_lead: bool = True


class FeaturedCollection(Section, frozen=True, kw_only=True, tag="collection"):
    #: Handle of the collection.
    collection: str
    text: str = ""
    count: int = 4
    has_lead: bool = False


class Collections(Section, frozen=True, kw_only=True, tag="collections"):
    #: Handles in their order; none: the first of the menu.
    collections: tuple[str, ...] = ()


class Promise(Struct, frozen=True, kw_only=True):
    title: str
    text: str = ""
    icon: str = "check"


class Promises(Section, frozen=True, kw_only=True, tag="promises"):
    #: None: what the delivery rates promise.
    items: tuple[Promise, ...] = ()


class Story(Section, frozen=True, kw_only=True, tag="story"):
    #: Markdown.
    body: str = ""
    link: str = ""
    link_url: str = ""
    picture: SectionPicture | None = None
    #: Whether the picture stands after the words.
    is_turned: bool = False


class Text(Section, frozen=True, kw_only=True, tag="text"):
    #: Markdown.
    body: str = ""


class Question(Struct, frozen=True, kw_only=True):
    question: str
    #: Markdown.
    answer: str


class Journal(Section, frozen=True, kw_only=True, tag="journal"):
    text: str = ""
    count: int = 3


class Questions(Section, frozen=True, kw_only=True, tag="questions"):
    items: tuple[Question, ...] = ()


AnySection = (
    Hero
    | SwatchRack
    | Newest
    | FeaturedCollection
    | Collections
    | Promises
    | Story
    | Text
    | Journal
    | Questions
)
KINDS: dict[str, type[Section]] = {
    str(kind.__struct_config__.tag): kind for kind in AnySection.__args__
}


def new_id(taken: Iterable[str]) -> str:
    """Stays with a section as it is moved and edited."""
    taken = set(taken)
    while (found := secrets.token_hex(4)) in taken:
        continue
    return found


def read_sections(stored: Iterable[Any]) -> list[Section]:
    """As they were stored; kinds that this version of the shop does not know are left out."""
    return [section for value in stored if (section := _read(value)) is not None]


def write_sections(sections: Sequence[Section]) -> list[Any]:
    found: list[Any] = msgspec.to_builtins(list(sections))
    return found


def find(sections: Iterable[Section], id_: str) -> Section | None:
    return next((section for section in sections if section.id == id_), None)


def replaced(sections: Iterable[Section], changed: Section) -> list[Section]:
    return [changed if section.id == changed.id else section for section in sections]


def moved(sections: Sequence[Section], id_: str, by: int) -> list[Section]:
    """One place up (-1) or down (1); at the end it stays."""
    found = list(sections)
    at = next(index for index, section in enumerate(found) if section.id == id_)
    to = min(max(at + by, 0), len(found) - 1)
    found.insert(to, found.pop(at))
    return found


def hidden(section: Section, is_hidden: bool) -> Section:
    return replace(section, is_hidden=is_hidden)


def default_sections() -> list[Section]:
    """What a shop shows before anybody has arranged its home page."""
    return [
        Hero(id="hero"),
        SwatchRack(id="swatches"),
        Newest(id="newest"),
        Promises(id="promises"),
        Collections(id="collections"),
    ]


def _read(value: Mapping[str, Any]) -> Section | None:
    try:
        section: Section = msgspec.convert(value, AnySection)
    except msgspec.ValidationError:
        return None
    return section

"""What a reader of a page sees: its words, and the fields that are shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = {"br", "img", "input", "link", "meta", "hr", "source", "use", "path", "rect"}
_SILENT = {"script", "style", "title", "template"}


@dataclass
class Page:
    text: str = ""
    title: str = ""
    #: Attributes of every element, by tag.
    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    #: Names of the inputs, selects and text areas that are shown without opening anything.
    shown_fields: list[str] = field(default_factory=list)

    def having(self, tag: str, **attributes: str) -> list[dict[str, str]]:
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [
            found
            for name, found in self.elements
            if name == tag and wanted.items() <= found.items()
        ]

    def value(self, name: str) -> str:
        """What an input holds."""
        return self.having("input", name=name)[0]["value"]

    def chosen(self, name: str) -> str:
        """The value of the radio that is on."""
        (on,) = [found for found in self.having("input", name=name) if "checked" in found]
        return on["value"]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()
        self.open: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.page.elements.append((tag, attributes))
        is_hidden = attributes.get("type") in ("hidden", "submit") or "hidden" in attributes
        if tag in ("input", "select", "textarea") and not is_hidden and "details" not in self.open:
            self.page.shown_fields.append(attributes.get("name", ""))
        if tag == "details" and "open" in attributes:
            tag = "open-details"
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID or not self.open:
            return
        expected = self.open.pop()
        assert expected.removeprefix("open-") == tag, f"<{expected}> is closed by </{tag}>"

    def handle_data(self, data: str) -> None:
        if "title" in self.open:
            self.page.title += data
        elif not _SILENT & set(self.open):
            self.words.append(data)


def read(html: str) -> Page:
    """Raises AssertionError where elements are not properly nested."""
    reader = _Reader()
    reader.feed(html.replace("<wbr>", ""))  # a line may break there; nobody reads it
    assert not reader.open, f"left open: {reader.open}"
    reader.page.text = " ".join(" ".join(reader.words).split())
    reader.page.title = " ".join(reader.page.title.split())
    return reader.page

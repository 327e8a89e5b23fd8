"""A person who only has the keyboard."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import ask

#: Seconds that the page may take to bring into sight what has the focus.
SCROLL_PATIENCE = 10

_FOCUSED = """
() => {
  const name = (one) => (one.getAttribute("aria-label") || one.labels?.[0]?.textContent
    || one.textContent || one.value || "").replace(/\\s+/g, " ").trim();
  const at = document.activeElement;
  if (!at) return { name: "", is_whole: true, checked: false, radios: [] };
  const style = getComputedStyle(at);
  const box = at.getBoundingClientRect();
  const others = at.type === "radio"
    ? document.querySelectorAll(`input[type=radio][name="${at.name}"]`) : [];
  // The button inside that opens the calendar is Chromium's own, and so is the ring around it.
  const isInside = at.type === "datetime-local" && !at.matches(":focus");
  return {
    name: name(at),
    is_whole: at === document.body || at.id === "main",
    checked: Boolean(at.checked),
    radios: [...others].map(name),
    seen: isInside || style.outlineStyle !== "none" || style.boxShadow !== "none"
      || getComputedStyle(at.parentElement).outlineStyle !== "none",
    inside: box.bottom > 0 && box.top < innerHeight,
  };
}
"""


class Keys:
    """A person who only has the Tab, Enter, Space and arrow keys, and letters. `unseen`: what had
    the focus and did not show it.
    """

    def __init__(self, page: Page) -> None:
        self.page, self.stops = page, 0
        self.unseen: list[str] = []

    def tab_to(self, words: str, *, limit: int = 80) -> None:
        """`words`: an expression that its name, or one of its radios, meets."""
        for _ in range(limit):
            self.page.keyboard.press("Tab")
            self.stops += 1
            at = self._look()
            if any(re.search(words, name) for name in (at["name"], *at["radios"])):
                return
        raise AssertionError(f"no tab stop says {words!r} on {self.page.url}")

    def fill(self, label: str, text: str, *, limit: int = 80) -> None:
        """In the place of what stands there."""
        self.tab_to(label, limit=limit)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)

    def press(self, key: str = "Enter") -> None:
        self.page.keyboard.press(key)

    def pick(self, words: str, *, limit: int = 80) -> None:
        """A radio or a checkbox."""
        self.tab_to(words, limit=limit)
        for _ in self._at()["radios"]:
            if re.search(words, self._at()["name"]):
                break
            self.press("ArrowDown")
        if not self._at()["checked"]:
            self.press("Space")
        at = self._at()
        assert at["checked"], f"{words!r} is not chosen: {at}"
        assert re.search(words, at["name"]), f"{words!r} is not chosen: {at}"

    def give(self, label: str, file: Path, *, limit: int = 80) -> None:
        self.page.wait_for_load_state()  # a press leads on without waiting
        self.tab_to(label, limit=limit)
        with self.page.expect_file_chooser() as asked:
            self.press("Space")
        asked.value.set_files(file)

    def skip_to_content(self) -> None:
        self.tab_to("^Skip to content$")
        self.press()
        expect(self.page.locator("#main")).to_be_focused()

    def _look(self) -> dict[str, Any]:
        """Where the focus is; noted where nobody can see it.

        The page itself, and where the skip link leads, are no stops: what a press led to may
        arrive while the stop of the page before is still looked at.
        """
        deadline = time.monotonic() + SCROLL_PATIENCE
        while True:
            at = self._at()
            if at["is_whole"] or (at["seen"] and at["inside"]):
                return at
            if time.monotonic() > deadline:
                self.unseen.append(f"{self.page.url}: {at['name']}")
                return at
            self.page.wait_for_timeout(50)  # it may still be scrolling there

    def _at(self) -> dict[str, Any]:
        at: dict[str, Any] = ask(self.page, _FOCUSED)
        return at

"""Markup taken off, for those who want words alone."""

from __future__ import annotations

import html
import re

import nh3

#: Elements that part words from each other.
_BLOCK = re.compile(r"<(?=/?(?:p|br|li|h[1-6]|div|t[dhr]|dt|dd|blockquote)\b)", re.IGNORECASE)
#: What XML 1.0 cannot hold, not even escaped.
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: What must be looked at again, so that most texts are looked at once.
_NOT_PLAIN = re.compile(r"""[^\t\n\r !#-%(-;=?-\ud7ff]""")
#: Longer descriptions are cut before they are read: nobody prints more.
_READ = 100_000


def plain_text(text: str) -> str:
    """One line, without scripts and styles too."""
    words = nh3.clean(_BLOCK.sub(" <", text[:_READ]), tags=set())
    return " ".join(html.unescape(words).split())


def xml_text(text: str) -> str:
    """Escaped for XML's text and attributes."""
    if not _NOT_PLAIN.search(text):
        return text
    return html.escape(_NOT_XML.sub("", text))

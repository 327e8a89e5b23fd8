"""A language that nobody speaks: every sentence of the shop, marked, longer and mirrored.

It is said under Arabic's name, which is written from right to left and has six forms of plurals.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from flask import Flask

from shop.web.languages import LOCALES
from tests.test_translations import said

LANGUAGE = "ar"
#: How much longer than English a language may be.
LONGER = 0.4
_KEPT = re.compile(r"(%\(\w+\)s|%%|<[^>]+>|&\w+;)")
_ACCENTS = str.maketrans("aceinouyAEINOU", "åçéîñöûýÅÉÎÑÖÛ")
_SAID = re.compile(r"⟦[^⟦⟧]*⟧")


@contextmanager
def pseudo_language(app: Flask, folder: Path) -> Iterator[None]:
    """The app speaks it wherever its shop offers LANGUAGE."""
    _write_catalog(folder / LANGUAGE / "LC_MESSAGES" / "messages.mo")
    directories = app.extensions["babel"].translation_directories
    directories.append(str(folder))
    LOCALES[LANGUAGE] = LANGUAGE
    try:
        yield
    finally:
        del LOCALES[LANGUAGE]
        directories.remove(str(folder))


def unsaid(text: str) -> str:
    """What of a text is in no sentence of the language."""
    while (rest := _SAID.sub(" ", text)) != text:
        text = rest
    return " ".join(text.split())


def _write_catalog(path: Path) -> None:
    catalog = Catalog(locale=LANGUAGE)
    for message in said():
        if isinstance(message.id, str):
            catalog.add(message.id, _pseudo(message.id))
        else:
            one, many = (_pseudo(text) for text in message.id)
            others = (many,) * (catalog.num_plurals - 2)
            catalog.add(message.id, (many, one, *others))
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        write_mo(file, catalog)


def _pseudo(text: str) -> str:
    words = "".join(
        part if _KEPT.fullmatch(part) else part.translate(_ACCENTS) for part in _KEPT.split(text)
    )
    length = round(len(_KEPT.sub("", text)) * LONGER)
    more = ("lorem ipsum dolor sit amet " * (length // 27 + 1))[:length].strip()
    return f"⟦{words} {more}⟧" if more else f"⟦{words}⟧"

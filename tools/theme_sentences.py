"""Finds what themes say of themselves, for `make messages`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import IO, Any

Found = tuple[int, str, str, list[str]]


def extract(file: IO[bytes], *_words: Any, **_options: Any) -> Iterator[Found]:
    """The description in a theme.toml; its title is a name."""
    if about := tomllib.load(file)["about"]:
        yield 1, "", about, []

"""The demo shop's synonyms."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

import msgspec
import sqlalchemy as sa

from shop.extensions import db
from shop.search import service as search
from shop.search.models import Synonym

FILE = Path(__file__).resolve().parent / "synonyms.toml"


@dataclass(frozen=True, kw_only=True)
class _Entry:
    searched: str
    found: str
    is_two_way: bool = True


@dataclass(frozen=True, kw_only=True)
class _File:
    synonyms: tuple[_Entry, ...]


def add_synonyms() -> None:
    """A merchant who keeps any keeps only those."""
    if db.session.scalar(sa.select(Synonym.id).limit(1)) is not None:
        return
    text = FILE.read_text(encoding="utf-8")
    for entry in msgspec.convert(tomllib.loads(text), _File).synonyms:
        search.add_synonym(
            search.SynonymDetails(entry.searched, entry.found, is_two_way=entry.is_two_way)
        )

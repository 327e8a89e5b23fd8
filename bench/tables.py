"""The section of RESULTS.md about the admin: tables by database, and notes written by hand."""

from __future__ import annotations

from collections.abc import Sequence

MARK = "## The admin's index pages"
_HEAD = 2


def section(text: str) -> str:
    """Of the whole file; empty where there is none."""
    start = text.find(MARK)
    if start < 0:
        return ""
    end = text.find("\n## ", start + 1)
    return text[start:] if end < 0 else text[start:end]


def put(text: str, found: str) -> str:
    """The section in place of the one that is there, or behind the rest."""
    before = section(text)
    return text.replace(before, found) if before else f"{text.rstrip()}\n\n{found}"


def merged(found: str, before: str, names: Sequence[str]) -> str:
    """The section `found`, with the notes of the one before, and its lines of looks that were not
    measured now. `names`: of all looks, in their order; lines of others are left out.
    """
    intro, new = _parts(found)
    old_intro, old = _parts(before)
    _old_words, _, notes = old_intro.partition("\n\n")[2].partition("\n\n")
    parts = [f"{intro.rstrip()}\n", notes.strip()]
    for database in dict.fromkeys([*old, *new]):
        lines = old.get(database, {}) | new.get(database, {})
        head = (new.get(database) or old[database])[""]
        kept = [lines[name] for name in names if name in lines]
        parts.append("\n".join([f"### {database}\n", head, *kept]))
    return "\n\n".join(part.strip() for part in parts if part.strip()) + "\n"


def _parts(found: str) -> tuple[str, dict[str, dict[str, str]]]:
    """What stands before the tables, and by database each line by the name of its look; by none
    the table's head.
    """
    intro, *tables = found.split("\n### ")
    by_database = {}
    for table in tables:
        database, _, body = table.partition("\n")
        rows = [line for line in body.split("\n") if line.startswith("|")]
        lines = {line.split("|")[1].strip(): line for line in rows[_HEAD:]}
        by_database[database] = {"": "\n".join(rows[:_HEAD])} | lines
    return intro, by_database

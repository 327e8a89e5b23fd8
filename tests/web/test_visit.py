"""What a process keeps of one version of the catalog."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from shop.web import visit
from shop.web.visit import KeptValues


@dataclass(frozen=True)
class Facet:
    values: tuple[str, ...]


def test_values_that_hold_many_others_make_room_sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visit, "MAX_BYTES", 100_000)
    kept = KeptValues(version=1)
    wide = (Facet(("heather",) * 100), Facet(("small",) * 100))  # about 60 kB

    kept.keep("first", wide)
    kept.keep("second", wide)

    assert kept.find("first") is None
    assert kept.find("second") == wide


def test_a_value_that_is_kept_anew_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visit, "MAX_BYTES", 100_000)
    kept = KeptValues(version=1)
    kept.keep("words", "a" * 40_000)

    for _ in range(5):
        kept.keep("facets", (Facet(("heather",) * 100),))

    assert kept.find("words") == "a" * 40_000


def test_the_numbers_of_a_list_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visit, "MAX_BYTES", 30_000)
    kept = KeptValues(version=1)

    for search in ("mug", "jug", "cup"):
        kept.keep(search, list(range(240)))  # about 10 kB each

    assert [kept.find(search) is not None for search in ("mug", "jug", "cup")] == [
        False,
        True,
        True,
    ]

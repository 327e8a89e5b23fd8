from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.traffic.sketch import SIZE, digest, estimate, merged, sketch_of

DIGESTS = st.lists(st.integers(0, 2**64 - 1), max_size=200)


def test_nobody_is_nobody() -> None:
    assert estimate(sketch_of([])) == 0
    assert len(sketch_of([])) == SIZE


@pytest.mark.parametrize(("visitors", "error"), [(1, 0), (20, 1), (500, 12), (30_000, 1_800)])
def test_different_visitors_are_counted(visitors: int, error: int) -> None:
    found = estimate(sketch_of(digest(b"salt", f"10.0.{i}", "Firefox") for i in range(visitors)))

    assert abs(found - visitors) <= error


@pytest.mark.parametrize("size", [3_000, 10_000, 15_000])
def test_no_size_is_counted_with_a_lean(size: int) -> None:
    source = random.Random(7)
    errors = [
        estimate(sketch_of(source.getrandbits(64) for _ in range(size))) / size - 1
        for _ in range(12)
    ]

    assert abs(sum(errors) / len(errors)) < 0.015


@given(DIGESTS, DIGESTS)
def test_two_sketches_are_that_of_all_their_visitors(one: list[int], other: list[int]) -> None:
    assert merged(sketch_of(one), sketch_of(other)) == sketch_of([*one, *other])


def test_another_salt_makes_other_digests() -> None:
    assert digest(b"one", "10.0.0.1", "Firefox") != digest(b"two", "10.0.0.1", "Firefox")
    assert digest(b"one", "a", "bc") != digest(b"one", "ab", "c")

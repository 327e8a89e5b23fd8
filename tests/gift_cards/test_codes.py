from __future__ import annotations

import pytest

from shop.gift_cards import codes

SEED = "0f" * 16


def test_a_code_is_sixteen_characters_of_the_seed_and_the_secret() -> None:
    code = codes.code_of(SEED, "secret")

    assert len(code) == codes.LENGTH
    assert codes.tidy(code) == code
    assert code == codes.code_of(SEED, "secret")
    assert len({code, codes.code_of(SEED, "other"), codes.code_of("1f" * 16, "secret")}) == 3


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("7QKX-R2MD-90VB-W4TE", "7QKXR2MD90VBW4TE"),
        ("  7qkx r2md 90vb w4te ", "7QKXR2MD90VBW4TE"),
        ("7qkx–r2md–9Ovb–w4te", "7QKXR2MD90VBW4TE"),
        ("IL00-0000-0000-0000", "1100000000000000"),
        ("7QKX-R2MD-90VB-W4T", ""),
        ("7QKX-R2MD-90VB-W4TEE", ""),
        ("7QKX-R2MD-90VB-W4TU", ""),
        ("MUG10", ""),
        ("７QKXR2MD90VBW4TE", ""),
        ("", ""),
    ],
)
def test_codes_are_read_as_people_type_them(typed: str, code: str) -> None:
    assert codes.tidy(typed) == code


def test_codes_are_spelled_in_fours() -> None:
    assert codes.spelled("7QKXR2MD90VBW4TE") == "7QKX-R2MD-90VB-W4TE"

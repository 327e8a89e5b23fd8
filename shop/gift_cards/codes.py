"""The codes of gift cards: sixteen characters, eighty bits, none mistaken for another. Pure.

A code is worked out of the card's random seed and the shop's secret key, so that it can be sent
again, and read by nobody who has the database alone. A card is found by the digest of its code.
"""

from __future__ import annotations

import hashlib
import hmac

LENGTH = 16
#: Crockford's base 32: no I, L, O and U.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans("ILO", "110", "- \N{EN DASH}\N{NON-BREAKING HYPHEN}\N{MINUS SIGN}")


def code_of(seed: str, secret: str) -> str:
    digest = hmac.digest(secret.encode(), f"gift card {seed}".encode(), "sha256")
    bits = int.from_bytes(digest[: LENGTH * 5 // 8])
    return "".join(_ALPHABET[bits >> 5 * place & 31] for place in reversed(range(LENGTH)))


def tidy(text: str) -> str:
    """As it is kept, from what was typed: in capitals, without blanks and hyphens; empty where it
    cannot be a code.
    """
    code = "".join(text[:80].split()).upper().translate(_MISREAD)
    is_code = len(code) == LENGTH and all(letter in _ALPHABET for letter in code)
    return code if is_code else ""


def spelled(code: str) -> str:
    """In fours: "7QKX-R2MD-90VB-W4TE"."""
    return "-".join(code[start : start + 4] for start in range(0, LENGTH, 4))


def digest_of(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()

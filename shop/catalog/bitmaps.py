"""Sets of small numbers as the bits of one large integer. [pure]"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_NOT_EMPTY = re.compile(rb"[^\x00]")
_BITS = [[bit for bit in range(8) if byte >> bit & 1] for byte in range(256)]


def bitmap_of(ordinals: Iterable[int]) -> int:
    ordinals = list(ordinals)
    if not ordinals:
        return 0
    data = bytearray((max(ordinals) >> 3) + 1)
    for ordinal in ordinals:
        data[ordinal >> 3] |= 1 << (ordinal & 7)
    return int.from_bytes(data, "little")


def ordinals_of(bits: int) -> list[int]:
    data = bytes_of(bits)
    return [
        match.start() * 8 + bit for match in _NOT_EMPTY.finditer(data) for bit in _BITS[match[0][0]]
    ]


def bytes_of(bits: int) -> bytes:
    return bits.to_bytes((bits.bit_length() + 7) // 8, "little")


def among(ordinals: Iterable[int], data: bytes) -> Iterator[int]:
    """Those that are in the bitmap of these bytes, in their order."""
    size = len(data)
    return (
        ordinal
        for ordinal in ordinals
        if (at := ordinal >> 3) < size and data[at] >> (ordinal & 7) & 1
    )

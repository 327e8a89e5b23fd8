"""Text as both indexes hold it: words without case, accents and punctuation. [pure]"""

from __future__ import annotations

import re
import unicodedata

#: A longer word is cut; nobody types more, and an index entry has its limits.
MAX_WORD = 64

#: Letters that have no decomposition into a plain letter and a mark.
_PLAIN = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "þ": "th"}
    | {"\u0131": "i"}  # the dotless i of Turkish
)
_POSSESSIVE = re.compile(r"['\u2019\u02bc](?=s\b)")
#: Scripts written without spaces: every character is a word.
_IDEOGRAPH = re.compile(r"([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003134f])")
_WORD = re.compile(r"[^\W_]+")


def words_of(text: str) -> list[str]:
    """ "Potter's Crème-Brûlée" -> ["potters", "creme", "brulee"]."""
    folded = fold(_POSSESSIVE.sub("", text.casefold()))
    return [word[:MAX_WORD] for word in _WORD.findall(_IDEOGRAPH.sub(r" \1 ", folded))]


def sku_words_of(sku: str) -> list[str]:
    """The parts of a SKU and the whole of it, so that "MUG-01", "mug 01" and "mug01" are found."""
    parts = words_of(sku)
    whole = "".join(parts)[:MAX_WORD]
    return parts if len(parts) < 2 else [*parts, whole]


def fold(text: str) -> str:
    """Lower case without accents; other scripts keep their letters."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(char for char in plain if not unicodedata.category(char).startswith("M"))
    return letters.translate(_PLAIN)

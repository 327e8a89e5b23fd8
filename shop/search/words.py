"""Text as both indexes hold it: words without case, accents and punctuation. [pure]

A stem is what the forms of a word have in common: "vas" of vase, vases and Vasen. It is light,
plurals of English and German only, so that few words meet that a shopper would tell apart.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

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
#: German plurals in -er change the vowel too: Gläser, Bücher. Without that, -er is no plural.
_UMLAUT_PLURAL = re.compile(r"\b\w*[äöü]\w*ern?\b")
_LETTERS_AND_DIGITS = re.compile(r"[^\W\d_]+|\d+")
#: A shorter rest says too little: "gas" is no plural of "ga".
_MIN_STEM = 3

#: Words of English and German that say nothing of what is looked for: "a vase for flowers".
STOPWORDS = frozenset({
    "a", "an", "and", "at", "by", "for", "from", "i", "in", "is", "it", "me", "my", "of", "on",
    "or", "some", "that", "the", "to", "we", "with", "you", "your",
    "am", "auf", "aus", "bei", "das", "dem", "den", "der", "die", "ein", "eine", "einen", "einer",
    "fur", "ich", "im", "ist", "mein", "meine", "mit", "oder", "und", "vom", "von", "zu", "zum",
    "zur",
})  # fmt: skip


@dataclass(frozen=True)
class Term:
    """A word, what it shares with its other forms, and how it is written."""

    word: str
    stem: str
    shown: str


def words_of(text: str) -> list[str]:
    """ "Potter's Crème-Brûlée" -> ["potters", "creme", "brulee"]."""
    folded = fold(_POSSESSIVE.sub("", text.casefold()))
    return [word[:MAX_WORD] for word in _WORD.findall(_IDEOGRAPH.sub(r" \1 ", folded))]


def terms_of(text: str) -> list[Term]:
    """The words of `text` in their order, with their stems."""
    composed = unicodedata.normalize("NFC", _POSSESSIVE.sub("", text.casefold()))
    words = words_of(text)
    if composed.isascii():
        return [Term(word, stem_of(word), word) for word in words]
    shown = {fold(word)[:MAX_WORD]: word for word in _WORD.findall(composed)}
    plurals = {fold(word)[:MAX_WORD] for word in _UMLAUT_PLURAL.findall(composed)}
    return [
        Term(word, stem_of(word, is_umlaut_plural=word in plurals), shown.get(word, word))
        for word in words
    ]


def stem_of(word: str, *, is_umlaut_plural: bool = False) -> str:
    """Of a folded word. "mugs" and "mug" -> "mug"; "Vasen", "vase" -> "vas"; "dishes" -> "dish".

    A stem need not be a word: "y" and "ie" end as "i" (berry, berries), "v" as "f" (knife, knives).
    """
    if len(word) <= _MIN_STEM or not word.isalpha():
        return word
    if is_umlaut_plural:
        word = word.removesuffix("n").removesuffix("er")
    if not word.endswith(("ss", "us", "is")):  # glass, cactus, iris: no plurals
        word = _without(word, "s")
    for ending, instead in _ENDINGS:
        word = _without(word, ending, instead)
    return word


#: In this order, each at most once.
_ENDINGS = (
    ("en", "e"), ("ern", "er"), ("eln", "el"), ("ie", "i"), ("y", "i"), ("e", ""), ("v", "f"),
)  # fmt: skip


def _without(word: str, ending: str, instead: str = "") -> str:
    rest = word.removesuffix(ending)
    return rest + instead if rest != word and len(rest + instead) >= _MIN_STEM else word


def sku_words_of(sku: str) -> list[str]:
    """The parts of a SKU and the whole of it, so that "MUG-01", "mug 01" and "mug01" are found."""
    words = words_of(sku)
    parts = [part for word in words for part in (word, *_LETTERS_AND_DIGITS.findall(word))]
    return list(dict.fromkeys([*parts, "".join(words)[:MAX_WORD]] if words else []))


def fold(text: str) -> str:
    """Lower case without accents; other scripts keep their letters."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(char for char in plain if not unicodedata.category(char).startswith("M"))
    return letters.translate(_PLAIN)

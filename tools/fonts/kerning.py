"""Kerning in few bytes: between the letters and marks of words, in one table of classes.

The source has 5,400 pairs and a table for its exceptions. Digits stand beside points and commas
alone, signs like % and @ beside nothing, and no small letter before a capital: such pairs are rare,
and their kerning is slight.
"""

from __future__ import annotations

import operator
import unicodedata
from collections.abc import Mapping

from fontTools.otlLib import builder
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables import otTables

#: In units of a thousandth of an em: steps of the values, the least one, and how far glyphs of one
#: class may be from its value.
STEP, LEAST, TOLERANCE = 10, 10, 5
MARKS = " .,:;!?'\"-&()…–—‘’“”"  # noqa: RUF001 - typographers' marks are meant
POINTS = ".,"

#: Of the GPOS table: a lookup of pairs.
PAIRS = 2

Pair = tuple[str, str]
Vector = tuple[float, ...]


def simplify_kerning(font: TTFont) -> None:
    """Put one lookup in the place of the first that kerns; the others are left unused."""
    gpos = font["GPOS"].table
    lookups = gpos.LookupList.Lookup
    kerning = [number for number, each in enumerate(lookups) if _subtables(each, PAIRS)]
    pairs = {pair: value for pair, value in _pairs(font).items() if abs(value) >= LEAST}
    if not kerning or not pairs:
        return
    table = builder.buildPairPosClassesSubtable(_by_class(pairs), font.getReverseGlyphMap())
    lookups[kerning[0]] = builder.buildLookup([table])
    for record in gpos.FeatureList.FeatureRecord:
        if record.FeatureTag == "kern":
            record.Feature.LookupListIndex = kerning[:1]
            record.Feature.LookupCount = 1


def _by_class(
    pairs: Mapping[Pair, float],
) -> dict[tuple[tuple[str, ...], tuple[str, ...]], tuple[otTables.ValueRecord, None]]:
    """The pairs between classes of glyphs that kern alike."""
    seconds = sorted({second for _, second in pairs})
    firsts = _classes(
        {
            first: tuple(pairs.get((first, second), 0) for second in seconds)
            for first in sorted({first for first, _ in pairs})
        }
    )
    columns = {
        second: tuple(vector[number] for _, vector in firsts)
        for number, second in enumerate(seconds)
    }
    made = {}
    for names, vector in _classes(columns):
        for (first_names, _), value in zip(firsts, vector, strict=True):
            step = round(value / STEP) * STEP
            if abs(step) >= LEAST:
                made[first_names, names] = (builder.buildValue({"XAdvance": step}), None)
    return made


def _classes(vectors: Mapping[str, Vector]) -> list[tuple[tuple[str, ...], Vector]]:
    """Groups of names whose vectors are within the tolerance of their middle."""
    groups: list[tuple[list[str], Vector, Vector]] = []
    for name, vector in vectors.items():
        wider = [
            (names, tuple(map(min, low, vector)), tuple(map(max, high, vector)))
            for names, low, high in groups
        ]
        spans = [max(map(operator.sub, high, low)) for _, low, high in wider]
        nearest = min(range(len(spans)), key=spans.__getitem__, default=None)
        if nearest is not None and spans[nearest] <= 2 * TOLERANCE:
            wider[nearest][0].append(name)
            groups[nearest] = wider[nearest]
        else:
            groups.append(([name], vector, vector))
    return [
        (tuple(names), tuple((one + other) / 2 for one, other in zip(low, high, strict=True)))
        for names, low, high in groups
    ]


# Reading


def _pairs(font: TTFont) -> dict[Pair, float]:
    """How far the second glyph of each pair of words is moved; lookups add up."""
    characters = {name: character for character, name in font.getBestCmap().items()}
    kinds = {name: _kind(name, characters) for name in font.getGlyphOrder()}
    sums: dict[Pair, float] = {}
    for lookup in font["GPOS"].table.LookupList.Lookup:
        found: dict[Pair, float] = {}
        for table in _subtables(lookup, PAIRS):
            # The first table that knows a pair decides.
            for pair, value in _pairs_of(table, font.getGlyphOrder()).items():
                found.setdefault(pair, value)
        for pair, value in found.items():
            sums[pair] = sums.get(pair, 0) + value
    return {pair: value for pair, value in sums.items() if _meet(kinds[pair[0]], kinds[pair[1]])}


def _kind(name: str, characters: Mapping[str, int]) -> str:
    """A glyph's, or that of the first one a ligature or a variant is named after."""
    base = characters.get(name) or characters.get(name.split(".")[0].split("_")[0])
    if base is None or name.endswith((".tf", ".dnom")):
        return "other"
    if chr(base) in POINTS:
        return "point"
    if chr(base) in MARKS:
        return "mark"
    return {"Lu": "capital", "Ll": "small", "Lo": "small", "Nd": "digit"}.get(
        unicodedata.category(chr(base)), "other"
    )


def _meet(first: str, second: str) -> bool:
    if "digit" in (first, second):
        return "point" in (first, second)
    return "other" not in (first, second) and (first, second) != ("small", "capital")


def _pairs_of(table: otTables.PairPos, glyphs: list[str]) -> dict[Pair, float]:
    if table.Format == 1:
        return {
            (first, record.SecondGlyph): record.Value1.XAdvance
            for first, records in zip(table.Coverage.glyphs, table.PairSet, strict=True)
            for record in records.PairValueRecord
        }
    first_classes, second_classes = table.ClassDef1.classDefs, table.ClassDef2.classDefs
    found = {}
    for first in table.Coverage.glyphs:
        row = table.Class1Record[first_classes.get(first, 0)].Class2Record
        for second in glyphs:
            value = row[second_classes.get(second, 0)].Value1
            found[first, second] = value.XAdvance if value else 0
    return found


def _subtables(lookup: otTables.Lookup, kind: int) -> list[otTables.PairPos]:
    tables = (getattr(each, "ExtSubTable", each) for each in lookup.SubTable)
    return [each for each in tables if each.LookupType == kind]

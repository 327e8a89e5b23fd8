"""Makes the shop's two web fonts, static/fonts/text.woff2 and wide.woff2, from Mona Sans.

A page waits for them, so they hold what English and German are written with; text-more.woff2 and
wide-more.woff2 hold the rest and are fetched where a page needs it (unicode-range in base.css).
Half of the source is kerning. Ours (kerning.py) is the same at every weight, of words alone, and
within a hundredth of an em of the source's: no eye sees the difference.

Mona Sans is under the SIL Open Font License 1.1 with the Reserved Font Name "Mona", so what is
derived from it bears another name, and the license travels along as OFL.txt. Its tabular zero is
slashed, which makes £34.00 look struck out; ours has the plain zero's outline.

    npm pack @fontsource-variable/mona-sans@5 && tar xf fontsource-variable-mona-sans-*.tgz
    pip install -r tools/fonts/requirements.txt
    python tools/fonts/make_fonts.py package/files/mona-sans-latin-standard-normal.woff2
"""

from __future__ import annotations

import argparse
import copy
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer
from kerning import simplify_kerning

FONTS = Path(__file__).resolve().parents[2] / "static" / "fonts"
#: File -> family, and the axes: a range stays variable, a number is fixed.
CUTS: dict[str, tuple[str, dict[str, float | tuple[float, float]]]] = {
    "text.woff2": ("Fettle Text", {"wght": (400, 700), "wdth": 100}),
    "wide.woff2": ("Fettle Wide", {"wght": 740, "wdth": 122}),
}
#: In what every page fetches, beside ASCII; the checkout's names of countries have some of them.
OFTEN = "\xa0ÄÖÜäöüßẞÅãàçèéíñô£€©®°×·–—‘’‚“”„…•½−←→"  # noqa: RUF001
FEATURES = ["ccmp", "kern", "liga", "locl", "mark", "mkmk", "pnum", "tnum"]
#: Name table entries that hold the family's name; the sixth allows no spaces.
FAMILY, FULL_NAME, POSTSCRIPT, TYPOGRAPHIC_FAMILY = 1, 4, 6, 16


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path, help="Mona Sans, variable in weight and width")
    source = parser.parse_args().source
    for file, (family, axes) in CUTS.items():
        font = TTFont(source)
        plain_tabular_zero(font)
        font = instancer.instantiateVariableFont(font, axes)
        rename(font, family)
        often = {*range(0x20, 0x7F), *map(ord, OFTEN)}
        save(copy.deepcopy(font), often, file)
        save(font, set(font.getBestCmap()) - often, file.replace(".", "-more."))


def save(font: TTFont, characters: set[int], file: str) -> None:
    keep_only(characters, font)
    simplify_kerning(font)
    keep_only(characters, font)  # without the kerning that is no longer referred to
    font.flavor = "woff2"
    font.save(FONTS / file)
    print(f"{file}: {(FONTS / file).stat().st_size:,} bytes")


def keep_only(characters: set[int], font: TTFont) -> None:
    options = subset.Options(
        layout_features=FEATURES, name_IDs=["*"], hinting=False, glyph_names=False
    )
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)


def plain_tabular_zero(font: TTFont) -> None:
    """Put the proportional zero, centered, in the place of the slashed tabular one."""
    glyphs, metrics, variations = font["glyf"], font["hmtx"], font["gvar"].variations
    for name in font.getGlyphOrder():
        variations.setdefault(name, [])
    advance = metrics["zero.tf"][0]
    zero = copy.deepcopy(glyphs["zero"])
    zero.coordinates.translate(((advance - metrics["zero"][0]) // 2, 0))
    zero.recalcBounds(glyphs)
    glyphs["zero.tf"] = zero
    variations["zero.tf"] = copy.deepcopy(variations["zero"])
    metrics["zero.tf"] = (advance, zero.xMin)


def rename(font: TTFont, family: str) -> None:
    names = font["name"]
    for record in list(names.names):
        if record.nameID in (FAMILY, FULL_NAME, POSTSCRIPT, TYPOGRAPHIC_FAMILY):
            text = family.replace(" ", "") if record.nameID == POSTSCRIPT else family
            names.setName(text, record.nameID, record.platformID, record.platEncID, record.langID)


if __name__ == "__main__":
    main()

"""Take the shop's pictures: `python tools/kiln/render.py --help`."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
from drawing import draw_all
from export import is_finished, save
from framing import clear_above
from PIL import Image
from products import PRODUCTS
from shots import Shot, every_picture

PICTURES = Path(__file__).resolve().parents[2] / "shop" / "demo" / "pictures"
SHEET_WIDTH = 250
LEAST_CLEAR = 0.08  #: share of the height that stays free above a pot


def main() -> None:
    options = _options()
    options.out.mkdir(parents=True, exist_ok=True)
    if options.drawings:
        draw_all(options.out, PRODUCTS)
        return
    thumbs = []
    for shot in every_picture():
        if options.only and not any(_names(shot, wanted) for wanted in options.only):
            continue
        if options.quality == "final":
            _take(shot, options.out, options.samples)
        if options.sheet:
            thumbs.append(_thumb(shot, options))
    if options.sheet:
        _sheet(thumbs, options.columns).save(options.sheet)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", metavar="NAME", help="names, or beginnings with a *")
    parser.add_argument("--out", type=Path, default=PICTURES)
    parser.add_argument("--quality", choices=("draft", "final"), default="final")
    parser.add_argument("--samples", type=int, default=4, help="rays per pixel where it matters")
    parser.add_argument("--sheet", type=Path, help="also write a contact sheet to this file")
    parser.add_argument("--columns", type=int, default=8)
    parser.add_argument("--drawings", action="store_true", help="only the scale drawings")
    return parser.parse_args()


def _names(shot: Shot, wanted: str) -> bool:
    return shot.name.startswith(wanted[:-1]) if wanted.endswith("*") else shot.name == wanted


def _take(shot: Shot, out: Path, samples: int) -> None:
    if is_finished(shot, out):
        return
    start = time.monotonic()
    pixels = shot.take(samples, shot.size)
    save(shot, pixels, out)
    print(f"{shot.name}: {time.monotonic() - start:.1f} s{_complaint(shot, pixels)}", flush=True)


def _complaint(shot: Shot, pixels: np.ndarray) -> str:
    clear = clear_above(pixels[..., 3])
    close_up = shot.cutout or shot.name.endswith("-foot") or shot.name == "dip"
    return f"  only {clear:.0%} clear on top" if clear < LEAST_CLEAR and not close_up else ""


def _thumb(shot: Shot, options: argparse.Namespace) -> Image.Image:
    """At sheet size: a quick draft, or the finished picture made small."""
    height = round(SHEET_WIDTH * shot.size[1] / shot.size[0])
    if options.quality == "draft":
        start = time.monotonic()
        pixels = shot.take(2, (SHEET_WIDTH, height))
        print(
            f"{shot.name}: {time.monotonic() - start:.1f} s{_complaint(shot, pixels)}", flush=True
        )
        image = Image.fromarray(pixels if shot.cutout else pixels[..., :3])
    else:
        image = Image.open(options.out / f"{shot.name}-{shot.widths[-1]}.webp")
        image = image.resize((SHEET_WIDTH, height), Image.LANCZOS)
    page = Image.new("RGB", image.size, "#F4F7F4")
    page.paste(image, mask=image if image.mode == "RGBA" else None)
    return page


def _sheet(thumbs: list[Image.Image], columns: int) -> Image.Image:
    """Rows of pictures with the shop's narrow gutters."""
    rows = [thumbs[i : i + columns] for i in range(0, len(thumbs), columns)]
    heights = [max(t.height for t in row) + 8 for row in rows]
    sheet = Image.new("RGB", (columns * (SHEET_WIDTH + 8), sum(heights)), "#F4F7F4")
    y = 0
    for row, height in zip(rows, heights, strict=True):
        for column, thumb in enumerate(row):
            sheet.paste(thumb, (column * (SHEET_WIDTH + 8), y))
        y += height
    return sheet


if __name__ == "__main__":
    main()

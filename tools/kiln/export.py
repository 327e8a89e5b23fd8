"""Pictures as the browser wants them: AVIF and WebP in each width, JPEG in one; of a cutout, which
is small, WebP only in the largest.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image
from shots import Shot

WEBP = {"quality": 80, "method": 6}
JPEG = {"quality": 80, "optimize": True, "progressive": True, "subsampling": 0}


def files(shot: Shot, out: Path) -> Iterator[tuple[Path, int, dict[str, object]]]:
    """Every file of a shot, with its width and the encoder's options."""
    for width in shot.widths:
        yield out / f"{shot.name}-{width}.avif", width, {"quality": shot.quality, "speed": 1}
    for width in shot.widths[-1:] if shot.cutout else shot.widths:
        yield out / f"{shot.name}-{width}.webp", width, WEBP
    if not shot.cutout:
        yield out / f"{shot.name}-{shot.widths[-1]}.jpg", shot.widths[-1], JPEG


def is_finished(shot: Shot, out: Path) -> bool:
    return all(path.exists() for path, _, _ in files(shot, out))


def save(shot: Shot, pixels: np.ndarray, out: Path) -> None:
    image = Image.fromarray(pixels if shot.cutout else pixels[..., :3])
    for path, width, options in files(shot, out):
        height = round(image.height * width / image.width)
        sized = image if width == image.width else image.resize((width, height), Image.LANCZOS)
        partial = path.with_name(f".{path.name}")
        sized.save(partial, format=_FORMATS[path.suffix], **options)
        partial.replace(path)


_FORMATS = {".avif": "AVIF", ".webp": "WEBP", ".jpg": "JPEG"}

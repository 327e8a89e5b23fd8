"""Pictures of any sender made safe: decoded, turned upright, stripped and encoded anew.

Nothing of the uploaded file is kept but its pixels, and its name is never used.
"""

from __future__ import annotations

import secrets
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageCms, ImageOps

FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "GIF")
MAX_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 40_000_000
#: WebP's limit is 16,383; a picture so long is no product picture either.
MAX_SIDE = 12_000
WIDTHS = (400, 800)

#: 200 pixels of a kind stand for a whole picture's ground.
_SAMPLE = 64


class NotAPicture(Exception):
    """The bytes are no whole picture of a known format."""

    def __init__(self) -> None:
        super().__init__("This is not a picture we can read. Send a JPEG, PNG, WebP, AVIF or GIF.")


class TooLarge(Exception):
    """More bytes or pixels than the shop takes."""

    def __init__(self) -> None:
        super().__init__(
            "This picture is too large. Send one of at most"
            f" {MAX_BYTES // 1024 // 1024} MB, {MAX_PIXELS // 1_000_000} megapixels"
            f" and {MAX_SIDE:,} pixels a side."
        )


@dataclass(frozen=True)
class StoredPicture:
    """<file>-400 and <file>-800 as .avif and .webp, <file>-800.jpg. Smaller originals are not
    blown up: `width` and `height` are those of the 800 pixel rendition as it is.
    """

    file: str
    width: int
    height: int
    #: Average of the picture's border, "#RRGGBB".
    ground: str


def store_picture(data: bytes, media_path: Path) -> StoredPicture:
    """Raises NotAPicture, TooLarge; then nothing is left in the folder."""
    picture = _decode(data)
    file = f"p-{secrets.token_hex(12)}"
    with _all_or_none(media_path) as folder:
        for width in WIDTHS:
            rendition = _at_width(picture, width)
            rendition.save(folder / f"{file}-{width}.avif", quality=60, speed=8)
            rendition.save(folder / f"{file}-{width}.webp", quality=80, method=4)
        rendition.save(folder / f"{file}-{width}.jpg", quality=82, progressive=True, optimize=True)
    return StoredPicture(file, rendition.width, rendition.height, _ground_of(rendition))


def remove_picture(file: str, media_path: Path) -> None:
    """Delete its renditions; those already gone are no matter."""
    for path in media_path.glob(f"{file}-*"):
        path.unlink(missing_ok=True)


def _decode(data: bytes) -> Image.Image:
    """Upright sRGB pixels on white."""
    if len(data) > MAX_BYTES:
        raise TooLarge
    try:
        with warnings.catch_warnings():
            # Pillow warns where it does not refuse yet; the size is checked below.
            warnings.simplefilter("ignore")
            with Image.open(BytesIO(data), formats=FORMATS) as source:
                _check_size(source)
                source.draft("RGB", (WIDTHS[-1] * 2, WIDTHS[-1] * 2))
                source.load()
                return _flat(_srgb(ImageOps.exif_transpose(source)))
    except Image.DecompressionBombError:
        raise TooLarge from None
    except (OSError, SyntaxError, ValueError, KeyError, IndexError, EOFError, TypeError) as error:
        # What Pillow's decoders raise on broken files, each in its own way.
        raise NotAPicture from error


def _check_size(source: Image.Image) -> None:
    if source.width * source.height > MAX_PIXELS or max(source.size) > MAX_SIDE:
        raise TooLarge


def _srgb(picture: Image.Image) -> Image.Image:
    """Colors of another profile converted; a profile that cannot be read is ignored."""
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in ("RGB", "RGBA", "CMYK", "L"):
        return picture
    mode = picture.mode if picture.mode == "RGBA" else "RGB"
    try:
        given = ImageCms.ImageCmsProfile(BytesIO(profile))
        srgb = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(picture, given, srgb, outputMode=mode) or picture
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture


def _flat(picture: Image.Image) -> Image.Image:
    """Without transparency, palette and metadata: a fresh picture that carries pixels only."""
    flat = Image.new("RGB", picture.size, "white")
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        flat.paste(picture, mask=picture.getchannel("A"))
    else:
        flat.paste(picture.convert("RGB"))
    return flat


def _at_width(picture: Image.Image, width: int) -> Image.Image:
    if picture.width <= width:
        return picture
    height = max(1, round(picture.height * width / picture.width))
    return picture.resize((width, height), Image.Resampling.LANCZOS)


@contextmanager
def _all_or_none(media_path: Path) -> Iterator[Path]:
    """A folder beside the pictures whose files appear among them only when all are written."""
    media_path.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".new-", dir=media_path) as name:
        folder = Path(name)
        yield folder
        for path in folder.iterdir():
            path.chmod(0o644)
            path.replace(media_path / path.name)


def _ground_of(picture: Image.Image) -> str:
    small = picture.resize((_SAMPLE, _SAMPLE), Image.Resampling.BOX)
    edge = range(_SAMPLE)
    border = [small.getpixel((x, y)) for x in edge for y in (0, _SAMPLE - 1)]
    border += [small.getpixel((x, y)) for y in edge[1:-1] for x in (0, _SAMPLE - 1)]
    red, green, blue = (round(sum(channel) / len(border)) for channel in zip(*border, strict=True))
    return f"#{red:02X}{green:02X}{blue:02X}"

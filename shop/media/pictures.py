"""Pictures of any sender made safe: decoded, turned upright, stripped and encoded anew.

Nothing of the uploaded file is kept but its pixels, and its name is never used.
"""

from __future__ import annotations

import base64
import re
import secrets
import tempfile
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageCms, ImageOps

from shop.media.refusals import Refusal
from shop.sentences import N_

FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "GIF")
#: Formats whose further frames move. A JPEG's are previews and depth maps of the camera.
MOVING = ("PNG", "WEBP", "AVIF", "GIF")
MAX_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 40_000_000
#: WebP's limit is 16,383; a picture so long is no product picture either.
MAX_SIDE = 12_000
MIN_SIDE = 200
WIDTHS = (200, 400, 800, 1600)
#: Always there, for whoever knows no more of a picture than its name: carts, mails, feeds.
USUAL = (400, 800)

#: Quality and speed of AVIF up to the width that lists and phones take, and above: a quarter fewer
#: bytes at the same fidelity for up to four times the work.
_OFTEN_SENT, _SELDOM_SENT = (55, 6), (60, 8)

#: 200 pixels of a kind stand for a whole picture's ground.
_SAMPLE = 64
#: A placeholder is so wide, and left out where its text is longer than this.
_TINY, _MAX_PLACEHOLDER = 12, 200


class PictureRefused(Refusal):
    """Why, in a sentence for the sender."""


class NotAPicture(PictureRefused):
    """The bytes are no whole picture of a known format."""

    def __init__(self) -> None:
        super().__init__(
            N_("This is not a picture we can read. Send a JPEG, PNG, WebP, AVIF or GIF.")
        )


class Animated(PictureRefused):
    def __init__(self) -> None:
        super().__init__(N_("This picture moves. Send a still one."))


class TooLarge(PictureRefused):
    """More bytes or pixels than the shop takes."""

    def __init__(self) -> None:
        super().__init__(
            N_(
                "This picture is too large. Send one of at most %(megabytes)s MB,"
                " %(megapixels)s megapixels and %(side)s pixels a side."
            ),
            megabytes=MAX_BYTES // 1024 // 1024,
            megapixels=MAX_PIXELS // 1_000_000,
            side=MAX_SIDE,
        )


class TooSmall(PictureRefused):
    def __init__(self, least: int) -> None:
        super().__init__(
            N_(
                "This picture is too small to look sharp. Send one of at least %(side)s pixels a"
                " side."
            ),
            side=least,
        )


@dataclass(frozen=True)
class StoredPicture:
    """<file>-<width>.avif and .webp for each of `widths` and for 400 and 800, <file>-800.jpg.

    Smaller originals are not blown up: their 400 and 800 are as wide as they are themselves.
    """

    file: str
    #: Size of the 800 pixel rendition as it is.
    width: int
    height: int
    #: Average of the picture's border, "#RRGGBB".
    ground: str
    #: The renditions to choose from, rising; each is as wide as it says.
    widths: tuple[int, ...] = USUAL
    #: A few blurred pixels to show meanwhile, as an address; none where they were too many bytes.
    placeholder: str | None = None


def store_picture(
    data: bytes,
    folder: Path,
    *,
    widths: tuple[int, ...] = WIDTHS,
    min_side: int = MIN_SIDE,
    keeps_transparency: bool = False,
) -> StoredPicture:
    """Raises a PictureRefused; then nothing is left in the folder.

    What is transparent becomes white, in the JPEG always.
    """
    picture = _decode(data, min_side, widths[-1])
    flat = _flat(picture)
    picture = _clear(picture) if keeps_transparency and picture.has_transparency_data else flat
    file = f"p-{secrets.token_hex(12)}"
    own = _own_widths(picture.width, widths)
    with _all_or_none(folder) as new:
        for width in sorted({*own, *USUAL}):
            _write(_at_width(picture, width), new, f"{file}-{width}")
        usual = _at_width(flat, USUAL[-1])
        _write_jpeg(usual, new, f"{file}-{USUAL[-1]}")
    return StoredPicture(
        file, usual.width, usual.height, ground_of(usual), own, placeholder_of(usual)
    )


def complete_picture(file: str, folder: Path) -> tuple[StoredPicture, bool] | None:
    """The picture with every rendition that its largest one can give, and whether any was missing.

    None where no rendition is left.
    """
    there = {path.name for path in _renditions(file, folder)}
    large = max((name for name in there if name.endswith(".webp")), key=_width_of, default=None)
    if large is None:
        return None
    with Image.open(folder / large) as source:
        picture = _clear(source) if source.has_transparency_data else _flat(source)
    flat = _flat(picture)
    own = _own_widths(picture.width, WIDTHS)
    names = {f"{file}-{width}" for width in {*own, *USUAL}}
    wanted = {f"{name}.{form}" for name in names for form in ("avif", "webp")}
    wanted.add(f"{file}-{USUAL[-1]}.jpg")
    usual = _at_width(flat, USUAL[-1])
    missing = wanted - there
    if missing:
        with _all_or_none(folder) as new:
            for name in sorted({name.rpartition(".")[0] for name in missing}):
                _write(_at_width(picture, _width_of(name)), new, name)
            _write_jpeg(usual, new, f"{file}-{USUAL[-1]}")
            for path in new.iterdir():
                if path.name in there:
                    path.unlink()  # what is there was made from the original
    stored = StoredPicture(
        file, usual.width, usual.height, ground_of(usual), own, placeholder_of(usual)
    )
    return stored, bool(missing)


def remove_picture(file: str, folder: Path) -> None:
    """Delete its renditions; those already gone are no matter."""
    for path in _renditions(file, folder):
        path.unlink(missing_ok=True)


@contextmanager
def removed_on_failure(files: Iterable[str], folder: Path) -> Iterator[None]:
    """Pictures stored for rows that are then not written go again."""
    try:
        yield
    except BaseException:
        for file in files:
            remove_picture(file, folder)
        raise


def _renditions(file: str, folder: Path) -> list[Path]:
    """Its own, not those of a picture whose name begins alike."""
    name = re.compile(re.escape(file) + r"-[0-9]+\.(avif|webp|jpg)", re.ASCII)
    return [path for path in folder.glob(f"{file}-*") if name.fullmatch(path.name)]


def _width_of(name: str) -> int:
    """Of "mug-cobalt-800.webp" 800."""
    return int(name.rpartition("-")[2].partition(".")[0])


def ground_of(picture: Image.Image) -> str:
    """The average of an RGB picture's border, "#RRGGBB"."""
    small = picture.resize((_SAMPLE, _SAMPLE), Image.Resampling.BOX)
    edge = range(_SAMPLE)
    border = [small.getpixel((x, y)) for x in edge for y in (0, _SAMPLE - 1)]
    border += [small.getpixel((x, y)) for y in edge[1:-1] for x in (0, _SAMPLE - 1)]
    red, green, blue = (round(sum(channel) / len(border)) for channel in zip(*border, strict=True))
    return f"#{red:02X}{green:02X}{blue:02X}"


def placeholder_of(picture: Image.Image) -> str | None:
    height = max(1, round(picture.height * _TINY / picture.width))
    target = BytesIO()
    picture.resize((_TINY, height), Image.Resampling.BOX).save(target, "WEBP", quality=20, method=6)
    text = base64.b64encode(target.getvalue()).decode("ascii")
    return f"data:image/webp;base64,{text}" if len(text) <= _MAX_PLACEHOLDER else None


# Reading


def _decode(data: bytes, min_side: int, enough: int) -> Image.Image:
    """Upright sRGB pixels; of a large JPEG no more than `enough` wide and high need."""
    if len(data) > MAX_BYTES:
        raise TooLarge
    try:
        with warnings.catch_warnings():
            # Pillow warns where it does not refuse yet; the size is checked below.
            warnings.simplefilter("ignore")
            with Image.open(BytesIO(data), formats=FORMATS) as source:
                _check(source, min_side)
                source.draft("RGB", (enough * 2, enough * 2))
                source.load()
                return _srgb(_eight_bits(ImageOps.exif_transpose(source)))
    except Image.DecompressionBombError:
        raise TooLarge from None
    except (OSError, SyntaxError, ValueError, KeyError, IndexError, EOFError, TypeError) as error:
        # What Pillow's decoders raise on broken files, each in its own way.
        raise NotAPicture from error


def _check(source: Image.Image, min_side: int) -> None:
    if source.width * source.height > MAX_PIXELS or max(source.size) > MAX_SIDE:
        raise TooLarge
    if min(source.size) < min_side:
        raise TooSmall(min_side)
    if source.format in MOVING and getattr(source, "is_animated", False):
        raise Animated


def _eight_bits(picture: Image.Image) -> Image.Image:
    """Pillow would cut 16 bit grays off at 255, and show them white."""
    if not picture.mode.startswith("I"):
        return picture
    return picture.convert("I").point(lambda gray: gray * (1 / 256)).convert("L")


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
    """On white, without palette and metadata: a fresh picture that carries pixels only."""
    flat = Image.new("RGB", picture.size, "white")
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        flat.paste(picture, mask=picture.getchannel("A"))
    else:
        flat.paste(picture.convert("RGB"))
    return flat


def _clear(picture: Image.Image) -> Image.Image:
    """The same with its transparency kept."""
    clear = Image.new("RGBA", picture.size)
    clear.paste(picture.convert("RGBA"))
    return clear


# Writing


def _own_widths(width: int, widths: Iterable[int]) -> tuple[int, ...]:
    """Those that the picture fills, and its own where it is a good deal wider than they are."""
    filled = [each for each in widths if each <= width]
    if not filled or (width < max(widths) and width >= filled[-1] * 1.25):
        filled.append(width)
    return tuple(filled)


def _at_width(picture: Image.Image, width: int) -> Image.Image:
    if picture.width <= width:
        return picture
    height = max(1, round(picture.height * width / picture.width))
    return picture.resize((width, height), Image.Resampling.LANCZOS)


def _write(rendition: Image.Image, folder: Path, name: str) -> None:
    quality, speed = _OFTEN_SENT if rendition.width <= USUAL[-1] else _SELDOM_SENT
    rendition.save(folder / f"{name}.avif", quality=quality, speed=speed)
    rendition.save(folder / f"{name}.webp", quality=80, method=4)


def _write_jpeg(rendition: Image.Image, folder: Path, name: str) -> None:
    rendition.save(folder / f"{name}.jpg", quality=82, progressive=True, optimize=True)


@contextmanager
def _all_or_none(folder: Path) -> Iterator[Path]:
    """A folder beside the pictures whose files appear among them only when all are written."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".new-", dir=folder) as name:
        new = Path(name)
        yield new
        for path in new.iterdir():
            path.chmod(0o644)
            path.replace(folder / path.name)

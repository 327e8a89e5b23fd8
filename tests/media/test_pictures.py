"""Pictures of strangers."""

from __future__ import annotations

import base64
import struct
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image, ImageCms

from shop.media.pictures import (
    Animated,
    NotAPicture,
    TooLarge,
    TooSmall,
    complete_picture,
    remove_picture,
    store_picture,
)


def picture(
    form: str = "JPEG",
    size: tuple[int, int] = (1600, 2000),
    color: str = "#336699",
    **options: object,
) -> bytes:
    target = BytesIO()
    mode = "RGBA" if len(color) == 9 else "RGB"
    Image.new(mode, size, color).save(target, form, **options)
    return target.getvalue()


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def opened(folder: Path, name: str) -> Image.Image:
    with Image.open(folder / name) as image:
        image.load()
        return image


def png_of_size(width: int, height: int) -> bytes:
    """A few bytes that claim to be a huge picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + rows + chunk(b"IEND", b"")


def names(file: str, *widths: int) -> list[str]:
    both = [f"{file}-{width}.{form}" for width in widths for form in ("avif", "webp")]
    return sorted([*both, f"{file}-800.jpg"])


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF", "GIF"])
def test_every_known_format_becomes_files_of_our_own(tmp_path: Path, form: str) -> None:
    stored = store_picture(picture(form), tmp_path)

    assert (stored.width, stored.height) == (800, 1000)
    assert stored.widths == (200, 400, 800, 1600)
    assert files(tmp_path) == names(stored.file, 200, 400, 800, 1600)
    for width in stored.widths:
        assert opened(tmp_path, f"{stored.file}-{width}.avif").width == width
        assert opened(tmp_path, f"{stored.file}-{width}.webp").width == width
    assert opened(tmp_path, f"{stored.file}-800.jpg").size == (800, 1000)
    red, green, blue = bytes.fromhex(stored.ground[1:])
    assert abs(red - 0x33) + abs(green - 0x66) + abs(blue - 0x99) <= 9


@pytest.mark.parametrize(
    ("width", "widths"),
    [
        (250, (200, 250)),
        (450, (200, 400)),
        (600, (200, 400, 600)),
        (900, (200, 400, 800)),
        (1200, (200, 400, 800, 1200)),
        (1599, (200, 400, 800, 1599)),
        (3000, (200, 400, 800, 1600)),
    ],
)
def test_a_picture_is_offered_in_the_widths_that_it_fills(
    tmp_path: Path, width: int, widths: tuple[int, ...]
) -> None:
    stored = store_picture(picture(size=(width, 200)), tmp_path)

    assert stored.widths == widths
    assert files(tmp_path) == names(stored.file, *{*widths, 400, 800})
    assert opened(tmp_path, f"{stored.file}-800.webp").width == min(width, 800)


def test_a_small_picture_is_not_blown_up(tmp_path: Path) -> None:
    stored = store_picture(picture(size=(300, 200)), tmp_path)

    assert (stored.width, stored.height) == (300, 200)
    assert opened(tmp_path, f"{stored.file}-800.webp").size == (300, 200)


def test_a_picture_too_small_to_look_sharp_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TooSmall, match="at least 200 pixels"):
        store_picture(picture(size=(900, 199)), tmp_path)

    assert files(tmp_path) == []
    assert store_picture(picture(size=(40, 20)), tmp_path, min_side=16).widths == (40,)


def test_a_logo_keeps_what_is_transparent(tmp_path: Path) -> None:
    data = picture("PNG", (400, 200), "#FF000080", icc_profile=b"no profile")

    stored = store_picture(data, tmp_path, widths=(200, 400), keeps_transparency=True)

    assert stored.widths == (200, 400)
    assert opened(tmp_path, f"{stored.file}-400.webp").getpixel((9, 9))[3] == 0x80
    assert opened(tmp_path, f"{stored.file}-400.avif").mode == "RGBA"
    assert opened(tmp_path, f"{stored.file}-800.jpg").mode == "RGB"
    assert "icc_profile" not in opened(tmp_path, f"{stored.file}-400.webp").info


def test_a_placeholder_is_a_few_bytes_of_the_same_shape(tmp_path: Path) -> None:
    stored = store_picture(picture(), tmp_path)

    kind, text = (stored.placeholder or "").split(",")
    with Image.open(BytesIO(base64.b64decode(text))) as tiny:
        assert tiny.size == (12, 15)
    assert kind == "data:image/webp;base64"
    assert len(text) <= 200


def test_a_placeholder_of_too_many_bytes_is_left_out(tmp_path: Path) -> None:
    target = BytesIO()
    noise = Image.effect_noise((12, 60), 200).resize((240, 1200), Image.Resampling.NEAREST)
    noise.save(target, "PNG")

    assert store_picture(target.getvalue(), tmp_path).placeholder is None


def test_grays_of_sixteen_bits_keep_their_shade(tmp_path: Path) -> None:
    target = BytesIO()
    Image.new("I;16", (200, 200), 0x6600).save(target, "PNG")

    assert store_picture(target.getvalue(), tmp_path).ground == "#666666"


def test_names_are_never_given_twice(tmp_path: Path) -> None:
    data = picture(size=(200, 200))

    assert store_picture(data, tmp_path).file != store_picture(data, tmp_path).file


def test_a_picture_taken_sideways_stands_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned a quarter clockwise

    stored = store_picture(picture(size=(1000, 500), exif=exif), tmp_path)

    assert (stored.width, stored.height) == (500, 1000)


def test_nothing_of_where_and_how_it_was_taken_remains(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010F] = "CAMERA-MAKER"
    exif.get_ifd(0x8825)[1] = "N"

    stored = store_picture(picture(exif=exif, comment=b"SECRET-COMMENT"), tmp_path)

    for path in tmp_path.iterdir():
        data = path.read_bytes()
        assert b"CAMERA-MAKER" not in data
        assert b"SECRET-COMMENT" not in data
        assert not opened(tmp_path, path.name).getexif()
        assert "icc_profile" not in opened(tmp_path, path.name).info
    assert len(files(tmp_path)) == 9
    assert stored.file in files(tmp_path)[0]


def test_a_color_profile_is_applied_and_left_out(tmp_path: Path) -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

    stored = store_picture(picture("PNG", icc_profile=srgb), tmp_path)

    assert stored.ground == "#336699"
    assert "icc_profile" not in opened(tmp_path, f"{stored.file}-800.jpg").info


def test_a_broken_color_profile_does_not_matter(tmp_path: Path) -> None:
    stored = store_picture(picture("PNG", icc_profile=b"no profile"), tmp_path)

    assert stored.ground == "#336699"


def test_what_is_transparent_becomes_white(tmp_path: Path) -> None:
    stored = store_picture(picture("PNG", color="#00000000"), tmp_path)

    assert stored.ground == "#FFFFFF"


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG", "AVIF"])
def test_a_moving_picture_is_refused(tmp_path: Path, form: str) -> None:
    target = BytesIO()
    frames = [Image.new("RGB", (200, 200), color) for color in ("#FF0000", "#0000FF")]
    frames[0].save(target, form, save_all=True, append_images=frames[1:])

    with pytest.raises(Animated, match="Send a still one"):
        store_picture(target.getvalue(), tmp_path)

    assert files(tmp_path) == []


def test_a_telephones_picture_with_a_preview_in_it_is_taken(tmp_path: Path) -> None:
    target = BytesIO()
    preview = Image.new("RGB", (200, 200), "#0000FF")
    Image.new("RGB", (400, 400), "#FF0000").save(
        target, "MPO", save_all=True, append_images=[preview]
    )

    assert store_picture(target.getvalue(), tmp_path).width == 400


def test_what_hides_behind_a_picture_is_left_out(tmp_path: Path) -> None:
    script = b"<script>alert(1)</script><?php system($_GET[0]); ?>PK\x03\x04"

    store_picture(picture("GIF", size=(200, 200)) + script, tmp_path)
    store_picture(picture("JPEG", size=(200, 200)) + script, tmp_path)

    assert all(b"script" not in path.read_bytes() for path in tmp_path.iterdir())
    assert all(b"php" not in path.read_bytes() for path in tmp_path.iterdir())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 100,
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<!doctype html><script>alert(1)</script>",
        b"GIF89a<script>alert(1)</script>",
        b"GIF89a/*" + b"\0" * 50 + b"*/=1;alert(1)",
        b"\xff\xd8\xff\xe0<?php phpinfo(); ?>",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 50,
        b"RIFF\x10\0\0\0WEBPVP8 ",
        b"%PDF-1.7",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        picture("JPEG")[:2000],
        picture("PNG")[:200],
        picture("WEBP")[:100],
        picture("AVIF")[:200],
        picture("BMP", size=(9, 9)),
        picture("TIFF", size=(9, 9)),
        picture("ICO", size=(16, 16)),
    ],
    ids=lambda data: repr(data[:12]),
)
def test_what_is_no_whole_picture_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(NotAPicture):
        store_picture(data, tmp_path)

    assert files(tmp_path) == []


@pytest.mark.parametrize(
    "data",
    [
        png_of_size(60_000, 60_000),
        png_of_size(6_400, 6_400),
        png_of_size(1, 12_001),
        b"\xff\xd8\xff" + b"\0" * (20 * 1024 * 1024),
    ],
    ids=["pixels", "some pixels too many", "too long", "bytes"],
)
def test_a_picture_beyond_measure_is_refused_before_it_is_decoded(
    tmp_path: Path, data: bytes
) -> None:
    with pytest.raises(TooLarge):
        store_picture(data, tmp_path)

    assert files(tmp_path) == []


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(*_args: object, **_options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Image.Image, "resize", no_room)

    with pytest.raises(OSError, match="No space"):
        store_picture(picture(), tmp_path)

    assert files(tmp_path) == []


def test_a_removed_picture_takes_all_its_files(tmp_path: Path) -> None:
    first, second = (store_picture(picture(size=(200, 200)), tmp_path) for _ in range(2))

    remove_picture(first.file, tmp_path)

    assert files(tmp_path) == names(second.file, 200, 400, 800)


def test_a_picture_whose_name_begins_alike_stays(tmp_path: Path) -> None:
    for name in ("mug-400.webp", "mug-above-400.webp", "mug-drawing.svg"):
        (tmp_path / name).write_bytes(b"")

    remove_picture("mug", tmp_path)

    assert files(tmp_path) == ["mug-above-400.webp", "mug-drawing.svg"]


def test_missing_renditions_are_made_of_the_largest(tmp_path: Path) -> None:
    stored = store_picture(picture(), tmp_path)
    for width in (200, 400, 1600):
        (tmp_path / f"{stored.file}-{width}.avif").unlink()
    (tmp_path / f"{stored.file}-200.webp").unlink()
    kept = (tmp_path / f"{stored.file}-800.webp").stat().st_mtime_ns

    completed = complete_picture(stored.file, tmp_path)

    assert completed is not None
    assert completed[0].widths == (200, 400, 800, 1600)
    assert completed[1]
    assert files(tmp_path) == names(stored.file, 200, 400, 800, 1600)
    assert (tmp_path / f"{stored.file}-800.webp").stat().st_mtime_ns == kept
    again = complete_picture(stored.file, tmp_path)
    assert again == (completed[0], False)


def test_a_picture_that_lost_all_files_cannot_be_completed(tmp_path: Path) -> None:
    assert complete_picture("gone", tmp_path) is None


def test_a_picture_opened_alone_can_run_nothing(app: Flask, client: FlaskClient) -> None:
    folder = app.extensions["settings"].media_path
    (folder / "drawing.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")

    policy = client.get("/media/drawing.svg").headers["Content-Security-Policy"]

    assert policy == "default-src 'none'; style-src 'unsafe-inline'; sandbox"

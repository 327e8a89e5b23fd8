"""Files made to attack, at every door that takes pictures: refused with a sentence, or encoded anew
so that nothing of the sender's bytes is left.
"""

from __future__ import annotations

import struct
import tracemalloc
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from shop.accounts.models import Account
from shop.catalog import collections
from shop.catalog.collections import CollectionDetails
from shop.extensions import db
from shop.orders.urls import order_link
from shop.theme.sections import Story
from shop.web.config import settings
from tests.accounts.people import be_signed_in, make_admin
from tests.factories import (
    make_currency,
    make_order,
    make_product,
    make_rates,
    make_store,
    variants_of,
)
from tests.theme.looks import show

PAYLOAD = b"<script>alert('till')</script>"
PHP = b"<?php system($_GET['c']); ?>"


def encoded(kind: str, size: tuple[int, int] = (200, 220), **options: Any) -> bytes:
    stream = BytesIO()
    Image.new("RGB", size, "#1c33b5").save(stream, kind, **options)
    return stream.getvalue()


def located() -> bytes:
    """A photo that tells where it was taken."""
    exif = Image.Exif()
    exif[0x010E] = "SECRET-DESCRIPTION"
    exif.get_ifd(0x8825).update({1: "N", 2: (51.0, 30.0, 0.0), 3: "W", 4: (0.0, 7.0, 0.0)})
    return encoded("JPEG", exif=exif, comment=PAYLOAD)


def gif_and_script() -> bytes:
    """Valid as both: GIF89a=/* ... */=0;alert(1)"""
    data = bytearray(encoded("GIF"))
    data[6:8] = b"/*"  # the width says so now, which no picture here has
    return bytes(data) + b"*/=0;alert('till')//"


def bomb(width: int, height: int) -> bytes:
    """A few bytes that say they are gigabytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1_000_000, 9))
        + chunk(b"IEND", b"")
    )


#: Name of the file as it is sent, and its bytes.
ATTACKS: dict[str, tuple[str, bytes]] = {
    "script in SVG": (
        "logo.svg",
        b"<svg xmlns='http://www.w3.org/2000/svg'>" + PAYLOAD + b"</svg>",
    ),
    "SVG called PNG": ("logo.png", b"<?xml version='1.0'?><svg onload='alert(1)'/>"),
    "page called JPEG": ("photo.jpg", b"<!doctype html>" + PAYLOAD),
    "program called JPEG": ("photo.jpg", PHP),
    "GIF and script": ("photo.gif", gif_and_script()),
    "PNG with a page behind it": ("photo.png", encoded("PNG") + PAYLOAD),
    "JPEG with a program behind it": ("photo.php.jpg", encoded("JPEG") + PHP),
    "JPEG with a comment": ("photo.jpg", encoded("JPEG", comment=PAYLOAD)),
    "JPEG called page": ("photo.html", encoded("JPEG")),
    "where it was taken": ("photo.jpg", located()),
    "bomb of pixels": ("photo.png", bomb(60_000, 60_000)),
    "long bomb": ("photo.png", bomb(1, 2_000_000_000)),
    "name that climbs": ("../../../../etc/cron.d/x.png", encoded("PNG")),
    "name with a NUL in words": ("x%00.php;.png", encoded("PNG")),
    "torn": ("photo.jpg", encoded("JPEG")[:500]),
    "zip": ("photo.png", b"PK\x03\x04" + b"\0" * 5000),
    "nothing": ("photo.png", b""),
    "moving": (
        "photo.gif",
        encoded("GIF", save_all=True, append_images=[Image.new("RGB", (200, 220), "red")]),
    ),
}
SENTENCES = ("not a picture we can", "too large", "too small", "moves", "in SVG")


@pytest.fixture
def media(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(type(settings()), "media_path", property(lambda _: tmp_path))
    return tmp_path


@pytest.fixture
def staff(client: FlaskClient, app: Flask) -> FlaskClient:
    make_store()
    account: Account = make_admin()
    db.session.commit()
    be_signed_in(client, account)
    return client


Upload = tuple[BytesIO, str]


def to_product(client: FlaskClient, upload: Upload) -> Any:
    product = make_product()
    db.session.commit()
    return client.post(f"/admin/products/{product.id}/images", data={"picture": upload})


def to_collection(client: FlaskClient, upload: Upload) -> Any:
    found = collections.create_collection(CollectionDetails(title="Mugs"))
    db.session.commit()
    return client.post(f"/admin/collections/{found.id}/picture", data={"picture": upload})


def to_journal(client: FlaskClient, upload: Upload) -> Any:
    words = {"title": "News", "handle": "news", "body": "Words.", "alt": "A mug"}
    return client.post("/admin/journal/new", data=words | {"picture": upload})


def to_logo(client: FlaskClient, upload: Upload) -> Any:
    return client.post("/admin/theme/brand", data={"name": "Fettle", "logo": upload})


def to_section(client: FlaskClient, upload: Upload) -> Any:
    show(Story(id="s", heading="Ours", body="B"))
    db.session.commit()
    return client.post("/admin/theme/sections/s", data={"picture": upload, "alt": "A kiln"})


def to_review(client: FlaskClient, upload: Upload) -> Any:
    make_rates()
    product = make_product()
    order = make_order(*variants_of(product), paid=True)
    db.session.commit()
    values = {"rating": "4", "title": "Good", "text": "It holds tea.", "name": "Ines R."}
    return client.post(
        f"/orders/{order_link(order.token)}/reviews/{product.id}",
        data=values | {"photos": upload},
        content_type="multipart/form-data",
    )


DOORS: list[Callable[[FlaskClient, Upload], Any]] = [
    to_product, to_collection, to_journal, to_logo, to_section, to_review,
]  # fmt: skip


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_refused_in_words_or_nothing_of_it_is_left(
    staff: FlaskClient, media: Path, attack: str, door: Callable[[FlaskClient, Upload], Any]
) -> None:
    name, data = ATTACKS[attack]

    response = door(staff, (BytesIO(data), name))

    files = [path for path in media.rglob("*") if path.is_file()]
    assert response.status_code in (303, 422)
    if response.status_code == 422:
        assert any(sentence in response.text for sentence in SENTENCES)
        assert files == []
        return
    assert files
    for path in files:
        kept = path.read_bytes()
        assert path.parent == media
        assert path.name.startswith("p-")
        assert path.suffix in (".avif", ".webp", ".jpg")
        assert b"script" not in kept
        assert b"<?php" not in kept
        assert b"SECRET" not in kept
        with Image.open(path) as picture:
            picture.load()
            assert not picture.getexif()


@pytest.mark.parametrize("attack", ["bomb of pixels", "long bomb"])
def test_a_bomb_is_told_by_its_first_bytes(staff: FlaskClient, attack: str) -> None:
    """Unpacked, it would be gigabytes: so it is not unpacked."""
    name, data = ATTACKS[attack]

    tracemalloc.start()
    response = to_product(staff, (BytesIO(data), name))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert response.status_code == 422
    assert most < 60_000_000


def test_price_lists_take_no_pictures_and_no_archives(staff: FlaskClient) -> None:
    make_currency("EUR", "1.15")
    db.session.commit()

    for attack in ("zip", "GIF and script", "bomb of pixels", "nothing"):
        name, data = ATTACKS[attack]
        response = staff.post(
            "/admin/settings/currencies/EUR/prices.csv", data={"file": (BytesIO(data), name)}
        )
        assert response.status_code == 422

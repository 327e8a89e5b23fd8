"""flask catalog import, flask catalog export."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask
from PIL import Image

from shop.catalog.models import Product, ProductImage
from shop.extensions import db
from shop.media.pictures import store_picture
from shop.outbox.models import OutboxMessage
from tests.catalog.sheets import HEADER
from tests.factories import make_image, make_product, make_store

FILE = HEADER + (
    "tuesday-mug,Tuesday mug,Glaze,Cobalt,MUG-COB,shopify,5,34,https://pictures.example/1.jpg\n"
    "tuesday-mug,,,Milk,MUG-MLK,shopify,3,36.50,\n"
    "milk-jug,Milk jug,Title,Default Title,,,7,48,\n"
)


@pytest.fixture(autouse=True)
def store(app: Flask) -> None:
    make_store(currency="GBP")
    db.session.commit()


def run(app: Flask, *args: str | Path) -> Result:
    return app.test_cli_runner().invoke(args=["catalog", *map(str, args)])


def count_of(table: type[Product] | type[OutboxMessage]) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def test_an_import_tells_what_it_did(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "products.csv"
    file.write_text(FILE)

    first = run(app, "import", file)
    file.write_text(FILE.replace("36.50", "39"))
    second = run(app, "import", file)

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert first.output.splitlines() == [
        "line 2: tuesday-mug created",
        "line 4: milk-jug created",
        "2 created, 0 updated, 0 unchanged.",
    ]
    assert second.output.splitlines() == [
        "line 2: tuesday-mug updated",
        "  MUG-MLK: price 36.50 -> 39.00",
        "line 4: milk-jug unchanged",
        "0 created, 1 updated, 1 unchanged.",
    ]


def test_a_dry_run_tells_the_same_and_changes_nothing(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "products.csv"
    file.write_text(FILE)

    result = run(app, "import", file, "--dry-run")

    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "line 2: tuesday-mug created",
        "line 4: milk-jug created",
        "2 created, 0 updated, 0 unchanged.",
        "This was a dry run: nothing was changed.",
    ]
    assert (count_of(Product), count_of(OutboxMessage)) == (0, 0)


def test_a_faulty_file_is_told_and_kept_out(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "products.csv"
    file.write_text(FILE.replace("36.50", "dear").replace(",7,", ",-7,"))

    result = run(app, "import", file)

    assert result.exit_code == 1
    assert result.output.splitlines() == [
        'line 3, Variant Price: "dear" is not a price in GBP; write 12.50 or 12,50,'
        " without grouping",
        'line 4, Variant Inventory Qty: "-7" is negative',
        "Nothing was imported. Correct these lines and try again.",
    ]
    assert (count_of(Product), count_of(OutboxMessage)) == (0, 0)


def test_a_hundred_faults_are_enough_to_read(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "products.csv"
    rows = "".join(f"p{n},P,Title,Default Title,,,1,x,\n" for n in range(130))
    file.write_text(HEADER + rows)

    lines = run(app, "import", file).output.splitlines()

    assert len(lines) == 102
    assert lines[100] == "... and 30 more."


@pytest.mark.parametrize(
    "data",
    [b"", b"\0\0\0\0", b"\xff\xfe\0", b"a," * 100_000, b'Handle,Title\n"open', bytes(range(256))],
    ids=["empty", "nul", "half utf-16", "columns", "open quote", "bytes"],
)
def test_what_is_no_product_file_is_kept_out(app: Flask, tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "products.csv"
    file.write_bytes(data)

    result = run(app, "import", file)

    assert result.exit_code == 1
    assert result.output.startswith("line ")
    assert count_of(Product) == 0


def test_an_export_is_what_was_imported(app: Flask, tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(FILE)
    run(app, "import", source)

    result = run(app, "export", target)

    assert result.output == f"Wrote 3 rows to {target}.\n"
    assert target.read_bytes() == FILE.replace("\n", "\r\n").encode()
    assert sorted(tmp_path.iterdir()) == [source, target]


def test_a_failed_export_leaves_the_old_file(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out.csv"
    target.write_text("old")

    def broken(*_args: object) -> object:
        yield "half"
        raise OSError("disk full")

    monkeypatch.setattr("shop.catalog.cli.export_lines", lambda **_options: broken())

    result = run(app, "export", target)

    assert result.exit_code == 1
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_pictures_that_could_not_be_had_can_be_asked_for_again(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "products.csv"
    file.write_text(FILE.replace("https://pictures.example/1.jpg", "http://127.0.0.1/1.jpg"))
    run(app, "import", file)

    result = run(app, "fetch-pictures")

    assert result.output == "Fetched 0 pictures, 1 are still missing.\n"
    image = db.session.scalars(sa.select(ProductImage)).one()
    assert image.fetch_error == "The picture's address leads into a private network."


def test_pictures_of_an_older_shop_are_completed_once(app: Flask) -> None:
    folder = app.extensions["settings"].media_path
    target = BytesIO()
    Image.new("RGB", (800, 1000), "#336699").save(target, "PNG")
    stored = store_picture(target.getvalue(), folder)
    for path in folder.glob(f"{stored.file}-200.*"):
        path.unlink()
    product = make_product()
    old = make_image(product, file=stored.file, ground="#FFFFFF")
    make_image(product, file="lost")
    make_image(product, file=None, source_url="https://pictures.example/1.jpg")
    db.session.commit()

    first, second = run(app, "pictures"), run(app, "pictures")

    assert first.output == "Completed 1 pictures, 0 were whole, 1 have lost their files.\n"
    assert second.output == "Completed 0 pictures, 1 were whole, 1 have lost their files.\n"
    db.session.refresh(old)
    assert (old.widths, old.placeholder) == ((200, 400, 800), stored.placeholder)
    assert old.ground == "#FFFFFF"
    assert len(list(folder.glob(f"{stored.file}-*"))) == 7

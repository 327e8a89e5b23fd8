"""The pages of imports."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale

from shop.admin import import_words
from shop.catalog import service as catalog
from shop.catalog.models import Product, ProductImage
from shop.catalog.remote import NotFetched
from shop.extensions import db
from shop.imports import queries, service
from shop.imports.models import Import, ImportState
from shop.media.pictures import TooLarge, TooSmall
from shop.media.refusals import Refusal, told
from shop.outbox.models import OutboxMessage
from shop.store.models import StoreSettings
from tests.imports.files import import_of, work
from tests.imports.test_imports import MUGS

WOO = Path(__file__).parents[1] / "catalog" / "data" / "woo" / "pottery.csv"


def upload(
    staff: FlaskClient, file: str | bytes, name: str = "products.csv", press: str = "p"
) -> int:
    answer = staff.post("/admin/imports/new", data=form(file, name, press))
    assert answer.status_code == 303, answer.text
    return int(answer.location.rsplit("/", 1)[1])


def form(file: str | bytes, name: str = "products.csv", press: str = "p") -> dict[str, object]:
    data = file.encode() if isinstance(file, str) else file
    return {"file": (io.BytesIO(data), name), "press": press}


def imports() -> int:
    return db.session.scalar(sa.select(sa.func.count(Import.id))) or 0


def test_from_the_file_to_the_result_and_back(staff: FlaskClient) -> None:
    import_id = upload(staff, MUGS)
    page = f"/admin/imports/{import_id}"
    assert "The file is being read." in staff.get(page).text
    work()

    looked = staff.get(page).text
    assert "Import 2 products" in looked
    assert db.session.scalar(sa.select(sa.func.count(Product.id))) == 0
    assert staff.post(f"{page}/start").status_code == 303
    assert "Brought in 0 of 2 products." in staff.get(f"{page}/progress").text
    work()
    done = staff.get(page).text
    assert "What was changed" in done
    assert "2 pictures are still to be fetched." in done
    assert "Tuesday mug" in staff.get(f"{page}?show=new").text
    assert staff.post(f"{page}/undo").status_code == 303
    work()

    assert "Everything is as it was before." in staff.get(page).text
    assert db.session.scalar(sa.select(sa.func.count(Product.id))) == 0
    assert "products.csv" in staff.get("/admin/imports").text


def test_many_products_are_counted_as_one_reads_numbers(staff: FlaskClient) -> None:
    import_id = upload(staff, MUGS)
    work()
    found = import_of(import_id)
    found.created_count, found.total = 1164, 1164
    db.session.commit()

    page = staff.get(f"/admin/imports/{import_id}").text

    assert "<dd>1,164</dd>" in page
    assert '<span class="muted">1,164</span>' in page
    assert "Import 1,164 products" in page
    assert ">1,164</td>" in staff.get("/admin/imports").text


def test_the_page_shows_the_old_beside_the_new(staff: FlaskClient) -> None:
    upload(staff, MUGS)
    work()
    staff.post("/admin/imports/1/start")
    first = imports_newest()
    staff.post(f"/admin/imports/{first}/start")
    work()
    import_id = upload(
        staff, MUGS.replace("36.50", "40").replace("Milk jug", "Cream jug"), press="2"
    )
    work()

    page = " ".join(staff.get(f"/admin/imports/{import_id}").text.split())

    assert "MUG-MLK: Price" in page
    assert "£36.50</del>" in page
    assert "£40.00</ins>" in page
    assert "Cream jug</ins>" in page


def imports_newest() -> int:
    return db.session.scalar(sa.select(sa.func.max(Import.id))) or 0


def test_a_file_of_woocommerce_is_told_by_its_columns(staff: FlaskClient) -> None:
    import_id = upload(staff, WOO.read_bytes(), "wc-product-export.csv")
    work()

    found = import_of(import_id)
    assert (found.source, found.created_count, found.fault_count) == ("woocommerce", 5, 2)
    page = staff.get(f"/admin/imports/{import_id}?show=faults").text
    assert "Products of the type grouped cannot be sold here" in page
    lines = staff.get(f"/admin/imports/{import_id}/left-out.csv").text.splitlines()
    assert [line.partition(",")[0] for line in lines] == ["\ufeffID", "20", "21"]


def test_faults_are_told_in_german_too(app: Flask, staff: FlaskClient) -> None:
    import_id = upload(staff, MUGS.replace(",48,", ",1.234,"))
    work()

    (fault,) = queries.all_faults(import_id)
    with app.test_request_context("/admin"), force_locale("de"):
        assert import_words.reason(fault) == (
            '"1.234" ist kein Preis in GBP; schreib 12.50 oder 12,50, ohne Tausenderpunkte'
        )


def test_a_file_of_faults_alone_says_that_nothing_can_be_brought_in(staff: FlaskClient) -> None:
    import_id = upload(staff, b"Handle,Title,Variant Price\na,A,cheap\nb,B,dear\n")
    work()

    page = staff.get(f"/admin/imports/{import_id}").text

    assert "Nothing can be brought in: every product holds errors." in page
    assert "the others can be brought in" not in page
    assert "the shop is as the file says" not in page


def test_counts_in_faults_are_grouped_as_the_readers_language_does(
    app: Flask, staff: FlaskClient
) -> None:
    row = b"a,A,12.00,1000001"
    import_id = upload(staff, b"Handle,Title,Variant Price,Variant Inventory Qty\n" + row)
    work()
    page = f"/admin/imports/{import_id}?show=faults"
    assert "is more than 1,000,000" in staff.get(page).text

    db.session.get_one(StoreSettings, 1).languages = ["en", "de"]
    db.session.commit()

    german = staff.get(page, headers={"Accept-Language": "de"}).text
    assert "ist mehr als 1.000.000" in german
    assert "1000001" in german


def test_what_was_typed_keeps_its_letters(staff: FlaskClient) -> None:
    upload(staff, MUGS.replace(",48,", ",dear,").replace("Tuesday mug", ""))
    work()

    page = staff.get(f"/admin/imports/{imports_newest()}?show=faults").text

    assert "&#34;dear&#34; is not a price in GBP" in page
    assert "The title is missing" in page


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (b"", "Choose a CSV file."),
        (b"PK\x03\x04" + b"\0" * 500, "packed or binary"),
        (b"\x1f\x8b\x08" + b"\0" * 500, "packed or binary"),
        (b"Name,Price\nx,1\n", "neither the columns of Shopify"),
        (b"Handle," * 600, "columns, at most 500"),
        (b"Handle,Ti\0tle\na,b\n", "NUL"),
        (b"Handle,Title\n\x81\x8d,a\n", "neither UTF-8"),
        (b'Handle,"Title\n', "never closed"),
    ],
    ids=["none", "zip", "gzip", "strange", "columns", "nul", "encoding", "quote"],
)
def test_what_is_no_product_file_is_refused_with_a_sentence(
    staff: FlaskClient, file: bytes, sentence: str
) -> None:
    answer = staff.post("/admin/imports/new", data=form(file, "x.csv" if file else ""))

    assert answer.status_code == 422
    assert sentence in answer.text.replace("&#39;", "'")
    assert imports() == 0


def test_a_file_that_is_too_large_is_refused(
    staff: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MAX_UPLOAD", 100)

    answer = staff.post("/admin/imports/new", data=form(MUGS))

    assert (answer.status_code, imports()) == (422, 0)
    assert "larger than 20 MB" in answer.text


def test_hostile_cells_are_refused_or_made_harmless(staff: FlaskClient) -> None:
    file = (
        "Handle,Title,Body (HTML),Price,Image Src\n"
        'formula,"=HYPERLINK(""http://evil"")",<script>alert(1)</script><p>Hi</p>,5,\n'
        "traversal,T,,5,../../etc/passwd\n"
        "inside,T,,5,file:///etc/passwd\n"
        "../up,T,,5,\n"
    )
    import_id = upload(staff, file, "../../<b>evil</b>.csv")
    work()
    staff.post(f"/admin/imports/{import_id}/start")
    work()

    assert import_of(import_id).created_count == 1
    assert [fault.line for fault in queries.all_faults(import_id)] == [3, 4, 5]
    page = staff.get(f"/admin/imports/{import_id}").text
    assert "<b>evil" not in page
    shown = staff.get("/products/formula").text
    assert "alert(1)" not in shown
    assert "<p>Hi</p>" in shown


def test_a_form_sent_twice_gives_one_import(staff: FlaskClient) -> None:
    assert upload(staff, MUGS) == upload(staff, MUGS)
    assert imports() == 1


def test_what_cannot_be_done_any_more_is_said(staff: FlaskClient) -> None:
    import_id = upload(staff, MUGS)

    for action in ("start", "undo"):
        answer = staff.post(f"/admin/imports/{import_id}/{action}", follow_redirects=True)
        assert answer.status_code == 200
        assert import_of(import_id).state == ImportState.CHECKING
    staff.post(f"/admin/imports/{import_id}/cancel")
    work()

    assert import_of(import_id).state == ImportState.DISCARDED
    assert (
        "It was over already"
        in staff.post(f"/admin/imports/{import_id}/cancel", follow_redirects=True).text
    )


def test_what_was_not_undone_is_listed(staff: FlaskClient) -> None:
    import_id = upload(staff, MUGS)
    work()
    staff.post(f"/admin/imports/{import_id}/start")
    work()
    jug = db.session.scalars(sa.select(Product).where(Product.handle == "milk-jug")).one()
    catalog.update_product(jug, catalog.ProductDetails(title="Best jug"))

    staff.post(f"/admin/imports/{import_id}/undo")
    work()

    page = staff.get(f"/admin/imports/{import_id}").text
    assert "1 product is not wholly as before" in page
    assert "somebody changed it since, so it stays" in page


def test_pictures_that_could_not_be_had_are_asked_for_again(staff: FlaskClient) -> None:
    import_id = upload(staff, MUGS)
    work()
    staff.post(f"/admin/imports/{import_id}/start")
    work()
    db.session.execute(sa.update(ProductImage).values(fetch_error="The server answered 404."))

    page = staff.get(f"/admin/imports/{import_id}").text
    staff.post(f"/admin/imports/{import_id}/pictures", data={"press": "again"})
    staff.post(f"/admin/imports/{import_id}/pictures", data={"press": "again"})

    assert "2 pictures could not be had:" in page
    assert "The server answered 404." in page
    promised = sa.select(sa.func.count(OutboxMessage.id)).where(OutboxMessage.channel == "image")
    assert db.session.scalar(promised) == 4


@pytest.mark.parametrize(
    ("refusal", "english", "german"),
    [
        (
            NotFetched("The picture's server answered %(status)s.", status=404),
            "The picture&#39;s server answered 404.",
            "Der Server des Bildes hat 404 geantwortet.",
        ),
        (
            NotFetched("The picture's server took too long."),
            "The picture&#39;s server took too long.",
            "Der Server des Bildes hat zu lange gebraucht.",
        ),
        (TooSmall(200), "at least 200 pixels a side.", "mindestens 200 Pixeln je Seite."),
        (TooLarge(), "at most 20 MB", "höchstens 20 MB"),
    ],
)
def test_why_a_picture_could_not_be_had_is_told_in_the_readers_language(
    staff: FlaskClient, refusal: Refusal, english: str, german: str
) -> None:
    import_id = upload(staff, MUGS)
    work()
    staff.post(f"/admin/imports/{import_id}/start")
    work()
    assert len(refusal.kept) <= 255
    image = db.session.scalars(sa.select(ProductImage)).first()
    assert image is not None
    image.fetch_error = refusal.kept
    db.session.commit()

    for address in (f"/admin/imports/{import_id}", f"/admin/products/{image.product_id}"):
        assert english in staff.get(address).text
    with force_locale("de"):
        assert german in told(refusal.kept)


def test_the_list_asks_few_questions(
    app: Flask, staff: FlaskClient, count_queries: pytest.FixtureRequest
) -> None:
    for number in range(30):
        upload(staff, MUGS, press=str(number))

    with count_queries() as statements:
        page = staff.get("/admin/imports")

    assert page.text.count("products.csv") == 25
    assert len(statements) <= 6
    assert staff.get("/admin/imports?page=2").text.count("products.csv") == 5
    assert staff.get("/admin/imports?page=3").status_code == 404

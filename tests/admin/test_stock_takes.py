from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from shop.audit import AuditEntry
from shop.catalog.models import Collection, CollectionProduct
from shop.extensions import db
from shop.stock_takes.models import StockTake, StockTakeLine
from tests.admin.test_purchases import make_coded
from tests.factories import make_order, stock_of

NEW = "/admin/inventory/counts/new"
JSON = {"Accept": "application/json"}


def start(staff: FlaskClient, **data: str) -> StockTake:
    answer = staff.post(NEW, data={"title": "Spring", "what": "all", "press": "a"} | data)
    assert answer.status_code == 303, answer.text
    return db.session.scalars(sa.select(StockTake)).one()


def listed() -> set[int]:
    return set(db.session.scalars(sa.select(StockTakeLine.variant_id)))


def address_of(take: StockTake) -> str:
    return f"/admin/inventory/counts/{take.id}"


def test_everything_a_collection_or_a_list_is_counted(staff: FlaskClient) -> None:
    mug, jug = make_coded(sku="FT-MUG"), make_coded(sku="FT-JUG", barcode="400638")
    collection = Collection(handle="mugs", title="Mugs")
    db.session.add(collection)
    db.session.flush()
    db.session.add(CollectionProduct(collection_id=collection.id, product_id=mug.product_id))
    found = []

    for number, data in enumerate(
        [
            {"what": "all"},
            {"what": "collection", "collection": str(collection.id)},
            {"what": "codes", "codes": "400638\n"},
        ]
    ):
        start(staff, press=str(number), **data)
        found.append(listed())
        db.session.execute(sa.delete(StockTake))

    assert found == [{mug.id, jug.id}, {mug.id}, {jug.id}]


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        ({"title": ""}, "Give it a name."),
        ({"what": "some"}, "Choose what is counted."),
        ({"what": "collection"}, "Choose a collection."),
        ({"what": "codes"}, "Type at least one SKU or barcode."),
        ({"what": "codes", "codes": "FT-NONE"}, "No variant has the SKU or barcode FT-NONE."),
    ],
)
def test_a_stock_take_that_makes_no_sense_is_refused(
    staff: FlaskClient, data: dict[str, str], complaint: str
) -> None:
    make_coded(sku="FT-MUG")

    answer = staff.post(NEW, data={"title": "Spring", "what": "all", "press": "a"} | data)

    assert answer.status_code == 422
    assert complaint in answer.text
    assert db.session.scalar(sa.select(StockTake.id)) is None
    assert db.session.scalar(sa.select(sa.func.count()).select_from(AuditEntry)) == 0


def test_each_scan_counts_one_more(staff: FlaskClient) -> None:
    make_coded(on_hand=3, sku="FT-MUG", barcode="400638")
    scans = f"{address_of(start(staff))}/scans"

    staff.post(scans, data={"code": "400638"})
    staff.post(scans, data={"code": "ft-mug", "units": "2"})
    answer = staff.post(scans, data={"code": "FT-MUG"}, headers=JSON)

    assert answer.json["told"].endswith(": 4 counted.")


@pytest.mark.parametrize(
    ("code", "complaint"),
    [("", "Scan or type"), ("FT-NONE", "No variant has"), ("FT-JUG", "not part of this stock")],
)
def test_a_scan_of_something_else_is_refused_in_a_sentence(
    staff: FlaskClient, code: str, complaint: str
) -> None:
    make_coded(sku="FT-MUG")
    make_coded(sku="FT-JUG")
    scans = f"{address_of(start(staff, what='codes', codes='FT-MUG'))}/scans"

    plain = staff.post(scans, data={"code": code})
    scripted = staff.post(scans, data={"code": code}, headers=JSON)

    assert (plain.status_code, scripted.status_code) == (422, 422)
    assert complaint in plain.text
    assert complaint in scripted.json["errors"][0]
    assert set(db.session.scalars(sa.select(StockTakeLine.counted))) == {None}


def test_numbers_are_typed_differences_shown_and_made_the_stock(staff: FlaskClient) -> None:
    mug, jug = make_coded(sku="FT-MUG"), make_coded(sku="FT-JUG")
    mug.cost_amount = 850
    take = start(staff)
    data = {f"v{mug.id}-units": "8", f"v{mug.id}-was": "", f"v{jug.id}-units": ""}

    assert staff.post(f"{address_of(take)}/lines", data=data).status_code == 303
    page = staff.get(f"{address_of(take)}?show=different").text
    assert "</span>-2<small>-£17.00</small>" in page.replace("−", "-")
    assert "FT-JUG" not in page
    assert staff.post(f"{address_of(take)}/finish").status_code == 303

    assert (stock_of(mug), stock_of(jug)) == ((8, 0), (10, 0))
    assert staff.post(f"{address_of(take)}/finish").status_code == 409
    assert stock_of(mug) == (8, 0)


def test_a_number_counted_meanwhile_is_told_and_nothing_is_kept(staff: FlaskClient) -> None:
    mug, jug = make_coded(sku="FT-MUG"), make_coded(sku="FT-JUG")
    take = start(staff)
    staff.post(f"{address_of(take)}/scans", data={"code": "FT-JUG", "units": "4"})
    data = {
        f"v{mug.id}-units": "8", f"v{mug.id}-was": "",
        f"v{jug.id}-units": "9", f"v{jug.id}-was": "",
    }  # fmt: skip

    answer = staff.post(f"{address_of(take)}/lines", data=data)

    assert answer.status_code == 422
    assert "Meanwhile somebody counted 4" in answer.text
    assert set(db.session.scalars(sa.select(StockTakeLine.counted))) == {None, 4}


def test_finishing_below_what_is_promised_names_it_and_changes_nothing(staff: FlaskClient) -> None:
    mug = make_coded(sku="FT-MUG")
    make_order(mug, quantity=6)
    take = start(staff)
    staff.post(f"{address_of(take)}/scans", data={"code": "FT-MUG", "units": "4"})

    answer = staff.post(f"{address_of(take)}/finish")

    assert answer.status_code == 422
    assert "6 promised" in answer.text
    assert stock_of(mug) == (10, 6)
    assert db.session.get_one(StockTake, take.id, populate_existing=True).is_open


def test_an_abandoned_one_can_be_looked_at_and_not_counted(staff: FlaskClient) -> None:
    mug = make_coded(sku="FT-MUG")
    take = start(staff)

    staff.post(f"{address_of(take)}/abandonment")

    page = staff.get(address_of(take)).text
    assert "Abandoned" in page
    assert "data-scan" not in page
    assert staff.post(f"{address_of(take)}/scans", data={"code": "FT-MUG"}).status_code == 422
    assert stock_of(mug) == (10, 0)

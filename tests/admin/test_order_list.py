"""The list of orders: filters, marked rows, packing slips, CSV."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from shop.accounts.models import Account
from shop.catalog.csvfile import neutral
from shop.clock import now
from shop.extensions import db
from shop.orders import service as orders
from shop.orders.fulfillment_models import Fulfillment
from shop.orders.models import Order, OrderEvent
from shop.orders.tags import set_tags, tags_in, tags_of
from shop.outbox.models import OutboxMessage
from tests.admin.test_undo import undo_in
from tests.factories import make_checkout, make_order, make_placement, make_variant
from tests.pages import read


def order_of(name: str, *, paid: bool = True, **values: Any) -> Order:
    order = orders.place(
        make_placement(make_variant(), name=name),
        checkout_id=make_checkout().id,
        revision=1,
        expires_at=now(),
    )
    if paid:
        orders.mark_paid(order, at=now())
    for field, value in values.items():
        setattr(order, field, value)
    db.session.flush()
    return order


@pytest.fixture
def four(staff: FlaskClient, admin: Account) -> dict[str, Order]:
    """Ann waits to be sent, Bob is unpaid, Cy is sent to Germany, Di got her money back."""
    found = {
        "Ann Lee": order_of("Ann Lee", placed_at=datetime(2026, 3, 1, 23, 30, tzinfo=UTC)),
        "Bob Ray": order_of("Bob Ray", paid=False),
        "Cy Day": order_of("Cy Day", fulfillment_state="fulfilled", country="DE"),
        "Di Fox": order_of("Di Fox", placed_at=datetime(2026, 3, 2, 0, 0, tzinfo=UTC)),
    }
    found["Di Fox"].refunded_amount = found["Di Fox"].total_amount
    set_tags(found["Cy Day"].id, ["repeat", "fragile"], by=admin.id)
    db.session.commit()
    return found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("show=send", ["Ann Lee", "Di Fox"]),
        ("show=refunded", ["Di Fox"]),
        ("sent=fulfilled", ["Cy Day"]),
        ("sent=unfulfilled&show=refunded", ["Di Fox"]),
        ("sent=nonsense", ["Ann Lee", "Bob Ray", "Cy Day", "Di Fox"]),
        ("since=2026-03-02&until=2026-03-02", ["Di Fox"]),
        ("until=2026-03-01", ["Ann Lee"]),
        ("since=yesterday", ["Ann Lee", "Bob Ray", "Cy Day", "Di Fox"]),
        ("since=0001-01-01", ["Ann Lee", "Bob Ray", "Cy Day", "Di Fox"]),
        ("until=9999-12-31", ["Ann Lee", "Bob Ray", "Cy Day", "Di Fox"]),
        ("country=de", ["Cy Day"]),
        ("tag=FRAGILE", ["Cy Day"]),
        ("tag=frag", []),
        ("tag=repeat&q=ann", []),
    ],
)
def test_orders_are_narrowed(
    staff: FlaskClient, four: dict[str, Order], query: str, found: list[str]
) -> None:
    page = staff.get(f"/admin/orders?{query}").text

    assert [name for name in four if name in page] == found


def test_a_view_is_kept_by_its_address(staff: FlaskClient, four: dict[str, Order]) -> None:
    page = staff.get("/admin/orders?show=send&country=GB&q=lee").text

    assert 'href="/admin/orders?q=lee&amp;show=paid&amp;country=GB"' in page
    assert '<input type="hidden" name="show" value="send">' in page
    assert '<option value="GB" selected>' in page


def test_the_list_asks_six_questions_however_long(
    staff: FlaskClient, count_queries: Any, four: dict[str, Order]
) -> None:
    variant = make_variant(on_hand=100)
    for _ in range(30):
        make_order(variant)
    db.session.commit()

    with count_queries() as statements:
        staff.get("/admin/orders?show=unpaid&since=2026-01-01&country=GB")

    # Three that every page asks; the list, its tags, and saved views.
    assert len(statements) == 6


def bulk(staff: FlaskClient, *rows: Order, **values: str) -> Any:
    data = {"id": [str(order.id) for order in rows], "press": "p", **values}
    return staff.post("/admin/orders/bulk", data=data)


def test_marked_orders_are_sent_each_by_itself(staff: FlaskClient, four: dict[str, Order]) -> None:
    marked = [four[name] for name in ("Ann Lee", "Bob Ray", "Di Fox")]

    for _ in range(2):
        answer = bulk(staff, *marked, action="fulfill", back="show=send&page=2")

    assert (answer.status_code, answer.location) == (303, "/admin/orders?show=send&page=2")
    page = staff.get("/admin/orders").text
    assert "2 orders are sent." in page
    assert "1 order was left out" in page
    sent = db.session.scalars(sa.select(Fulfillment.order_id)).all()
    assert sorted(sent) == sorted([four["Ann Lee"].id, four["Di Fox"].id])
    mails = db.session.scalars(sa.select(OutboxMessage.name)).all()
    assert list(mails).count("order_fulfilled") == 2


def test_marked_orders_are_tagged_once(staff: FlaskClient, four: dict[str, Order]) -> None:
    marked = [four["Ann Lee"], four["Cy Day"]]

    for _ in range(2):
        bulk(staff, *marked, action="tag", tag=" Fragile ")

    assert tags_of([order.id for order in marked]) == {
        marked[0].id: ["fragile"], marked[1].id: ["fragile", "repeat"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"action": "tag", "tag": "a, b"}, "Type one tag"),
        ({"action": "tag", "tag": ""}, "Type one tag"),
        ({"action": "explode"}, "Please choose what to do."),
        ({"action": ""}, "Please choose what to do."),
    ],
)
def test_what_cannot_be_done_with_marked_orders_changes_nothing(
    staff: FlaskClient, four: dict[str, Order], values: dict[str, str], sentence: str
) -> None:
    answer = bulk(staff, four["Ann Lee"], **values)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert tags_of([four["Ann Lee"].id]) == {}


def test_a_refusal_keeps_filters_page_marks_and_what_was_typed(
    staff: FlaskClient, four: dict[str, Order]
) -> None:
    for _ in range(26):
        order_of("Ann Lee")
    db.session.commit()
    ann = four["Ann Lee"]

    answer = bulk(staff, ann, action="tag", tag="a, b", back="q=ann&page=2")

    page = read(answer.text)
    assert answer.status_code == 422
    assert "Type one tag, without a comma." in page.text
    assert page.having("input", name="q", value="ann")
    assert page.having("input", name="back", value="q=ann&page=2")
    assert page.having("input", id="bulk-tag", value="a, b")
    assert [box.get("value") for box in page.having("input", name="id", checked="")] == [
        str(ann.id)
    ]
    assert not page.having("a", href=f"/admin/orders/{four['Cy Day'].id}")


@pytest.mark.parametrize("gone", ["7", "x"])
def test_a_refusal_on_a_page_that_is_gone_is_told_on_the_first(
    staff: FlaskClient, four: dict[str, Order], gone: str
) -> None:
    ann = four["Ann Lee"]

    answer = bulk(staff, ann, action="tag", tag="a, b", back=f"q=ann&page={gone}")

    page = read(answer.text)
    assert answer.status_code == 422
    assert "Type one tag, without a comma." in page.text
    assert page.having("input", name="q", value="ann")
    assert page.having("input", name="back", value="q=ann")
    assert [box.get("value") for box in page.having("input", name="id", checked="")] == [
        str(ann.id)
    ]
    assert tags_of([ann.id]) == {}


@pytest.mark.parametrize("path", ["orders", "settings/activity"])
def test_days_the_wrong_way_round_are_swapped_and_told(
    staff: FlaskClient, four: dict[str, Order], path: str
) -> None:
    page = read(staff.get(f"/admin/{path}?since=2026-11-05&until=2026-11-01").text)
    right = read(staff.get(f"/admin/{path}?since=2026-11-01&until=2026-11-05").text)

    assert (page.value("since"), page.value("until")) == ("2026-11-01", "2026-11-05")
    assert "so we swapped them" in page.text
    assert "so we swapped them" not in right.text


def test_nothing_marked_is_told_on_the_list(staff: FlaskClient, four: dict[str, Order]) -> None:
    answer = bulk(staff, action="fulfill", back="country=DE")

    page = read(answer.text)
    assert answer.status_code == 422
    assert "Mark at least one order first." in page.text
    assert page.having("a", href=f"/admin/orders/{four['Cy Day'].id}")
    assert not page.having("a", href=f"/admin/orders/{four['Ann Lee'].id}")
    assert db.session.scalars(sa.select(Fulfillment)).all() == []


def test_packing_slips_tell_what_to_pack_and_prices_only_if_wanted(
    staff: FlaskClient, four: dict[str, Order]
) -> None:
    ann = four["Ann Lee"]
    ann.gift_message = "Happy birthday\nfrom us all"
    db.session.commit()
    answer = bulk(staff, ann, four["Cy Day"], action="slips")

    page = staff.get(answer.location).text

    assert page.count('class="slip"') == 2
    for words in ("Ann Lee", "14 Alder Row", "FT-MUG-COB", "Happy birthday\nfrom us all"):
        assert words in page
    assert "£34.00" not in page
    assert "£34.00" in staff.get(f"{answer.location}&prices=1").text
    assert staff.get("/admin/orders/packing-slips?id=999&id=x").status_code == 404


def rows_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def test_the_export_holds_what_the_filters_find(staff: FlaskClient, four: dict[str, Order]) -> None:
    answer = staff.get("/admin/orders/export.csv?country=DE")

    head, row = rows_of(answer.text)
    assert answer.headers["Content-Type"].startswith("text/csv")
    told = dict(zip(head, row, strict=True))
    assert (told["Name"], told["Total"], told["Currency"], told["Tags"]) == (
        "Cy Day", "38.50", "GBP", "fragile, repeat",
    )  # fmt: skip
    marked = bulk(staff, four["Ann Lee"], four["Bob Ray"], action="export")
    assert len(rows_of(staff.get(marked.location).text)) == 3


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_spreadsheet_takes_nothing_for_a_formula(text: str) -> None:
    assert neutral(text) == f"'{text}"


def test_a_name_in_the_export_is_text(staff: FlaskClient) -> None:
    order_of('=HYPERLINK("http://evil.example")')

    _head, row = rows_of(staff.get("/admin/orders/export.csv").text)

    assert row[5] == '\'=HYPERLINK("http://evil.example")'


def test_tags_are_words_in_small_letters() -> None:
    assert tags_in(" Fragile, , repeat  buyer,fragile ") == ["fragile", "repeat buyer"]


def test_tags_are_kept_on_the_orders_page(staff: FlaskClient, four: dict[str, Order]) -> None:
    address = f"/admin/orders/{four['Ann Lee'].id}"

    staff.post(f"{address}/tags", data={"tags": "Gift, <b>"})
    refused = staff.post(f"{address}/tags", data={"tags": f"gift, {'x' * 41}"})
    late = {"tags": "late", "made_from-tags": "0" * 16}
    behind = staff.post(f"{address}/tags", data=late)

    page = staff.get(address).text
    assert refused.status_code == 422
    assert f'value="gift, {"x" * 41}"' in refused.text
    assert "At most 20 tags of 40 characters each" in refused.text
    assert behind.status_code == 409
    assert 'value="late"' in behind.text
    assert "Saving again replaces what they wrote." in behind.text
    assert 'value="&lt;b&gt;, gift"' in page
    assert 'href="/admin/orders?tag=gift"' in page


def test_the_confirmation_is_sent_again_once_a_press(
    staff: FlaskClient, four: dict[str, Order]
) -> None:
    ann, bob = four["Ann Lee"], four["Bob Ray"]

    for press in ("a", "a", "b"):
        staff.post(f"/admin/orders/{ann.id}/confirmation", data={"press": press})
    refused = staff.post(f"/admin/orders/{bob.id}/confirmation", data={"press": "a"})

    assert refused.status_code == 409
    keys = db.session.scalars(
        sa.select(OutboxMessage.dedupe_key).where(OutboxMessage.name == "order_confirmation")
    ).all()
    again = f"order_confirmation:{ann.id}:again:"
    assert sorted(key for key in keys if "again" in key) == [f"{again}a", f"{again}b"]
    noted = sa.select(sa.func.count()).where(OrderEvent.kind == "confirmed_again")
    assert db.session.scalar(noted) == 2


def test_a_tag_on_many_is_taken_back_from_those_that_got_it(
    staff: FlaskClient, four: dict[str, Order]
) -> None:
    marked = [four[name] for name in ("Ann Lee", "Bob Ray", "Cy Day")]
    before = tags_of([order.id for order in marked])
    first = undo_of(staff, bulk(staff, *marked, action="tag", tag="repeat"))
    assert all("repeat" in tags for tags in tags_of([one.id for one in marked]).values())

    assert staff.post(first["action"], data=first["fields"]).status_code == 303

    assert tags_of([order.id for order in marked]) == before


def test_a_tag_on_many_stays_whole_where_one_was_changed_since(
    staff: FlaskClient, four: dict[str, Order]
) -> None:
    marked = [four["Ann Lee"], four["Bob Ray"]]
    undo = undo_of(staff, bulk(staff, *marked, action="tag", tag="fragile"))
    staff.post(f"/admin/orders/{marked[1].id}/tags", data={"tags": "fragile, blue"})
    before = tags_of([order.id for order in marked])

    answer = staff.post(undo["action"], data=undo["fields"])

    assert answer.status_code == 409
    assert "Nothing was changed" in answer.text
    assert tags_of([order.id for order in marked]) == before


def test_a_tag_that_all_have_offers_no_undo(staff: FlaskClient, four: dict[str, Order]) -> None:
    bulk(staff, four["Cy Day"], action="tag", tag="repeat")

    assert "/admin/undo/" not in staff.get("/admin/orders").text


def undo_of(staff: FlaskClient, answer: Any) -> dict[str, Any]:
    """The button of the message that the next page shows."""
    page = staff.get(answer.location).text
    form = page.split('class="flash__action"')[1].split("</form>")[0]
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    return {"action": undo_in(page), "fields": fields}

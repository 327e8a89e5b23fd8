"""Views of lists that staff keep by a name."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from shop.accounts.models import Account
from shop.desk.models import SavedView
from shop.extensions import db
from tests.accounts.people import be_signed_in, make_account, make_admin
from tests.factories import make_order, make_product, make_variant

LISTS = ["products", "orders"]


def saved() -> Sequence[SavedView]:
    return db.session.scalars(sa.select(SavedView).order_by(SavedView.id)).all()


@pytest.fixture(autouse=True)
def _rows(store: None) -> None:
    make_product()
    make_order(make_variant())
    db.session.commit()


@pytest.mark.parametrize(
    ("area", "values", "query"),
    [
        ("products", {"show": "draft", "tag": "winter"}, "show=draft&tag=winter"),
        (
            "orders",
            {"show": "paid", "sent": "fulfilled", "since": "2026-03-01", "country": "de"},
            "show=paid&sent=fulfilled&since=2026-03-01&country=DE",
        ),
    ],
)
def test_a_view_is_saved_by_name_and_stands_above_the_list(
    staff: FlaskClient, client: FlaskClient, area: str, values: dict[str, str], query: str
) -> None:
    response = staff.post(
        f"/admin/{area}/views", data={"name": "Winter", "nonsense": "x", "page": "2", **values}
    )

    assert response.location == f"/admin/{area}?{query}"
    link = f'href="{response.location.replace("&", "&amp;")}" aria-current="true">Winter</a>'
    assert link in staff.get(response.location).text
    others = {"products": "orders", "orders": "products"}
    assert "Winter" not in staff.get(f"/admin/{others[area]}").text
    be_signed_in(client, make_admin(email="other@example.com"))
    assert "Winter" not in client.get(f"/admin/{area}").text


@pytest.mark.parametrize("area", LISTS)
def test_a_shared_view_is_everybodys_to_see_and_its_makers_to_remove(
    staff: FlaskClient, client: FlaskClient, area: str
) -> None:
    staff.post(f"/admin/{area}/views", data={"name": "Mine", "shared": "1", "q": "mug"})
    staff.post(f"/admin/{area}/views", data={"name": "Mine", "shared": "1", "q": "jug"})
    (view,) = saved()
    address = f"/admin/{area}/views/{view.id}/delete"
    assert view.query == "q=jug"
    own = view.account_id
    be_signed_in(client, make_admin(email="other@example.com"))

    page = client.get(f"/admin/{area}").text
    assert 'Mine<span class="visually-hidden"> (shared)</span>' in page
    assert address not in page
    assert client.post(address).status_code == 404
    assert len(saved()) == 1
    be_signed_in(client, db.session.get_one(Account, own))
    assert client.post(address).status_code == 303
    assert saved() == []


@pytest.mark.parametrize("area", LISTS)
def test_thirty_views_of_a_list_are_enough(staff: FlaskClient, area: str) -> None:
    answers = [
        staff.post(f"/admin/{area}/views", data={"name": f"View {number}"}).status_code
        for number in range(31)
    ]

    assert answers == [303] * 30 + [422]
    assert len(saved()) == 30


@pytest.mark.parametrize("area", LISTS)
def test_a_view_without_a_name_is_refused(staff: FlaskClient, area: str) -> None:
    answer = staff.post(f"/admin/{area}/views", data={"name": " ", "q": "mug"})

    assert answer.status_code == 422
    assert "Give the view a name." in answer.text
    assert saved() == []


def test_a_view_is_removed_from_its_own_list_alone(staff: FlaskClient) -> None:
    staff.post("/admin/orders/views", data={"name": "Mine"})

    answer = staff.post(f"/admin/products/views/{saved()[0].id}/delete")

    assert answer.status_code == 404
    assert len(saved()) == 1


@pytest.mark.parametrize("area", LISTS)
def test_who_may_only_look_is_shown_shared_views_and_offered_no_saving(
    staff: FlaskClient, client: FlaskClient, area: str
) -> None:
    staff.post(f"/admin/{area}/views", data={"name": "Ours", "shared": "1", "q": "mug"})
    be_signed_in(client, make_account(email="reader@example.com", roles=("read_only",)))

    page = client.get(f"/admin/{area}").text

    assert f'href="/admin/{area}?q=mug"' in page
    assert "Save this view" not in page
    assert client.post(f"/admin/{area}/views", data={"name": "Mine"}).status_code == 403
    assert len(saved()) == 1

"""Pages, the journal and redirects, as staff keep them."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient
from PIL import Image

from shop.audit import AuditEntry
from shop.clock import now
from shop.content.models import Article, Page
from shop.extensions import db
from shop.redirects.models import Redirect
from shop.redirects.queries import target_of
from tests.content.test_views import make_article, make_page
from tests.pages import read

PAGE = {"title": "Delivery", "body": "## When\n\nSoon.", "kind": "text", "is_published": "y"}


def rows(model: type[Any]) -> list[Any]:
    db.session.expire_all()
    return list(db.session.scalars(sa.select(model).order_by(model.id)))


def actions() -> list[str]:
    return list(db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)))


def version(client: FlaskClient, path: str) -> str:
    return read(client.get(path).text).value("version")


def test_a_new_page_is_in_the_shop_under_an_address_made_from_its_title(
    staff: FlaskClient,
) -> None:
    answer = staff.post("/admin/pages/new", data=PAGE)

    (page,) = rows(Page)
    assert answer.location == f"/admin/pages/{page.id}"
    assert "<h2>When</h2>" in staff.get("/pages/delivery").text
    assert actions() == ["page.created"]


def test_a_page_that_moves_leaves_a_redirect(staff: FlaskClient) -> None:
    page = make_page("delivery")
    path = f"/admin/pages/{page.id}"

    data = PAGE | {"handle": "shipping", "version": version(staff, path)}
    assert staff.post(path, data=data).status_code == 303

    assert staff.get("/pages/delivery").location == "/pages/shipping"
    assert staff.get("/pages/shipping").status_code == 200
    assert actions() == ["page.updated"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("title", ""), ("handle", "A B"), ("handle", "taken"), ("kind", "x"), ("summary", "x" * 321)],
)
def test_what_does_not_fit_is_told_and_nothing_is_kept(
    staff: FlaskClient, field: str, value: str
) -> None:
    make_page("taken")

    answer = staff.post("/admin/pages/new", data=PAGE | {field: value})

    assert answer.status_code == 422
    assert read(answer.text).having("a", href=f"#field-{field}")
    assert len(rows(Page)) == 1
    assert actions() == []


def test_two_people_do_not_overwrite_each_other_unknowingly(staff: FlaskClient) -> None:
    page = make_page("delivery", title="Old")
    path = f"/admin/pages/{page.id}"
    opened = version(staff, path)
    staff.post(path, data=PAGE | {"title": "First", "version": opened})

    answer = staff.post(path, data=PAGE | {"title": "Second", "version": opened})

    assert answer.status_code == 422
    assert "Somebody changed this meanwhile" in answer.text
    assert rows(Page)[0].title == "First"
    again = PAGE | {"title": "Second", "version": read(answer.text).value("version")}
    assert staff.post(path, data=again).status_code == 303
    assert rows(Page)[0].title == "Second"


def test_a_preview_shows_what_is_typed_and_keeps_nothing(staff: FlaskClient) -> None:
    answer = staff.post(
        "/admin/pages/preview", data=PAGE | {"kind": "questions", "body": "## Why?\n\nSo."}
    )

    assert answer.status_code == 200
    assert '<details class="question"' in answer.text
    assert rows(Page) == []


def test_a_deleted_page_is_not_there(staff: FlaskClient) -> None:
    page = make_page("delivery")

    staff.post(f"/admin/pages/{page.id}/delete")

    assert rows(Page) == []
    assert staff.get("/pages/delivery").status_code == 404
    assert actions() == ["page.deleted"]


def test_an_article_is_published_by_the_shops_clock(staff: FlaskClient) -> None:
    at = (now() + timedelta(days=1)).replace(second=0, microsecond=0)
    london = at.astimezone(ZoneInfo("Europe/London"))
    data = {"title": "Firing 149", "tags": "kiln, kiln, clay"}

    staff.post("/admin/journal/new", data=data | {"published_at": f"{london:%Y-%m-%dT%H:%M}"})

    (article,) = rows(Article)
    assert article.published_at == at
    assert article.tags == ["kiln", "clay"]
    assert "Scheduled" in staff.get("/admin/journal").text
    assert staff.get("/blogs/journal/firing-149").status_code == 404
    with time_machine.travel(at, tick=False):
        assert staff.get("/blogs/journal/firing-149").status_code == 200


@pytest.mark.parametrize("text", ["soon", "2026-13-01T10:00", "0001-01-01T00:00", "99999-01-01"])
def test_a_day_that_is_none_is_refused(staff: FlaskClient, text: str) -> None:
    answer = staff.post("/admin/journal/new", data={"title": "A", "published_at": text})

    assert answer.status_code == 422
    assert rows(Article) == []


def test_an_article_has_a_picture_that_can_be_taken_away(staff: FlaskClient) -> None:
    picture = BytesIO()
    Image.new("RGB", (400, 500), "#123456").save(picture, "PNG")
    picture.seek(0)

    staff.post("/admin/journal/new", data={"title": "A", "picture": (picture, "a.png"), "alt": "B"})

    (article,) = rows(Article)
    assert (article.alt, article.width, article.height) == ("B", 400, 500)
    path = f"/admin/journal/{article.id}"
    data = {"title": "A", "without_picture": "y", "version": version(staff, path)}
    assert staff.post(path, data=data).status_code == 303
    assert rows(Article)[0].file is None


def test_a_file_that_is_no_picture_is_refused_and_nothing_is_kept(staff: FlaskClient) -> None:
    data = {"title": "A", "picture": (BytesIO(b"no picture"), "a.png")}

    answer = staff.post("/admin/journal/new", data=data)

    assert answer.status_code == 422
    assert rows(Article) == []


def test_an_article_that_was_read_leaves_a_redirect_and_a_draft_does_not(
    staff: FlaskClient,
) -> None:
    seen, draft = make_article("seen"), make_article("draft", published_at=None)
    for article in (seen, draft):
        path = f"/admin/journal/{article.id}"
        data = {"title": "A", "handle": f"new-{article.handle}", "version": version(staff, path)}
        data["published_at"] = "2026-01-01T10:00"
        assert staff.post(path, data=data).status_code == 303

    assert target_of("/blogs/journal/seen") == "/blogs/journal/new-seen"
    assert target_of("/blogs/journal/draft") is None


def test_redirects_are_added_and_removed(staff: FlaskClient) -> None:
    staff.post("/admin/redirects", data={"path": "/old", "target": "/products"})

    assert staff.get("/old").location == "/products"
    (row,) = rows(Redirect)
    staff.post(f"/admin/redirects/{row.id}/delete")
    assert staff.get("/old").status_code == 404
    assert actions() == ["redirect.added", "redirect.removed"]


def test_an_address_that_leads_on_already_is_told_before_it_is_replaced(
    staff: FlaskClient,
) -> None:
    staff.post("/admin/redirects", data={"path": "/old", "target": "/products"})

    again = {"path": "/old", "target": "/pages/faq"}
    answer = staff.post("/admin/redirects", data=again)

    page = read(answer.text)
    assert answer.status_code == 422
    assert "This leads to /products already." in page.text
    assert page.having("a", href="/admin/redirects?q=/old")
    assert page.having("button", name="replaces", value="/products")
    assert page.value("target") == "/pages/faq"
    assert (target_of("/old"), actions()) == ("/products", ["redirect.added"])
    answer = staff.post("/admin/redirects", data=again | {"replaces": "/products"})
    assert answer.status_code == 303
    assert target_of("/old") == "/pages/faq"


def test_a_redirects_addresses_may_be_copied_from_the_browser(staff: FlaskClient) -> None:
    shop = staff.application.extensions["settings"].url
    data = {"path": f"{shop}/caf%C3%A9/", "target": f"{shop}/products?sort=title"}

    staff.post("/admin/redirects", data=data)

    assert staff.get("/café").location == "/products?sort=title"


def test_all_that_is_wrong_with_a_redirect_is_told_at_once(staff: FlaskClient) -> None:
    answer = staff.post("/admin/redirects", data={"path": "old", "target": "https://..."})

    assert answer.status_code == 422
    page = read(answer.text)
    assert page.having("a", href="#field-path")
    assert page.having("a", href="#field-target")
    assert rows(Redirect) == []


@pytest.mark.parametrize(
    ("target", "is_warned"),
    [
        ("/products", False),
        ("/products/none", True),
        ("/products/None", True),
        ("/products/none/", True),
        ("/blogs/news/none", True),
        ("/collections/all/products/none", True),
        ("/collections/all", False),
        ("/nonsense", True),
        ("https://elsewhere.example/x", False),
    ],
)
def test_a_redirect_to_where_nothing_is_shown_is_kept_and_told_of(
    staff: FlaskClient, target: str, is_warned: bool
) -> None:
    answer = staff.post(
        "/admin/redirects", data={"path": "/old", "target": target}, follow_redirects=True
    )

    assert (f"shows nothing at {target} now" in answer.text) is is_warned
    assert target_of("/old") == target


@pytest.mark.parametrize(
    ("path", "target", "field"),
    [
        ("/admin/x", "/products", "path"),
        ("old", "/products", "path"),
        ("/old", "javascript:alert(1)", "target"),
        ("/old", "/old", "target"),
        ("", "/products", "path"),
        ("/old%00", "/products", "path"),
        ("/old", "/products/m%00g", "target"),
        ("/products/mug", "/products/Mug", "target"),
    ],
)
def test_a_redirect_that_makes_no_sense_is_refused(
    staff: FlaskClient, path: str, target: str, field: str
) -> None:
    answer = staff.post("/admin/redirects", data={"path": path, "target": target})

    assert answer.status_code == 422
    assert read(answer.text).having("a", href=f"#field-{field}")
    assert rows(Redirect) == []


@pytest.mark.parametrize("path", ["/admin/pages", "/admin/journal", "/admin/redirects"])
def test_lists_have_their_empty_filtered_and_further_pages(staff: FlaskClient, path: str) -> None:
    assert staff.get(path).status_code == 200
    for number in range(26):
        make_page(f"p-{number}")
        make_article(f"a-{number}")
        db.session.add(Redirect(path=f"/r-{number}", target="/"))
    db.session.flush()

    assert "page=2" in staff.get(path).text
    assert staff.get(f"{path}?page=2").status_code == 200
    assert staff.get(f"{path}?page=9").status_code == 404
    assert staff.get(f"{path}?q=nothing").status_code == 200

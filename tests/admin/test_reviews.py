"""Staff read reviews, publish, reject and answer them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from shop.audit import AuditEntry
from shop.catalog.models import Product
from shop.extensions import db
from shop.reviews.models import Review, ReviewPhoto
from shop.store import queries as stores
from tests.factories import make_order, make_product, variants_of
from tests.pages import read
from tests.reviews.test_service import make_review, rating_of


@pytest.fixture
def product(app: Flask) -> Product:
    return make_product("Tuesday mug", handle="tuesday-mug")


@pytest.fixture
def waiting(product: Product) -> Review:
    return make_review(product, 4, published=False, title="Good", name="Ines R.")


def state_of(review: Review) -> tuple[str, str]:
    db.session.refresh(review)
    return review.status, review.rejection_reason


def audit() -> list[tuple[str, int | None]]:
    rows = db.session.execute(sa.select(AuditEntry.action, AuditEntry.account_id))
    return [(row.action, row.account_id) for row in rows]


def test_a_shop_without_reviews_says_how_they_come(staff: FlaskClient) -> None:
    assert "No reviews yet" in staff.get("/admin/reviews").text


def test_the_queue_shows_what_waits_the_oldest_first(staff: FlaskClient, product: Product) -> None:
    for title in ("First", "Second"):
        make_review(product, published=False, title=title)
    make_review(product, title="Published")

    text = staff.get("/admin/reviews").text

    assert text.index("First") < text.index("Second")
    assert "Published</h2>" not in text


def test_a_read_queue_says_so(staff: FlaskClient, product: Product) -> None:
    make_review(product)

    assert "All read" in staff.get("/admin/reviews").text


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("?show=published", ["b", "a"]),
        ("?show=published&rating=5", ["a"]),
        ("?show=rejected", []),
        ("?show=all", ["c", "b", "a"]),
        ("?show=all&q=tuesday", ["c", "b", "a"]),
        ("?show=all&q=Ines", ["c"]),
        ("?show=nonsense&rating=7", ["c"]),
    ],
)
def test_the_list_is_filtered_by_its_address(
    staff: FlaskClient, product: Product, query: str, titles: list[str]
) -> None:
    make_review(product, 5, title="a")
    make_review(product, 2, title="b")
    make_review(product, 5, title="c", name="Ines R.", published=False)

    text = staff.get(f"/admin/reviews{query}").text

    found = [part.split("</h2>")[0] for part in text.split('<h2 lang="en" dir="auto">')[1:]]
    assert found == titles


def test_the_queue_costs_the_same_however_long(
    staff: FlaskClient, product: Product, count_queries: Callable[[], Any]
) -> None:
    make_review(product, published=False)
    db.session.commit()
    with count_queries() as few:
        staff.get("/admin/reviews")
    for _ in range(30):
        make_review(product, published=False)
    db.session.commit()
    with count_queries() as many:
        staff.get("/admin/reviews")

    assert len(few) == len(many)
    assert staff.get("/admin/reviews?page=2").status_code == 200
    assert staff.get("/admin/reviews?page=3").status_code == 404


def test_publishing_shows_it_in_the_shop(
    staff: FlaskClient, product: Product, waiting: Review, admin: Any
) -> None:
    answer = staff.post(
        f"/admin/reviews/{waiting.id}/publication", data={"from": "queue", "show": ""}
    )

    assert (answer.status_code, answer.location) == (303, "/admin/reviews")
    assert state_of(waiting) == ("published", "")
    assert rating_of(product) == (1, 4)
    assert ("review.published", admin.id) in audit()
    assert "Good" in staff.get("/products/tuesday-mug").text


def test_publishing_twice_changes_nothing(
    staff: FlaskClient, product: Product, waiting: Review
) -> None:
    for _ in range(2):
        staff.post(f"/admin/reviews/{waiting.id}/publication")

    assert rating_of(product) == (1, 4)
    assert len(audit()) == 1


def test_rejecting_needs_a_reason(staff: FlaskClient, waiting: Review) -> None:
    answer = staff.post(f"/admin/reviews/{waiting.id}/rejection", data={"reason": " "})

    assert answer.status_code == 422
    assert "Say why." in answer.text
    assert state_of(waiting) == ("pending", "")
    assert audit() == []


def test_a_published_review_can_be_taken_back(
    staff: FlaskClient, product: Product, waiting: Review
) -> None:
    staff.post(f"/admin/reviews/{waiting.id}/publication")

    answer = staff.post(
        f"/admin/reviews/{waiting.id}/rejection", data={"reason": "It names a person."}
    )

    assert answer.location == f"/admin/reviews/{waiting.id}"
    assert state_of(waiting) == ("rejected", "It names a person.")
    assert rating_of(product) == (0, 0)


def test_the_shop_answers_in_public(staff: FlaskClient, product: Product) -> None:
    review = make_review(product, 2, title="Chipped")

    staff.post(f"/admin/reviews/{review.id}/reply", data={"text": "A new one is on its way."})

    page = read(staff.get("/products/tuesday-mug/reviews").text)
    assert "Fettle answers A new one is on its way." in page.text
    too_long = staff.post(f"/admin/reviews/{review.id}/reply", data={"text": "x" * 2001})
    assert too_long.status_code == 422


def test_a_name_is_taken_off_for_good(
    staff: FlaskClient, product: Product, waiting: Review
) -> None:
    staff.post(f"/admin/reviews/{waiting.id}/publication")

    staff.post(f"/admin/reviews/{waiting.id}/anonymization")

    for path in (f"/admin/reviews/{waiting.id}", "/products/tuesday-mug", "/admin/reviews"):
        assert "Ines R." not in staff.get(path).text
    assert "A customer" in staff.get("/products/tuesday-mug/reviews").text


def test_a_photo_is_removed(staff: FlaskClient, product: Product, waiting: Review) -> None:
    photo = ReviewPhoto(
        review_id=waiting.id, product_id=product.id, file="p-1", width=800, height=600
    )
    db.session.add(photo)
    db.session.flush()

    answer = staff.post(f"/admin/reviews/{waiting.id}/photos/{photo.id}/delete")

    assert answer.status_code == 303
    assert db.session.scalars(sa.select(ReviewPhoto)).all() == []


def test_a_review_leads_to_its_order(staff: FlaskClient, product: Product) -> None:
    order = make_order(*variants_of(product), paid=True)
    review = make_review(product, published=False, order_id=order.id)

    page = read(staff.get(f"/admin/reviews/{review.id}").text)

    assert page.having("a", href=f"/admin/orders/{order.id}") != []
    assert order.email not in page.text


def test_the_staff_know_whether_the_writer_reads_the_reason(
    staff: FlaskClient, product: Product
) -> None:
    told, erased = (make_order(*variants_of(product), paid=True) for _ in range(2))
    erased.email = ""
    ordered = make_review(product, published=False, order_id=told.id)
    forgotten = make_review(product, published=False, order_id=erased.id)
    imported = make_review(product, published=False)

    pages = [staff.get(f"/admin/reviews/{each.id}").text for each in (ordered, forgotten, imported)]
    queue = staff.get("/admin/reviews").text

    assert ["The writer reads it" in page for page in pages] == [True, False, False]
    assert ["Only the staff read it" in page for page in pages] == [False, True, True]
    assert queue.count("Reason, which the writer reads") == 1
    assert queue.count("Reason, which only the staff read") == 2


def test_home_counts_what_waits(staff: FlaskClient, waiting: Review) -> None:
    page = read(staff.get("/admin").text)

    assert "1 review to read" in page.text


def test_the_days_to_the_invitation_are_a_setting(staff: FlaskClient) -> None:
    assert staff.post(
        "/admin/settings/reviews", data={"review_invitation_days": "21"}
    ).location.endswith("/admin/settings/reviews")
    assert stores.current().review_invitation_days == 21
    refused = staff.post("/admin/settings/reviews", data={"review_invitation_days": "soon"})
    assert refused.status_code == 422
    assert "21 days after they paid" in staff.get("/admin/settings").text

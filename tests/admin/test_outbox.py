from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask.testing import FlaskClient

from shop.audit import AuditEntry
from shop.clock import now
from shop.extensions import db
from shop.outbox.models import OutboxMessage
from tests.admin.test_home import make_parked
from tests.factories import make_order


def make_message(key: str, **values: Any) -> OutboxMessage:
    message = OutboxMessage(
        channel="email", name="order_confirmation", payload={}, dedupe_key=key, **values
    )
    db.session.add(message)
    db.session.flush()
    return message


def recorded() -> list[tuple[str, int]]:
    rows = db.session.execute(sa.select(AuditEntry.action, AuditEntry.subject_id))
    return [(action, subject_id) for action, subject_id in rows]


def test_an_empty_outbox_says_what_belongs_there(staff: FlaskClient) -> None:
    page = staff.get("/admin/settings/outbox").text

    assert "Nothing to send yet" in page
    assert not re.search(r"\bwaits?\b", page)


def test_messages_stand_in_the_list_by_what_became_of_them(staff: FlaskClient) -> None:
    order = make_order(paid=True)
    make_parked("<b>refused</b>")
    make_message("sent", sent_at=now())
    db.session.commit()

    failed = staff.get("/admin/settings/outbox?show=failed").text
    waiting = staff.get("/admin/settings/outbox?show=waiting").text
    sent = staff.get("/admin/settings/outbox?show=sent").text

    assert "&lt;b&gt;refused&lt;/b&gt;" in failed
    assert "Given up after 6 tries" in failed
    assert "1 waits" in failed
    assert f'href="/admin/orders/{order.id}"' in waiting
    assert "refused" not in waiting + sent
    assert sent.count("<tr>") == 2


def test_the_outbox_asks_a_fixed_number_of_questions(
    staff: FlaskClient, count_queries: object
) -> None:
    for number in range(60):
        make_message(str(number))
    db.session.commit()

    with count_queries() as statements:
        page = staff.get("/admin/settings/outbox?page=2").text

    assert "Next page" in page
    # Three that every page asks, two for the page.
    assert len(statements) == 5


def test_a_parked_message_is_sent_again(staff: FlaskClient) -> None:
    message = make_parked()

    response = staff.post(f"/admin/settings/outbox/{message.id}/attempts", data={"back": "home"})

    assert (response.status_code, response.location) == (303, "/admin")
    db.session.refresh(message)
    assert (message.parked_at, message.attempts) == (None, 0)
    assert recorded() == [("outbox.retried", message.id)]


def test_a_message_that_waits_for_its_next_try_is_tried_now(staff: FlaskClient) -> None:
    message = make_message("later", attempts=3, due_at=now() + timedelta(hours=2))

    staff.post(f"/admin/settings/outbox/{message.id}/attempts")

    db.session.refresh(message)
    assert message.attempts == 0
    assert message.due_at <= now()


def test_a_message_that_a_worker_may_be_sending_is_left_alone(staff: FlaskClient) -> None:
    claimed = make_message("claimed", attempts=1, due_at=now() + timedelta(minutes=2))
    sent = make_message("sent", attempts=1, sent_at=now())

    for message in (claimed, sent):
        assert staff.post(f"/admin/settings/outbox/{message.id}/attempts").status_code == 409
        db.session.refresh(message)
        assert message.attempts == 1
    assert recorded() == []


def test_all_that_was_given_up_is_sent_again_at_once(staff: FlaskClient) -> None:
    parked = make_parked()
    waiting = make_message("waiting", attempts=2, due_at=now() + timedelta(hours=1))

    first = staff.post("/admin/settings/outbox/attempts")
    second = staff.post("/admin/settings/outbox/attempts")

    assert (first.status_code, second.status_code) == (303, 409)
    db.session.refresh(parked)
    db.session.refresh(waiting)
    assert (parked.parked_at, waiting.attempts) == (None, 2)
    assert recorded() == [("outbox.retried", parked.id)]

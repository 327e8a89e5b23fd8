"""The shop's own settings."""

from __future__ import annotations

from datetime import date, time

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient

from shop import worker
from shop.admin import mail_samples
from shop.audit import AuditEntry
from shop.content import service as content
from shop.content.service import PageDetails
from shop.extensions import db
from shop.outbox import mailer
from shop.outbox.models import OutboxMessage
from shop.store import queries as store
from shop.web.context import current_site
from tests.accounts.people import be_signed_in, make_admin
from tests.factories import make_store
from tests.pages import read

DELIVERY = {
    "cutoff": "15:30",
    "time_zone": "Europe/Berlin",
    "handling_days": "1",
    "closed_weekdays": ["6"],
    "closed_days": "2026-12-26\n2026-12-25",
}


@pytest.fixture
def admin(client: FlaskClient) -> FlaskClient:
    make_store()
    be_signed_in(client, make_admin())
    return client


def test_the_index_names_the_sections_and_what_holds_now(admin: FlaskClient) -> None:
    page = read(admin.get("/admin/settings").text)

    assert "Shop Fettle, hello@fettle.example" in page.text
    assert "Stock wording In words only" in page.text
    assert "Packing days and cut-off Order by 14:00, Europe/London" in page.text


def test_the_shops_name_and_announcement_are_changed_and_noted(admin: FlaskClient) -> None:
    answer = admin.post(
        "/admin/settings/shop",
        data={
            "name": "Fettle & Co",
            "contact_email": "post@fettle.example",
            "announcement": "Firing 149 is open.",
            "announcement_url": "/collections/latest-firing",
        },
    )

    assert (answer.status_code, answer.location) == (303, "/admin/settings/shop")
    shop = store.current()
    assert (shop.name, shop.contact_email) == ("Fettle & Co", "post@fettle.example")
    assert shop.announcement_url == "/collections/latest-firing"
    entry = db.session.scalars(sa.select(AuditEntry)).one()
    assert (entry.action, entry.data["name"]) == ("store.changed", ["Fettle", "Fettle & Co"])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 81),
        ("contact_email", "nobody"),
        ("announcement_url", "javascript:alert(1)"),
        ("announcement_url", "//elsewhere.example"),
    ],
)
def test_what_makes_no_sense_for_the_shop_is_refused(
    admin: FlaskClient, field: str, value: str
) -> None:
    good = {"name": "Other", "contact_email": "post@fettle.example"}

    answer = admin.post("/admin/settings/shop", data=good | {field: value})

    assert answer.status_code == 422
    assert store.current().name == "Fettle"
    assert read(answer.text).having("div", class_="error-summary") != []


def test_when_the_number_left_is_said_is_a_choice(admin: FlaskClient) -> None:
    admin.post("/admin/settings/stock", data={"stock_display": "few", "few_units": "5"})

    words = store.current().stock_words
    assert (words.count(5), words.count(6)) == (5, 0)


@pytest.mark.parametrize(
    "sent", [{}, {"stock_display": "sometimes"}, {"few_units": "0"}, {"few_units": "many"}]
)
def test_another_stock_wording_is_refused(admin: FlaskClient, sent: dict[str, str]) -> None:
    usual = {"stock_display": "few", "few_units": "5"} if sent else {}

    answer = admin.post("/admin/settings/stock", data=usual | sent)

    assert answer.status_code == 422
    assert store.current().stock_display == "never"


def test_packing_days_are_kept_in_order(admin: FlaskClient) -> None:
    admin.post("/admin/settings/delivery", data=DELIVERY)

    shop = store.current()
    assert (shop.cutoff, shop.time_zone, shop.handling_days) == (time(15, 30), "Europe/Berlin", 1)
    assert shop.closed_weekdays == (6,)
    assert shop.closed_days == (date(2026, 12, 25), date(2026, 12, 26))
    again = read(admin.get("/admin/settings/delivery").text)
    assert again.value("cutoff") == "15:30"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("cutoff", "25:00"),
        ("cutoff", ""),
        ("time_zone", "Mars/Olympus"),
        ("time_zone", "../../etc/passwd"),
        ("handling_days", "31"),
        ("closed_weekdays", list("0123456")),
        ("closed_weekdays", ["7"]),
        ("closed_days", "25 December"),
        ("closed_days", "2026-02-30"),
    ],
)
def test_days_that_do_not_exist_are_refused(
    admin: FlaskClient, field: str, value: str | list[str]
) -> None:
    answer = admin.post("/admin/settings/delivery", data=DELIVERY | {field: value})

    assert answer.status_code == 422
    assert store.current().time_zone == "Europe/London"


def test_settings_of_a_shop_without_a_row_make_one(client: FlaskClient) -> None:
    be_signed_in(client, make_admin())

    client.post("/admin/settings/stock", data={"stock_display": "always", "few_units": "2"})

    assert (store.current().name, store.current().stock_display) == ("Till", "always")


# Languages, mails, legal texts, the days of the announcement --------------------------------------


def saved(admin: FlaskClient, section: str, **data: object) -> int:
    return admin.post(f"/admin/settings/{section}", data=data).status_code


def test_the_shops_languages_are_chosen_with_its_own_first(admin: FlaskClient) -> None:
    assert saved(admin, "languages", languages=["en", "de"], first="de") == 303

    assert list(store.current().languages) == ["de", "en"]
    assert '<html lang="de' in admin.get("/cart", headers={"Accept-Language": "fr"}).text


@pytest.mark.parametrize(
    ("languages", "first"), [([], "en"), (["fr"], "fr"), (["de"], "en"), (["de", "xx"], "de")]
)
def test_languages_the_shop_does_not_speak_are_refused(
    admin: FlaskClient, languages: list[str], first: str
) -> None:
    assert saved(admin, "languages", languages=languages, first=first) == 422
    assert list(store.current().languages) == ["en"]


def test_an_announcement_is_shown_on_its_days_alone(admin: FlaskClient) -> None:
    form = {"name": "Fettle", "contact_email": "a@fettle.example", "announcement": "Sale!"}
    days = {"announcement_from": "2026-12-01", "announcement_until": "2026-12-03"}
    assert saved(admin, "shop", **form, **days) == 303

    seen = {}
    for at in ("2026-11-30T23:59", "2026-12-01T00:01", "2026-12-03T23:59", "2026-12-04T00:01"):
        with time_machine.travel(f"{at}:00+00:00", tick=False):
            seen[at] = store.current().is_announcing
            changes = store.current().announcement_changes_at

    assert list(seen.values()) == [False, True, True, False]
    assert changes is None


@pytest.mark.parametrize(
    "days",
    [
        {"announcement_from": "yesterday"},
        {"announcement_until": "2026-02-30"},
        {"announcement_from": "2026-12-02", "announcement_until": "2026-12-01"},
    ],
)
def test_days_that_make_no_sense_are_refused(admin: FlaskClient, days: dict[str, str]) -> None:
    form = {"name": "Other", "contact_email": "a@fettle.example"}

    assert saved(admin, "shop", **form, **days) == 422
    assert store.current().name == "Fettle"


def test_the_legal_texts_are_pages_of_the_merchants_choice(admin: FlaskClient) -> None:
    for title in ("Terms", "Conditions", "Privacy"):
        content.create_page(PageDetails(title=title))
    db.session.commit()

    chosen = {"terms": "conditions", "privacy": "privacy", "returns": "", "imprint": "imprint"}
    assert saved(admin, "legal", **chosen) == 303

    with admin.application.test_request_context():
        site = current_site()
        assert [page.title for page in site.at_checkout] == ["Conditions", "Privacy"]
        assert list(site.legal) == ["terms", "privacy"]
    assert "/pages/imprint, not published" in admin.get("/admin/settings/legal").text


def test_mails_carry_the_merchants_name_signature_and_address_for_answers(
    admin: FlaskClient,
) -> None:
    assert saved(
        admin,
        "mails",
        mail_sender_name="Maya at Fettle",
        mail_reply_to="answers@fettle.example",
        mail_signature="Warm regards,\nMaya",
    ) == 303  # fmt: skip

    with admin.application.test_request_context():
        message = mailer._message(mail_samples.sample("account_link", "en", "a@example.com"), "x")

    assert str(message.sender).startswith('"Maya at Fettle" <')
    assert message.reply_to == "answers@fettle.example"
    assert "Warm regards,\nMaya" in str(message.body)
    assert saved(admin, "mails", mail_reply_to="nobody") == 422


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("name", mail_samples.names())
def test_every_mail_can_be_looked_at_in_every_language(
    admin: FlaskClient, name: str, language: str
) -> None:
    page = admin.get(f"/admin/settings/mails/{name}?language={language}")
    html = admin.get(f"/admin/settings/mails/{name}/html?language={language}")

    assert (page.status_code, html.status_code) == (200, 200)
    assert f'<html lang="{language}"' in html.text
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
    assert "sandbox" in html.headers["Content-Security-Policy"]


def test_every_mail_the_shop_sends_can_be_looked_at() -> None:
    sent = {name for module in (
        worker.LETTERS, worker.account_letters.LETTERS, worker.newsletter_letters.LETTERS,
        worker.payments.LETTERS, worker.contact.LETTERS, worker.reviews.LETTERS,
        worker.alert_letters.LETTERS, worker.protection_letters.LETTERS,
        worker.recovery_letters.LETTERS, worker.gift_cards.LETTERS,
    ) for name in module}  # fmt: skip

    # These are the mail with a link, in other words.
    alike = {name for name in sent if name.startswith("account_")}
    assert sent - alike <= set(mail_samples.names()) <= sent


def test_a_test_goes_to_whoever_asks_once_a_press(admin: FlaskClient) -> None:
    data = {"language": "de", "press": "abc"}
    for _ in range(2):
        admin.post("/admin/settings/mails/order_confirmation/tests", data=data)

    (promise,) = db.session.scalars(sa.select(OutboxMessage)).all()
    assert promise.payload["to"].endswith("@example.com")
    with admin.application.test_request_context():
        letter = mail_samples.test_letter(promise.payload)
        assert letter.language == "de"
        text, _html = mailer.render(letter)
    assert "1042" in text

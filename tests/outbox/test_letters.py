"""The mails of an order, as they are written and as development shows them."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from email.message import EmailMessage
from html import unescape
from pathlib import Path
from types import SimpleNamespace

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from shop.admin import mail_samples
from shop.clock import now
from shop.extensions import db
from shop.orders import emails
from shop.orders import service as orders
from shop.orders.letters import LETTERS
from shop.orders.models import LineItem, Order
from shop.orders.placement import PayBy
from shop.orders.urls import order_link, order_url
from shop.outbox import mailer
from shop.web.config import settings
from tests.factories import make_order, make_store, make_variant
from tests.pages import read
from tests.theme.looks import show

MONDAY = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
KINDS = [
    emails.CONFIRMATION,
    emails.AWAITING_BANK,
    emails.PAYMENT_FAILED,
    emails.AWAITING_MONEY,
    emails.AUTHORIZED,
    emails.ENDED,
]


@pytest.fixture
def order(app: Flask) -> Order:
    make_store(legal_name="Fettle Pottery")
    return make_order(make_variant(unit_amount=3400), quantity=2)


@pytest.fixture
def folder(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where development's mails land, for this test alone."""
    monkeypatch.setattr(type(settings()), "mail_folder", property(lambda _: tmp_path))
    return tmp_path


def written(order: Order, kind: str = emails.CONFIRMATION) -> tuple[str, str]:
    """Text and HTML."""
    return mailer.render(LETTERS[kind]({"order_id": order.id}))


def send(order: Order, kind: str = emails.CONFIRMATION) -> None:
    claimed = SimpleNamespace(
        name=kind, payload={"order_id": order.id}, dedupe_key=f"{kind}:{order.id}"
    )
    mailer.send(claimed, LETTERS)


def paid(order: Order) -> Order:
    orders.mark_paid(order, at=now())
    db.session.flush()
    return order


def line_of(order: Order) -> LineItem:
    return db.session.scalars(db.select(LineItem).where(LineItem.order_id == order.id)).one()


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content())


@time_machine.travel(MONDAY, tick=False)
def test_the_confirmation_says_what_was_bought_and_when_it_comes(order: Order) -> None:
    paid(order)

    text, html = written(order)

    for words in (" ".join(text.split()), read(html).text):
        assert "Thank you, Ines Rowan." in words
        assert f"Your order {order.number} is paid" in words
        assert "It should arrive Wed 25 to Thu 26 Nov." in words
        assert "Ines Rowan 14 Alder Row Leeds LS6 2AB United Kingdom" in words
        assert "hello@fettle.example" in words
        assert "Fettle Pottery" in words
    assert "2 x Tuesday mug, Cobalt\n    £68.00 (£34.00 each)\n" in text
    assert (
        "Subtotal: £68.00\nDelivery, Standard: £4.50\nTotal: £72.50\nIncluding VAT: £12.08" in text
    )
    assert "2 × Tuesday mug Cobalt £34.00 each £68.00" in read(html).text
    assert "Delivery, Standard £4.50 Total £72.50 Including VAT £12.08" in read(html).text


def test_no_day_of_arrival_is_promised_to_whoever_fetches_an_order(
    client: FlaskClient, order: Order
) -> None:
    order.collect_from = "The kiln, 2 Wharf Street, Leeds"
    paid(order)

    for words in (*written(order), client.get(f"/orders/{order_link(order.token)}").text):
        said = " ".join(read(words).text.split())
        assert "We will email you as soon as you can collect it." in said
        assert "The kiln, 2 Wharf Street, Leeds" in said
        assert "arrive" not in said
        assert "Expected" not in said


def test_what_goes_by_email_and_costs_nothing_is_not_packed(app: Flask) -> None:
    make_store()
    order = make_order(make_variant(unit_amount=0))
    order.line1, order.shipping_amount, order.total_amount = "", 0, 0

    for words in written(paid(order)):
        said = " ".join(read(words).text.split())
        assert "There was nothing to pay, and what you chose comes by email." in said
        assert "packing" not in said


def test_what_costs_nothing_is_free_in_a_mail_and_sums_are_figures(app: Flask) -> None:
    make_store()
    order = paid(make_order(make_variant(unit_amount=0), quantity=2))

    text, html = written(order)

    assert "2 x Tuesday mug, Cobalt\n    Free\n" in text
    assert "Subtotal: £0.00" in text
    assert "2 × Tuesday mug Cobalt Free" in read(html).text
    assert "Subtotal £0.00" in read(html).text


@time_machine.travel(datetime(2026, 11, 30, 12, 0, tzinfo=UTC), tick=False)
def test_a_german_sentence_that_ends_with_a_day_has_one_full_stop(order: Order) -> None:
    order.language = "de"
    paid(order)

    for words in written(order):
        assert "Mi., 2. bis Do., 3. Dezember." in " ".join(unescape(words).split())
        assert ".." not in words


@time_machine.travel(datetime(2026, 12, 1, 12, 0, tzinfo=UTC), tick=False)
@pytest.mark.parametrize("name", mail_samples.names())
def test_no_german_mail_has_two_full_stops(app: Flask, name: str) -> None:
    make_store()

    for words in mailer.render(mail_samples.sample(name, "de", "ines@example.com")):
        assert not re.search(r"[^.]\.\.(?!\.)", read(words).text)


@pytest.mark.parametrize(("file", "cells"), [("", 0), ("mug", 1)])
def test_a_mail_keeps_room_for_pictures_only_where_there_is_one(
    order: Order, file: str, cells: int
) -> None:
    line_of(paid(order)).file = file
    db.session.flush()

    _text, html = written(order)

    assert len(read(html).having("td", class_="picture")) == cells


@pytest.mark.parametrize("kind", KINDS)
def test_every_mail_has_the_lines_the_total_and_one_button_to_the_order(
    order: Order, kind: str
) -> None:
    if kind == emails.CONFIRMATION:
        paid(order)

    text, html = written(order, kind)

    assert order_url(order.token) in text
    assert "Tuesday mug" in text
    assert "Total: £72.50" in text
    page = read(html)
    assert "Tuesday mug" in page.text
    assert "Total £72.50" in page.text
    (button,) = page.having("a", class_="button")
    assert button["href"] == order_url(order.token)


@pytest.mark.parametrize("kind", KINDS)
def test_text_is_wrapped_and_empty_lines_do_not_pile_up(order: Order, kind: str) -> None:
    text, _ = written(paid(order) if kind == emails.CONFIRMATION else order, kind)

    sentences = [line for line in text.splitlines() if not line.startswith("http")]
    assert max(len(line) for line in sentences) <= 72
    assert "\n\n\n" not in text
    assert "\n-- \n" in text


def test_a_mail_of_the_sandbox_says_that_no_money_moved(order: Order) -> None:
    text, html = written(paid(order))

    assert "Test order: no real money moved." in text
    assert "Test order: no real money moved." in read(html).text


def test_tax_that_was_added_and_free_delivery_are_named(order: Order) -> None:
    order.is_tax_included, order.tax_amount = False, 1360
    order.tax_lines = [{"name": "VAT", "rate_ppm": 200_000, "base": 6800, "amount": 1360}]
    order.shipping_amount, order.total_amount = 0, 8160

    text, html = written(paid(order))

    assert "Delivery, Standard: Free\nVAT: £13.60\nTotal: £81.60\n" in text
    assert "Delivery, Standard Free VAT £13.60 Total £81.60" in read(html).text
    assert "Including" not in text + html


def test_a_mail_reads_without_its_pictures(order: Order) -> None:
    line_of(order).file = "mug-cobalt"

    _, html = written(paid(order))

    (picture,) = read(html).having("img")
    assert picture["src"] == "http://localhost/media/mug-cobalt-800.jpg"
    assert picture["alt"] == "Tuesday mug"
    assert picture["width"] == "96"


def test_styles_are_written_into_the_elements_and_the_dark_is_kept(order: Order) -> None:
    _, html = written(paid(order))

    (button,) = read(html).having("a", class_="button")
    assert "background-color: #1c33b5" in button["style"]
    assert "prefers-color-scheme: dark" in html
    assert "<script" not in html
    assert "<link" not in html


def test_a_mail_wears_the_shops_colors_and_corners(order: Order) -> None:
    show(theme="plain", look={"light": {"action": "#006400", "surface": "#fffdf8"}})

    _, html = written(paid(order))

    page = read(html)
    (button,) = page.having("a", class_="button")
    (column,) = page.having("table", class_="column")
    (body,) = page.having("body")
    assert "background-color: #006400" in button["style"]
    assert "border-radius: 0" in button["style"]
    assert "background-color: #fffdf8" in column["style"]
    assert "color: #111111" in body["style"]
    assert ".column { background-color: #1b1b1b !important; }" in html
    assert "#1c33b5" not in html


def test_a_wide_logo_stays_within_the_column(order: Order) -> None:
    show(look={"logo": {"file": "mark", "width": 800, "height": 40}})

    _, html = written(paid(order))

    (logo,) = read(html).having("img")
    assert (logo["src"], logo["alt"]) == ("http://localhost/media/mark-800.jpg", "Fettle")
    assert logo["width"] == "360"
    assert "height: auto" in logo["style"]


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("name", mail_samples.names())
def test_lists_of_mails_show_its_first_sentences_beside_the_subject(
    app: Flask, name: str, language: str
) -> None:
    make_store()

    _, html = mailer.render(mail_samples.sample(name, language, "ines@example.com"))

    found = re.search(
        r'<div class="preview" style="display: none[^>]*>(.*?)</div>', html, re.DOTALL
    )
    assert found is not None
    words = read(found[1]).text
    assert words[:1] == words[:1].upper() != ""
    # In German, what follows a greeting begins in a small letter.
    assert read(html).text.casefold().count(words.casefold()) == 2


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("name", mail_samples.names())
def test_a_mail_names_its_language_and_leads_to_whole_addresses(
    app: Flask, name: str, language: str
) -> None:
    make_store()

    _, html = mailer.render(mail_samples.sample(name, language, "ines@example.com"))

    page = read(html)
    assert page.having("html", lang=language) != []
    assert page.title
    links = [link["href"] for link in page.having("a")]
    assert [link for link in links if not link.startswith(("http", "mailto:"))] == []


def test_who_is_away_answers_no_order_by_itself(order: Order, folder: Path) -> None:
    """RFC 3834."""
    own = LETTERS[emails.CONFIRMATION]({"order_id": paid(order).id})
    of_a_person = mail_samples.sample("contact_message", "en", "hello@fettle.example")
    of_a_person.reply_to = "ines@example.com"

    assert mailer._message(own, "a").extra_headers == {"Auto-Submitted": "auto-generated"}
    assert mailer._message(of_a_person, "b").extra_headers == {}


def test_one_rule_parts_the_lines_from_what_follows(app: Flask) -> None:
    make_store()
    order = paid(make_order(make_variant(), make_variant()))

    _, html = written(order)

    first, last = (cell["style"] for cell in read(html).having("td", class_="amount"))
    assert "border-bottom: 1px solid" in first
    assert "border-bottom: 0" in last
    assert "border-top: 1px solid" in read(html).having("table", class_="sums")[0]["style"]


def test_outlook_gets_a_column_and_a_button_of_its_own(order: Order) -> None:
    _, html = written(paid(order))

    assert '<!--[if mso]><table role="presentation" width="600"' in html
    assert "<!--[if mso]></td></tr></table><![endif]-->" in html
    assert "mso-padding-alt: 14px 24px" in html


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != emails.CONFIRMATION])
def test_subjects_tell_orders_without_a_number_apart(order: Order, kind: str) -> None:
    assert order.reference in str(LETTERS[kind]({"order_id": order.id}).subject)


@pytest.mark.parametrize(
    ("of_card", "pay_by", "said"),
    [
        (0, PayBy.CARD, "You get £72.50 back, the way you paid. It should be with you within five"),
        (
            2000,
            PayBy.CARD,
            "what your gift card paid is on it again, and the rest should be with you",
        ),
        (7250, PayBy.CARD, "What your gift card paid, £72.50, is on it again, at once."),
        (0, PayBy.BANK_TRANSFER, "You get £72.50 back, the way you paid. "),
    ],
)
def test_a_canceled_order_says_where_its_money_goes(
    order: Order, of_card: int, pay_by: PayBy, said: str
) -> None:
    paid(order).gift_card_amount, order.pay_by = of_card, pay_by
    facts = {"order_id": order.id, "refunded_amount": order.total_amount}

    for words in mailer.render(LETTERS[emails.CANCELED](facts)):
        assert said in " ".join(read(words).text.split())
        assert ("five to ten days" in " ".join(words.split())) == ("should be with you" in said)


def test_what_a_gift_card_left_to_pay_is_paid_once_it_is(order: Order) -> None:
    order.gift_card_amount = 2000
    before = written(order, emails.AWAITING_MONEY)
    after = written(paid(order))

    assert ["To pay" in read(words).text for words in (*before, *after)] == [True, True] + [
        False
    ] * 2
    assert "Paid: £52.50" in after[0]
    assert "Paid £52.50" in read(after[1]).text


def test_hostile_names_and_titles_are_text_in_the_html(order: Order) -> None:
    attack = '<img src=x onerror="alert(1)">'
    order.name = attack
    line_of(order).title = attack

    text, html = written(paid(order))

    assert read(html).having("img") == []
    assert f"Thank you, {attack}." in read(html).text
    assert f"2 x {attack}" in text


def test_what_names_an_order_cannot_add_headers(order: Order, folder: Path) -> None:
    letter = mailer.Letter(
        to=order.email,
        subject="Order 1\r\nBcc: eve@example.com\n\nspoofed",
        template="orders/confirmation",
        **LETTERS[emails.CONFIRMATION]({"order_id": paid(order).id}).context,
    )

    message = mailer._message(letter, "order_confirmation:1")

    assert message.subject == "Order 1 Bcc: eve@example.com spoofed"
    assert "\nBcc:" not in message.as_string()


@pytest.mark.parametrize("name", ["Fettle", "Töpfe & Co, Leeds", 'The "good" pots', "Bcc: eve"])
def test_mails_come_in_the_shops_name(client: FlaskClient, folder: Path, name: str) -> None:
    make_store(name=name)

    send(paid(make_order()))

    ((_, message),) = mailer.dropped(folder)
    (sender,) = message["From"].addresses
    assert (sender.display_name, sender.addr_spec) == (name, "hello@fettle.example")


@pytest.mark.parametrize(
    "name", ["Fettle\r\nBcc: eve@example.com", 'Fettle" <eve@example.com>, "', "Eve <e@x.example>"]
)
def test_a_shops_name_adds_no_header_and_no_sender(
    client: FlaskClient, folder: Path, name: str
) -> None:
    make_store(name=name)

    send(paid(make_order()))

    ((_, message),) = mailer.dropped(folder)
    assert [sender.addr_spec for sender in message["From"].addresses] == ["hello@fettle.example"]
    assert message["Bcc"] is None


def test_a_repeat_overwrites_its_mail(order: Order, folder: Path) -> None:
    paid(order)

    send(order)
    send(order)

    ((_, message),) = mailer.dropped(folder)
    assert message["Subject"] == f"Order {order.number} is confirmed"
    assert message["To"] == "ines@example.com"
    assert message["From"] == "Fettle <hello@fettle.example>"
    assert message["Reply-To"] == "hello@fettle.example"
    assert f"Your order {order.number} is paid" in part(message, "plain")
    assert f"Your order {order.number} is paid" in read(part(message, "html")).text


# Reading them in development ---------------------------------------------------------------------


def test_no_mail_yet_says_how_to_get_one(client: FlaskClient, folder: Path) -> None:
    make_store()

    page = read(client.get("/dev/mail").text)

    assert "No mail yet" in page.text


def test_mails_are_listed_newest_first_and_can_be_read(
    client: FlaskClient, order: Order, folder: Path
) -> None:
    send(order, emails.AWAITING_BANK)
    (first,) = folder.glob("*.eml")
    send(paid(order))
    os.utime(first, (1, 1))

    listed = read(client.get("/dev/mail").text)
    name = mailer.dropped(folder)[0][0]
    mail = read(client.get(f"/dev/mail/{name}").text)
    html = client.get(f"/dev/mail/{name}/html")

    confirmed, waiting = (
        f"Order {order.number} is confirmed",
        f"Order {order.reference}: we are wait",
    )
    assert listed.text.index(confirmed) < listed.text.index(waiting)
    assert f"{confirmed} From Fettle <hello@fettle.example> To ines@example.com" in mail.text
    assert f"Your order {order.number} is paid" in mail.text
    assert mail.having("a", href=f"/dev/mail/{name}/html") != []
    assert f"Your order {order.number} is paid" in read(html.text).text
    assert "script-src" not in html.headers["Content-Security-Policy"]
    assert "default-src 'none'" in html.headers["Content-Security-Policy"]


@pytest.mark.parametrize("name", ["nothing", "..%2F..%2Fsecret", "a.b"])
def test_a_mail_that_is_not_there_is_not_found(
    client: FlaskClient, folder: Path, name: str
) -> None:
    make_store()

    assert client.get(f"/dev/mail/{name}").status_code == 404
    assert client.get(f"/dev/mail/{name}/html").status_code == 404

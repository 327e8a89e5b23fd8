"""The mail that brings a gift card, in both languages, and when there is none."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from shop.gift_cards import codes, service
from shop.gift_cards.letters import gift_card
from shop.gift_cards.models import GiftCard
from shop.money import Money
from shop.outbox import mailer
from tests.factories import make_gift_card, make_order, make_store
from tests.pages import read

EXPIRES = date(2027, 11, 26)


def written(card: GiftCard) -> tuple[str, str, str]:
    """Subject, text and what the HTML says."""
    letter = gift_card({"gift_card_id": card.id})
    assert letter is not None
    text, html = mailer.render(letter)
    return str(letter.subject), " ".join(text.split()), read(html).text


@pytest.fixture(autouse=True)
def shop(app: Flask) -> None:
    make_store()


def test_a_gift_brings_code_amount_and_words() -> None:
    card = make_gift_card(
        2500,
        email="noor@example.com",
        sender="Ines Rowan",
        message="Happy birthday & <3",
        expires_on=EXPIRES,
    )

    subject, *bodies = written(card)

    assert subject == "Ines Rowan has sent you a gift card for Fettle"
    for words in bodies:
        assert "A gift for you from Ines Rowan" in words
        assert "Happy birthday & <3" in words
        assert "£25.00" in words
        assert codes.spelled(service.code_of(card)) in words
        assert "It can be spent until 26 November 2027." in words


def test_a_card_for_oneself_in_german() -> None:
    _subject, *bodies = written(make_gift_card(2500, email="ines@example.com", language="de"))

    for words in bodies:
        assert "Hier ist dein Geschenkgutschein" in words
        assert "25,00" in words


def test_store_credit_tells_all_there_is() -> None:
    service.give_credit("ines@example.com", Money(1000, "GBP"))
    card = service.give_credit("ines@example.com", Money(500, "GBP"))

    subject, *bodies = written(card)

    assert subject == "You have credit at Fettle"
    assert all("£15.00" in words for words in bodies)


def test_credit_says_where_it_comes_from() -> None:
    given = written(service.give_credit("ines@example.com", Money(1000, "GBP")))
    order = make_order()
    back = written(service.give_credit("ines@example.com", Money(500, "GBP"), order_id=order.id))

    assert all("There is money of yours with us." in words for words in given[1:])
    assert all("What we gave back for an order of yours is credit" in words for words in back[1:])


def test_credit_that_was_spent_since_says_so_too_when_it_is_sent_again() -> None:
    card = service.give_credit("ines@example.com", Money(1000, "GBP"))
    make_order(gift_cards=[card])

    assert all("There is money of yours with us." in words for words in written(card)[1:])


def test_a_card_that_was_disabled_before_its_mail_is_not_sent() -> None:
    card = make_gift_card(email="noor@example.com")
    card.is_active = False

    assert gift_card({"gift_card_id": card.id}) is None

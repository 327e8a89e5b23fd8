"""The shop in a language that nobody speaks: what is not in it was never given to translators."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from shop.admin import mail_samples
from shop.outbox import mailer
from tests import pseudo
from tests.factories import make_image, make_product, make_rates, make_store, variants_of
from tests.pages import read

#: What people read or hear that stands in no text.
_SPOKEN = ("alt", "aria-label", "placeholder", "title")
#: The merchant's own words, the languages' own names, and marks that are the same everywhere.
_OTHERS = re.compile(
    r"LS6 2AB|Κούπα|Κεραμική|Λόγος|λόγος|Μπλε|Χρώμα|fettle@\S+|English|Deutsch|Standard|VAT|SKU-\d+"
)
_LETTERS = re.compile(r"[A-Za-z]{2,}.*")


@pytest.fixture
def pot(app: Flask, tmp_path: Path) -> Iterator[str]:
    """A product's path in a shop whose merchant writes Greek, and whose visitors get the pseudo
    language.
    """
    make_store(
        name="Λόγος", contact_email="fettle@example.com", languages=[pseudo.LANGUAGE, "en", "de"]
    )
    make_rates("GB", shipping=450, free_from=6000)
    product = make_product("Κούπα", handle="pot", options={"Χρώμα": ["Μπλε"]}, vendor="Κεραμική")
    make_image(product)
    with pseudo.pseudo_language(app, tmp_path):
        yield "/products/pot"


def leftovers(html: str) -> list[str]:
    page = read(html)
    spoken = [
        words[name] for _tag, words in page.elements for name in _SPOKEN if words.get(name, "")
    ]
    texts = [pseudo.unsaid(text) for text in (page.text, page.title, *spoken)]
    return [word for text in texts for word in _LETTERS.findall(_OTHERS.sub("", text))]


def test_every_sentence_of_the_shop_is_given_to_translators(pot: str, client: FlaskClient) -> None:
    variant = variants_of_pot()
    found = {}
    found["/cart, empty"] = client.get("/cart")
    client.post("/cart/lines", data={"variant_id": variant})
    for path in ("/", "/products", pot, "/cart", "/checkout", "/search?q=x", "/wishlist", "/none"):
        found[path] = client.get(path)

    assert {name: answer.status_code for name, answer in found.items()} == dict.fromkeys(
        found, 200
    ) | {"/none": 404}
    assert {name: left for name, answer in found.items() if (left := leftovers(answer.text))} == {}


def test_complaints_and_the_last_screen_are_too(pot: str, client: FlaskClient) -> None:
    client.post("/cart/lines", data={"variant_id": variants_of_pot()})
    refused = client.post("/checkout", data={"country": "GB"})
    sent = client.post(
        "/checkout",
        data={
            "email": "fettle@example.com",
            "country": "GB",
            "name": "Λόγος",
            "line1": "14",
            "postal_code": "LS6 2AB",
            "city": "Λόγος",
        },
    )
    payment = client.get("/checkout/payment")

    assert (refused.status_code, sent.status_code, payment.status_code) == (422, 303, 200)
    assert leftovers(refused.text) == []
    assert leftovers(payment.text) == []


def test_a_language_from_right_to_left_is_told_to_the_browser(
    pot: str, client: FlaskClient
) -> None:
    assert '<html lang="ar" dir="rtl">' in client.get(pot).text


def test_a_mails_sides_are_those_of_its_language(pot: str) -> None:
    def styles(language: str) -> tuple[set[str], set[str], set[str]]:
        letter = mail_samples.sample("order_confirmation", language, "fettle@example.com")
        html = mailer.render(letter)[1]
        table = re.findall(r'<table class="sums".*?</table>', html, re.DOTALL)[0]
        aligned = re.compile(r"text-align: (\w+)")
        return (
            set(re.findall(r'<td class="inside" align="(\w+)"', html)),
            {aligned.findall(one)[0] for one in re.findall(r"<th[^>]*>", table)},
            {aligned.findall(one)[0] for one in re.findall(r"<td[^>]*>", table)},
        )

    assert styles("en") == ({"left"}, {"left"}, {"right"})
    assert styles(pseudo.LANGUAGE) == ({"right"}, {"right"}, {"left"})


def variants_of_pot() -> int:
    from shop.catalog.models import Product
    from shop.extensions import db

    product = db.session.scalars(db.select(Product).where(Product.handle == "pot")).one()
    return variants_of(product)[0].id

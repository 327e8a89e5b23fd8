"""Translated words in templates."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from flask import Flask
from flask_babel import force_locale

from shop import create_app
from shop.money import Money
from shop.web.filters import email_address, money, short_money, small, tell_sole_currency
from tests.conftest import dispose, make_settings


@pytest.fixture
def speaking(tmp_path: Path) -> Iterator[Flask]:
    """An app that knows some German."""
    app = create_app(make_settings(f"sqlite:///{tmp_path / 'till.sqlite'}", tmp_path))
    german = Catalog("de")
    german.add("Sold out", "Ausverkauft")
    german.add(("%(num)s <b>mug</b>", "%(num)s mugs"), ("%(num)s <b>Becher</b>", "%(num)s Becher"))
    file = tmp_path / "words" / "de" / "LC_MESSAGES" / "messages.mo"
    file.parent.mkdir(parents=True)
    with file.open("wb") as target:
        write_mo(target, german)
    app.extensions["babel"].translation_directories = [str(tmp_path / "words")]
    yield app
    dispose(app)


def rendered(app: Flask, source: str, **values: object) -> str:
    with app.test_request_context("/"):
        return app.jinja_env.from_string(source).render(**values)


def test_values_are_escaped_and_the_text_is_not(speaking: Flask) -> None:
    page = rendered(speaking, '{{ _("<b>%(name)s</b> at 100%%", name=name) }}', name="<i>")

    assert page == "<b>&lt;i&gt;</b> at 100%"


def test_a_text_without_values_is_a_format_too(speaking: Flask) -> None:
    assert rendered(speaking, '{{ _("20%% off") }} {{ _("20%% off") }}') == "20% off 20% off"


def test_a_count_is_grouped_as_the_language_writes_it(speaking: Flask) -> None:
    source = '{% autoescape true %}{{ ngettext("%(num)s <b>mug</b>", "%(num)s mugs", count) }}'

    def told(count: int, language: str) -> str:
        with speaking.test_request_context("/"), force_locale(language):
            return speaking.jinja_env.from_string(f"{source}{{% endautoescape %}}").render(
                count=count
            )

    assert told(1, "en") == "1 <b>mug</b>"
    assert (told(999, "en"), told(1164, "en")) == ("999 mugs", "1,164 mugs")
    assert (told(999, "de"), told(1164, "de")) == ("999 Becher", "1.164 Becher")


@pytest.mark.parametrize(
    ("amount", "currency", "told"),
    [
        (475, "CHF", "CHF\u00a04.75"),
        (-4750, "KWD", "-KWD\u00a04.750"),
        (475, "GBP", "£4.75"),
        (475, "USD", "US$4.75"),
    ],
)
def test_letters_of_a_currency_stand_apart_from_the_number(
    speaking: Flask, amount: int, currency: str, told: str
) -> None:
    with speaking.test_request_context(), force_locale("en_GB"):
        assert money(Money(amount, currency)) == told


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "told"),
    [
        (6000, "GBP", "en_GB", "£60"),
        (450, "GBP", "en_GB", "£4.50"),
        (0, "GBP", "en_GB", "£0"),
        (123_400, "EUR", "de", "1.234\u00a0€"),
        (1950, "EUR", "de", "19,50\u00a0€"),
        (2900, "JPY", "en_GB", "JP¥2,900"),
        (4750, "KWD", "en_GB", "KWD\u00a04.750"),
        (4000, "KWD", "en_GB", "KWD\u00a04"),
    ],
)
def test_a_round_amount_is_told_without_its_pence_in_a_sentence(
    speaking: Flask, amount: int, currency: str, locale: str, told: str
) -> None:
    with speaking.test_request_context(), force_locale(locale):
        assert short_money(Money(amount, currency)) == told


@pytest.mark.parametrize(
    ("locale", "currency", "told"),
    [
        ("en_GB", "USD", "$4.75"),
        ("en_GB", "AUD", "$4.75"),
        ("en_GB", "JPY", "¥475"),
        ("en_GB", "BRL", "R$4.75"),
        ("en_GB", "CHF", "CHF\u00a04.75"),
        ("fr", "CAD", "4,75\u00a0$"),
    ],
)
def test_the_only_currency_of_a_shop_has_its_bare_sign(
    speaking: Flask, locale: str, currency: str, told: str
) -> None:
    with speaking.test_request_context(), force_locale(locale):
        tell_sole_currency(currency)

        assert money(Money(475, currency)) == told
        assert money(Money(475, "HKD")).strip("4,.75\u00a0") in ("HK$", "$HK", "HKD")


def test_a_name_within_a_sentence_keeps_its_capital_in_german(speaking: Flask) -> None:
    with speaking.test_request_context():
        for locale, name in (("en_GB", "glaze"), ("de", "Glaze")):
            with force_locale(locale):
                assert small("Glaze") == name


def test_a_plain_text_template_escapes_nothing(speaking: Flask) -> None:
    source = '{% autoescape false %}{{ _("For %(name)s", name=name) }}{% endautoescape %}'

    page = rendered(speaking, source, name="Rowan & Ash")

    assert page == "For Rowan & Ash"


def test_each_language_has_its_own_words(speaking: Flask) -> None:
    source = '{{ _("Sold out") }}, {{ ngettext("%(num)s <b>mug</b>", "%(num)s mugs", count) }}'

    with speaking.test_request_context("/"):
        template = speaking.jinja_env.from_string(source)
        english = template.render(count=1)
        with force_locale("de"):
            german = [template.render(count=count) for count in (1, 2)]
        again = template.render(count=2)

    assert english == "Sold out, 1 <b>mug</b>"
    assert german == ["Ausverkauft, 1 <b>Becher</b>", "Ausverkauft, 2 Becher"]
    assert again == "Sold out, 2 mugs"


def test_an_email_address_breaks_at_its_parts_and_is_escaped() -> None:
    assert email_address("ines.m@example.com") == "ines<wbr>.m<wbr>@example<wbr>.com"
    assert email_address("<b>@example.com") == "&lt;b&gt;<wbr>@example<wbr>.com"

"""Every language in shop/translations/ says everything that the shop says, and says it right."""

from __future__ import annotations

import io
import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.util import distinct
from flask_babel.speaklater import LazyString
from wtforms.fields.core import UnboundField

from shop.settings import ROOT
from shop.web.forms import Form
from shop.web.languages import LOCALES

FOLDER = ROOT / "shop" / "translations"
CATALOGS = sorted(FOLDER.glob("*/LC_MESSAGES/messages.po"))
_PLACEHOLDER = re.compile(r"%\((\w+)\)s")
_TAG = re.compile(r"</?\w+[^>]*>")


@cache
def said() -> Catalog:
    """All that the code and the templates say, found as `make messages` finds it."""
    from babel.messages.frontend import parse_mapping_cfg

    with (ROOT / "babel.cfg").open() as rules:
        methods, options = parse_mapping_cfg(rules)
    catalog = Catalog()
    keywords = {"_": None, "_l": None, "N_": None, "lazy_gettext": None, "ngettext": (1, 2)}
    for folder in ("shop", "templates", "themes"):
        for _file, _line, text, _comments, context in extract_from_dir(
            str(ROOT / folder), methods, options, keywords
        ):
            catalog.add(text, context=context)
    return catalog


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file)


def language_of(path: Path) -> str:
    return path.parts[-3]


def forms(message: Message) -> list[str]:
    return list(message.string) if message.pluralizable else [message.string]


def test_every_language_that_is_offered_has_its_words() -> None:
    assert {language_of(path) for path in CATALOGS} == set(LOCALES) - {"en"}


@pytest.mark.parametrize("path", CATALOGS, ids=language_of)
def test_nothing_is_left_unsaid_or_uncertain(path: Path) -> None:
    catalog = read(path)

    missing = [
        message.id
        for message in said()
        if message.id and ((found := catalog.get(message.id)) is None or not all(forms(found)))
    ]

    assert missing == []
    assert [message.id for message in catalog if message.id and message.fuzzy] == []


@pytest.mark.parametrize("path", CATALOGS, ids=language_of)
def test_nothing_is_said_that_nobody_asks_for(path: Path) -> None:
    assert [message.id for message in read(path) if message.id and message.id not in said()] == []


@pytest.mark.parametrize("path", CATALOGS, ids=language_of)
def test_values_and_markup_stand_in_every_translation(path: Path) -> None:
    wrong = []
    for message in read(path):
        if not message.id:
            continue
        sources = [message.id] if isinstance(message.id, str) else list(message.id)
        for form in forms(message):
            names = set(_PLACEHOLDER.findall(form))
            expected = {frozenset(_PLACEHOLDER.findall(source)) for source in sources}
            tags = sorted(_TAG.findall(form))
            if (
                names not in expected
                or tags not in [sorted(_TAG.findall(s)) for s in sources]
                or re.search(r"(?<!%)%(?!\(\w+\)s|%)", form)
            ):
                wrong.append(form)

    assert wrong == []


@pytest.mark.parametrize("path", CATALOGS, ids=language_of)
def test_the_compiled_words_are_those_of_the_catalog(path: Path) -> None:
    compiled = io.BytesIO()
    write_mo(compiled, read(path))

    assert path.with_suffix(".mo").read_bytes() == compiled.getvalue()


def test_no_sentence_is_glued_from_pieces() -> None:
    """A piece begins or ends with a blank; a sentence does not."""
    texts = [text for message in said() for text in distinct(_texts(message)) if text]

    assert [text for text in texts if text != text.strip()] == []


def _texts(message: Message) -> list[str]:
    return [message.id] if isinstance(message.id, str) else list(message.id)


@pytest.mark.usefixtures("app")
def test_forms_name_their_fields_and_complain_in_the_visitors_language() -> None:
    """A form class is made once, before anybody's language is known."""
    plain = [
        f"{form.__name__}.{name}: {text}"
        for form in _forms(Form)
        for name, field in vars(form).items()
        if isinstance(field, UnboundField)
        for text in _words(field)
        if not isinstance(text, LazyString)
    ]

    assert plain == []


def _forms(base: type[Form]) -> list[type[Form]]:
    return [base, *(form for child in base.__subclasses__() for form in _forms(child))]


def _words(field: UnboundField) -> list[object]:
    """The label and what the validators say."""
    checks = field.kwargs.get("validators") or next(
        (value for value in field.args if isinstance(value, list) and value), []
    )
    said = [getattr(check, "message", None) for check in checks]
    return [text for text in (*field.args[:1], *said) if text is not None]

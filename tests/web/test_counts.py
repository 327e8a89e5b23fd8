"""Sentences in code that tell how many."""

from __future__ import annotations

import ast

import pytest
from flask import Flask
from flask_babel import force_locale

from shop.settings import ROOT
from shop.web.counts import ngettext


@pytest.mark.parametrize(
    ("language", "count", "told"),
    [
        ("en", 1, "1 product changed."),
        ("en", 999, "999 products changed."),
        ("en", 1164, "1,164 products changed."),
        ("de", 1, "1 Produkt geändert."),
        ("de", 1164, "1.164 Produkte geändert."),
    ],
)
def test_a_count_is_grouped_as_the_language_writes_it(
    app: Flask, language: str, count: int, told: str
) -> None:
    with app.test_request_context("/"), force_locale(language):
        sentence = ngettext("%(num)s product changed.", "%(num)s products changed.", count)

    assert sentence == told


def test_other_values_stay_as_they_are_given(app: Flask) -> None:
    with app.test_request_context("/"):
        sentence = ngettext("%(of)s: %(num)s", "%(of)s: %(num)s", 2, of="1000")

    assert sentence == "1000: 2"


def test_no_sentence_goes_by_another_way() -> None:
    """Flask-Babel's own function does not group."""
    others = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "shop").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom)
        and node.module == "flask_babel"
        and any("ngettext" in alias.name for alias in node.names)
    }

    assert others == set()

"""How templates call what they are given."""

from __future__ import annotations

import pytest
from flask import Flask, render_template_string
from jinja2 import UndefinedError
from markupsafe import Markup


def test_a_macro_may_name_its_arguments_as_it_likes(app: Flask) -> None:
    source = "{% macro told(obj) %}of {{ obj }}{% endmacro %}"

    with app.app_context():
        shown = render_template_string(source + "{{ told(obj='clay') }}")

    assert shown == "of clay"


@pytest.mark.parametrize(
    ("value", "html"),
    [
        ("<b> & 'c' \"d\"", "&lt;b&gt; &amp; &#39;c&#39; &#34;d&#34;"),
        (Markup("<b>bold</b>"), "<b>bold</b>"),
        (12, "12"),
        (1.5, "1.5"),
        (True, "True"),
        (None, "None"),
        (["<i>"], "[&#39;&lt;i&gt;&#39;]"),
    ],
)
def test_what_is_printed_is_escaped_once(app: Flask, value: object, html: str) -> None:
    source = (
        "{% macro told(one) %}<p>{{ one }}</p>{% endmacro %}{% set kept %}{{ value }}{% endset %}"
    )

    with app.app_context():
        shown = render_template_string(source + "{{ told(value) }}{{ kept }}", value=value)

    assert shown == f"<p>{html}</p>{html}"


def test_what_is_not_there_is_not_printed_as_nothing(app: Flask) -> None:
    with app.app_context(), pytest.raises(UndefinedError):
        render_template_string("{{ missing }}")

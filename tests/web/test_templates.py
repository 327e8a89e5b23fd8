"""How templates call what they are given."""

from __future__ import annotations

from flask import Flask, render_template_string


def test_a_macro_may_name_its_arguments_as_it_likes(app: Flask) -> None:
    source = "{% macro told(obj) %}of {{ obj }}{% endmacro %}"

    with app.app_context():
        shown = render_template_string(source + "{{ told(obj='clay') }}")

    assert shown == "of clay"

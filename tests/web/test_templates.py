"""How templates call what they are given."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask, render_template_string
from jinja2 import Environment, nodes

from shop.web.fragments import Keep

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted(
    file.relative_to(ROOT)
    for folder in ("templates", "themes")
    for file in (ROOT / folder).rglob("*")
    if file.suffix in {".html", ".txt"}
)


def test_a_macro_may_name_its_arguments_as_it_likes(app: Flask) -> None:
    source = "{% macro told(obj) %}of {{ obj }}{% endmacro %}"

    with app.app_context():
        shown = render_template_string(source + "{{ told(obj='clay') }}")

    assert shown == "of clay"


@pytest.mark.parametrize("path", TEMPLATES, ids=str)
def test_a_template_uses_what_it_imports(path: Path) -> None:
    tree = Environment(autoescape=True, extensions=["jinja2.ext.i18n", Keep]).parse(
        (ROOT / path).read_text(encoding="utf-8")
    )

    names = [name for node in tree.find_all(nodes.FromImport) for name in node.names]
    imported = {name if isinstance(name, str) else name[1] for name in names}
    used = {node.name for node in tree.find_all(nodes.Name) if node.ctx == "load"}

    assert imported <= used

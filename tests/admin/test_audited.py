"""Every admin route that writes leads to the audit trail; found by following the code's calls."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from flask import Flask

from shop.settings import ROOT

#: What changes nothing that lasts, or a draft that is recorded once it is published.
NOT_RECORDED = {
    "preview_page": "shows what is typed",
    "preview_article": "shows what is typed",
    "look_at_options": "shows what would be changed",
    "save_product_view": "a way to look at a list",
    "remove_product_view": "a way to look at a list",
    "save_order_view": "a way to look at a list",
    "remove_order_view": "a way to look at a list",
    "switch_keys": "how one person types",
    "ask_for_passkey": "what the browser signs next",
    "skip_step": "a question put off",
    "register_webhook": "what it keeps is recorded with the key",
    "fetch_import_pictures": "the import itself is recorded",
    "keep_unsaved_product": "what somebody types",
    "drop_unsaved_product": "what somebody types",
    "save_theme_brand": "a draft of the theme",
    "save_theme_style": "a draft of the theme",
    "save_theme_colors": "a draft of the theme",
    "add_section": "a draft of the theme",
    "save_section": "a draft of the theme",
    "move_section": "a draft of the theme",
    "hide_section": "a draft of the theme",
    "delete_section": "a draft of the theme",
    "restore_theme": "a draft of the theme",
}

Function = tuple[str, str]


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def trees() -> dict[str, ast.Module]:
    return {module_of(path): ast.parse(path.read_text()) for path in (ROOT / "shop").rglob("*.py")}


@cache
def functions() -> dict[Function, ast.AST]:
    return {
        (module, node.name): node
        for module, tree in trees().items()
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
    }


@cache
def names_of(module: str) -> dict[str, str]:
    """What each imported name stands for, in full."""
    found = {}
    for node in ast.walk(trees()[module]):
        if isinstance(node, ast.Import):
            found |= {(each.asname or each.name): each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            for each in node.names:
                found[each.asname or each.name] = f"{node.module}.{each.name}"
    return found


def named_in(module: str, node: ast.AST) -> Iterator[str]:
    """Everything that is named in a function, called or handed on, in full."""
    names = names_of(module)
    for each in ast.walk(node):
        if isinstance(each, ast.Name):
            yield names.get(each.id, f"{module}.{each.id}")
        elif isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name):
            yield f"{names.get(each.value.id, each.value.id)}.{each.attr}"


def leads_to_the_trail(start: Function) -> bool:
    seen, waiting = {start}, [start]
    while waiting:
        module, name = waiting.pop()
        for full in named_in(module, functions()[module, name]):
            if full.startswith("shop.audit."):
                return True
            owner, _, last = full.rpartition(".")
            if (owner, last) in functions() and (owner, last) not in seen:
                seen.add((owner, last))
                waiting.append((owner, last))
    return False


def writing_views(app: Flask) -> list[Function]:
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("admin.")]
    endpoints = {rule.endpoint for rule in rules if "POST" in (rule.methods or set())}
    views = [app.view_functions[endpoint] for endpoint in sorted(endpoints)]
    return [(view.__module__, view.__name__) for view in views]


def test_every_admin_route_that_writes_leads_to_the_audit_trail(app: Flask) -> None:
    missing = [
        f"{module}.{name}"
        for module, name in writing_views(app)
        if name not in NOT_RECORDED and not leads_to_the_trail((module, name))
    ]

    assert missing == []


def test_the_exceptions_are_routes(app: Flask) -> None:
    assert set(NOT_RECORDED) - {name for _, name in writing_views(app)} == set()


@pytest.mark.parametrize("name", ["home_views.home", "order_list_views.orders"])
def test_pages_that_only_read_do_not_lead_there(name: str) -> None:
    module, _, function = name.partition(".")

    assert not leads_to_the_trail((f"shop.admin.{module}", function))

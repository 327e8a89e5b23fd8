"""The sandbox and the shop know nothing of each other, so that each can run alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import shop

ROOT = Path(str(shop.__file__)).parent
SANDBOX = ROOT / "payments" / "sandbox"
LONGEST_FILE = 400


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield str(node.module)


def test_the_sandbox_imports_nothing_of_the_shop() -> None:
    found = [
        (path.name, name)
        for path in SANDBOX.glob("*.py")
        for name in imports(path)
        if name.split(".")[0] in ("shop", "stripe")
    ]

    assert found == []


def test_the_shop_reaches_the_sandbox_only_by_its_command() -> None:
    found = {
        name
        for path in ROOT.rglob("*.py")
        if SANDBOX not in path.parents
        for name in imports(path)
        if name.startswith("shop.payments.sandbox")
    }

    assert found <= {"shop.payments.sandbox.cli"}


def test_its_files_stay_short() -> None:
    lengths = {path.name: len(path.read_text().splitlines()) for path in SANDBOX.glob("*.py")}

    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}

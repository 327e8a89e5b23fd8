"""Stripe's form encoding: `a[b][0][c]=1` becomes nested dicts and lists of strings."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from .errors import ApiError

_KEY = re.compile(r"\A([^\[\]]+)((?:\[[^\[\]]*\])*)\Z")
_PART = re.compile(r"\[([^\[\]]*)\]")
_MAX_FIELDS = 10_000
_MAX_DEPTH = 8


def parse_pairs(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Build the tree the pairs spell; lists are dicts of indexes until `_with_lists` turns them."""
    tree: dict[str, Any] = {}
    for count, (key, value) in enumerate(pairs):
        if count >= _MAX_FIELDS:
            raise ApiError(f"A request may carry at most {_MAX_FIELDS} parameters.")
        _put(tree, _path(key), value, key)
    return {name: _with_lists(branch) for name, branch in tree.items()}


def _path(key: str) -> list[str]:
    match = _KEY.match(key)
    if match is None:
        raise ApiError(f"Invalid parameter name: {key}", param=key)
    path = [match[1], *_PART.findall(match[2])]
    if len(path) > _MAX_DEPTH:
        raise ApiError(f"Parameter nested too deeply: {key}", param=key)
    return path


def _put(tree: dict[str, Any], path: list[str], value: str, key: str) -> None:
    *branches, leaf = path
    for name in branches:
        tree = tree.setdefault(name or str(len(tree)), {})
        if not isinstance(tree, dict):
            raise ApiError(f"Parameter given both as a value and as a hash: {key}", param=key)
    name = leaf or str(len(tree))
    if name in tree:
        raise ApiError(f"Parameter given twice: {key}", param=key)
    tree[name] = value


def _with_lists(branch: Any) -> Any:
    if not isinstance(branch, dict):
        return branch
    children = {name: _with_lists(child) for name, child in branch.items()}
    if not all(re.fullmatch("[0-9]{1,5}", name) for name in children):
        return children
    return [children[name] for name in sorted(children, key=int)]

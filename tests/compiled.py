"""Templates compiled once for all apps of a process, and for the processes forked from it."""

from __future__ import annotations

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from shop import Shop


class InMemory(BytecodeCache):
    """By name, file and source, as Jinja keys them: a changed template is compiled anew."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._code:
            bucket.bytecode_from_string(self._code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = bucket.bytecode_to_string()


def compile_once() -> None:
    """Of every app made from here on."""
    if "bytecode_cache" not in Shop.jinja_options:
        Shop.jinja_options = {**Shop.jinja_options, "bytecode_cache": InMemory()}


def compile_all(app: Flask) -> None:
    with app.app_context():
        for name in app.jinja_env.list_templates(extensions=["html", "txt", "xml"]):
            app.jinja_env.get_template(name)

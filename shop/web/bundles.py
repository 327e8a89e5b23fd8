"""Style sheets and scripts as they are sent: one file for each that gathers others, and names that
change with the content.

A page waits for one sheet and asks for few scripts: on a slow line each request costs more than
what it brings. A script that another imports is put into it, so it must keep no state of its own:
it would have one in each file.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

_STRING = rb'("(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\')'
_COMMENT = re.compile(_STRING + rb"|/\*.*?\*/", re.DOTALL)
_SPACE = re.compile(_STRING + rb"|\s+")
#: White space that says nothing. Before a colon it would: "li :hover" is not "li:hover".
_IDLE_SPACE = re.compile(_STRING + rb"| ?([{};,]) ?|(?<=:) ")
_IMPORTED_SHEET = re.compile(rb'@import "([^"]+)";')
#: import "./cart.js"; or import { announce } from "./live.js"; on a line of its own.
_IMPORTED_SCRIPT = re.compile(rb'^import (\{[^}]+\} from )?"([^"]+)";\n', re.MULTILINE)
#: url("../fonts/text.woff2") in a style sheet, import("./zoom.js") in a script.
_REFERENCE = re.compile(rb'(?<=url\(")[^":#]+(?="\))|(?<=import\(")[^"]+(?="\))')


def contents(files: Mapping[str, Path]) -> dict[str, bytes]:
    """The files as they are sent, each naming the others by their hashed names."""
    bundler = _Bundler(files)
    return {name: bundler.content(name) for name in files}


def hashed_name(name: str, content: bytes) -> str:
    """ "css/shop.css" -> "css/shop.3f1c9a2b.css"."""
    digest = hashlib.sha256(content).hexdigest()[:8]
    pure = PurePosixPath(name)
    return pure.with_name(f"{pure.stem}.{digest}{pure.suffix}").as_posix()


def compact(sheet: bytes) -> bytes:
    """A style sheet without comments and without white space that only people need."""
    sheet = _COMMENT.sub(lambda found: found[1] or b"", sheet)
    sheet = _SPACE.sub(lambda found: found[1] or b" ", sheet)
    return _IDLE_SPACE.sub(lambda found: found[1] or found[2] or b"", sheet).strip()


class _Bundler:
    def __init__(self, files: Mapping[str, Path]) -> None:
        self._files = files
        self._made: dict[str, bytes] = {}

    def content(self, name: str) -> bytes:
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def _make(self, name: str) -> bytes:
        if name.endswith(".css"):
            return self._with_hashed_names(name, self._sheet(name))
        if name.endswith(".js"):
            lifted: dict[str, bytes] = {}
            body = self._script(name, lifted)
            return self._with_hashed_names(name, b"".join([*lifted.values(), body]))
        return self._files[name].read_bytes()

    def _sheet(self, name: str) -> bytes:
        def put(found: re.Match[bytes]) -> bytes:
            imported = _beside(name, found[1])
            return self.content(imported) if imported in self._files else found[0]

        return _IMPORTED_SHEET.sub(put, compact(self._files[name].read_bytes()))

    def _script(self, name: str, lifted: dict[str, bytes]) -> bytes:
        """What it imports for its effects stands in a block, since each has names of its own; what
        it takes functions from is lifted to the top, once.
        """

        def put(found: re.Match[bytes]) -> bytes:
            imported = _beside(name, found[2])
            if imported not in self._files:
                return found[0]
            if found[1] is None:
                return b"{\n" + self._script(imported, lifted) + b"}\n"
            if imported not in lifted:
                lifted[imported] = self._script(imported, lifted)
            return b""

        return _IMPORTED_SCRIPT.sub(put, self._files[name].read_bytes())

    def _with_hashed_names(self, name: str, content: bytes) -> bytes:
        folder = posixpath.dirname(name)

        def hashed(found: re.Match[bytes]) -> bytes:
            target = _beside(name, found[0])
            if target not in self._files:
                return found[0]
            address = hashed_name(target, self.content(target))
            relative = posixpath.relpath(address, folder or ".")
            return (relative if relative.startswith(".") else f"./{relative}").encode()

        return _REFERENCE.sub(hashed, content)


def _beside(name: str, reference: bytes) -> str:
    """The name of the file that another names relative to itself."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), reference.decode()))

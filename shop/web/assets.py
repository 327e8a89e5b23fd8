"""Static files under names that change with their content, so that browsers may keep them.

What they hold is made by bundles.py. Text is compressed as well as can be, once a process, when it
is first asked for.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from flask import Flask, Response, send_from_directory
from whitenoise import WhiteNoise

from shop.settings import Settings
from shop.web import bundles
from shop.web.pagecache.pages import Page, chosen_encoding
from shop.web.pagecache.sending import send
from shop.web.templates import static_folders

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ONE_YEAR = 31_536_000
TEXTS = {".css", ".js", ".svg", ".speculationrules"}
#: What mimetypes does not know.
KINDS = {".speculationrules": "application/speculationrules+json"}
#: The most that brotli can do; too slow for pages, well spent on what is sent a thousand times.
BEST_BROTLI = 11


def init_app(app: Flask, settings: Settings) -> None:
    folders = {"": Path(app.static_folder or ""), **static_folders(app)}
    files = {prefix + name: path for prefix in folders for name, path in _files(folders[prefix])}
    contents = {} if app.debug else bundles.contents(files)
    names = {name: bundles.hashed_name(name, content) for name, content in contents.items()}
    app.jinja_env.globals["asset"] = lambda name: f"/static/{names.get(name, name)}"
    texts = {
        f"/static/{names[name]}": _text(name, content)
        for name, content in contents.items()
        if PurePosixPath(name).suffix in TEXTS
    }
    server = _static_server(app, folders, files, names)
    app.wsgi_app = _Texts(server, texts)  # type: ignore[method-assign]  # Flask's way

    @app.get("/media/<path:name>")
    def media(name: str) -> Response:
        """Uploaded pictures. Their names are never given twice."""
        response = send_from_directory(settings.media_path, name, max_age=ONE_YEAR)
        response.cache_control.public, response.cache_control.immutable = True, True
        # A picture opened alone is shown by the browser's own page, which styles itself.
        response.headers["Content-Security-Policy"] = (
            "default-src 'none'; style-src 'unsafe-inline'; sandbox"
        )
        # Mails show these pictures inside other sites' pages.
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response


class _Texts:
    """Style sheets, scripts and drawings from memory, each compressed once."""

    def __init__(self, inside: WSGIApplication, texts: Mapping[str, Page]) -> None:
        self._inside, self._texts = inside, texts

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        text = self._texts.get(environ.get("PATH_INFO", ""))
        if text is None or environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return self._inside(environ, start_response)
        encoding = chosen_encoding(environ.get("HTTP_ACCEPT_ENCODING", ""))
        return send(text.answer(encoding, 0), environ, start_response)


def _text(name: str, content: bytes) -> Page:
    suffix = PurePosixPath(name).suffix
    kind = KINDS.get(suffix) or mimetypes.guess_type(name)[0] or "text/plain"
    headers = [
        ("Content-Type", f"{kind}; charset=utf-8"),
        ("Cache-Control", f"public, max-age={ONE_YEAR}, immutable"),
        ("X-Content-Type-Options", "nosniff"),
        ("Vary", "Accept-Encoding"),
    ]
    return Page(headers, content, None, 0.0, brotli_level=BEST_BROTLI)


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), path


def _static_server(
    app: Flask, folders: Mapping[str, Path], files: Mapping[str, Path], names: Mapping[str, str]
) -> WhiteNoise:
    hashed = {f"/static/{name}" for name in names.values()}
    server = WhiteNoise(
        app.wsgi_app,
        max_age=0 if app.debug else 3600,
        immutable_file_test=lambda path, url: url in hashed,
        add_headers_function=_add_headers,
        autorefresh=app.debug,
    )
    for prefix, folder in folders.items():
        if folder.is_dir():
            server.add_files(str(folder), prefix=f"static/{prefix}")
    for name, hashed_name in names.items():
        if PurePosixPath(name).suffix not in TEXTS:
            server.add_file_to_dictionary(f"/static/{hashed_name}", str(files[name]))
    return server


def _add_headers(headers: object, path: str, url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"  # type: ignore[index]  # wsgiref's Headers

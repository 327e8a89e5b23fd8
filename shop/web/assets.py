"""Static files under names that change with their content, so that browsers may keep them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from flask import Flask, Response, send_from_directory
from whitenoise import WhiteNoise

from shop.settings import Settings
from shop.web.templates import static_folders

ONE_YEAR = 31_536_000


def init_app(app: Flask, settings: Settings) -> None:
    folders = {"": Path(app.static_folder or ""), **static_folders(app)}
    files = {prefix + name: path for prefix in folders for name, path in _files(folders[prefix])}
    names = {} if app.debug else hashed_names(files)
    app.jinja_env.globals["asset"] = lambda name: f"/static/{names.get(name, name)}"
    app.wsgi_app = _static_server(app, folders, files, names)  # type: ignore[method-assign]  # Flask's way

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


def hashed_names(files: Mapping[str, Path]) -> dict[str, str]:
    """ "css/shop.css" -> "css/shop.3f1c9a2b.css"."""
    names = {}
    for name, path in files.items():
        digest = hashlib.sha256(path.read_bytes()).hexdigest()[:8]
        pure = PurePosixPath(name)
        names[name] = pure.with_name(f"{pure.stem}.{digest}{pure.suffix}").as_posix()
    return names


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
        server.add_file_to_dictionary(f"/static/{hashed_name}", str(files[name]))
    return server


def _add_headers(headers: object, path: str, url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"  # type: ignore[index]  # wsgiref's Headers

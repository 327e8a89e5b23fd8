"""Pages that are the same for everybody, served from memory: docs/adr/0019."""

from __future__ import annotations

from flask import Flask

from shop.extensions import db
from shop.settings import Settings
from shop.web.pagecache import sharing
from shop.web.pagecache.layer import PageCache
from shop.web.pagecache.pages import Pages
from shop.web.pagecache.version import UnknownVersion, catalog_version, mark_changes


def init_app(app: Flask, settings: Settings) -> None:
    sharing.init_app(app)
    with app.app_context():
        engine = db.engine
    mark_changes(engine, settings.data_folder)
    is_on = settings.page_cache_mb >= 0
    version = catalog_version(engine, settings.data_folder) if is_on else UnknownVersion()
    app.extensions["catalog_version"] = version
    pages = Pages(max(0, settings.page_cache_mb) * 1024 * 1024)
    layer = PageCache(app.wsgi_app, version, pages, is_https=settings.is_https)
    app.wsgi_app = layer  # type: ignore[method-assign]  # Flask's way

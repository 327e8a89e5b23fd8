"""The product's page as a browser would send it."""

from __future__ import annotations

from html.parser import HTMLParser

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shop.catalog.models import Product


class Inputs(HTMLParser):
    """What a browser would send for the form "edit", by field name."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self._form: str | None = None
        self._textarea: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        if tag == "form":
            self._form = known.get("id")
        if known.get("form", self._form) != "edit" or not known.get("name"):
            return
        name = str(known["name"])
        if tag == "textarea":
            self._textarea, self.values[name] = name, ""
        elif tag == "input" and (
            known.get("type") not in ("radio", "checkbox") or "checked" in known
        ):
            self.values[name] = known.get("value") or ""

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.values[self._textarea] += data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        if tag == "textarea":
            self._textarea = None


def opened(client: FlaskClient, product: Product) -> dict[str, str]:
    response = client.get(f"/admin/products/{product.id}")
    assert response.status_code == 200
    return Inputs(response.text).values


def save(client: FlaskClient, product: Product, values: dict[str, str]) -> TestResponse:
    return client.post(f"/admin/products/{product.id}", data=values)

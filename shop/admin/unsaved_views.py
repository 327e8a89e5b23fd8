"""What is typed into a product's page is kept while it is not saved, for who typed it."""

from __future__ import annotations

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.admin.access import bp, staff
from shop.catalog.models import Product
from shop.database import transaction
from shop.desk import queries, service
from shop.desk.models import UnsavedForm
from shop.extensions import db

#: A product of a thousand variants has some ten thousand fields.
MAX_FIELDS, MAX_TEXT = 20_000, 1_000_000


def unsaved_name(product_id: int) -> str:
    return f"product:{product_id}"


def unsaved_of(product_id: int) -> UnsavedForm | None:
    return queries.unsaved(staff().id, unsaved_name(product_id))


@bp.post("/products/<id:product_id>/unsaved")
def keep_unsaved_product(product_id: int) -> ResponseReturnValue:
    """Sent by unsaved.js now and then; nothing of the product changes."""
    if db.session.get(Product, product_id) is None:
        abort(404)
    fields = list(request.form.items(multi=True))
    if not fields or len(fields) > MAX_FIELDS or sum(len(text) for _n, text in fields) > MAX_TEXT:
        abort(422, _("That is too much to keep. Save the page."))
    by = staff().id
    with transaction():
        service.keep_unsaved(by, unsaved_name(product_id), fields)
    return "", 204


@bp.post("/products/<id:product_id>/unsaved/delete")
def drop_unsaved_product(product_id: int) -> ResponseReturnValue:
    if db.session.get(Product, product_id) is None:
        abort(404)
    by = staff().id
    with transaction():
        service.drop_unsaved(by, unsaved_name(product_id))
    return redirect(url_for(".product", product_id=product_id), code=303)

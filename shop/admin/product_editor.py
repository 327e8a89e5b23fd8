"""All forms of the product's page, as one: filled from the product, and read from what was sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from wtforms import HiddenField, SelectMultipleField

from shop.admin.forms import ImageForm, ProductForm, VariantForm
from shop.admin.queries import ProductView
from shop.admin.times import written_instant
from shop.catalog.measures import plain_measures
from shop.catalog.models import Product, Variant
from shop.inventory.queries import Availability
from shop.money import Money, plain_amount
from shop.web.forms import Form


@dataclass(frozen=True)
class ProductEditor:
    """All forms that the product page's one Save sends together."""

    product: ProductForm
    variants: Mapping[int, VariantForm]
    images: Mapping[int, ImageForm]

    @classmethod
    def of(cls, view: ProductView, currency: str, zone: ZoneInfo) -> ProductEditor:
        """The product as it is."""
        variants = {
            variant.id: VariantForm(
                prefix=f"variant-{variant.id}",
                values=_variant_values(variant, view.stock[variant.id], currency),
            )
            for variant in view.product.variants
        }
        images = {
            image.id: ImageForm(
                prefix=f"image-{image.id}", values={"alt": image.alt, "alt_was": image.alt}
            )
            for image in view.product.images
        }
        values = _product_values(view.product, zone) | {
            "version": view.version,
            "collections": sorted(view.collection_ids),
        }
        return cls(ProductForm(values=values), variants, images)

    @classmethod
    def sent(
        cls,
        view: ProductView,
        currency: str,
        zone: ZoneInfo,
        kept: MultiDict[str, str] | None = None,
    ) -> ProductEditor:
        """The product as somebody wants it, or wanted it when the fields were kept; rows that the
        page did not have stay out of it.
        """
        variants = {
            variant.id: VariantForm(prefix=f"variant-{variant.id}", sent=kept)
            for variant in view.product.variants
        }
        images = {
            image.id: ImageForm(prefix=f"image-{image.id}", sent=kept)
            for image in view.product.images
        }
        for form in variants.values():
            form.currency = currency
        product = ProductForm(sent=kept)
        product.zone = zone
        return cls(
            product,
            {key: form for key, form in variants.items() if form.price.raw_data},
            {key: form for key, form in images.items() if form.alt.raw_data},
        )

    def is_valid(self) -> bool:
        """Looks at all of them, so that all complaints are told at once."""
        answers = [form.is_valid() for form in self._forms]
        return all(answers)

    @property
    def complaints(self) -> dict[str, str]:
        return {name: text for form in self._forms for name, text in form.complaints.items()}

    def row_labels(self, view: ProductView) -> dict[str, str]:
        """Name of a variant's field -> what to call it among the complaints of many rows."""
        return {
            field.name: ", ".join(filter(None, [name_of(variant), str(field.label.text)]))
            for variant in view.product.variants
            for field in self.variants.get(variant.id, ())
        }

    def differences(self, view: ProductView, currency: str) -> list[tuple[str, str]]:
        """Label and present value of what is typed otherwise here."""
        present = ProductEditor.of(view, currency, self.product.zone)
        pairs = _differences(self.product, present.product)
        for variant in view.product.variants:
            if variant.id in self.variants:
                pairs += _differences(
                    self.variants[variant.id], present.variants[variant.id], name_of(variant)
                )
        return pairs

    @property
    def _forms(self) -> Sequence[Form]:
        return [self.product, *self.variants.values(), *self.images.values()]


def name_of(variant: Variant) -> str:
    return " / ".join(variant.option_values)


def _product_values(product: Product, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "title": product.title,
        "handle": product.handle,
        "summary": product.summary,
        "description": product.description,
        "vendor": product.vendor,
        "product_type": product.product_type,
        "tax_category": product.tax_category,
        "is_gift_card": product.is_gift_card,
        "tags": ", ".join(str(tag) for tag in product.tags),
        "seo_title": product.seo_title,
        "seo_description": product.seo_description,
        "status": product.status,
        "publish_at": written_instant(product.publish_at, zone),
        "unpublish_at": written_instant(product.unpublish_at, zone),
    }


def _variant_values(variant: Variant, stock: Availability, currency: str) -> dict[str, Any]:
    compare_at = variant.compare_at_amount
    contains, price_per = plain_measures(variant.measures) if variant.measures else ("", "")
    return {
        "sku": variant.sku or "",
        "price": plain_amount(Money(variant.unit_amount, currency)),
        "compare_at": "" if compare_at is None else plain_amount(Money(compare_at, currency)),
        "on_hand": str(stock.on_hand),
        "on_hand_was": str(stock.on_hand),
        "barcode": variant.barcode,
        "cost": ""
        if variant.cost_amount is None
        else plain_amount(Money(variant.cost_amount, currency)),
        "weight": str(variant.weight_grams or ""),
        "restock_on": variant.restock_on.isoformat() if variant.restock_on else "",
        "contains": contains,
        "price_per": price_per,
    }


def _differences(typed: Form, present: Form, of: str = "") -> list[tuple[str, str]]:
    return [
        (
            f"{of}: {field.label.text}" if of else str(field.label.text),
            present[name].data or _("(nothing)"),
        )
        for name, field in typed._fields.items()
        if not isinstance(field, (HiddenField, SelectMultipleField))
        and field.data != present[name].data
    ]

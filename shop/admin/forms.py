"""The admin's forms: what was typed, kept as typed, and read into the values services take."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import format_decimal
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    Field,
    HiddenField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import AnyOf, DataRequired, ValidationError

from shop.admin.checks import check_date
from shop.admin.times import read_instant
from shop.catalog.handles import is_handle
from shop.catalog.measures import Measures, UnreadableMeasure, read_measures
from shop.catalog.models import ProductStatus, Variant
from shop.catalog.service import ProductDetails
from shop.catalog.variant_service import VariantDetails, VariantFacts
from shop.inventory.service import MAX_ON_HAND
from shop.money import MAX_AMOUNT, Money, UnreadableAmount, plain_amount, read_amount
from shop.pricing.tax import CATEGORIES, STANDARD
from shop.web.forms import Form, at_most, tidy, tidy_text

MAX_TAGS, MAX_TAG = 50, 60
#: Points of a picture that may stay in sight: percent from its left and from its top.
FOCAL_STEPS = (0, 25, 50, 75, 100)
FOCAL_POINTS = [f"{x},{y}" for y in FOCAL_STEPS for x in FOCAL_STEPS]
_WHOLE_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)


#: Grams; a ton.
MAX_WEIGHT = 1_000_000


def is_weight(text: str) -> bool:
    return bool(_WHOLE_NUMBER.fullmatch(text)) and int(text) <= MAX_WEIGHT


def _id_in(text: Any) -> int:
    """0, which nothing has, where it is none."""
    return int(text) if _WHOLE_NUMBER.fullmatch(str(text)) else 0


class ProductForm(Form):
    title = StringField(
        _l("Title"), [DataRequired(_l("Give the product a title.")), at_most(255)], filters=[tidy]
    )
    handle = StringField(
        _l("Address"),
        [DataRequired(_l("Give the product the last part of its address.")), at_most(255)],
        filters=[tidy],
    )
    summary = TextAreaField(_l("Summary"), [at_most(1000)], filters=[tidy_text])
    description = TextAreaField(_l("Description"), [at_most(50_000)], filters=[tidy_text])
    vendor = StringField(_l("Maker"), [at_most(255)], filters=[tidy])
    product_type = StringField(_l("Type"), [at_most(255)], filters=[tidy])
    tax_category = StringField(_l("Taxed as"), [at_most(40)], [lambda text: text or STANDARD])
    is_gift_card = BooleanField(_l("This is a gift card"))
    tags = StringField(_l("Tags"), [at_most(MAX_TAGS * (MAX_TAG + 2))], filters=[tidy])
    seo_title = StringField(_l("Title in search results"), [at_most(255)], filters=[tidy])
    seo_description = TextAreaField(
        _l("Description in search results"), [at_most(512)], filters=[tidy]
    )
    collections = SelectMultipleField(_l("Collections"), coerce=_id_in, validate_choice=False)
    #: Whether the page had boxes for them.
    has_collections = HiddenField()
    status = StringField(_l("Status"))
    #: As browsers send it: 2026-11-27T10:00, by the shop's clock.
    publish_at = StringField(_l("Publish on"), [at_most(32)], filters=[tidy])
    unpublish_at = StringField(_l("Take out on"), [at_most(32)], filters=[tidy])
    version = HiddenField(validators=[at_most(64)])

    zone = ZoneInfo("UTC")

    def validate_handle(self, field: Field) -> None:
        if not is_handle(field.data):
            raise ValidationError(
                _("Use lower case letters, digits and single hyphens: tuesday-mug.")
            )

    def validate_tags(self, field: Field) -> None:
        tags = tags_in(field.data)
        if len(tags) > MAX_TAGS:
            raise ValidationError(_("Use at most %(most)s tags.", most=MAX_TAGS))
        if any(len(tag) > MAX_TAG for tag in tags):
            raise ValidationError(_("A tag has at most %(most)s characters.", most=MAX_TAG))

    def validate_tax_category(self, field: Field) -> None:
        if field.data not in CATEGORIES:
            raise ValidationError(_("Choose one of the kinds of goods."))

    def validate_status(self, field: Field) -> None:
        if field.data not in set(ProductStatus):
            raise ValidationError(_("Choose draft, published or archived."))

    def validate_publish_at(self, field: Field) -> None:
        self._check_instant(field)
        if field.data and self.status.data == ProductStatus.PUBLISHED:
            raise ValidationError(
                _("Choose Draft to publish it later, or leave this empty to publish it now.")
            )

    def validate_unpublish_at(self, field: Field) -> None:
        self._check_instant(field)
        if self.publish_at.errors:
            return
        come, leave = self.schedule
        if come and leave and leave <= come:
            raise ValidationError(_("Choose a moment after it comes into the shop."))

    def _check_instant(self, field: Field) -> None:
        try:
            read_instant(field.data, self.zone)
        except ValueError:
            raise ValidationError(_("Choose a day and a time, or leave it empty.")) from None

    @property
    def schedule(self) -> tuple[datetime | None, datetime | None]:
        """When it comes into the shop and when it leaves; what never comes does not leave."""
        come = read_instant(self.publish_at.data, self.zone)
        leave = read_instant(self.unpublish_at.data, self.zone)
        if self.status.data == ProductStatus.PUBLISHED:
            return None, leave
        return (come, leave) if come and self.status.data == ProductStatus.DRAFT else (None, None)

    def details(self) -> ProductDetails:
        return ProductDetails(
            title=self.title.data or "",
            handle=self.handle.data or "",
            summary=self.summary.data or "",
            description=self.description.data or "",
            vendor=self.vendor.data or "",
            product_type=self.product_type.data or "",
            tax_category=self.tax_category.data or STANDARD,
            is_gift_card=self.is_gift_card.data,
            tags=tags_in(self.tags.data or ""),
            seo_title=self.seo_title.data or "",
            seo_description=self.seo_description.data or "",
        )

    @property
    def wanted_status(self) -> ProductStatus:
        return ProductStatus(self.status.data)


class PriceForm(Form):
    """Fields that are amounts and whole numbers of a currency's shop."""

    currency = "GBP"

    def _check_amount(self, field: Field) -> None:
        try:
            read_amount(field.data, self.currency)
        except UnreadableAmount:
            example = plain_amount(Money(3400, self.currency))
            most = plain_amount(Money(MAX_AMOUNT, self.currency))
            raise ValidationError(
                _("Type an amount like %(example)s, at most %(most)s.", example=example, most=most)
            ) from None

    def _check_count(self, field: Field) -> None:
        if not _WHOLE_NUMBER.fullmatch(field.data) or int(field.data) > MAX_ON_HAND:
            raise ValidationError(
                _("Type a whole number from 0 to %(most)s.", most=format_decimal(MAX_ON_HAND))
            )

    def read(self, text: str | None) -> int:
        """In minor units; nothing typed is 0."""
        return self._amount(text) if text else 0

    def _amount(self, text: str | None) -> int:
        return read_amount(text or "", self.currency).amount


class VariantForm(PriceForm):
    """One row of the table of variants."""

    sku = StringField(_l("SKU"), [at_most(255)], filters=[tidy])
    price = StringField(_l("Price"), [at_most(20)], filters=[tidy])
    compare_at = StringField(_l("Compare at"), [at_most(20)], filters=[tidy])
    on_hand = StringField(_l("On hand"), [at_most(20)], filters=[tidy])
    #: What the page showed; a sale since then is not overwritten.
    on_hand_was = HiddenField(validators=[at_most(20)], filters=[tidy])

    barcode = StringField(_l("Barcode"), [at_most(255)], filters=[tidy])
    cost = StringField(_l("Cost"), [at_most(20)], filters=[tidy])
    weight = StringField(_l("Weight in g"), [at_most(20)], filters=[tidy])
    restock_on = StringField(_l("Back on"), [at_most(20)], filters=[tidy])
    contains = StringField(_l("Contains"), [at_most(20)], filters=[tidy])
    price_per = StringField(_l("Price per"), [at_most(20)], filters=[tidy])

    def validate_restock_on(self, field: Field) -> None:
        check_date(field)

    def validate_contains(self, field: Field) -> None:
        if not field.data and not self.price_per.data:
            return
        try:
            read_measures(field.data, self.price_per.data or "")
        except UnreadableMeasure:
            raise ValidationError(
                _("Type two amounts that fit each other, like 250 g and 100 g, or 0.75 l and 1 l.")
            ) from None

    def validate_price(self, field: Field) -> None:
        self._check_amount(field)

    def validate_compare_at(self, field: Field) -> None:
        if field.data:
            self._check_amount(field)

    def validate_cost(self, field: Field) -> None:
        if field.data:
            self._check_amount(field)

    def validate_weight(self, field: Field) -> None:
        if field.data and not is_weight(field.data):
            raise ValidationError(
                _("Type whole grams from 0 to %(most)s.", most=format_decimal(MAX_WEIGHT))
            )

    def validate_on_hand(self, field: Field) -> None:
        if self.is_counted:
            self._check_count(field)

    @property
    def is_counted(self) -> bool:
        """An untracked variant's row has no number to type."""
        return self.on_hand.raw_data is None or bool(self.on_hand.raw_data)

    def details(self, variant: Variant) -> VariantDetails:
        """The variant with what the row changes of it."""
        return VariantDetails(
            unit_amount=self._amount(self.price.data),
            compare_at_amount=self._amount(self.compare_at.data) if self.compare_at.data else None,
            sku=self.sku.data or None,
            barcode=self.facts(variant).barcode,
            options=(variant.option1, variant.option2, variant.option3),
            weight_grams=self.facts(variant).weight_grams,
            is_taxable=variant.is_taxable,
            requires_shipping=variant.requires_shipping,
            restock_on=self._restock_on(variant),
            measures=self._measures(variant),
        )

    def facts(self, variant: Variant) -> VariantFacts:
        """What the row says of them, or what they are where the page did not have the fields."""
        return VariantFacts(
            barcode=variant.barcode if not self.barcode.raw_data else self.barcode.data or "",
            weight_grams=(
                int(self.weight.data or "0") if self.weight.raw_data else variant.weight_grams
            ),
            cost_amount=self._cost if self.cost.raw_data else variant.cost_amount,
        )

    @property
    def _cost(self) -> int | None:
        return self._amount(self.cost.data) if self.cost.data else None

    def _restock_on(self, variant: Variant) -> date | None:
        if not self.restock_on.raw_data:  # the page did not have the field
            return variant.restock_on
        return date.fromisoformat(self.restock_on.data) if self.restock_on.data else None

    def _measures(self, variant: Variant) -> Measures | None:
        if not self.contains.raw_data:
            return variant.measures
        if not self.contains.data:
            return None
        return read_measures(self.contains.data, self.price_per.data or "")

    def stock_change(self) -> tuple[int, int] | None:
        """What it shall be and what it was; none: nobody touched the number."""
        if not self.is_counted or self.on_hand.data == self.on_hand_was.data:
            return None
        was = self.on_hand_was.data or ""
        return int(self.on_hand.data or "0"), int(was) if _WHOLE_NUMBER.fullmatch(was) else -1


class ImageForm(Form):
    """One row of the list of pictures."""

    alt = StringField(_l("Description"), [at_most(512)], filters=[tidy])
    #: What the page showed; what somebody wrote since then is not overwritten.
    alt_was = HiddenField(validators=[at_most(512)], filters=[tidy])


class PictureForm(Form):
    """A picture's own page."""

    alt = StringField(_l("Description"), [at_most(512)], filters=[tidy])
    is_decorative = StringField(_l("Kind"), [AnyOf(["", "1"], _l("Choose one of the two."))])
    focal = StringField(
        _l("Focal point"), [AnyOf(FOCAL_POINTS, _l("Choose a point of the picture."))]
    )
    variants = SelectMultipleField(_l("Variants"), coerce=_id_in, validate_choice=False)

    def validate_alt(self, field: Field) -> None:
        if not field.data and not self.is_decorative.data:
            raise ValidationError(_("Describe it, or say that it only decorates."))

    @property
    def focal_point(self) -> tuple[int, int]:
        x, y = (self.focal.data or "50,50").split(",")
        return int(x), int(y)


class UploadForm(Form):
    picture = FileField(_l("Picture"))
    alt = StringField(_l("Description"), [at_most(512)], filters=[tidy])


class NewProductForm(PriceForm):
    title = StringField(
        _l("Title"), [DataRequired(_l("Give the product a title.")), at_most(255)], filters=[tidy]
    )
    price = StringField(_l("Price"), [at_most(20)], filters=[tidy])
    sku = StringField(_l("SKU"), [at_most(255)], filters=[tidy])
    on_hand = StringField(_l("On hand"), [at_most(20)], filters=[tidy])

    def validate_price(self, field: Field) -> None:
        self._check_amount(field)

    def validate_on_hand(self, field: Field) -> None:
        self._check_count(field)

    def variant(self) -> VariantDetails:
        return VariantDetails(unit_amount=self._amount(self.price.data), sku=self.sku.data or None)

    @property
    def units(self) -> int:
        return int(self.on_hand.data or "0")


class NoteForm(Form):
    text = TextAreaField(
        _l("Note"), [DataRequired(_l("Type a note first.")), at_most(2000)], filters=[tidy_text]
    )


def tags_in(text: str) -> tuple[str, ...]:
    tags = {tag.casefold(): tag for tag in (part.strip() for part in text.split(",")) if tag}
    return tuple(tags.values())

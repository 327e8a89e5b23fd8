"""The forms of stock takes: what is counted, and what stands there."""

from __future__ import annotations

from enum import StrEnum

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, ValidationError

from shop.admin.inventory_forms import check_units
from shop.web.forms import Form, at_most, tidy, tidy_text
from shop.web.input import id_in

MAX_CODES = 2000


class What(StrEnum):
    """Which variants are counted."""

    ALL = "all"
    COLLECTION = "collection"
    CODES = "codes"


class StockTakeForm(Form):
    title = StringField(_l("Name"), [DataRequired(_l("Give it a name.")), at_most(120)], [tidy])
    what = StringField(_l("What is counted"), [at_most(16)])
    collection = StringField(_l("Collection"), [at_most(12)])
    codes = TextAreaField(_l("SKUs or barcodes"), [at_most(100_000)], filters=[tidy_text])
    press = HiddenField(validators=[at_most(40)])

    def validate_what(self, field: Field) -> None:
        if field.data not in set(What):
            raise ValidationError(_("Choose what is counted."))

    def validate_collection(self, field: Field) -> None:
        if self.what.data == What.COLLECTION and not self.collection_id:
            raise ValidationError(_("Choose a collection."))

    def validate_codes(self, field: Field) -> None:
        if self.what.data == What.CODES and not self.typed_codes:
            raise ValidationError(_("Type at least one SKU or barcode."))
        if len(self.typed_codes) > MAX_CODES:
            raise ValidationError(_("At most %(most)s lines.", most=MAX_CODES))

    @property
    def collection_id(self) -> int:
        return id_in(self.collection.data or "")

    @property
    def typed_codes(self) -> list[str]:
        return [code.strip() for code in (self.codes.data or "").splitlines() if code.strip()]


class ScanForm(Form):
    """What a scanner types, and Enter; a number where it is not one."""

    code = StringField(_l("SKU or barcode"), [at_most(255)], filters=[tidy])
    units = StringField(_l("Units"), filters=[tidy])

    def validate_code(self, field: Field) -> None:
        if not field.data:
            raise ValidationError(_("Scan or type a SKU or barcode."))

    def validate_units(self, field: Field) -> None:
        if field.data:
            check_units(field)

    @property
    def count(self) -> int:
        return int(self.units.data) if self.units.data else 1

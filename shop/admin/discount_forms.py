"""The form of a discount."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, ValidationError

from shop.accounts.service import UnusableEmail, normal_email
from shop.admin.forms import PriceForm
from shop.admin.times import read_instant
from shop.catalog.handles import is_handle
from shop.money import Money, plain_amount
from shop.pricing.discount_models import MAX_CODE, StoredDiscount
from shop.pricing.discount_queries import tidy_code
from shop.pricing.discount_service import DiscountDetails
from shop.pricing.discounts import Kind
from shop.web.forms import at_most, tidy, tidy_text

MAX_TIERS, MAX_PRODUCTS, MAX_EMAILS = 10, 100, 500
PPM_PER_PERCENT = 10_000
_PERCENT = re.compile(r"[0-9]{1,3}(?:[.,][0-9]{1,4})?", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,6}", re.ASCII)


class DiscountForm(PriceForm):
    title = StringField(
        _l("Title"), [DataRequired(_l("Give the discount a title.")), at_most(80)], filters=[tidy]
    )
    code = StringField(_l("Code"), [at_most(MAX_CODE)], filters=[tidy])
    kind = StringField(_l("What it gives"))
    percent = StringField(_l("Percent"), [at_most(10)], filters=[tidy])
    amount = StringField(_l("Amount"), [at_most(20)], filters=[tidy])
    tiers = TextAreaField(_l("Steps"), [at_most(500)], filters=[tidy_text])
    buy_quantity = StringField(_l("Buy"), [at_most(6)], filters=[tidy])
    get_quantity = StringField(_l("Get"), [at_most(6)], filters=[tidy])
    get_collections = SelectMultipleField(_l("Collections they get from"), validate_choice=False)
    get_products = TextAreaField(_l("Products they get"), [at_most(20_000)], filters=[tidy_text])
    get_percent = StringField(_l("Percent off what they get"), [at_most(10)], filters=[tidy])
    most_times = StringField(_l("Times in one basket"), [at_most(6)], filters=[tidy])
    collections = SelectMultipleField(_l("Collections"), validate_choice=False)
    products = TextAreaField(_l("Products"), [at_most(20_000)], filters=[tidy_text])
    minimum_amount = StringField(_l("From an amount of"), [at_most(20)], filters=[tidy])
    minimum_quantity = StringField(_l("From a number of pieces"), [at_most(6)], filters=[tidy])
    starts_at = StringField(_l("Begins"), [at_most(32)], filters=[tidy])
    ends_at = StringField(_l("Ends"), [at_most(32)], filters=[tidy])
    limit_total = StringField(_l("Orders in all"), [at_most(6)], filters=[tidy])
    limit_per_customer = StringField(_l("Orders of one customer"), [at_most(6)], filters=[tidy])
    emails = TextAreaField(_l("Only for these customers"), [at_most(20_000)], filters=[tidy_text])
    first_order_only = BooleanField(_l("Only for a customer's first order"))
    combines = BooleanField(_l("May be taken together with other discounts"))

    zone = ZoneInfo("UTC")

    @classmethod
    def blank(cls) -> DiscountForm:
        return cls(values={"kind": Kind.PERCENTAGE, "combines": True})

    @classmethod
    def of(
        cls, found: StoredDiscount, handles: Mapping[int, str], currency: str, zone: ZoneInfo
    ) -> DiscountForm:
        """`handles`: of the products it names, by id."""
        kind = Kind(found.kind)
        has_others = (found.get_product_ids, found.get_collection_ids) != (
            found.product_ids,
            found.collection_ids,
        )
        got = found.get_product_ids if has_others else []
        values: dict[str, Any] = {
            name: str(getattr(found, name) or "")
            for name in ("title", "code", "kind", "buy_quantity", "get_quantity", "most_times",
                         "minimum_quantity", "limit_total", "limit_per_customer")
        }  # fmt: skip
        values |= {
            "percent": _percent(found.value) if kind is Kind.PERCENTAGE else "",
            "get_percent": _percent(found.value) if kind is Kind.BUY_X_GET_Y else "",
            "amount": _plain(found.value, currency) if kind is Kind.AMOUNT else "",
            "tiers": "\n".join(
                f"{_plain(start, currency)}: "
                + (_percent(value) if kind is Kind.PERCENTAGE else _plain(value, currency))
                for start, value in found.tiers
            ),
            "collections": [str(id_) for id_ in found.collection_ids],
            "products": _lines(handles, found.product_ids),
            "get_collections": [str(id_) for id_ in found.get_collection_ids if has_others],
            "get_products": _lines(handles, got),
            "emails": "\n".join(found.emails),
            "minimum_amount": _plain(found.minimum_amount, currency),
            "starts_at": _local(found.starts_at, zone),
            "ends_at": _local(found.ends_at, zone),
            "first_order_only": found.first_order_only,
            "combines": found.combines,
        }
        return cls(values=values)

    def validate_code(self, field: Field) -> None:
        if field.data and not tidy_code(field.data):
            raise ValidationError(_("Use letters, digits, - and _ only, such as MUG10."))

    def validate_kind(self, field: Field) -> None:
        if field.data not in set(Kind):
            raise ValidationError(_("Choose what the discount gives."))

    def validate_percent(self, field: Field) -> None:
        if self.kind.data == Kind.PERCENTAGE and not self.tiers.data:
            _check_percent(field.data)

    def validate_get_percent(self, field: Field) -> None:
        if self.kind.data == Kind.BUY_X_GET_Y:
            _check_percent(field.data)

    def validate_amount(self, field: Field) -> None:
        if self.kind.data == Kind.AMOUNT and not self.tiers.data:
            self._check_amount(field)
            if not self._amount(field.data):
                raise ValidationError(_("Type an amount above zero."))

    def validate_tiers(self, field: Field) -> None:
        if not self._has_tiers:
            return
        try:
            tiers = self._tiers()
        except ValueError:
            raise ValidationError(
                _(
                    "Type one step a line, amount and discount with a colon between: %(start)s: 10",
                    start=self.tier_start,
                )
            ) from None
        if len(tiers) > MAX_TIERS:
            raise ValidationError(_("Use at most %(count)s steps.", count=MAX_TIERS))
        if [start for start, _value in tiers] != sorted({start for start, _value in tiers}):
            raise ValidationError(_("Let each step begin at a higher amount than the one before."))

    def validate_buy_quantity(self, field: Field) -> None:
        self._check_pieces(field)

    def validate_get_quantity(self, field: Field) -> None:
        self._check_pieces(field)

    def validate_most_times(self, field: Field) -> None:
        _check_number(field)

    def validate_minimum_quantity(self, field: Field) -> None:
        _check_number(field)

    def validate_limit_total(self, field: Field) -> None:
        _check_number(field, least=1)

    def validate_limit_per_customer(self, field: Field) -> None:
        _check_number(field, least=1)

    def validate_minimum_amount(self, field: Field) -> None:
        if field.data:
            self._check_amount(field)

    def validate_products(self, field: Field) -> None:
        handles = _words(field.data)
        if len(handles) > MAX_PRODUCTS:
            raise ValidationError(_("Name at most %(count)s products.", count=MAX_PRODUCTS))
        if not all(is_handle(handle) for handle in handles):
            raise ValidationError(_("Type the last parts of their addresses, such as tuesday-mug."))

    def validate_get_products(self, field: Field) -> None:
        self.validate_products(field)

    def validate_emails(self, field: Field) -> None:
        if len(self.addresses) > MAX_EMAILS:
            raise ValidationError(_("Name at most %(count)s addresses.", count=MAX_EMAILS))
        for address in self.addresses:
            try:
                normal_email(address)
            except UnusableEmail:
                sentence = _("%(address)s is no email address.", address=address[:80])
                raise ValidationError(sentence) from None

    def validate_starts_at(self, field: Field) -> None:
        self._check_instant(field)

    def validate_ends_at(self, field: Field) -> None:
        self._check_instant(field)
        starts, ends = (
            read_instant(self.starts_at.data, self.zone),
            read_instant(field.data, self.zone),
        )
        if starts is not None and ends is not None and ends <= starts:
            raise ValidationError(_("Let it end after it has begun."))

    @property
    def handles(self) -> list[str]:
        return _words(self.products.data)

    @property
    def get_handles(self) -> list[str]:
        return _words(self.get_products.data)

    @property
    def addresses(self) -> list[str]:
        return _words((self.emails.data or "").lower())

    @property
    def collection_ids(self) -> tuple[int, ...]:
        return _ids(self.collections.data)

    def details(self, product_ids: Mapping[str, int]) -> DiscountDetails:
        """Of a form without complaints. `product_ids`: by handle."""
        kind = Kind(self.kind.data or "")
        goods = tuple(product_ids[handle] for handle in self.handles)
        got = tuple(product_ids[handle] for handle in self.get_handles)
        got_of = _ids(self.get_collections.data)
        if not got and not got_of:
            got, got_of = goods, self.collection_ids
        gives = kind is Kind.BUY_X_GET_Y
        return DiscountDetails(
            title=self.title.data or "",
            code=tidy_code(self.code.data or "") or None,
            kind=kind,
            value=self._value(kind),
            product_ids=goods,
            collection_ids=self.collection_ids,
            minimum_amount=self._amount(self.minimum_amount.data or "0"),
            minimum_quantity=int(self.minimum_quantity.data or 0),
            tiers=tuple(self._tiers()) if self._has_tiers else (),
            buy_quantity=int(self.buy_quantity.data or 0) if gives else 0,
            get_quantity=int(self.get_quantity.data or 0) if gives else 0,
            get_product_ids=got if gives else (),
            get_collection_ids=got_of if gives else (),
            most_times=int(self.most_times.data or 0) if gives else 0,
            combines=bool(self.combines.data),
            starts_at=read_instant(self.starts_at.data, self.zone),
            ends_at=read_instant(self.ends_at.data, self.zone),
            limit_total=int(self.limit_total.data) if self.limit_total.data else None,
            limit_per_customer=(
                int(self.limit_per_customer.data) if self.limit_per_customer.data else None
            ),
            first_order_only=bool(self.first_order_only.data),
            emails=tuple(self.addresses),
        )

    @property
    def tier_start(self) -> str:
        """An example, as the currency writes it."""
        return plain_amount(Money(5000, self.currency))

    @property
    def _has_tiers(self) -> bool:
        return bool(self.tiers.data) and self.kind.data in (Kind.PERCENTAGE, Kind.AMOUNT)

    def _value(self, kind: Kind) -> int:
        if kind is Kind.FREE_SHIPPING or self._has_tiers:
            return 0
        if kind is Kind.AMOUNT:
            return self._amount(self.amount.data)
        return _ppm((self.percent.data if kind is Kind.PERCENTAGE else self.get_percent.data) or "")

    def _tiers(self) -> list[tuple[int, int]]:
        """Raises ValueError."""
        found = []
        for line in (self.tiers.data or "").splitlines():
            if line.strip():
                start, _colon, value = (part.strip() for part in line.partition(":"))
                worth = _ppm(value) if self.kind.data == Kind.PERCENTAGE else self._amount(value)
                if not worth:
                    raise ValueError(line)
                found.append((self._amount(start), worth))
        return found

    def _check_pieces(self, field: Field) -> None:
        if self.kind.data == Kind.BUY_X_GET_Y:
            _check_number(field, least=1, is_needed=True)

    def _check_instant(self, field: Field) -> None:
        try:
            read_instant(field.data, self.zone)
        except ValueError:
            field.data = ""
            raise ValidationError(_("Choose a day and a time, or leave it empty.")) from None


def _words(text: str | None) -> list[str]:
    return list(dict.fromkeys((text or "").replace(",", " ").split()))


def _lines(handles: Mapping[int, str], product_ids: Iterable[int]) -> str:
    return "\n".join(handle for id_, handle in handles.items() if id_ in set(product_ids))


def _ids(texts: Iterable[str] | None) -> tuple[int, ...]:
    return tuple(int(text) for text in texts or [] if _NUMBER.fullmatch(text))


def _check_percent(text: str | None) -> None:
    try:
        _ppm(text or "")
    except ValueError:
        raise ValidationError(_("Type a percentage above 0, at most 100.")) from None


def _check_number(field: Field, *, least: int = 0, is_needed: bool = False) -> None:
    if not field.data and not is_needed:
        return
    if not _NUMBER.fullmatch(field.data or "") or int(field.data) < least:
        raise ValidationError(_("Type a whole number from %(least)s on.", least=least))


def _ppm(text: str) -> int:
    """Raises ValueError."""
    if not _PERCENT.fullmatch(text):
        raise ValueError(text)
    ppm = int(Decimal(text.replace(",", ".")) * PPM_PER_PERCENT)
    if not 0 < ppm <= 100 * PPM_PER_PERCENT:
        raise ValueError(text)
    return ppm


def _percent(ppm: int) -> str:
    return f"{Decimal(ppm) / PPM_PER_PERCENT:f}" if ppm else ""


def _plain(amount: int, currency: str) -> str:
    return plain_amount(Money(amount, currency)) if amount else ""


def _local(at: datetime | None, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%dT%H:%M}" if at else ""

"""The questions to the owner of a new shop."""

from __future__ import annotations

import re

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, PasswordField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, ValidationError

from shop.admin.currency_forms import check_code
from shop.admin.way_forms import WayChecks
from shop.admin.zone_forms import named_countries
from shop.pricing.service import WayDetails
from shop.settings import Settings
from shop.setup.service import ShopBasics
from shop.store.queries import Store
from shop.web.forms import Form, at_most, is_email, tidy
from shop.web.languages import LOCALES

_SECRET_KEY = re.compile(r"(?:sk|rk)_(?:test|live)_[A-Za-z0-9_]{8,240}", re.ASCII)


def _upper(value: str | None) -> str:
    return tidy(value).upper()


class ShopForm(Form):
    name = StringField(_l("Name"), [DataRequired(_l("Give the shop a name.")), at_most(80)], [tidy])
    contact_email = StringField(
        _l("Contact email"),
        [DataRequired(_l("Give the address that shoppers write to.")), at_most(254)],
        [tidy],
    )
    country = StringField(_l("Country"), filters=[_upper])
    currency = StringField(_l("Currency"), filters=[_upper])
    language = StringField(_l("Language of the shop"), filters=[tidy])
    also = SelectMultipleField(_l("Shoppers can also read it in"), validate_choice=False)

    def validate_contact_email(self, field: Field) -> None:
        if not is_email(field.data or ""):
            raise ValidationError(_("Type an address like hello@example.com."))

    def validate_country(self, field: Field) -> None:
        if field.data not in named_countries():
            raise ValidationError(_("Choose the country where the shop stands."))

    def validate_currency(self, field: Field) -> None:
        check_code(field)

    def validate_language(self, field: Field) -> None:
        if field.data not in LOCALES:
            raise ValidationError(_("Choose one of the languages."))

    def validate_also(self, field: Field) -> None:
        if not set(field.data or ()) <= set(LOCALES):
            raise ValidationError(_("Choose among the languages."))

    @classmethod
    def of(cls, store: Store) -> ShopForm:
        values = {
            "name": store.name,
            "contact_email": store.contact_email,
            "country": store.country,
            "currency": store.currency,
            "language": store.languages[0],
            "also": list(store.languages[1:]),
        }
        return cls(values=values)

    def basics(self) -> ShopBasics:
        chosen = [self.language.data or "", *(self.also.data or ())]
        return ShopBasics(
            name=self.name.data or "",
            contact_email=self.contact_email.data or "",
            country=self.country.data or "",
            currency=self.currency.data or "",
            languages=tuple(dict.fromkeys(chosen)),
        )


class DeliveryForm(WayChecks):
    name = StringField(
        _l("What shoppers choose"), [DataRequired(_l("Give it a name.")), at_most(80)], [tidy]
    )
    price = StringField(_l("Price"), [at_most(20)], [tidy])
    free_from = StringField(_l("Free from"), [at_most(20)], [tidy])
    min_days = StringField(_l("Working days, at least"), [at_most(4)], [tidy])
    max_days = StringField(_l("Working days, at most"), [at_most(4)], [tidy])
    is_worldwide = BooleanField(_l("Send to every other country at this price too"))

    @classmethod
    def blank(cls) -> DeliveryForm:
        return cls(values={"name": _("Standard"), "min_days": "2", "max_days": "4"})

    def way(self) -> WayDetails:
        free_from = self.free_from.data
        return WayDetails(
            name=self.name.data or "",
            amount=self.read(self.price.data),
            free_from_amount=self.read(free_from) if free_from else None,
            min_days=int(self.min_days.data or "0"),
            max_days=int(self.max_days.data or "0"),
        )


class TaxForm(Form):
    charges = StringField(_l("Taxes"), filters=[tidy])
    region = StringField(_l("State of your shop"), [at_most(80)], [tidy])

    #: Of the published table; empty: it tells no states apart.
    regions: tuple[str, ...] = ()

    def validate_charges(self, field: Field) -> None:
        if field.data not in ("no", "home", "all"):
            raise ValidationError(_("Choose whether the shop charges tax."))

    def validate_region(self, field: Field) -> None:
        if self.regions and self.charges.data == "home" and field.data not in self.regions:
            raise ValidationError(_("Choose the state where the shop is registered."))


class PaymentsForm(Form):
    secret_key = PasswordField(_l("Secret key"), filters=[tidy])

    #: Whether real money may come to this deployment.
    takes_live = False

    def validate_secret_key(self, field: Field) -> None:
        typed = field.data or ""
        if typed.startswith("pk_"):
            raise ValidationError(
                _("That is the publishable key. The secret one begins with sk_ or rk_.")
            )
        if not _SECRET_KEY.fullmatch(typed):
            raise ValidationError(_("Type the secret key from Stripe, sk_test_… or sk_live_…."))
        if typed.startswith(("sk_live_", "rk_live_")) and not self.takes_live:
            raise ValidationError(
                _(
                    "A live key takes real money: it needs a shop in production at an https"
                    " address. Take a test key here."
                )
            )


def takes_live(settings: Settings) -> bool:
    return settings.is_production and settings.is_https

"""Where the shop sends and what that costs, and how places tax."""

from __future__ import annotations

from collections import Counter
from typing import Any, TypeVar

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import Field

from shop.admin import versions
from shop.admin.access import bp, staff, store
from shop.admin.tax_zone_forms import TaxZoneEditor, TaxZoneForm
from shop.admin.undo import flash_with_undo
from shop.admin.versions import ChangedMeanwhile
from shop.admin.way_forms import WayEditor
from shop.admin.zone_forms import PlacesForm, ShippingZoneForm, grouped_countries, named_countries
from shop.database import transaction
from shop.extensions import db
from shop.money import Money
from shop.pricing import published, service
from shop.pricing.models import ShippingRate, ShippingZone, TaxRate, TaxZone
from shop.pricing.places import EVERYWHERE_ELSE, Place, plain_postcodes
from shop.pricing.service import NameTaken, PlaceTaken
from shop.web.counts import ngettext
from shop.web.forms import tidy

AnyPlacesForm = TypeVar("AnyPlacesForm", bound=PlacesForm)

# Zones of delivery ------------------------------------------------------------------------------


@bp.get("/settings/zones")
def shipping_zones() -> ResponseReturnValue:
    zones = db.session.scalars(
        sa.select(ShippingZone).order_by(ShippingZone.position, ShippingZone.id)
    ).all()
    return render_template(
        "admin/shipping_zones.html",
        zones=[(zone, _places_in_words(zone)) for zone in zones],
        ways=Counter(db.session.scalars(sa.select(ShippingRate.zone_id))),
    )


@bp.get("/settings/zones/new")
def new_shipping_zone() -> ResponseReturnValue:
    return _shipping_zone_page(ShippingZoneForm(is_empty=True), None)


@bp.post("/settings/zones/new")
def create_shipping_zone() -> ResponseReturnValue:
    form = _knowing(ShippingZoneForm())
    if form.is_valid():
        try:
            with transaction():
                zone_id = service.add_shipping_zone(form.details(), by=staff().id).id
        except (NameTaken, PlaceTaken) as refusal:
            _complain(form, refusal)
        else:
            flash(_("Zone added. Now say how parcels get there, and what that costs."), "ok")
            return redirect(url_for(".shipping_zone", zone_id=zone_id), code=303)
    return _shipping_zone_page(form, None), 422


@bp.get("/settings/zones/<id:zone_id>")
def shipping_zone(zone_id: int) -> ResponseReturnValue:
    zone = _found(ShippingZone, zone_id)
    return _shipping_zone_page(ShippingZoneForm.of(zone), zone)


@bp.post("/settings/zones/<id:zone_id>")
def save_shipping_zone(zone_id: int) -> ResponseReturnValue:
    _found(ShippingZone, zone_id)
    form = _knowing(ShippingZoneForm())
    if form.is_valid():
        try:
            with transaction():
                zone = _locked(ShippingZone, zone_id)
                versions.check(ShippingZoneForm.of(zone), typed=[form])
                service.change_shipping_zone(zone, form.details(), by=staff().id)
        except (NameTaken, PlaceTaken) as refusal:
            _complain(form, refusal)
        except ChangedMeanwhile:
            form.complain(form.name, versions.sentence())
        else:
            flash(_("Saved."), "ok")
            return redirect(url_for(".shipping_zone", zone_id=zone_id), code=303)
    return _shipping_zone_page(form, _found(ShippingZone, zone_id)), 422


@bp.post("/settings/zones/<id:zone_id>/delete")
def delete_shipping_zone(zone_id: int) -> ResponseReturnValue:
    with transaction():
        service.remove_shipping_zone(_found(ShippingZone, zone_id), by=staff().id)
    flash_with_undo(_("Zone deleted."), by=staff().id)
    return redirect(url_for(".shipping_zones"), code=303)


# Ways of delivery -------------------------------------------------------------------------------


@bp.get("/settings/zones/<id:zone_id>/ways/new")
def new_way(zone_id: int) -> ResponseReturnValue:
    return _way_page(WayEditor.blank(), _found(ShippingZone, zone_id), None)


@bp.post("/settings/zones/<id:zone_id>/ways/new")
def create_way(zone_id: int) -> ResponseReturnValue:
    _found(ShippingZone, zone_id)
    editor = WayEditor.sent(store().currency)
    if editor.is_valid():
        try:
            with transaction():
                zone = _found(ShippingZone, zone_id)
                service.add_way(zone, editor.details(), by=staff().id)
        except NameTaken:
            _complain_of_way(editor)
        else:
            flash(_("Way of delivery added."), "ok")
            return redirect(url_for(".shipping_zone", zone_id=zone_id), code=303)
    return _way_page(editor, _found(ShippingZone, zone_id), None), 422


@bp.get("/settings/zones/<id:zone_id>/ways/<id:way_id>")
def way(zone_id: int, way_id: int) -> ResponseReturnValue:
    found = _way(zone_id, way_id)
    return _way_page(WayEditor.of(found, store().currency), _found(ShippingZone, zone_id), found)


@bp.post("/settings/zones/<id:zone_id>/ways/<id:way_id>")
def save_way(zone_id: int, way_id: int) -> ResponseReturnValue:
    _way(zone_id, way_id)
    editor = WayEditor.sent(store().currency)
    if editor.is_valid():
        try:
            with transaction():
                way = _locked(ShippingRate, _way(zone_id, way_id).id)
                versions.check(*WayEditor.of(way, store().currency).forms, typed=list(editor.forms))
                service.change_way(way, editor.details(), by=staff().id)
        except NameTaken:
            _complain_of_way(editor)
        except ChangedMeanwhile:
            editor.form.complain(editor.form.name, versions.sentence())
        else:
            flash(_("Saved."), "ok")
            return redirect(url_for(".shipping_zone", zone_id=zone_id), code=303)
    return _way_page(editor, _found(ShippingZone, zone_id), _way(zone_id, way_id)), 422


@bp.post("/settings/zones/<id:zone_id>/ways/<id:way_id>/delete")
def delete_way(zone_id: int, way_id: int) -> ResponseReturnValue:
    with transaction():
        service.remove_way(_way(zone_id, way_id), by=staff().id)
    flash_with_undo(_("Way of delivery deleted."), by=staff().id)
    return redirect(url_for(".shipping_zone", zone_id=zone_id), code=303)


# Taxes ------------------------------------------------------------------------------------------


@bp.get("/settings/taxes")
def tax_zones() -> ResponseReturnValue:
    zones = db.session.scalars(sa.select(TaxZone).order_by(TaxZone.position, TaxZone.id)).all()
    rates: dict[int, list[TaxRate]] = {}
    for rate in db.session.scalars(sa.select(TaxRate).order_by(TaxRate.position, TaxRate.id)):
        rates.setdefault(rate.zone_id, []).append(rate)
    return render_template(
        "admin/tax_zones.html",
        zones=[(zone, _places_in_words(zone)) for zone in zones],
        rates=rates,
        tables=[(name, published.read(name)) for name in published.SETS],
    )


@bp.post("/settings/taxes/rates")
def load_rates() -> ResponseReturnValue:
    name = request.form.get("name", "")
    region = tidy(request.form.get("region"))[:80]
    if name not in published.SETS:
        abort(422, _("Choose one of the tables. Nothing was changed."))
    with transaction():
        loaded = published.load(name, region=region, by=staff().id)
    flash(
        ngettext(
            "%(num)s zone added. Look them over: a shop taxes only where it is registered.",
            "%(num)s zones added. Look them over: a shop taxes only where it is registered.",
            len(loaded.added),
        ),
        "ok",
    )
    if loaded.kept:
        flash(
            ngettext(
                "%(num)s zone was left out, since yours stays as it is.",
                "%(num)s zones were left out, since yours stay as they are.",
                len(loaded.kept),
            ),
            "info",
        )
    return redirect(url_for(".tax_zones"), code=303)


@bp.get("/settings/taxes/new")
def new_tax_zone() -> ResponseReturnValue:
    return _tax_zone_page(TaxZoneEditor.blank(), None)


@bp.post("/settings/taxes/new")
def create_tax_zone() -> ResponseReturnValue:
    editor = _sent_tax_zone()
    if editor.is_valid():
        try:
            with transaction():
                service.add_tax_zone(editor.details(), by=staff().id)
        except (NameTaken, PlaceTaken) as refusal:
            _complain(editor.form, refusal)
        else:
            flash(_("Zone added."), "ok")
            return redirect(url_for(".tax_zones"), code=303)
    return _tax_zone_page(editor, None), 422


@bp.get("/settings/taxes/<id:zone_id>")
def tax_zone(zone_id: int) -> ResponseReturnValue:
    zone = _found(TaxZone, zone_id)
    return _tax_zone_page(_stored_tax(zone), zone)


@bp.post("/settings/taxes/<id:zone_id>")
def save_tax_zone(zone_id: int) -> ResponseReturnValue:
    _found(TaxZone, zone_id)
    editor = _sent_tax_zone()
    if editor.is_valid():
        try:
            with transaction():
                zone = _locked(TaxZone, zone_id)
                versions.check(*_stored_tax(zone).forms, typed=list(editor.forms))
                service.change_tax_zone(zone, editor.details(), by=staff().id)
        except (NameTaken, PlaceTaken) as refusal:
            _complain(editor.form, refusal)
        except ChangedMeanwhile:
            editor.form.complain(editor.form.name, versions.sentence())
        else:
            flash(_("Saved."), "ok")
            return redirect(url_for(".tax_zones"), code=303)
    return _tax_zone_page(editor, _found(TaxZone, zone_id)), 422


@bp.post("/settings/taxes/<id:zone_id>/delete")
def delete_tax_zone(zone_id: int) -> ResponseReturnValue:
    with transaction():
        service.remove_tax_zone(_found(TaxZone, zone_id), by=staff().id)
    flash_with_undo(_("Zone deleted."), by=staff().id)
    return redirect(url_for(".tax_zones"), code=303)


# Inside -----------------------------------------------------------------------------------------


def _found(model: type[Any], row_id: int) -> Any:
    return db.session.get(model, row_id) or abort(404)


def _locked(model: type[Any], row_id: int) -> Any:
    found = db.session.get(model, row_id, with_for_update=True, populate_existing=True)
    return found or abort(404)


def _stored_tax(zone: TaxZone) -> TaxZoneEditor:
    rates = db.session.scalars(
        sa.select(TaxRate).where(TaxRate.zone_id == zone.id).order_by(TaxRate.position, TaxRate.id)
    ).all()
    return TaxZoneEditor.of(zone, rates)


def _way(zone_id: int, way_id: int) -> ShippingRate:
    found: ShippingRate = _found(ShippingRate, way_id)
    if found.zone_id != zone_id:
        abort(404)
    return found


def _knowing(form: AnyPlacesForm) -> AnyPlacesForm:
    form.known = named_countries()
    return form


def _sent_tax_zone() -> TaxZoneEditor:
    editor = TaxZoneEditor.sent()
    _knowing(editor.form)
    return editor


def _shipping_zone_page(form: ShippingZoneForm, zone: ShippingZone | None) -> str:
    currency = store().currency
    ways = db.session.scalars(
        sa.select(ShippingRate)
        .where(ShippingRate.zone_id == (zone.id if zone else 0))
        .order_by(ShippingRate.position, ShippingRate.id)
    ).all()
    return render_template(
        "admin/shipping_zone.html",
        form=form,
        zone=zone,
        ways=[(way, Money(way.amount, currency)) for way in ways],
        groups=grouped_countries(),
    )


def _way_page(editor: WayEditor, zone: ShippingZone, found: ShippingRate | None) -> str:
    return render_template(
        "admin/way.html",
        editor=editor,
        form=editor.form,
        zone=zone,
        way=found,
        currency=store().currency,
    )


def _tax_zone_page(editor: TaxZoneEditor, zone: TaxZone | None) -> str:
    return render_template(
        "admin/tax_zone.html",
        editor=editor,
        form=editor.form,
        zone=zone,
        groups=grouped_countries(),
    )


def _complain(form: ShippingZoneForm | TaxZoneForm, refusal: NameTaken | PlaceTaken) -> None:
    if isinstance(refusal, NameTaken):
        form.complain(form.name, _("Another zone has that name."))
        return
    place = refusal.place
    field: Field = form.countries
    if place.region:
        field = form.regions
    elif place.postcode_from:
        field = form.postcodes
    form.complain(
        field,
        _(
            "%(place)s is in the zone “%(zone)s” already. Take it out there first, or leave it out"
            " here.",
            place=_in_words(place, named_countries()),
            zone=refusal.zone,
        ),
    )


def _complain_of_way(editor: WayEditor) -> None:
    editor.form.complain(editor.form.name, _("Another way of this zone has that name."))


def _places_in_words(zone: ShippingZone | TaxZone) -> list[str]:
    names = named_countries()
    return [_in_words(Place(**place), names) for place in zone.places]


def _in_words(place: Place, names: dict[str, str]) -> str:
    if place.country == EVERYWHERE_ELSE:
        return _("Everywhere else")
    country = names.get(place.country, place.country)
    part = place.region or plain_postcodes(place)
    return _("%(country)s: %(part)s", country=country, part=part) if part else country

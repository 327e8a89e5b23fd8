"""What will be sold and what to order, customers by how they buy, and what is bought together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from shop.admin import versions
from shop.admin.access import bp, staff, store
from shop.admin.export_notes import note_export
from shop.admin.forecast_forms import PlanForm
from shop.admin.report_views import csv_response
from shop.admin.versions import ChangedMeanwhile
from shop.clock import now
from shop.database import transaction
from shop.forecasts import queries, service
from shop.forecasts.groups import AWAY, OFTEN, RECENT, Group
from shop.forecasts.models import ForecastSettings
from shop.forecasts.queries import PAGE_SIZE, ForecastRow
from shop.money import Money, plain_amount
from shop.recommendations import queries as recommendations
from shop.web.pagination import paginate, read_page

#: Pairs of products on the page of what is bought together.
SHOWN_PAIRS = 100


@bp.get("/reports/forecasts")
def forecasts() -> ResponseReturnValue:
    return _forecast_page(PlanForm.of(queries.plan()))


@bp.post("/reports/forecasts")
def save_plan() -> ResponseReturnValue:
    form = PlanForm()
    if not form.is_valid():
        return _forecast_page(form), 422
    plan, by = form.plan(), staff().id
    try:
        with transaction():
            versions.lock(ForecastSettings)
            versions.check(PlanForm.of(queries.plan()), typed=[form])
            service.change_plan(plan, by=by)
    except ChangedMeanwhile:
        form.complain(next(iter(form)), versions.sentence())
        return _forecast_page(form), 409
    flash(_("Saved."), "ok")
    return redirect(url_for(".forecasts"), code=303)


@bp.get("/reports/forecasts.csv")
def forecasts_file() -> ResponseReturnValue:
    plan = queries.plan()
    header = [
        _("Product"), _("Variant"), _("SKU"), _("Available"), _("Incoming"), _("Units a week"),
        _("Expected"), _("At least"), _("At most"), _("Order"), _("Expected last month"),
        _("Sold last month"),
    ]  # fmt: skip
    rows = (_cells(row) for row in queries.forecasts(plan))
    return csv_response(header, rows, f"forecasts-{now():%Y-%m-%d}.csv")


@bp.get("/reports/customer-groups")
def customer_groups() -> ResponseReturnValue:
    return render_template(
        "admin/customer_groups.html",
        groups=_groups(),
        counts=queries.group_counts(),
        currency=store().currency,
        in_money=Money,
    )


@bp.get("/reports/customer-groups/<name>")
def customer_group(name: str) -> ResponseReturnValue:
    group, number = _group_or_404(name), read_page(request.args.get("page"))
    rows = queries.members(group, now(), store().currency, number)
    title, about = _groups()[group]
    return render_template(
        "admin/customer_group.html",
        group=group,
        title=title,
        about=about,
        pager=paginate(
            rows, number, PAGE_SIZE, lambda page: url_for(".customer_group", name=name, page=page)
        ),
    )


@bp.get("/reports/customer-groups/<name>.csv")
def customer_group_file(name: str) -> ResponseReturnValue:
    group = _group_or_404(name)
    note_export("customers", is_part=True)
    header = [_("Email"), _("Name"), _("Orders"), _("Bought for"), _("Last order")]
    rows: Iterator[Sequence[str | int | Decimal]] = (
        [one.email, one.name, one.orders, Decimal(plain_amount(one.amount)),
         one.last_at.date().isoformat()]
        for one in queries.members(group, now(), store().currency, None)
    )  # fmt: skip
    return csv_response(header, rows, f"customers-{group}-{now():%Y-%m-%d}.csv")


@bp.get("/reports/bought-together")
def bought_together() -> ResponseReturnValue:
    return render_template(
        "admin/bought_together.html", pairs=recommendations.closest_pairs(SHOWN_PAIRS)
    )


# Inside -----------------------------------------------------------------------------------------


def _forecast_page(form: PlanForm) -> str:
    plan, number = queries.plan(), read_page(request.args.get("page"))
    is_all = request.args.get("show") == "all"
    rows = queries.forecasts(plan)
    shown = rows if is_all else [row for row in rows if row.to_order]
    start = (number - 1) * PAGE_SIZE
    return render_template(
        "admin/forecasts.html",
        form=form,
        plan=plan,
        is_all=is_all,
        has_any=bool(rows),
        backtest=queries.backtest(),
        methods=_methods(),
        pager=paginate(
            shown[start : start + PAGE_SIZE + 1],
            number,
            PAGE_SIZE,
            lambda page: url_for(".forecasts", show="all" if is_all else None, page=page),
        ),
    )


def _cells(row: ForecastRow) -> Sequence[str | int | Decimal]:
    last = "" if row.last_expected is None else _tenths(row.last_expected)
    return [
        row.title, row.options, row.sku, "" if row.available is None else row.available,
        row.incoming,
        _tenths(row.rate), _tenths(row.expected), row.low, row.high, row.to_order, last,
        row.last_sold,
    ]  # fmt: skip


def _tenths(value: float) -> Decimal:
    return Decimal(f"{value:.1f}")


def _group_or_404(name: str) -> Group:
    if name not in set(Group):
        raise NotFound
    return Group(name)


def _methods() -> dict[str, str]:
    return {
        "mean": _("Mean of the last weeks"),
        "smoothed": _("Newer weeks count more"),
        "seldom": _("Seldom sold"),
        "year_ago": _("As a year ago"),
    }


def _groups() -> dict[Group, tuple[str, str]]:
    """What each is called, and who is in it."""
    return {
        Group.LOYAL: (
            _("Loyal"),
            _(
                "%(orders)s orders or more, the last within %(days)s days.",
                orders=OFTEN,
                days=RECENT,
            ),
        ),
        Group.RETURNING: (
            _("Returning"),
            _("Two or three orders, the last within %(days)s days.", days=RECENT),
        ),
        Group.NEW: (_("New"), _("One order, within %(days)s days.", days=RECENT)),
        Group.SLIPPING: (
            _("Slipping away"),
            _("Two orders or more, none for %(days)s days.", days=RECENT),
        ),
        Group.ONCE: (_("Bought once"), _("One order, longer ago than %(days)s days.", days=RECENT)),
        Group.GONE: (_("Gone"), _("No order for %(days)s days.", days=AWAY)),
    }

"""Each report as one table: what its columns are called and what stands in them.

A page, a chart and a CSV file are all made from the same table, so they cannot differ.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flask_babel import gettext as _

from shop.admin.report_cells import Cell, Column, Kind, Row, Table
from shop.admin.report_words import bucket_code, bucket_name, method_name
from shop.money import Money
from shop.reports import money_queries, queries
from shop.reports.periods import Bucket, Period
from shop.reports.queries import Sales, total_of
from shop.traffic.queries import visitors
from shop.traffic.steps import Step
from shop.web.countries import country_names

#: Searches that the report lists.
MAX_SEARCHES = 1000


@dataclass(frozen=True)
class Report:
    name: str
    title: str
    #: What it is computed from, in a sentence.
    about: str
    make: Callable[[Period, str], Table]
    #: Whether each currency has a table of its own.
    has_currencies: bool = True
    is_over_time: bool = False


def reports() -> dict[str, Report]:
    """By name, in the order of the list."""
    found = [
        Report(
            "sales",
            _("Sales over time"),
            _(
                "Orders count on the day they were paid, refunds on the day they were given."
                " Net sales are the orders' totals less what was given back of them."
            ),
            sales,
            is_over_time=True,
        ),
        Report(
            "products",
            _("Sales by product"),
            _("Lines of paid orders, without delivery, and what refunds took of them."),
            by_product,
        ),
        Report(
            "variants",
            _("Sales by variant"),
            _("Lines of paid orders, without delivery, and what refunds took of them."),
            by_variant,
        ),
        Report(
            "collections",
            _("Sales by collection"),
            _("A product in two collections counts in both, so the lines do not add up."),
            by_collection,
        ),
        Report(
            "countries",
            _("Sales by country"),
            _("Where the goods went, by the delivery address."),
            by_country,
        ),
        Report(
            "discounts",
            _("Discounts"),
            _("What discounts took off paid orders. An order with two counts for both."),
            by_discount,
        ),
        Report(
            "taxes",
            _("Taxes"),
            _(
                "By country and rate, as the orders kept them when they were placed, less the tax"
                " inside refunds."
            ),
            taxes,
        ),
        Report(
            "payments",
            _("Payments by method"),
            _("Money that came, by the day it came, and what of it went back."),
            payments,
        ),
        Report(
            "funnel",
            _("From visit to order"),
            _(
                "Different visitors on each day, added up, counted without cookies and without"
                " keeping who. Machines are left out."
            ),
            funnel,
            has_currencies=False,
        ),
        Report(
            "searches",
            _("Searches"),
            _("What shoppers typed into the search field. Days are those of UTC."),
            searches,
            has_currencies=False,
        ),
    ]
    return {report.name: report for report in found}


def sales(period: Period, currency: str) -> Table:
    before = period.before.buckets[: len(period.buckets)]
    found = queries.sales([*before, *period.buckets]).get(currency) or []
    now_ = found[len(before) :] or [Sales() for _bucket in period.buckets]

    def cells(name: str, one: Sales) -> list[Cell]:
        amounts = (one.gross, -one.discounts, one.shipping, one.added_tax + one.other, one.total,
                   -one.refunds, one.net, one.tax)  # fmt: skip
        return [name, one.orders, *(Money(amount, currency) for amount in amounts)]

    columns = [
        Column(_("Time"), Kind.TEXT),
        Column(_("Orders"), Kind.COUNT),
        Column(_("Goods")),
        Column(_("Discounts")),
        Column(_("Delivery")),
        Column(_("Added tax and rounding")),
        Column(_("Total")),
        Column(_("Refunds")),
        Column(_("Net sales")),
        Column(_("Tax inside")),
    ]
    pairs = zip(period.buckets, now_, strict=True)
    return _without_empty(
        columns,
        [cells(bucket_name(bucket, period), one) for bucket, one in pairs],
        cells(_("Together"), total_of(now_)),
        _("Added tax and rounding"),
        series=[one.net for one in now_],
        before=[one.net for one in found[: len(before)]],
        codes=[bucket_code(bucket, period) for bucket in period.buckets],
        series_currency=currency,
    )


def _without_empty(
    columns: Sequence[Column],
    rows: Sequence[Sequence[Cell]],
    sums: Sequence[Cell],
    title: str,
    *,
    codes: Sequence[str],
    **more: Any,
) -> Table:
    """Without the column of that title where nothing stands in it. `codes`: of the rows."""
    place = [column.title for column in columns].index(title)
    kept = [n for n in range(len(columns)) if n != place or any(row[place] for row in rows)]

    def cut(cells: Sequence[Any]) -> list[Any]:
        return [cells[n] for n in kept]

    made = [Row(cut(row), code=code) for row, code in zip(rows, codes, strict=True)]
    return Table(cut(columns), made, cut(sums), **more)


def by_product(period: Period, currency: str) -> Table:
    return _sold(queries.by_product(period), currency, _("Product"))


def by_variant(period: Period, currency: str) -> Table:
    return _sold(queries.by_variant(period), currency, _("Variant"))


def by_collection(period: Period, currency: str) -> Table:
    table = _sold(queries.by_collection(period), currency, _("Collection"))
    return Table(table.columns, table.rows)


def _sold(found: Sequence[queries.Sold], currency: str, title: str) -> Table:
    rows = [one for one in found if one.currency == currency]

    def cells(one: queries.Sold) -> list[Cell]:
        amounts = (one.gross, -one.discounts, one.total, -one.returned, one.net)
        return [one.title, one.orders, one.units, one.returned_units,
                *(Money(amount, currency) for amount in amounts)]  # fmt: skip

    whole = queries.Sold("", _("Together"), "", currency)
    for one in rows:
        for name in ("units", "gross", "discounts", "total", "returned_units", "returned"):
            setattr(whole, name, getattr(whole, name) + getattr(one, name))
    sums = cells(whole)
    sums[1] = None  # an order with two products would count twice
    columns = [
        Column(title, Kind.TEXT),
        Column(_("Orders"), Kind.COUNT),
        Column(_("Units"), Kind.COUNT),
        Column(_("Given back"), Kind.COUNT),
        Column(_("Goods")),
        Column(_("Discounts")),
        Column(_("Sold")),
        Column(_("Refunds")),
        Column(_("Net")),
    ]
    return Table(columns, [Row(cells(one), one.note) for one in rows], sums)


def by_country(period: Period, currency: str) -> Table:
    names = country_names()
    rows = [one for one in queries.by_country(period) if one.currency == currency]

    def cells(name: str, one: Sales) -> list[Cell]:
        amounts = (one.total, -one.refunds, one.net, one.tax)
        return [name, one.orders, *(Money(amount, currency) for amount in amounts)]

    columns = [
        Column(_("Country"), Kind.TEXT),
        Column(_("Orders"), Kind.COUNT),
        Column(_("Total")),
        Column(_("Refunds")),
        Column(_("Net sales")),
        Column(_("Tax inside")),
    ]
    return Table(
        columns,
        [
            Row(cells(names.get(one.country, one.country) or _("By email only"), one.sales))
            for one in rows
        ],
        cells(_("Together"), total_of([one.sales for one in rows])),
    )


def by_discount(period: Period, currency: str) -> Table:
    rows = [one for one in queries.by_discount(period) if one.currency == currency]
    columns = [
        Column(_("Discount"), Kind.TEXT),
        Column(_("Code"), Kind.TEXT),
        Column(_("Orders"), Kind.COUNT),
        Column(_("Taken off")),
        Column(_("Their orders' total")),
    ]
    return Table(
        columns,
        [
            Row([one.title, one.code, one.orders, Money(one.amount, currency),
                 Money(one.total, currency)])
            for one in rows
        ],
        [_("Together"), "", None, Money(sum(one.amount for one in rows), currency), None],
    )  # fmt: skip


def taxes(period: Period, currency: str) -> Table:
    names = country_names()
    rows = [one for one in money_queries.taxes(period) if one.currency == currency]
    columns = [
        Column(_("Country"), Kind.TEXT),
        Column(_("Tax"), Kind.TEXT),
        Column(_("Without tax")),
        Column(_("Tax charged")),
        Column(_("Given back, without tax")),
        Column(_("Tax given back")),
        Column(_("Tax owed")),
    ]

    def cells(one: money_queries.TaxRow) -> list[Cell]:
        amounts = (one.base, one.tax, -one.returned_base, -one.returned_tax, one.due)
        return [names.get(one.country, one.country), f"{one.name} {one.percent} %",
                *(Money(amount, currency) for amount in amounts)]  # fmt: skip

    def whole(name: str) -> Money:
        return Money(sum(getattr(one, name) for one in rows), currency)

    sums: list[Cell] = [
        _("Together"), "", None, whole("tax"), None, whole("returned_tax") * -1, whole("due"),
    ]  # fmt: skip
    return Table(columns, [Row(cells(one)) for one in rows], sums)


def payments(period: Period, currency: str) -> Table:
    found = money_queries.by_method(period.since, period.until)
    rows = [one for one in found if one.currency == currency]
    columns = [
        Column(_("Method"), Kind.TEXT),
        Column(_("Kept by"), Kind.TEXT),
        Column(_("Payments"), Kind.COUNT),
        Column(_("Received")),
        Column(_("Refunds"), Kind.COUNT),
        Column(_("Given back")),
        Column(_("Net")),
    ]

    def cells(one: money_queries.MethodSums) -> list[Cell]:
        return [
            method_name(one.method),
            "Stripe" if one.is_by_stripe else _("The shop itself"),
            one.payments,
            Money(one.received, currency),
            one.refunds,
            Money(-one.returned, currency),
            Money(one.net, currency),
        ]

    sums: list[Cell] = [
        _("Together"),
        "",
        sum(one.payments for one in rows),
        Money(sum(one.received for one in rows), currency),
        sum(one.refunds for one in rows),
        Money(-sum(one.returned for one in rows), currency),
        Money(sum(one.net for one in rows), currency),
    ]
    return Table(columns, [Row(cells(one)) for one in rows], sums)


def funnel(period: Period, _currency: str) -> Table:
    """Each step's share is of the visitors, and of the step before."""
    counted = visitors(period.first, period.last)
    names = {
        Step.VISIT: _("Visited the shop"),
        Step.PRODUCT: _("Looked at a product"),
        Step.CART: _("Put something into the basket"),
        Step.CHECKOUT: _("Reached the checkout"),
    }
    steps = [
        (names[step], sum(count for (_day, of), count in counted.items() if of == step))
        for step in Step
    ]
    found = queries.sales([_whole(period)]).values()
    steps.append((_("Paid orders"), sum(parts[0].orders for parts in found)))
    columns = [
        Column(_("Step"), Kind.TEXT),
        Column(_("Visitors"), Kind.COUNT),
        Column(_("Of all visitors"), Kind.PERCENT),
        Column(_("Of the step before"), Kind.PERCENT),
    ]
    rows = []
    for place, (name, count) in enumerate(steps):
        before = steps[place - 1][1] if place else 0
        rows.append(Row([name, count, _share(count, steps[0][1]), _share(count, before)]))
    return Table(columns, rows, series=[count for _name, count in steps])


def searches(period: Period, _currency: str) -> Table:
    rows = queries.searches(period.first, period.last, MAX_SEARCHES)
    columns = [
        Column(_("Search"), Kind.TEXT),
        Column(_("Times"), Kind.COUNT),
        Column(_("Products found"), Kind.COUNT),
    ]
    return Table(columns, [Row([one.words, one.searches, one.found]) for one in rows])


def _whole(period: Period) -> Bucket:
    return Bucket(period.since, period.until, period.first)


def _share(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None

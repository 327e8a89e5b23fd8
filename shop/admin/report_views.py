"""Reports: one page and one file each, for a period and a currency."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from shop.admin import report_cells, report_tables, report_words
from shop.admin.access import bp, store
from shop.admin.report_cells import Row, Table
from shop.admin.report_tables import Report
from shop.catalog.csvfile import write_table
from shop.clock import now
from shop.money import Money, exponent
from shop.reports import charts
from shop.reports.periods import Period, Preset, read_period
from shop.web.filters import money
from shop.web.pagination import paginate, read_page

#: Rows of a table on one page; files have all.
PAGE_SIZE = 100
#: Decimals that say nothing, before the currency's sign where it stands behind.
_NOUGHTS = re.compile(r"[.,\u066b]0+(?=\D*$)")


@dataclass(frozen=True)
class Drawing:
    """A chart, ready to be printed."""

    bars: Sequence[tuple[charts.Bar, str]]
    #: Path of the period before; empty: there is none.
    before: str
    #: From the highest down.
    scale: Sequence[str]
    lines: Sequence[float]
    #: Below the chart, spread over its width.
    labels: Sequence[str]


@bp.get("/reports")
def reports() -> ResponseReturnValue:
    return render_template("admin/reports.html", reports=report_tables.reports().values())


@bp.get("/reports/<name>")
def report(name: str) -> ResponseReturnValue:
    found, period, currency = _report_or_404(name), asked_period(), _currency()
    table, number = found.make(period, currency), read_page(request.args.get("page"))
    start = (number - 1) * PAGE_SIZE
    address = _addresses(found, period, currency)
    return render_template(
        "admin/report.html",
        report=found,
        table=table,
        pager=paginate(
            table.rows[start : start + PAGE_SIZE + 1],
            number,
            PAGE_SIZE,
            lambda page: url_for(".report", **address, page=page),
        ),
        drawing=_drawing(found, table, period) if any(table.series) or any(table.before) else None,
        csv=url_for(".report_file", **address),
        currency=currency,
        currencies=_currencies() if found.has_currencies else [],
        address=address,
        shown=report_cells.shown,
        **period_facts(period),
    )


@bp.get("/reports/<name>.csv")
def report_file(name: str) -> ResponseReturnValue:
    """The whole table, of one currency, with what it is about in the file's name."""
    found, period, currency = _report_or_404(name), asked_period(), _currency()
    table = found.make(period, currency)
    of_currency = f"-{currency}" if found.has_currencies else ""
    file = f"{name}-{period.first}-{period.last}{of_currency}.csv"
    return csv_response([column.title for column in table.columns], _plain_rows(table.rows), file)


def csv_response(
    header: Sequence[str], rows: Iterator[Sequence[str | int | Decimal]], file: str
) -> Response:
    lines = "".join(write_table(header, rows))
    response = Response(lines.encode("utf-8-sig"), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{file}"'
    return response


def asked_period(usual: Preset = Preset.MONTH) -> Period:
    shop, args = store(), request.args
    return read_period(
        args.get("days", ""),
        args.get("since", ""),
        args.get("until", ""),
        today=shop.day_of(now()),
        zone=shop.zone,
        usual=usual,
    )


def period_facts(period: Period) -> dict[str, Any]:
    """What the form above every report prints."""
    return {
        "period": period,
        "days": report_words.days_of(period),
        "presets": report_words.preset_names().items(),
        "zone": store().time_zone,
    }


def period_args(period: Period) -> dict[str, Any]:
    if period.preset is not Preset.CUSTOM:
        return {"days": period.preset}
    return {"since": period.first.isoformat(), "until": period.last.isoformat()}


# Inside -----------------------------------------------------------------------------------------


def _report_or_404(name: str) -> Report:
    found = report_tables.reports().get(name)
    if found is None:
        abort(404)
    return found


def _currencies() -> list[str]:
    """Those the shop sells or has sold in, its own first."""
    shop = store()
    return [shop.currency, *(each.code for each in shop.currencies)]


def _currency() -> str:
    asked = request.args.get("currency", "")
    return asked if asked in _currencies() else store().currency


def _addresses(found: Report, period: Period, currency: str) -> dict[str, Any]:
    own = currency if found.has_currencies and currency != store().currency else None
    return {"name": found.name, "currency": own, **period_args(period)}


def _plain_rows(rows: Sequence[Row]) -> Iterator[Sequence[str | int | Decimal]]:
    for row in rows:
        first, *others = (report_cells.plain(cell) for cell in row.cells)
        yield [row.code or (f"{first} ({row.note})" if row.note else first), *others]


def _drawing(found: Report, table: Table, period: Period) -> Drawing:
    scale = charts.scale_of([*table.series, *table.before])
    names = [str(row.cells[0]) for row in table.rows]
    values = [_in_words(value, table.series_currency) for value in table.series]
    words = [f"{name}: {value}" for name, value in zip(names, values, strict=True)]
    labels = (
        [report_words.bucket_label(bucket, period) for bucket in period.buckets]
        if found.is_over_time
        else names
    )
    return Drawing(
        bars=list(zip(charts.bars(table.series, scale), words, strict=True)),
        before=charts.line(table.before, scale) if any(table.before) else "",
        scale=[_short(tick.value, table.series_currency) for tick in reversed(scale.ticks)],
        lines=[tick.y for tick in scale.ticks],
        labels=_spread(labels) if found.is_over_time else labels,
    )


def _spread(labels: Sequence[str]) -> list[str]:
    """The first, the middle and the last, where there are more than a few."""
    if len(labels) <= 3:
        return list(labels)
    return [labels[0], labels[(len(labels) - 1) // 2], labels[-1]]


def _in_words(value: int, currency: str) -> str:
    return money(Money(value, currency)) if currency else str(value)


def _short(value: float, currency: str) -> str:
    """A round number of the scale, without the decimals that are all nought."""
    if not currency:
        return f"{value:g}"
    whole = money(Money(round(value), currency))
    return whole if round(value) % 10 ** exponent(currency) else _NOUGHTS.sub("", whole)

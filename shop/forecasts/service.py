"""Writing down what the night's computing found, and how the merchant orders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from shop import audit
from shop.extensions import db
from shop.forecasts.demand import AHEAD, forecast
from shop.forecasts.groups import Group, group_of
from shop.forecasts.models import ForecastSettings, GroupCount, VariantForecast
from shop.forecasts.reorder import Plan

#: Last month's range is from the tenth to the ninetieth of a hundred cases.
EDGE = 0.9
BACK = timedelta(days=30)
_DAYS = 7 * AHEAD


def change_plan(plan: Plan, *, by: int) -> None:
    row = db.session.get(ForecastSettings, 1, with_for_update=True)
    if row is None:
        row = ForecastSettings(id=1)
        db.session.add(row)
        db.session.flush()
    before = Plan(row.lead_days, row.review_days, row.service_percent)
    row.lead_days, row.review_days = plan.lead_days, plan.review_days
    row.service_percent = plan.service_percent
    audit.record(
        by, "forecasts.changed", subject_kind="forecast_settings", subject_id=1,
        before=vars(before), after=vars(plan),
    )  # fmt: skip


def computed(sales: Mapping[int, Sequence[int]], at: datetime) -> list[VariantForecast]:
    """What is expected of each variant, and how it would have been four weeks ago."""
    found = []
    for variant_id, weeks in sales.items():
        one = forecast(weeks)
        if one is None:
            continue
        before = forecast(weeks[:-AHEAD])
        found.append(
            VariantForecast(
                variant_id=variant_id,
                method=one.method,
                rate=one.rate,
                variance=one.variance,
                last_expected=before.expected(_DAYS) if before else None,
                last_low=before.least(_DAYS, EDGE) if before else None,
                last_high=before.most(_DAYS, EDGE) if before else None,
                last_sold=sum(weeks[-AHEAD:]),
                computed_at=at,
            )
        )
    return found


def keep_forecasts(found: Iterable[VariantForecast], known: set[int]) -> int:
    """Those of before are gone; of variants deleted meanwhile nothing is kept."""
    kept = [one for one in found if one.variant_id in known]
    db.session.execute(sa.delete(VariantForecast))
    db.session.add_all(kept)
    db.session.flush()
    return len(kept)


def counted(
    buyers_now: Iterable[tuple[str, int, int, datetime, int]],
    buyers_then: Iterable[tuple[str, int, int, datetime, int]],
    at: datetime,
) -> list[GroupCount]:
    """`buyers_then`: as they were BACK before `at`."""
    found = {
        group: GroupCount(
            group=group, customers=0, orders=0, amount=0, then=0, came_back=0, computed_at=at
        )
        for group in Group
    }
    for _email, orders, amount, last_at, _since in buyers_now:
        one = found[group_of(days_since=(at - last_at).days, orders=orders)]
        one.customers, one.orders, one.amount = (
            one.customers + 1, one.orders + orders, one.amount + amount,
        )  # fmt: skip
    for _email, orders, _amount, last_at, since in buyers_then:
        one = found[group_of(days_since=(at - BACK - last_at).days, orders=orders)]
        one.then, one.came_back = one.then + 1, one.came_back + (1 if since else 0)
    return list(found.values())


def keep_counts(found: Iterable[GroupCount]) -> None:
    db.session.execute(sa.delete(GroupCount))
    db.session.add_all(found)
    db.session.flush()

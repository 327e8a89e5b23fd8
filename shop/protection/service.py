"""Letting orders through or not, and what a declined card leads to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

import sqlalchemy as sa

from shop import audit
from shop.clock import now
from shop.database import upsert
from shop.extensions import db
from shop.inventory import queries as stock
from shop.limits import service as limits
from shop.limits.service import Limit, limit
from shop.orders.models import Order
from shop.outbox import service as outbox
from shop.protection import queries
from shop.protection.models import OrderSource, ProtectionCount, ProtectionSettings
from shop.protection.queries import Unpaid
from shop.protection.rules import CARD_WINDOW, HOUR, RAN_OUT, Reason, Rules, may_hold, stricter

ALARM = "protection_alarm"
#: Ways to the payment page of one order in an hour.
PAY_AGAIN = 20
#: How long the strict rules hold that the shop switched on itself.
ALARM_HOURS = 2
#: Of orders that are not unpaid any more.
SOURCES_KEPT = timedelta(days=2)
COUNTS_KEPT = timedelta(days=30)
#: Where nothing tells when it ends.
SOME_TIME = timedelta(minutes=15)


class Refused(Exception):
    """Nothing was placed and no money moved; it may be tried again after `seconds`."""

    def __init__(self, reason: Reason, seconds: int) -> None:
        self.reason, self.seconds = reason, seconds
        super().__init__(f"{reason}: wait {seconds} s")


@dataclass(frozen=True)
class Visitor:
    """Who presses Pay: the checkout, and the network as a keyed digest (empty: not known)."""

    checkout_id: int
    network: str = ""


def admit(visitor: Visitor, quantities: Mapping[int, int]) -> Rules:
    """Count one more order and tell by which rules it is placed. Raises Refused.

    To be called in the transaction that places it: an order that is not placed does not count.
    The network's counter stays locked until then, so its orders are placed one after the other.
    """
    rules = queries.current().rules
    check_declines(visitor, rules)
    _count_order(visitor, rules)
    if not visitor.network:
        return rules
    unpaid = queries.unpaid(visitor.network)
    if unpaid.ran_out >= RAN_OUT:
        rules = stricter(rules)
    _check_unpaid(visitor.network, unpaid, quantities, rules)
    return rules


def admit_again(order_id: int, visitor: Visitor) -> None:
    """Count one more way to the payment page of an order that is there. Raises Refused."""
    check_declines(visitor)
    wait = limits.take([limit("pay again", str(order_id), PAY_AGAIN, HOUR)])
    if wait:
        raise Refused(Reason.SHOPPER, wait)


def check_declines(visitor: Visitor, rules: Rules | None = None) -> None:
    """Raises Refused while too many cards were declined."""
    rules = rules or queries.current().rules
    wait = limits.seconds_to_wait(_decline_limits(visitor, rules))
    if wait:
        raise Refused(Reason.DECLINED, wait)


def remember(order_id: int, visitor: Visitor, rules: Rules) -> None:
    db.session.add(
        OrderSource(order_id=order_id, network=visitor.network, is_strict=rules.is_strict)
    )


def note_decline(order_id: int, checkout_id: int, card: str) -> bool:
    """Count a declined card; whether the order's payment page must be closed.

    `card`: Stripe's fingerprint; empty: not told.
    """
    source, protection = queries.source_of(order_id), queries.current()
    visitor = Visitor(checkout_id, source.network if source else "")
    counted = _decline_limits(visitor, protection.rules)
    if card:
        allowed = protection.rules.declines_of_card
        counted.append(limit("declines of card", card, allowed, CARD_WINDOW))
    for one in counted:
        limits.take([one])
    count("card")
    _raise_alarm(protection)
    if limits.seconds_to_wait(counted) == 0:
        return False
    count("closed")
    return True


def count(kind: str) -> None:
    """One more of a kind in this hour; see ProtectionCount."""
    hour = now().replace(minute=0, second=0, microsecond=0)
    statement = upsert(ProtectionCount).values(hour=hour, kind=kind, number=1)
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=["hour", "kind"], set_={"number": ProtectionCount.number + 1}
        )
    )


def change(values: Mapping[str, int], *, by: int | None) -> None:
    """Numbers by column, as ProtectionSettings keeps them."""
    audit.change(_row(), values, by, "protection.changed", subject_kind="protection")


def switch_on(hours: int, *, by: int | None) -> None:
    """The strict rules for everybody; `hours` 0: until they are switched off."""
    row = _row()
    row.strict_since, row.strict_by = now(), by
    row.strict_until = now() + timedelta(hours=hours) if hours else None
    _record(by, "protection.switched_on", hours=hours)
    db.session.flush()


def switch_off(*, by: int | None) -> None:
    row = _row()
    if row.strict_since is None:
        return
    row.strict_since = row.strict_by = row.strict_until = None
    _record(by, "protection.switched_off")
    db.session.flush()


def forget_old() -> None:
    unpaid = sa.select(Order.id).where(Order.state.in_(queries.UNPAID))
    for statement in (
        sa.delete(OrderSource).where(
            OrderSource.placed_at < now() - SOURCES_KEPT, OrderSource.order_id.not_in(unpaid)
        ),
        sa.delete(ProtectionCount).where(ProtectionCount.hour < now() - COUNTS_KEPT),
    ):
        db.session.execute(statement.execution_options(synchronize_session=False))


def _count_order(visitor: Visitor, rules: Rules) -> None:
    """One after the other, so that the shopper hears which it was."""
    counted = [(Reason.SHOPPER, str(visitor.checkout_id), rules.orders_of_shopper)]
    if visitor.network:
        counted.append((Reason.NETWORK, visitor.network, rules.orders_of_network))
    for reason, who, allowed in counted:
        wait = limits.take([limit(f"orders of {reason}", who, allowed, HOUR)])
        if wait:
            raise Refused(reason, wait)


def _check_unpaid(
    network: str, unpaid: Unpaid, quantities: Mapping[int, int], rules: Rules
) -> None:
    wait = _seconds_until(unpaid.ends_at)
    if unpaid.count >= rules.unpaid_of_network:
        raise Refused(Reason.UNPAID, wait)
    if not unpaid.count:
        return  # what one order may hold, any shopper may
    held, there = queries.held_by(network, quantities), stock.availability(quantities)
    for variant_id, quantity in quantities.items():
        item = there[variant_id]
        if item.is_tracked and not may_hold(quantity, held.get(variant_id, 0), item.on_hand, rules):
            raise Refused(Reason.STOCK, wait)


def _decline_limits(visitor: Visitor, rules: Rules) -> list[Limit]:
    who = str(visitor.checkout_id)
    counted = [limit("declines of shopper", who, rules.declines_of_shopper, HOUR)]
    if visitor.network:
        allowed = rules.declines_of_network
        counted.append(limit("declines of network", visitor.network, allowed, HOUR))
    return counted


def _raise_alarm(protection: queries.Protection) -> None:
    """Many declined cards at once are no accident: the strict rules, and a mail to the shop."""
    if protection.is_strict or not protection.alarm_declines:
        return
    hour = now().replace(minute=0, second=0, microsecond=0)
    declined = queries.counts_since(hour).get("card", 0)
    if declined < protection.alarm_declines:
        return
    switch_on(ALARM_HOURS, by=None)
    outbox.enqueue(
        channel=outbox.EMAIL,
        name=ALARM,
        payload={"declined": declined},
        dedupe_key=f"{ALARM}:{hour.isoformat()}",
    )


def _seconds_until(at: datetime | None) -> int:
    left = at - now() if at is not None else SOME_TIME
    return max(60, ceil(left.total_seconds()))


def _row() -> ProtectionSettings:
    row = db.session.get(ProtectionSettings, 1, with_for_update=True)
    if row is None:
        row = ProtectionSettings(id=1)
        db.session.add(row)
        db.session.flush()
    return row


def _record(by: int | None, action: str, **data: object) -> None:
    audit.record(by, action, subject_kind="protection", subject_id=1, **data)

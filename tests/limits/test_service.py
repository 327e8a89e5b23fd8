from __future__ import annotations

import hashlib
import threading
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
import time_machine
from flask import Flask

from shop.database import in_transaction
from shop.extensions import db
from shop.limits import service as limits
from shop.limits.models import RateLimit
from shop.limits.service import limit, network, network_limit

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def used() -> dict[str, int]:
    rows = db.session.execute(sa.select(RateLimit.key, RateLimit.used))
    return {row.key: row.used for row in rows}


def test_so_many_pass_as_are_allowed(app: Flask) -> None:
    with time_machine.travel(NOON, tick=False):
        waits = [limits.take([limit("pay", "ann", 3, timedelta(hours=1))]) for _ in range(5)]

    assert waits == [0, 0, 0, 3600, 3600]


def test_where_one_is_used_up_none_is_counted(app: Flask) -> None:
    narrow, wide = limit("pay", "ann", 1), limit("pay", "everybody", 10)
    limits.take([narrow, wide])

    assert limits.take([narrow, wide]) > 0
    assert used() == {narrow.key: 1, wide.key: 1}


def test_the_longest_wait_is_told(app: Flask) -> None:
    short, long = limit("pay", "ann", 1), limit("pay", "bob", 1, timedelta(hours=2))
    with time_machine.travel(NOON, tick=False):
        limits.take([short, long])

        assert limits.take([short, long]) == 7200


def test_looking_counts_nothing(app: Flask) -> None:
    one = limit("pay", "ann", 1)

    assert [limits.seconds_to_wait([one]) for _ in range(3)] == [0, 0, 0]
    limits.take([one])
    assert limits.seconds_to_wait([one]) > 0


def test_what_is_given_back_was_not_used(app: Flask) -> None:
    one = limit("pay", "ann", 2)
    limits.take([one])
    limits.take([one])

    limits.give_back([one])
    assert used() == {one.key: 1}
    limits.give_back([one])

    assert used() == {}


def test_ended_counters_are_forgotten_and_others_kept(app: Flask) -> None:
    short, long = limit("pay", "ann", 1), limit("pay", "bob", 1, timedelta(hours=2))
    with time_machine.travel(NOON, tick=False) as clock:
        limits.take([short, long])
        clock.shift(timedelta(minutes=15))
        limits.forget_ended()

    assert used() == {long.key: 1}


def test_keys_name_nobody_without_the_secret(app: Flask) -> None:
    one = network_limit("pay", "192.0.2.1", 1)
    limits.take([one])

    key = next(iter(used()))
    assert len(key) == 64
    assert key != hashlib.sha256(b"pay:network:192.0.2.1").hexdigest()


def test_a_network_is_an_address_or_a_household(app: Flask) -> None:
    assert network("192.0.2.1") == network("::ffff:192.0.2.1") == "192.0.2.1"
    assert network("2001:db8:1:2::1") == network("2001:db8:1:2:ffff::9") == "2001:db8:1:2::/64"
    assert network("2001:db8:1:3::1") != network("2001:db8:1:2::1")
    assert network("nonsense") == "nonsense"
    assert network(None) == ""


def test_of_fifty_at_once_exactly_five_pass(own_database: Flask) -> None:
    waits: list[int] = []
    start = threading.Barrier(50)

    def attempt() -> None:
        with own_database.app_context():
            pair = [limit("pay", "ann", 5), network_limit("pay", "192.0.2.1", 40)]
            start.wait()
            waits.append(in_transaction(lambda: limits.take(pair)))

    threads = [threading.Thread(target=attempt) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(waits) == 50
    assert waits.count(0) == 5
    with own_database.app_context():
        assert sorted(used().values()) == [5, 5]

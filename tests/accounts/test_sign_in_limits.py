from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask

from shop.accounts.service import sign_in_limits
from shop.limits import service as limits

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def attempt(
    email: str = "ann@example.com", address: str = "192.0.2.1", device: str | None = None
) -> int:
    return limits.take(sign_in_limits(email, address=address, device=device))


def test_five_failures_are_heard_and_the_sixth_waits(app: Flask) -> None:
    with time_machine.travel(NOON, tick=False):
        waits = [attempt() for _ in range(6)]

    assert waits == [0, 0, 0, 0, 0, 900]


def test_the_wait_ends_when_the_oldest_failure_is_fifteen_minutes_old(app: Flask) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        for _ in range(5):
            attempt()
            clock.shift(timedelta(minutes=1))
        assert attempt() == 600

        clock.shift(timedelta(minutes=10))

        assert attempt() == 0


def test_attempts_that_are_turned_away_do_not_make_the_wait_longer(app: Flask) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        for _ in range(5):
            attempt()
        for _ in range(50):
            assert attempt() > 0
            clock.shift(timedelta(seconds=10))

        clock.move_to(NOON + timedelta(minutes=15))

        assert attempt() == 0


def test_one_address_may_fail_thirty_times_over_many_accounts(app: Flask) -> None:
    with time_machine.travel(NOON, tick=False):
        waits = [attempt(f"person{n}@example.com") for n in range(31)]

    assert waits == [0] * 30 + [900]


def test_another_account_and_another_address_are_not_concerned(app: Flask) -> None:
    for _ in range(6):
        attempt()

    assert attempt("bob@example.com", "192.0.2.2") == 0


def test_a_browser_the_account_has_used_counts_for_itself(app: Flask) -> None:
    """Strangers who guess do not keep the owner out."""
    for _ in range(6):
        attempt(address="198.51.100.7")

    assert attempt(device="1.abc") == 0


def test_addresses_of_one_ipv6_network_count_together(app: Flask) -> None:
    waits = [attempt(f"person{n}@example.com", f"2001:db8:1:2::{n:x}") for n in range(1, 32)]

    assert waits[:30] == [0] * 30
    assert waits[30] > 0


@pytest.mark.parametrize("address", ["", "nonsense", "::ffff:192.0.2.1"])
def test_odd_addresses_count_too(app: Flask, address: str) -> None:
    waits = [attempt(f"person{n}@example.com", address) for n in range(31)]

    assert waits[:30] == [0] * 30
    assert waits[30] > 0

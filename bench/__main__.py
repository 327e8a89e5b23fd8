"""make bench, or python -m bench [--quick] [--products 1000,100000] [--databases sqlite] [--write].

Makes a scratch shop on each database and of each size, measures it beside a bare Flask route, and
leaves nothing behind but the table.
"""

from __future__ import annotations

import argparse
import itertools
import os
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from bench import report
from bench.cpu import cpu_seconds
from bench.load import Plan, Sample, generator, measure
from bench.orders import MOST_OVER_HTTP, check_stock, payment_plan, placed, write
from bench.report import Figure, Pair, Run
from bench.routes import (
    FOUND,
    SEARCH_AIM,
    all_cards,
    bare_plan,
    first_searches,
    look_at_each,
    routes,
)
from bench.shops import DATABASES, Kept, ScratchShop, find_postgres, scratch_shop
from shop.extensions import db

#: Ratio of a placed order over HTTP on SQLite that the spike reached.
ORDER_AIM = 0.095
WRITERS = (1, 8)
#: More searches a second than any machine answers.
MOST_SEARCHES = 3_000
#: Each process shall have made every page, or all its parts, before it is measured. Connections are
#: shared out by chance: after so many, one in thirty is still missing somewhere.
LOOKS = 6
#: Seconds for what was under way at a window's end.
SETTLE = 0.3


@dataclass(frozen=True)
class Pace:
    """Seconds of each window, and how often the two are measured in turn."""

    rounds: int
    warm_up: int
    bare: int
    shop: int
    writers: float

    def __str__(self) -> str:
        return (
            f"{self.rounds} rounds of {self.bare} s bare and {self.shop} s shop for each route, "
            f"after {self.warm_up} s of warm-up; writers for {self.writers:g} s"
        )


FULL = Pace(rounds=3, warm_up=1, bare=2, shop=3, writers=4)
QUICK = Pace(rounds=1, warm_up=1, bare=1, shop=1, writers=1)


def main() -> int:
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    pace = QUICK if options.quick else FULL
    server = find_postgres() if "postgresql" in options.databases else None
    print(f"Load: {generator()}. Pace: {pace}.", flush=True)
    runs = []
    for database in options.databases:
        if database == "postgresql" and server is None:
            print("PostgreSQL is not measured: none answers at TEST_POSTGRES_URL or locally.")
            continue
        for products in options.products:
            run = _measured(database, products, server, pace)
            print(report.screen(run), flush=True)
            runs.append(run)
    if options.write:
        command = "python -m bench " + " ".join(sys.argv[1:])
        text = report.results(
            runs, command=command.strip(), plan=str(pace), load=generator(), server=server
        )
        report.FILE.write_text(report.keeping_notes(text, report.FILE.read_text()))
        print(f"\nWritten to {report.FILE}.")
    return 0 if runs else 1


def _options() -> Any:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="short windows, 1,000 products")
    parser.add_argument("--products", type=_sizes, help="sizes of the catalog: 1000,100000")
    parser.add_argument("--databases", type=_databases, default=list(DATABASES))
    parser.add_argument("--write", action="store_true", help="write bench/RESULTS.md")
    options = parser.parse_args()
    options.products = options.products or ([1000] if options.quick else [1000, 100_000])
    return options


def _sizes(text: str) -> list[int]:
    sizes = [int(part) for part in text.split(",")]
    if min(sizes) < 200:
        raise argparse.ArgumentTypeError("200 products or more")
    return sizes


def _databases(text: str) -> list[str]:
    chosen = text.split(",")
    if not set(chosen) <= set(DATABASES):
        raise argparse.ArgumentTypeError(f"of {', '.join(DATABASES)}")
    return chosen


# One shop ---------------------------------------------------------------------------------------


def _measured(database: str, products: int, server: str | None, pace: Pace) -> Run:
    load_before = os.getloadavg()[0]
    print(f"\n{database}, {products:,} products: filling ...", flush=True)
    with scratch_shop(database, products, server) as shop:
        run = Run(database, products, shop.filled_in, load_before)
        for figure in _figures(shop, products, pace):
            _tell(figure)
            run.figures.append(figure)
        for writers in WRITERS:
            run.written.append(write(shop, writers, pace.writers))
    run.load_after = os.getloadavg()[0]
    return run


def _figures(shop: ScratchShop, products: int, pace: Pace) -> Iterator[Figure]:
    bare = bare_plan(shop)
    for route in routes(shop, products):
        for _ in range(1 if route.kept is Kept.NOTHING else LOOKS):
            look_at_each(route, route.port(shop))
        plan = route.plan(shop)
        measure(bare, pace.warm_up, shop.folder)
        measure(plan, pace.warm_up, shop.folder)
        session = route.session(shop)
        pairs = [_pair(bare, plan, shop, pace, session) for _ in range(pace.rounds)]
        look_at_each(route, route.port(shop))
        yield Figure(route.name, pairs, route.aim)
    yield _first_searches(bare, shop, products, pace)
    yield _orders(bare, shop, pace)


def _pair(bare: Plan, plan: Plan, shop: ScratchShop, pace: Pace, session: int) -> Pair:
    first = _window(bare, pace.bare, shop, shop.bare_session)
    second = _window(plan, pace.shop, shop, session)
    time.sleep(SETTLE)
    return Pair(first, second)


def _window(plan: Plan, seconds: int, shop: ScratchShop, session: int) -> Sample:
    before = cpu_seconds(session)
    sample = measure(plan, seconds, shop.folder)
    after = cpu_seconds(session)
    return sample if before is None or after is None else replace(sample, cpu=after - before)


def _first_searches(bare: Plan, shop: ScratchShop, products: int, pace: Pace) -> Figure:
    """New words all the time: what a search found is kept for those who ask the same."""
    for _ in range(LOOKS):
        look_at_each(all_cards(products), shop.ports[Kept.PARTS])
    with shop.app.app_context():
        asked = first_searches()
        db.session.remove()

    def plan(seconds: int) -> Plan:
        requests = list(itertools.islice(asked, MOST_SEARCHES * seconds))
        return Plan(shop.ports[Kept.PARTS], requests, 200, FOUND, is_once=True)

    measure(plan(pace.warm_up), pace.warm_up, shop.folder)
    session = shop.sessions[Kept.PARTS]
    pairs = [_pair(bare, plan(pace.shop), shop, pace, session) for _ in range(pace.rounds)]
    return Figure("search, asked for the first time", pairs, SEARCH_AIM)


def _orders(bare: Plan, shop: ScratchShop, pace: Pace) -> Figure:
    """New checkouts for each window: an order can be placed once only."""
    measure(payment_plan(shop, MOST_OVER_HTTP * pace.warm_up), pace.warm_up, shop.folder)
    pairs = []
    for _ in range(pace.rounds):
        plan = payment_plan(shop, MOST_OVER_HTTP * pace.shop)
        before = _placed(shop)
        pair = _pair(bare, plan, shop, pace, shop.sessions[Kept.PARTS])
        made = _placed(shop) - before
        # What was still under way at the end has no answer, but may have its order.
        assert 0 <= made - pair.shop.requests <= 32, (made, pair.shop.requests)
        pairs.append(pair)
    return Figure("place order", pairs, ORDER_AIM)


def _placed(shop: ScratchShop) -> int:
    with shop.app.app_context():
        count = placed()
        check_stock()
        db.session.remove()
    return count


def _tell(figure: Figure) -> None:
    print(
        f"  {figure.name}: {figure.rate:,.0f}/s, {figure.ratio:.3f} of bare, "
        f"{figure.cpu_ratio:.3f} by CPU time",
        flush=True,
    )


if __name__ == "__main__":
    raise SystemExit(main())

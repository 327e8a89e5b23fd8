"""The facet index of this process, read from the database once and kept up to date with it.

Nothing here is written. A request that asks for it costs one query where nothing changed; where
something did, only that is read again. A web process reads everything in a thread of its own. See
journal.py and docs/adr/0013.
"""

from __future__ import annotations

import gc
import logging
import time
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event, RLock, Thread
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from shop.catalog import journal
from shop.catalog.facet_index import FacetIndex
from shop.catalog.facets import Base
from shop.catalog.fact_queries import facts_of, typed_ranges
from shop.catalog.models import Collection, CollectionProduct
from shop.catalog.queries import Picture, SwatchTile, swatches
from shop.catalog.rules import Rule, from_rows
from shop.clock import now
from shop.extensions import db
from shop.store.currencies import Currency
from shop.web.visit import keep_nothing, version_now

log = logging.getLogger("shop.catalog")

#: Seconds that a list waits for a process that has just started, and until a failed reading is
#: tried again.
PATIENCE, RETRY = 3.0, 1.0

_Context = Callable[[], AbstractContextManager[Any]]


@dataclass(frozen=True)
class Shelf:
    """A collection and its place among the others."""

    id: int
    handle: str
    title: str
    summary: str
    file: str | None
    parent_id: int | None
    #: Of no condition where it is picked by hand.
    rule: Rule

    @property
    def is_rule_based(self) -> bool:
        return bool(self.rule.conditions)

    @property
    def url(self) -> str:
        return f"/collections/{self.handle}"

    @property
    def picture(self) -> Picture | None:
        return Picture(self.file, "", 800, 1000, "") if self.file else None


class Shelves:
    """All collections by handle, as a tree, and what they hold."""

    def __init__(self, shelves: Iterable[Shelf]) -> None:
        self._shelves = {shelf.id: shelf for shelf in shelves}
        self._by_handle = {shelf.handle: shelf for shelf in self._shelves.values()}
        self._children: dict[int, list[Shelf]] = {}
        for shelf in self._shelves.values():
            if shelf.parent_id is not None:
                self._children.setdefault(shelf.parent_id, []).append(shelf)

    def find(self, handle: str) -> Shelf | None:
        return self._by_handle.get(handle)

    def children(self, shelf: Shelf) -> Sequence[Shelf]:
        return self._children.get(shelf.id, [])

    def path_to(self, shelf: Shelf) -> list[Shelf]:
        """Its parents, the outermost first."""
        path: list[Shelf] = []
        while shelf.parent_id is not None and len(path) < len(self._shelves):
            shelf = self._shelves[shelf.parent_id]
            path.insert(0, shelf)
        return path

    def with_descendants(self, shelf: Shelf) -> list[Shelf]:
        """Itself and what lies in it, in the order of the menu."""
        found = [shelf]
        for one in found:
            found += (child for child in self.children(one) if child not in found)
        return found


@dataclass
class _Held:
    index: FacetIndex
    place: journal.Place
    read_at: datetime
    #: Of the catalog, when it was surely all in here; none: not known.
    version: Hashable | None = None
    shelves: Shelves | None = None
    swatches: list[SwatchTile] | None = None
    #: By collection: what it holds, and the collections that say so.
    bases: dict[int, tuple[Base, list[int]]] = field(default_factory=dict)
    #: Other currencies that the index knows prices in, as they were then.
    currencies: dict[str, Currency] = field(default_factory=dict)


@dataclass
class _Process:
    lock: Any = field(default_factory=RLock)
    held: _Held | None = None
    #: None: whoever asks for a list reads what it takes.
    reader: _Reader | None = None


class NotYetRead(Exception):
    """This process has just started, and its reader needs some seconds more."""


class _Reader:
    """A thread that reads everything, so that no list waits for it."""

    def __init__(self, context: _Context, process: _Process) -> None:
        self._context, self._process = context, process
        self._is_wanted, self._has_read = Event(), Event()
        self._is_wanted.set()
        Thread(target=self._run, name="catalog-reader", daemon=True).start()

    @property
    def is_reading(self) -> bool:
        return self._is_wanted.is_set()

    def read_again(self) -> None:
        self._is_wanted.set()

    def wait(self) -> None:
        """Until something is read. Raises NotYetRead."""
        if not self._has_read.wait(PATIENCE):
            raise NotYetRead

    def _run(self) -> None:
        while True:
            is_wanted = self._is_wanted.wait(journal.KEPT_FOR.total_seconds() / 4)
            try:
                with self._context():
                    self._read() if is_wanted else self._keep_up()
            except SQLAlchemyError:
                log.warning("the catalog cannot be read yet", exc_info=True)
                time.sleep(RETRY)

    def _read(self) -> None:
        held = _read_everything()
        if not self._has_read.is_set():
            # What a process is made of stays until it ends. To look through it for what may go
            # would take a tenth of a second each time, in the middle of some page.
            gc.collect()
            gc.freeze()
        with self._process.lock:
            self._process.held = held
            self._is_wanted.clear()
        self._has_read.set()

    def _keep_up(self) -> None:
        """The journal forgets; a shop without visitors must not have to read everything again."""
        with open_shop():
            pass


#: One for each database that this process talks to.
_processes: WeakKeyDictionary[Any, _Process] = WeakKeyDictionary()


class Shop:
    """The catalog of this moment, as lists need it."""

    def __init__(self, held: _Held) -> None:
        self._held = held
        self.index = held.index

    @property
    def shelves(self) -> Shelves:
        if self._held.shelves is None:
            self._held.shelves = Shelves(map(_shelf, db.session.execute(_SHELVES)))
        return self._held.shelves

    @property
    def swatches(self) -> list[SwatchTile]:
        if self._held.swatches is None:
            self._held.swatches = swatches()
        return self._held.swatches

    def base_of(self, shelf: Shelf) -> Base:
        """What the collection and those in it hold."""
        ids = [part.id for part in self.shelves.with_descendants(shelf)]
        base, parts = self._held.bases.get(shelf.id, (None, []))
        if base is None or parts != ids:
            base = self.index.these(_members(ids, self.index.newest_first), key=shelf.id)
            self._held.bases[shelf.id] = base, ids
        return base


@contextmanager
def open_shop(currency: Currency | None = None) -> Iterator[Shop]:
    """With prices in this currency too. Not while the session writes: what is not kept in the end
    must not be seen by others.
    """
    if db.session().info.get("in_transaction"):
        raise RuntimeError("lists are read outside of transactions")
    process = _processes.setdefault(db.engine, _Process())
    if process.reader is not None:
        process.reader.wait()
    with process.lock:
        held = process.held = _up_to_date(process)
        if currency and not currency.is_base and held.currencies.get(currency.code) != currency:
            _learn_prices(held, currency)
        yield Shop(held)


@contextmanager
def open_if_read() -> Iterator[Shop | None]:
    """For pages that wait for no reading: none until it is done, and they are not kept."""
    process = _processes.get(db.engine)
    if process is not None and process.reader is not None and process.held is None:
        keep_nothing()
        yield None
        return
    with open_shop() as shop:
        yield shop


def read_aside(context: _Context) -> None:
    """For a web process: read the catalog in a thread, now, and again after a flood of changes.
    Until that is read, lists are as they were before, and nothing of them is kept.

    `context` makes the application's context, in which this is called too.
    """
    process = _processes.setdefault(db.engine, _Process())
    process.reader = _Reader(context, process)


def _up_to_date(process: _Process) -> _Held:
    held, reader = process.held, process.reader
    if held is None or now() - held.read_at > journal.KEPT_FOR / 2:
        return _read_everything()
    held.read_at = now()
    version = version_now()
    if version is not None and held.version == version:
        return held  # without asking the journal: nothing was committed
    if reader is not None and reader.is_reading:
        keep_nothing()
        return held
    changes = journal.changes_since(held.place)
    if changes is not None and changes.is_flood:
        if reader is None:
            return _read_everything()
        reader.read_again()
        keep_nothing()
        return held
    if changes is not None:
        _follow(held, changes)
    held.version = version
    return held


def _shelf(row: Any) -> Shelf:
    return Shelf(*(*row[:-2], from_rows(row[-2], needs_all=row[-1])))


def _follow(held: _Held, changes: journal.Changes) -> None:
    if changes.collection_ids:
        held.shelves = held.swatches = None
        held.bases = {
            id_: (base, parts)
            for id_, (base, parts) in held.bases.items()
            if changes.collection_ids.isdisjoint(parts)
        }
    if changes.product_ids:
        ids = sorted(changes.product_ids)
        held.index.remove(ids)
        held.index.put(facts_of(ids, held.currencies.values()))
        held.bases.clear()
    held.index.forget_counts()
    held.place = changes.place


def _read_everything() -> _Held:
    held = _Held(FacetIndex(), journal.place(), now())
    is_collecting = gc.isenabled()
    gc.disable()  # it would look at all that is read again and again, and find nothing to free
    try:
        held.index.put(facts_of(None))
    finally:
        if is_collecting:
            gc.enable()
    return held


def _learn_prices(held: _Held, currency: Currency) -> None:
    """Also anew, where its rate or rounding is another one."""
    typed = {id_: own[currency.code] for id_, own in typed_ranges(None, [currency]).items()}
    held.index.add_currency(currency.code, lambda amount: currency.of(amount).amount, typed)
    held.currencies[currency.code] = currency


def _members(
    collection_ids: list[int], newest_first: Callable[[Iterable[int]], list[int]]
) -> list[int]:
    """Ids in the order of the collections, then of their places, then the newest first."""
    places: dict[int, tuple[int, int]] = {}
    order = {id_: number for number, id_ in enumerate(collection_ids)}
    for collection_id, product_id, position in db.session.execute(
        _MEMBERS, {"ids": collection_ids}
    ):
        place = order[collection_id], position
        places[product_id] = min(places.get(product_id, place), place)
    return sorted(newest_first(places), key=places.__getitem__)


_SHELVES = sa.select(
    Collection.id,
    Collection.handle,
    Collection.title,
    Collection.summary,
    Collection.file,
    Collection.parent_id,
    Collection.conditions,
    Collection.needs_all,
).order_by(Collection.position, Collection.id)
_MEMBERS = sa.select(
    CollectionProduct.collection_id, CollectionProduct.product_id, CollectionProduct.position
).where(CollectionProduct.collection_id.in_(sa.bindparam("ids", expanding=True)))

"""Which variants of a product a list is about, and what shows them. Rules only; cards.py
reads what they need.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

from shop.catalog.facets import Criteria, Wanted
from shop.catalog.fact_queries import facet_of, handle_of
from shop.catalog.options import Choosable, queries_of

_PLACE = attrgetter("position", "id")
_VALUES = attrgetter("option1", "option2", "option3")


class Match(NamedTuple):
    """Of one product, the variants that fit as much as any does of what is wanted, and are alike in
    it.
    """

    variants: list[Any]
    #: The first of them; one that can be bought goes before.
    first: Any
    #: What the product's address asks for to show that one; nothing: none of it fits.
    query: Mapping[str, str]
    #: Pictures that show other variants alone.
    others: frozenset[int]

    @property
    def image_id(self) -> int | None:
        """Of the picture that its address opens with; none: the variant has no own."""
        return self.first.image_id if self.query else None


class _Rank(NamedTuple):
    """How well a variant fits; what stands first goes before."""

    filters: int
    is_there: bool
    has_price: bool
    all: int


def match(
    names: Sequence[str], variants: Sequence[Any], amounts: Mapping[int, int], wanted: Wanted
) -> Match:
    """`names`: of the options; `variants`: rows with their values as `option1` to `option3`, their
    `position`, `units` (as TOLD) and `image_id`; `amounts`: their prices by id.
    """
    facets = list(map(facet_of, names))
    by_filters = _asked(facets, wanted.values)
    asked = by_filters + _asked(facets, wanted.meant)
    rows = sorted(variants, key=_PLACE)
    fits = {row.id: [handle_of(_VALUES(row)[i]) in among for i, among in asked] for row in rows}
    ranks = [
        _Rank(
            sum(fit[: len(by_filters)]),
            not wanted.is_available or row.units != 0,
            wanted.fits_price(amounts[row.id]),
            sum(fit),
        )
        for row, fit in zip(rows, fits.values(), strict=True)
    ]
    best = max(ranks)
    found = [row for row, rank in zip(rows, ranks, strict=True) if rank == best]
    # As the product's page chooses among equals.
    first = next((row for row in found if row.units != 0), found[0])
    fitting = {i for (i, _), fit in zip(asked, fits[first.id], strict=True) if fit}
    if best._replace(has_price=False) in ranks and best.has_price:
        fitting = set(range(len(names)))  # an address names no price, but every option
    return Match(
        # What its address leads to: of two glazes that were asked for, the one that is shown.
        [row for row in found if all(_VALUES(row)[i] == _VALUES(first)[i] for i in fitting)],
        first,
        _query(names, rows, first, sorted(fitting)),
        frozenset(row.image_id for row in rows) - {first.image_id, None},
    )


def _asked(facets: Sequence[str], criteria: Criteria) -> list[tuple[int, tuple[str, ...]]]:
    """By the place of the option."""
    return [(facets.index(facet), handles) for facet, handles in criteria if facet in facets]


def _query(
    names: Sequence[str], rows: Sequence[Any], first: Any, options: Sequence[int]
) -> Mapping[str, str]:
    variants = [Choosable(row.id, _VALUES(row)[: len(names)], True) for row in rows]
    query = list(queries_of(names, variants)[first.id].items())
    return dict(query[i] for i in options) if query else {}

"""Values of an option as tiles, each a way into the catalog: those that the shop has something in.

A swatch stays when the last product with its value goes, since the next one may bring it back.
"""

from __future__ import annotations

from shop.catalog.fact_queries import facet_of, handle_of
from shop.catalog.queries import SwatchTile, swatches
from shop.catalog.shelves import open_if_read

#: Tiles of one rack: a row of them on a wide screen.
MAX_TILES = 12


def rack() -> list[SwatchTile]:
    """The first ones, all of one option."""
    tiles = shown_swatches()
    return [tile for tile in tiles if tile.option_name == tiles[0].option_name][:MAX_TILES]


def shown_swatches() -> list[SwatchTile]:
    """Of the values that published products have; of all, until this process has read those. One
    query where nothing changed.
    """
    # In memory: no index of the database finds a value that no product has, so that asking for one
    # would read them all.
    with open_if_read() as shop:
        if shop is None:
            return swatches()
        return [
            tile
            for tile in shop.swatches
            if shop.index.has(facet_of(tile.option_name), handle_of(tile.value))
        ]

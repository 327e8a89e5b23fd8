"""Where the camera goes, so that every pot fills the same share of its picture."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from engine import DISTANCE, Camera, silhouette
from scene import World

WIDE = 0.30  #: half-height tangent of the trial picture; sees about five units
TRIAL = (200, 200)
FOOT_SHARE = 0.25  #: of a silhouette's height, in close-ups of the foot


@dataclass(frozen=True)
class Framing:
    """Shares of the picture: at most so wide and so high, the middle at (x, y) from top left."""

    elevation: float = 15.0
    width: float = 0.66
    height: float = 0.60
    middle: tuple[float, float] = (0.485, 0.535)
    horizon: float = 0.52


@dataclass(frozen=True)
class Extent:
    """A silhouette's box in tangents from the view's axis; up is positive."""

    left: float
    right: float
    bottom: float
    top: float


def extent(
    world: World, elevation: float, target: tuple[float, float, float], lowest: float = 1.0
) -> Extent:
    """The box of the silhouette, or of the `lowest` share of it."""
    mask = silhouette(world, Camera(target, elevation, WIDE), TRIAL)
    rows = np.nonzero(mask.any(1))[0]
    first = round(rows[-1] - lowest * (rows[-1] - rows[0]))
    columns = np.nonzero(mask[first:].any(0))[0]
    step = 2 * WIDE / TRIAL[0]
    return Extent(
        columns[0] * step - WIDE,
        (columns[-1] + 1) * step - WIDE,
        WIDE - (rows[-1] + 1) * step,
        WIDE - rows[0] * step,
    )


def whole(world: World, framing: Framing, size: tuple[int, int]) -> Camera:
    """The whole scene in the picture."""
    target = tuple(world.bound[:3])
    box = extent(world, framing.elevation, target)
    aspect = size[0] / size[1]
    half = max(
        (box.top - box.bottom) / framing.height / 2,
        (box.right - box.left) / framing.width / 2 / aspect,
    )
    right = (box.left + box.right) / 2 - (2 * framing.middle[0] - 1) * half * aspect
    up = (box.bottom + box.top) / 2 - (1 - 2 * framing.middle[1]) * half
    return Camera(target, framing.elevation, half, (right, up))


def at_the_foot(world: World, size: tuple[int, int], elevation: float = 9.0) -> Camera:
    """The lowest part, close: two thirds of its width, the foot above the bottom edge."""
    target = tuple(world.bound[:3])
    box = extent(world, elevation, target, lowest=FOOT_SHARE)
    aspect = size[0] / size[1]
    half = (box.right - box.left) * 0.36 / aspect
    right = box.left + (box.right - box.left) * 0.42
    up = box.bottom + 0.62 * half
    return Camera(target, elevation, half, (right, up))


def wall_behind(world: World, camera: Camera, horizon: float) -> float:
    """How far back the wall must stand to meet the floor at `horizon` (share from the top).

    Never closer to the pots than a hand.
    """
    view = camera.array()
    rise = (1 - 2 * horizon) * camera.half
    dy, dz = view[4] + rise * view[10], view[5] + rise * view[11]
    wanted = view[2] - dz * view[1] / dy if dy < 0 else -99.0
    above = extent(world, 89.9, tuple(world.bound[:3]))
    deepest = world.bound[2] - above.top * DISTANCE
    return float(max(min(wanted, deepest - 0.35), deepest - 4.0))


def clear_above(coverage: np.ndarray) -> float:
    """The share of the picture's height above the first pot pixel."""
    rows = np.nonzero((coverage > 127).any(1))[0]
    return float(rows[0] / coverage.shape[0]) if len(rows) else math.nan

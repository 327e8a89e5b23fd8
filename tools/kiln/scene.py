"""Shapes and scenes as plain arrays, in the layout the render engine reads.

A pot is a profile (radius, height) spun about the y axis; around it stand tubes (handles, stems),
boxes and cylinders (plinths), balls and leaves, on a floor in front of a wall.
"""

from __future__ import annotations

import math
from collections import namedtuple
from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise

import numpy as np
from numba import njit, prange

REVOLVED, TUBE, BOX, BALL, CYLINDER, LEAF = range(6)
GRID = 448  #: samples along each side of a profile's distance grid
PRIM_WIDTH = 40  #: floats per primitive; see Scene._add
MAT_WIDTH = 32  #: floats per material; see Scene.material
MARGIN = 0.25  #: empty border of a profile's grid, in profile units

World = namedtuple("World", "prims mats grids sides spans tubes counts bound glow floor wall")

Vector = Sequence[float]


def linear(color: str) -> np.ndarray:
    """A hex color in linear light."""
    digits = color.lstrip("#")
    c = np.array([int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)])
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def turn_x(a: float) -> np.ndarray:
    c, s = math.cos(a), math.sin(a)
    return np.array([[1, 0, 0], [0, c, -s], [0, s, c]])


def turn_y(a: float) -> np.ndarray:
    c, s = math.cos(a), math.sin(a)
    return np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])


def turn_z(a: float) -> np.ndarray:
    c, s = math.cos(a), math.sin(a)
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])


def catmull_rom(points: np.ndarray, steps: int) -> np.ndarray:
    """A smooth curve through `points`; two neighbors at one place make a corner.

    The last column is carried along: a thickness or a radius.
    """
    curve = []
    for i, (a, b) in enumerate(pairwise(points)):
        if np.allclose(a[:-1], b[:-1]):
            continue
        first = i == 0 or np.allclose(points[i - 1][:-1], a[:-1])
        before = 2 * a - b if first else points[i - 1]
        last = i + 2 >= len(points) or np.allclose(points[i + 2][:-1], b[:-1])
        after = 2 * b - a if last else points[i + 2]
        t = np.arange(steps)[:, None] / steps
        curve.append(
            0.5
            * (
                2 * a
                + (b - before) * t
                + (2 * before - 5 * a + 4 * b - after) * t**2
                + (3 * a - before - 3 * b + after) * t**3
            )
        )
    return np.vstack([*curve, points[-1]])


def _with_thickness(line: Sequence[tuple[float, ...]]) -> np.ndarray:
    """Fill in wall thickness where a point leaves it out: the last one given holds."""
    rows, thickness = [], 0.05
    for radius, height, *given in line:
        thickness = given[0] if given else thickness
        rows.append((radius, height, thickness))
    return np.array(rows, float)


@njit(parallel=True, cache=True)
def _fill_grid(lines, lengths, radius, low, high, distance, side):
    for b in prange(GRID):
        y = low + (high - low) * b / (GRID - 1)
        for a in range(GRID):
            r = radius * a / (GRID - 1)
            best, mark = 9.0, 1.0
            for n in range(len(lengths)):
                along, count = 0.0, int(lengths[n, 0])
                for i in range(count - 1):
                    ax, ay, at = lines[n, i, 0], lines[n, i, 1], lines[n, i, 2]
                    ex, ey = lines[n, i + 1, 0] - ax, lines[n, i + 1, 1] - ay
                    span = math.sqrt(ex * ex + ey * ey) + 1e-9
                    t = min(max(((r - ax) * ex + (y - ay) * ey) / (span * span), 0.0), 1.0)
                    dx, dy = r - ax - t * ex, y - ay - t * ey
                    wall = at + t * (lines[n, i + 1, 2] - at)
                    d = math.sqrt(dx * dx + dy * dy) - 0.5 * wall
                    if d < best:
                        best = d
                        outside = n > 0 or ex * dy - ey * dx < 0
                        u = max((along + t * span) / lengths[n, 1], 1e-3) if n == 0 else 0.05
                        mark = u if outside else -u
                    along += span
            distance[b, a] = best
            side[b, a] = mark


class Profile:
    """A wall of clay seen in section: the body first, then extra lines such as a foot ring.

    Points are (radius, height[, thickness]) from the center of the base to the lip.
    """

    def __init__(self, *lines: Sequence[tuple[float, ...]]) -> None:
        self.lines = [catmull_rom(_with_thickness(line), 36) for line in lines]
        for line in self.lines:
            line[:, 0] = np.maximum(line[:, 0], 0)
        every = np.vstack(self.lines)
        self.wall = self.lines[0]
        self.widest, self.top = float(every[:, 0].max()), float(every[:, 1].max())
        self.low, self.high = float(every[:, 1].min()) - MARGIN, self.top + MARGIN
        self.reach = self.widest + MARGIN

    @cached_property
    def grids(self) -> tuple[np.ndarray, np.ndarray]:
        """Distance to the clay; and +u outside or -u inside, u from 0 (base) to 1 (lip)."""
        longest = max(map(len, self.lines))
        lines = np.zeros((len(self.lines), longest, 3))
        lengths = np.zeros((len(self.lines), 2))
        for n, line in enumerate(self.lines):
            lines[n, : len(line)] = line
            run = np.hypot(np.diff(line[:, 0]), np.diff(line[:, 1])).sum()
            lengths[n] = len(line), run
        distance = np.empty((GRID, GRID), np.float32)
        side = np.empty((GRID, GRID), np.float32)
        _fill_grid(lines, lengths, self.reach, self.low, self.high, distance, side)
        return distance, side


class Scene:
    """Collects primitives and materials; `world()` hands them to the engine as arrays."""

    def __init__(self, floor: str, wall: str) -> None:
        self.floor, self.wall = linear(floor), linear(wall)
        self.glow = np.zeros(4)
        self.mats: list[np.ndarray] = []
        self._prims: list[np.ndarray] = []
        self._profiles: list[Profile] = []
        self._tubes: list[np.ndarray] = []
        self._object = 0

    def material(
        self,
        color: str,
        *,
        clay: str = "#E0B791",
        inside: str | None = None,
        second: str | None = None,
        foot: float = -9.0,
        dip: float = 9.0,
        gloss: float = 0.0,
        speckle: float = 0.0,
        breaking: float = 0.0,
        break_color: str | None = None,
        rings: float = 0.0,
        mottle: float = 0.15,
        emission: float = 0.0,
    ) -> int:
        """Bare clay below `foot`, `second` color above `dip` (heights in profile units)."""
        m = np.zeros(MAT_WIDTH)
        m[0:3], m[3:6] = linear(color), linear(clay)
        m[6:9], m[9:12] = linear(inside or color), linear(second or color)
        m[12:17] = foot, dip, gloss, speckle, breaking
        m[17:20] = linear(break_color or clay)
        m[20:23] = rings, mottle, emission
        self.mats.append(m)
        return len(self.mats) - 1

    def new_object(self) -> None:
        """What follows no longer melts into what came before."""
        self._object += 1

    def light_up(self, at: Vector, strength: float) -> None:
        """A small warm light, such as a flame. One per scene."""
        self.glow[:] = *at, strength

    def revolve(
        self,
        profile: Profile,
        mat: int,
        at: Vector = (0, 0, 0),
        *,
        scale: float = 1.0,
        turn: np.ndarray | None = None,
        blend: float = 0.0,
        lip: float = 0.0,
        stretch: tuple[float, float] = (0.0, 0.0),
        casts_shadow: bool = True,
    ) -> None:
        """Spin a profile; `lip` pulls a spout at -x, `stretch` elongates it along x and z."""
        turn = np.eye(3) if turn is None else turn
        self._profiles.append(profile)
        middle = np.asarray(at) + turn @ np.array([0, profile.top / 2 * scale, 0])
        half = math.hypot(profile.widest + math.hypot(*stretch), profile.top / 2)
        bound = [*middle, scale * (half + 0.08 + lip * 0.4)]
        data = [len(self._profiles) - 1, scale, lip, *stretch]
        self._add(REVOLVED, mat, at, turn, bound, data, blend=blend, casts_shadow=casts_shadow)

    def tube(
        self,
        points: Sequence[tuple[float, float, float, float]],
        mat: int,
        at: Vector = (0, 0, 0),
        *,
        scale: float = 1.0,
        turn: np.ndarray | None = None,
        blend: float = 0.0,
        steps: int = 7,
        carve: bool = False,
    ) -> None:
        """A smooth rod through (x, y, z, radius) points; `carve` takes it away instead."""
        turn = np.eye(3) if turn is None else turn
        curve = catmull_rom(np.array(points, float), steps)
        self._tubes.append(curve)
        middle = curve[:, :3].mean(0)
        reach = np.linalg.norm(curve[:, :3] - middle, axis=1).max() + curve[:, 3].max()
        center = np.asarray(at) + turn @ (middle * scale)
        data = [len(self._tubes) - 1, scale]
        bound = [*center, reach * scale + 0.06]
        self._add(TUBE, mat, at, turn, bound, data, blend=blend, carve=carve)

    def box(
        self, at: Vector, half: Vector, mat: int, *, turn: float = 0.0, rounding: float = 0.012
    ) -> None:
        bound = [*at, float(np.linalg.norm(half)) + 0.05]
        self._add(BOX, mat, at, turn_y(turn), bound, [*half, rounding])

    def cylinder(
        self, at: Vector, radius: float, half: float, mat: int, *, rounding: float = 0.012
    ) -> None:
        bound = [*at, math.hypot(radius, half) + 0.05]
        self._add(CYLINDER, mat, at, np.eye(3), bound, [radius, half, rounding])

    def ball(
        self, at: Vector, radius: float, mat: int, *, blend: float = 0.0, carve: bool = False
    ) -> None:
        self._add(
            BALL, mat, at, np.eye(3), [*at, radius + 0.05], [radius], blend=blend, carve=carve
        )

    def leaf(
        self, at: Vector, size: tuple[float, float, float], mat: int, turn: np.ndarray
    ) -> None:
        """A pointed blade: half width, half length, half thickness."""
        self._add(LEAF, mat, at, turn, [*at, size[1] + 0.05], [*size])

    def _add(
        self,
        kind: int,
        mat: int,
        at: Vector,
        turn: np.ndarray,
        bound: Vector,
        data: Vector,
        *,
        blend: float = 0.0,
        carve: bool = False,
        casts_shadow: bool = True,
    ) -> None:
        p = np.zeros(PRIM_WIDTH)
        p[0:3] = kind, mat, self._object
        p[3:6], p[6:15] = at, np.asarray(turn).T.ravel()
        p[15:19], p[19] = bound, blend
        p[20 : 20 + len(data)] = data
        p[38], p[39] = carve, not casts_shadow
        self._prims.append(p)

    def world(self) -> World:
        prims = np.array(self._prims)
        longest = max([len(t) for t in self._tubes] or [2])
        tubes = np.zeros((max(1, len(self._tubes)), longest, 4))
        counts = np.zeros(max(1, len(self._tubes)), np.int64)
        for i, tube in enumerate(self._tubes):
            tubes[i, : len(tube)], counts[i] = tube, len(tube)
        empty = np.zeros((1, GRID, GRID), np.float32)
        return World(
            prims,
            np.array(self.mats),
            np.array([p.grids[0] for p in self._profiles]) if self._profiles else empty,
            np.array([p.grids[1] for p in self._profiles]) if self._profiles else empty,
            np.array([(p.reach, p.low, p.high) for p in self._profiles] or [(1.0, 0.0, 1.0)]),
            tubes,
            counts,
            _around(prims[:, 15:19]),
            self.glow,
            self.floor,
            self.wall,
        )


def _around(balls: np.ndarray) -> np.ndarray:
    """One ball around all the bounding balls."""
    low = (balls[:, :3] - balls[:, 3:]).min(0)
    high = (balls[:, :3] + balls[:, 3:]).max(0)
    middle = (low + high) / 2
    reach = (np.linalg.norm(balls[:, :3] - middle, axis=1) + balls[:, 3]).max()
    return np.array([*middle, reach])

"""The pots: how a handle, spout, lid or tray is put on each profile."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from glazes import GLAZES
from profiles import FOOT, PROFILES, RODS, STRETCH, Rod
from scene import Scene, turn_y

MILK = GLAZES["milk"].color
CLAY = "#E0B791"
CORK = "#C99E66"
WAX = "#F6F1E2"


@dataclass(frozen=True)
class Pot:
    """One pot to be placed: what it is, how it is glazed and where it stands."""

    shape: str
    glaze: str
    at: tuple[float, float, float] = (0.0, 0.0, 0.0)
    turn: float = -0.35
    scale: float = 1.0
    #: second glaze: on lids, or above `dip` on the wall
    second: str | None = None
    dip: float = 9.0
    milk_inside: bool = False

    def point(self, x: float, y: float, z: float) -> tuple[float, float, float]:
        """A place on the pot, in the scene."""
        return tuple(np.asarray(self.at) + turn_y(self.turn) @ (np.array([x, y, z]) * self.scale))


@dataclass
class Thrower:
    """Places the parts of one pot on a scene."""

    scene: Scene
    pot: Pot
    mat: int = field(init=False)

    def __post_init__(self) -> None:
        self.mat = self.glazed(self.pot.shape)

    def glazed(self, profile: str, glaze: str | None = None) -> int:
        pot = self.pot
        g = GLAZES[glaze or pot.glaze]
        second = GLAZES[pot.second].color if pot.second and glaze is None else None
        return self.scene.material(
            g.color,
            clay=CLAY,
            inside=MILK if pot.milk_inside else None,
            second=second,
            foot=FOOT.get(profile, -9.0),
            dip=pot.dip,
            gloss=g.gloss,
            speckle=g.speckle,
            breaking=g.breaking,
            break_color=g.break_color,
            rings=0.5,
            mottle=0.5,
        )

    def body(self, profile: str, mat: int | None = None, y: float = 0.0, **options: float) -> None:
        self.scene.revolve(
            PROFILES[profile],
            self.mat if mat is None else mat,
            self.pot.point(0, y, 0),
            scale=self.pot.scale,
            turn=turn_y(self.pot.turn),
            stretch=(STRETCH.get(profile, 0.0), 0.0),
            **options,
        )

    def rod(self, points: Sequence[Rod], mat: int | None = None, **options: float) -> None:
        self.scene.tube(
            points,
            self.mat if mat is None else mat,
            self.pot.at,
            scale=self.pot.scale,
            turn=turn_y(self.pot.turn),
            **options,
        )

    def ball(self, x: float, y: float, z: float, radius: float, mat: int, **options: float) -> None:
        self.scene.ball(self.pot.point(x, y, z), radius * self.pot.scale, mat, **options)

    def column(self, y: float, radius: float, half: float, mat: int, rounding: float) -> None:
        s = self.pot.scale
        self.scene.cylinder(
            self.pot.point(0, y, 0), radius * s, half * s, mat, rounding=rounding * s
        )

    def lid(self, profile: str, y: float) -> int:
        """A lid in the second glaze, starting a new object; returns its material."""
        self.scene.new_object()
        mat = self.glazed(profile, self.pot.second or self.pot.glaze)
        self.body(profile, mat, y)
        return mat


def put(scene: Scene, pot: Pot) -> None:
    """Place a whole pot on the scene."""
    scene.new_object()
    _MAKERS.get(pot.shape, _plain)(Thrower(scene, pot))


def _plain(t: Thrower) -> None:
    t.body(t.pot.shape)


def _mug(t: Thrower) -> None:
    t.body("mug")
    t.rod(RODS["mug"], blend=0.07)


def _wide_mug(t: Thrower) -> None:
    t.body("wide-mug")
    t.rod(RODS["wide-mug"], blend=0.07)


def _jug(t: Thrower) -> None:
    t.body("jug", lip=0.42)
    t.rod(RODS["jug"], blend=0.07)


def _cup(t: Thrower) -> None:
    t.body("saucer", t.glazed("saucer"))
    pot = t.pot
    cup = Thrower(t.scene, replace(pot, shape="espresso", at=pot.point(0, 0.06, 0)))
    t.scene.new_object()
    cup.body("espresso")
    cup.rod(RODS["espresso"], blend=0.05)


def _teapot(t: Thrower) -> None:
    t.body("teapot")
    t.rod(RODS["spout"], blend=0.10)
    t.rod(RODS["spout-hole"], carve=True)
    t.rod(RODS["teapot"], blend=0.07)
    mat = t.lid("lid", 0.905)
    t.ball(0, 1.14, 0, 0.085, mat, blend=0.06)


def _jar(t: Thrower) -> None:
    t.body("jar")
    mat = t.lid("jar-lid", 0.93)
    t.ball(0, 1.09, 0, 0.1, mat, blend=0.08)


def _keeper(t: Thrower) -> None:
    t.body("keeper")
    mat = t.lid("keeper-lid", 0.46)
    t.rod(RODS["keeper"], mat, blend=0.06)


def _oil(t: Thrower) -> None:
    t.body("oil")
    t.scene.new_object()
    t.column(1.36, 0.085, 0.09, t.scene.material(CORK), 0.02)


def _three_buds(t: Thrower) -> None:
    for x, z, scale in ((-0.46, 0.0, 0.80), (0.10, -0.30, 1.0), (0.50, 0.16, 0.66)):
        pot = replace(t.pot, shape="bud", at=t.pot.point(x, 0, z), scale=t.pot.scale * scale)
        put(t.scene, pot)


def _nest(t: Thrower) -> None:
    second = t.pot.second or t.pot.glaze
    for y, scale, glaze in (
        (0, 1.0, t.pot.glaze),
        (0.20, 0.86, second),
        (0.385, 0.735, t.pot.glaze),
    ):
        pot = replace(t.pot, shape="bowl", second=None, glaze=glaze, at=t.pot.point(0, y, 0))
        put(t.scene, replace(pot, scale=t.pot.scale * scale))


def _trough(t: Thrower) -> None:
    t.body("tray", t.glazed("tray"))
    t.scene.new_object()
    pot = replace(t.pot, at=t.pot.point(0, 0.05, 0))
    trough = Thrower(t.scene, pot)
    trough.body("trough")
    t.scene.new_object()
    soil = t.scene.material("#3A2A20", mottle=1.0)
    half = (0.86 * pot.scale, 0.04, 0.23 * pot.scale)
    t.scene.box(pot.point(0, 0.42, 0), half, soil, turn=pot.turn, rounding=0.02)


def _olive_dish(t: Thrower) -> None:
    t.body("olive-dish")
    t.rod(RODS["olive-ridge"], blend=0.05)


def _soap_dish(t: Thrower) -> None:
    t.body("soap-dish")
    for x in (-0.27, -0.09, 0.09, 0.27):
        ridge = [(x, 0.10, -0.22, 0.026), (x, 0.115, 0, 0.03), (x, 0.10, 0.22, 0.026)]
        t.rod(ridge, blend=0.04)


def _spoon_rest(t: Thrower) -> None:
    t.body("spoon-rest", lip=0.55)


def _salt_pig(t: Thrower) -> None:
    t.body("salt-pig")
    mouth, middle, reach = np.array([-0.50, 0.34, 0.80]), np.array([0, 0.60, 0]), 0.50
    mouth = mouth / np.linalg.norm(mouth)
    radius = 0.30
    center = middle + mouth * reach * 0.94
    t.ball(*center, radius, t.mat, carve=True)
    side = np.cross([0, 1, 0], mouth)
    side /= np.linalg.norm(side)
    up = np.cross(mouth, side)
    ring = center - mouth * 0.03
    rim = [
        (*(ring + radius * (side * math.cos(a) + up * math.sin(a))), 0.045)
        for a in np.linspace(0, 2 * math.pi, 13)
    ]
    t.rod(rim, blend=0.06)
    t.scene.new_object()
    salt = t.scene.material("#F7F7F2", mottle=0.9)
    t.column(0.40, 0.41, 0.15, salt, 0.03)


def _candlestick(t: Thrower) -> None:
    t.body("pan", t.glazed("pan"))
    t.body("socket", t.glazed("socket"), blend=0.05)
    t.rod(RODS["candlestick"], blend=0.04)
    _candle(t, 0.30, 0.84)


def _low_stick(t: Thrower) -> None:
    t.body("low-stick")
    _candle(t, 0.34, 0.72)


def _candle(t: Thrower, bottom: float, length: float) -> None:
    """A candle standing in the pot, alight."""
    s = t.scene
    s.new_object()
    t.column(bottom + length / 2, 0.068, length / 2, s.material(WAX, gloss=0.15), 0.02)
    s.new_object()
    top = bottom + length
    wick = [(x, top + y, z, radius) for x, y, z, radius in RODS["wick"]]
    t.rod(wick, s.material("#2A211C"))
    s.new_object()
    flame = s.material("#FF9A2E", emission=1.15, mottle=0.0)
    at = t.pot.point(0.006, top + 0.03, 0)
    s.revolve(PROFILES["flame"], flame, at, scale=t.pot.scale, casts_shadow=False)
    s.light_up(t.pot.point(0, top + 0.13, 0), 0.55)


_MAKERS: dict[str, Callable[[Thrower], None]] = {
    "mug": _mug,
    "wide-mug": _wide_mug,
    "jug": _jug,
    "cup": _cup,
    "teapot": _teapot,
    "jar": _jar,
    "keeper": _keeper,
    "oil": _oil,
    "three-buds": _three_buds,
    "nest": _nest,
    "trough": _trough,
    "olive-dish": _olive_dish,
    "soap-dish": _soap_dish,
    "spoon-rest": _spoon_rest,
    "salt-pig": _salt_pig,
    "candlestick": _candlestick,
    "low-stick": _low_stick,
}

"""The pots: profiles, and how a handle, spout, lid or tray is put on each."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from glazes import GLAZES
from scene import Profile, Scene, turn_x, turn_y, turn_z

MILK = GLAZES["milk"].color
CLAY = "#E0B791"
WOOD = "#C99E66"
WAX = "#F6F1E2"

PROFILES = {
    "mug": Profile(
        [(0, .07, .08), (.34, .07, .08), (.43, .12, .075), (.47, .24, .07), (.475, .55),
         (.46, .84, .06), (.475, .97, .048)],
        [(.33, .02, .06), (.35, .06, .06)],
    ),
    "wide-mug": Profile(
        [(0, .07, .08), (.30, .07, .08), (.44, .13, .075), (.56, .30, .068), (.60, .50, .06),
         (.585, .62, .055), (.60, .71, .046)],
        [(.31, .02, .06), (.33, .06, .06)],
    ),
    "tumbler": Profile(
        [(0, .07, .08), (.26, .07, .08), (.34, .12, .07), (.38, .4, .06), (.41, .85, .05),
         (.43, 1.02, .045)],
        [(.27, .02, .06), (.28, .06, .06)],
    ),
    "espresso": Profile(
        [(0, .06, .07), (.2, .06, .07), (.29, .12, .06), (.33, .3, .055), (.35, .56, .042)]
    ),
    "saucer": Profile([(0, .04, .06), (.3, .04, .06), (.5, .07, .05), (.62, .13, .042)]),
    "bowl": Profile(
        [(0, .12, .09), (.24, .13, .09), (.5, .22, .07), (.76, .44, .058), (.87, .68, .046),
         (.9, .78, .042)],
        [(.27, .025, .06), (.25, .1, .07)],
    ),
    "noodle-bowl": Profile(
        [(0, .14, .1), (.2, .14, .1), (.46, .2, .08), (.66, .42, .06), (.77, .74, .05),
         (.82, .86, .042)],
        [(.29, .02, .06), (.24, .12, .07)],
    ),
    "plate": Profile(
        [(0, .05, .06), (.62, .05, .06), (.8, .075, .055), (.9, .14, .05), (1.02, .17, .042)],
        [(.58, .015, .04), (.58, .05, .05)],
    ),
    "platter": Profile(
        [(0, .07, .065), (.40, .07, .065), (.50, .09, .06), (.57, .17, .055), (.66, .20, .045)],
        [(.36, .02, .05), (.36, .06, .05)],
    ),
    "olive-dish": Profile(
        [(0, .06, .06), (.20, .06, .06), (.30, .10, .055), (.345, .20, .05), (.355, .27, .042)],
        [(.2, .02, .04), (.2, .05, .05)],
    ),
    "vase": Profile(
        [(0, .07, .09), (.27, .07, .09), (.38, .2, .08), (.49, .58, .07), (.46, 1.0, .06),
         (.27, 1.38, .06), (.17, 1.62, .055), (.19, 1.88, .05), (.25, 1.96, .042)]
    ),
    "moon": Profile(
        [(0, .07, .09), (.26, .07, .09), (.52, .22, .08), (.76, .62, .07), (.72, 1.02, .06),
         (.46, 1.32, .055), (.25, 1.42, .055), (.24, 1.48, .05), (.27, 1.53, .042)]
    ),
    "bud": Profile(
        [(0, .06, .08), (.26, .06, .08), (.40, .16, .07), (.43, .34, .06), (.30, .56, .06),
         (.12, .72, .055), (.085, .95, .05), (.11, 1.08, .042)]
    ),
    "hedge": Profile(
        [(0, .07, .08), (.20, .07, .08), (.27, .13, .075), (.28, .40, .065), (.25, .66, .06),
         (.265, .80, .048)],
        [(.2, .02, .05), (.2, .06, .05)],
    ),
    "jug": Profile(
        [(0, .07, .09), (.28, .07, .09), (.42, .16, .08), (.50, .45, .07), (.44, .8, .06),
         (.33, 1.06, .055), (.34, 1.25, .05), (.40, 1.36, .042)]
    ),
    "teapot": Profile(
        [(0, .07, .09), (.36, .07, .09), (.56, .17, .08), (.68, .45, .07), (.60, .74, .06),
         (.36, .9, .055), (.30, .92, .05)]
    ),
    "lid": Profile([(0, .135, .06), (.12, .12, .06), (.26, .06, .055), (.345, .0, .05)]),
    "planter": Profile(
        [(0, .07, .09), (.36, .07, .09), (.44, .1, .08), (.52, .5, .07), (.58, .88, .065),
         (.60, .96, .065)]
    ),
    "trough": Profile(
        [(0, .12, .08), (.23, .12, .08), (.27, .16, .07), (.30, .36, .06), (.33, .56, .055)],
        [(.19, .07, .06), (.20, .11, .06)],
    ),
    "tray": Profile([(0, .035, .05), (.34, .035, .05), (.40, .06, .045), (.42, .11, .04)]),
    "jar": Profile(
        [(0, .07, .09), (.36, .07, .09), (.47, .12, .08), (.50, .4, .07), (.50, .78, .06),
         (.46, .88, .055), (.44, .9, .05)]
    ),
    "jar-lid": Profile([(0, .06, .07), (.3, .05, .07), (.46, .02, .06), (.49, .0, .05)]),
    "keeper": Profile(
        [(0, .06, .08), (.40, .06, .08), (.50, .11, .075), (.525, .26, .065), (.50, .40, .055),
         (.49, .43, .05)],
        [(.38, .02, .05), (.39, .05, .05)],
    ),
    "keeper-lid": Profile(
        [(0, .21, .06), (.30, .20, .06), (.44, .17, .06), (.53, .09, .055), (.555, -.02, .045)]
    ),
    "salt-pig": Profile(
        [(0, .07, .08), (.34, .07, .08), (.47, .16, .075), (.53, .42, .07), (.48, .72, .065),
         (.30, .98, .06), (.12, 1.08, .06), (0, 1.10, .06)]
    ),
    "pan": Profile([(0, .05, .07), (.34, .05, .06), (.47, .1, .05), (.5, .13, .042)]),
    "socket": Profile([(.085, .06, .06), (.09, .2, .055), (.12, .3, .05), (.13, .36, .042)]),
    "low-stick": Profile(
        [(0, .10, .08), (.30, .06, .08), (.46, .07, .075), (.50, .13, .07), (.44, .21, .065),
         (.26, .27, .06), (.145, .33, .055), (.115, .42, .05), (.15, .50, .045)]
    ),
    "soap-dish": Profile(
        [(0, .08, .06), (.20, .08, .06), (.29, .10, .055), (.335, .16, .05), (.345, .21, .042)],
        [(.2, .02, .05), (.2, .06, .05)],
    ),
    "spoon-rest": Profile(
        [(0, .05, .06), (.26, .05, .06), (.38, .085, .055), (.445, .16, .048), (.46, .20, .042)],
        [(.24, .015, .04), (.24, .04, .05)],
    ),
    "oil": Profile(
        [(0, .06, .08), (.24, .06, .08), (.34, .13, .07), (.36, .5, .06), (.31, .82, .06),
         (.13, 1.04, .055), (.10, 1.24, .05), (.14, 1.32, .042)]
    ),
    "flame": Profile([(0, .0, .015), (.03, .025, .02), (.042, .07, .02), (.025, .14, .012), (0, .215, .004)]),
}  # fmt: skip

#: Below this height the clay is bare.
FOOT = {
    "mug": .13, "wide-mug": .13, "tumbler": .16, "espresso": .10, "saucer": .02, "bowl": .13,
    "noodle-bowl": .14, "plate": .03, "platter": .05, "olive-dish": .06, "vase": .14, "moon": .14,
    "bud": .10, "hedge": .12, "jug": .14, "teapot": .13, "planter": .14, "trough": .17, "tray": .02,
    "jar": .13, "keeper": .11, "salt-pig": .14, "pan": .02, "low-stick": .08, "soap-dish": .06,
    "spoon-rest": .03, "oil": .12,
}  # fmt: skip

#: Half of what is added in the middle to make a round pot oblong.
STRETCH = {"platter": .52, "olive-dish": .36, "hedge": .52, "trough": .62, "tray": .62, "soap-dish": .30}  # fmt: skip


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

    def rod(self, points: list, mat: int | None = None, **options: float) -> None:
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
    t.rod(HANDLES["mug"], blend=0.07)


def _wide_mug(t: Thrower) -> None:
    t.body("wide-mug")
    t.rod(HANDLES["wide-mug"], blend=0.07)


def _jug(t: Thrower) -> None:
    t.body("jug", lip=0.42)
    t.rod(HANDLES["jug"], blend=0.07)


def _cup(t: Thrower) -> None:
    t.body("saucer", t.glazed("saucer"))
    pot = t.pot
    cup = Thrower(t.scene, replace(pot, shape="espresso", at=pot.point(0, 0.06, 0)))
    t.scene.new_object()
    cup.body("espresso")
    cup.rod(HANDLES["espresso"], blend=0.05)


def _teapot(t: Thrower) -> None:
    t.body("teapot")
    t.rod([(-.52, .36, 0, .15), (-.72, .50, 0, .11), (-.84, .74, 0, .078), (-.97, .92, 0, .064)], blend=.10)  # fmt: skip
    t.rod([(-.86, .77, 0, .036), (-.97, .92, 0, .042), (-1.05, 1.03, 0, .048)], carve=True)
    t.rod(HANDLES["teapot"], blend=0.07)
    mat = t.lid("lid", 0.905)
    t.ball(0, 1.14, 0, 0.085, mat, blend=0.06)


def _jar(t: Thrower) -> None:
    t.body("jar")
    mat = t.lid("jar-lid", 0.93)
    t.ball(0, 1.09, 0, 0.1, mat, blend=0.08)


def _keeper(t: Thrower) -> None:
    t.body("keeper")
    mat = t.lid("keeper-lid", 0.46)
    t.rod([(-.17, .66, 0, .05), (-.13, .76, 0, .046), (0, .80, 0, .046), (.13, .76, 0, .046), (.17, .66, 0, .05)], mat, blend=.06)  # fmt: skip


def _oil(t: Thrower) -> None:
    t.body("oil")
    t.scene.new_object()
    t.column(1.36, 0.085, 0.09, plain(t.scene, WOOD), 0.02)


def _three_buds(t: Thrower) -> None:
    for x, z, scale in ((-0.46, 0.0, 0.80), (0.10, -0.30, 1.0), (0.50, 0.16, 0.66)):
        pot = replace(t.pot, shape="bud", at=t.pot.point(x, 0, z), scale=t.pot.scale * scale)
        put(t.scene, pot)


def _nest(t: Thrower) -> None:
    second = t.pot.second or t.pot.glaze
    for y, scale, glaze in ((0, 1.0, t.pot.glaze), (0.20, 0.86, second), (0.385, 0.735, t.pot.glaze)):
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
    t.scene.box(pot.point(0, .42, 0), (.86 * pot.scale, .04, .23 * pot.scale), soil, turn=pot.turn, rounding=.02)  # fmt: skip


def _olive_dish(t: Thrower) -> None:
    t.body("olive-dish")
    t.rod([(.30, .10, -.29, .03), (.30, .13, 0, .032), (.30, .10, .29, .03)], blend=.05)  # fmt: skip


def _soap_dish(t: Thrower) -> None:
    t.body("soap-dish")
    for x in (-0.27, -0.09, 0.09, 0.27):
        t.rod([(x, .10, -.22, .026), (x, .115, 0, .03), (x, .10, .22, .026)], blend=.04)  # fmt: skip


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
    t.rod(HANDLES["candlestick"], blend=0.04)
    candle(t, 0.30, 0.84)


def _low_stick(t: Thrower) -> None:
    t.body("low-stick")
    candle(t, 0.34, 0.72)


def candle(t: Thrower, bottom: float, length: float) -> None:
    """A candle standing in the pot, alight."""
    s = t.scene
    s.new_object()
    t.column(bottom + length / 2, 0.068, length / 2, plain(s, WAX, 0.15), 0.02)
    s.new_object()
    top = bottom + length
    t.rod([(0, top - .02, 0, .009), (.004, top + .03, 0, .008), (.012, top + .055, 0, .007)], plain(s, "#2A211C"))  # fmt: skip
    s.new_object()
    flame = s.material("#FF9A2E", emission=1.15, mottle=0.0)
    at = t.pot.point(0.006, top + 0.03, 0)
    s.revolve(PROFILES["flame"], flame, at, scale=t.pot.scale, casts_shadow=False)
    s.light_up(t.pot.point(0, top + 0.13, 0), 0.55)


HANDLES = {
    "mug": [(.45, .80, 0, .062), (.62, .85, 0, .055), (.79, .72, 0, .052), (.80, .50, 0, .050),
            (.68, .32, 0, .050), (.46, .25, 0, .060)],
    "wide-mug": [(.58, .58, 0, .058), (.72, .62, 0, .052), (.87, .52, 0, .050), (.86, .34, 0, .048),
                 (.74, .22, 0, .048), (.54, .24, 0, .056)],
    "jug": [(.34, 1.20, 0, .065), (.52, 1.24, 0, .058), (.74, 1.06, 0, .052), (.78, .76, 0, .050),
            (.66, .50, 0, .050), (.46, .42, 0, .060)],
    "espresso": [(.32, .44, 0, .050), (.46, .47, 0, .045), (.55, .38, 0, .042), (.50, .24, 0, .042),
                 (.33, .16, 0, .050)],
    "teapot": [(.52, .70, 0, .062), (.74, .84, 0, .055), (.98, .74, 0, .052), (1.02, .52, 0, .050),
               (.86, .32, 0, .050), (.60, .28, 0, .060)],
    "candlestick": [(.46, .12, 0, .035), (.62, .17, 0, .032), (.70, .10, 0, .030),
                    (.62, .04, 0, .030), (.46, .08, 0, .033)],
}  # fmt: skip

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


# ------------------------------------------------------------------ props
def plain(scene: Scene, color: str, gloss: float = 0.0) -> int:
    return scene.material(color, gloss=gloss)


def branch(
    scene: Scene,
    foot: tuple[float, float, float],
    *,
    seed: int,
    height: float,
    lean: tuple[float, float],
    leaves: int,
    size: tuple[float, float] = (0.06, 0.17),
    color: str = "#2E6E48",
    berry: str | None = None,
) -> None:
    """A twig standing at `foot`, with leaves left and right and perhaps berries."""
    rng = np.random.default_rng(seed)
    stem = plain(scene, "#4A3B2A")
    leaf = scene.material(color, gloss=0.22, mottle=0.6)
    rise = np.linspace(0, 1, 5)
    line = np.column_stack(
        [
            foot[0] + lean[0] * rise**1.4,
            foot[1] + height * rise,
            foot[2] + lean[1] * rise**1.4,
            0.022 * (1 - 0.6 * rise),
        ]
    )
    scene.new_object()
    scene.tube([tuple(p) for p in line], stem, steps=3)
    for k in range(leaves):
        t = 0.30 + 0.70 * (k + 0.5) / leaves
        root = np.array([np.interp(t, rise, line[:, axis]) for axis in range(3)])
        facing = rng.uniform(-0.7, 0.7) + (0 if k % 2 else math.pi)
        blade = turn_y(facing) @ turn_z(-rng.uniform(0.5, 0.95))
        length = size[1] * (1.1 - 0.45 * t) * rng.uniform(0.85, 1.15)
        tip = blade @ np.array([0, length * 1.05, 0])
        scene.new_object()
        if berry and rng.random() < 0.5:
            scene.ball(tuple(root + tip * 0.45), size[0] * 0.75, scene.material(berry, gloss=0.8))
        else:
            twist = blade @ turn_y(rng.uniform(-0.7, 0.7))
            scene.leaf(tuple(root + tip), (size[0] * (1.15 - 0.4 * t), length, 0.006), leaf, twist)


def wooden_spoon(scene: Scene, at: tuple[float, float, float], turn: float) -> None:
    """Lying with its bowl at `at`, handle going away at -x before turning."""
    wood = scene.material("#B98450", gloss=0.12, mottle=0.8)
    scene.new_object()
    rod = [(.20, .0, 0, .085), (.0, .0, 0, .125), (-.18, .02, 0, .09), (-.34, .055, 0, .042), (-.7, .10, 0, .036), (-1.25, .16, 0, .040)]  # fmt: skip
    tilt = turn_y(turn) @ turn_x(0.0)
    scene.tube(rod, wood, at, turn=tilt, steps=6)
    scene.ball(tuple(np.asarray(at) + tilt @ np.array([0.03, 0.12, 0])), 0.105, wood, carve=True)

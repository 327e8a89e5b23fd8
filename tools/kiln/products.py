"""What the shop sells: shape, glazes, grounds and camera of each product, newest first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import groups
import props
from framing import Framing
from glazes import (
    AUBERGINE,
    BOTTLE,
    BRICK,
    CITRON,
    GLAZES,
    LEMON,
    LILAC,
    PEACH,
    PINK,
    SKY,
    TEAL,
    ULTRAMARINE,
    Ground,
)
from pots import Pot
from scene import Scene

MUG = Framing(15)
BOWL = Framing(25, width=0.68)
FLAT = Framing(42, width=0.70, middle=(0.485, 0.56), horizon=0.34)
TALL = Framing(14, height=0.66, width=0.62)


@dataclass(frozen=True)
class Coat:
    """One way to glaze a product, and the ground it stands on."""

    glaze: str
    ground: Ground
    second: str | None = None


@dataclass(frozen=True)
class Product:
    handle: str
    shape: str
    #: of the real pot, lid included, in millimeters
    height: int
    coats: tuple[Coat, ...]
    framing: Framing = MUG
    turn: float = -0.35
    dip: float = 9.0
    lined: bool = False
    #: stands on this instead of the floor: height
    plinth: float = 0.0
    prop: Callable[[Scene, Pot], None] | None = None
    views: tuple[str, ...] = ()
    group: Callable[[], tuple[Scene, Framing]] | None = None


def coats(*described: str | tuple[str, Ground] | tuple[str, Ground, str]) -> tuple[Coat, ...]:
    """Coats from glaze names; the glaze's usual ground unless another is given."""
    made = []
    for each in described:
        glaze, *rest = (each,) if isinstance(each, str) else each
        ground = rest[0] if rest else GLAZES[glaze].grounds[0]
        made.append(Coat(glaze, ground, rest[1] if len(rest) > 1 else None))
    return tuple(made)


PRODUCTS = (
    Product(
        "tuesday-mug",
        "mug",
        89,
        coats("cobalt", "celadon", "persimmon", "milk", "tenmoku", "heather"),
        lined=True,
        views=("above", "foot"),
        group=groups.mug_trio,
    ),
    Product(
        "long-way-round-vase",
        "moon",
        240,
        coats("tenmoku", "cobalt"),
        Framing(14, 0.68, 0.62),
        views=("above", "foot"),
        group=groups.vases,
    ),
    Product(
        "half-past-teapot",
        "teapot",
        128,
        coats(
            ("persimmon", SKY, "tenmoku"), ("cobalt", PEACH, "milk"), ("celadon", BOTTLE, "milk")
        ),
        Framing(15, 0.78, 0.6),
        turn=0.25,
        views=("above", "foot"),
        group=groups.tea_for_two,
    ),
    Product(
        "second-helping-bowl",
        "bowl",
        78,
        coats("milk", "shell", "celadon", "cobalt"),
        BOWL,
        views=("above", "foot"),
        group=groups.bowls,
    ),
    Product(
        "elevenses-cup-and-saucer",
        "cup",
        61,
        coats("citron", "persimmon", "celadon", "milk"),
        Framing(23, 0.64, 0.6),
        views=("above",),
    ),
    Product(
        "doorstep-jug",
        "jug",
        174,
        coats(("celadon", AUBERGINE), "milk", "cobalt"),
        TALL,
        views=("above", "foot"),
    ),
    Product(
        "power-cut-candlestick",
        "candlestick",
        58,
        coats(("persimmon", TEAL), ("cobalt", CITRON), ("citron", LILAC)),
        Framing(15, 0.66, 0.62),
    ),
    Product(
        "understudy-planter",
        "planter",
        112,
        coats(("shell", BOTTLE, "milk"), ("heather", LEMON, "milk"), ("citron", TEAL, "tenmoku")),
        Framing(16, 0.66, 0.6),
        dip=0.52,
        views=("above", "foot"),
        group=groups.planters,
    ),
    Product(
        "larder-bottle",
        "oil",
        165,
        coats("oxblood", "tenmoku", "milk"),
        TALL,
        views=("above", "foot"),
        group=groups.bottles,
    ),
    Product(
        "salt-pig",
        "salt-pig",
        140,
        coats(("oxblood", SKY), "celadon", ("cobalt", CITRON)),
        Framing(14, 0.60, 0.60),
    ),
    Product(
        "sunday-plate",
        "plate",
        23,
        coats("heather", "milk", "cobalt", "celadon"),
        FLAT,
        views=("above",),
    ),
    Product(
        "hedge-vase",
        "hedge",
        150,
        coats(("milk", BRICK), ("cobalt", PEACH), ("celadon", AUBERGINE)),
        Framing(14, 0.72, 0.70, (0.485, 0.54)),
        prop=props.hedge,
    ),
    Product(
        "biscuit-jar",
        "jar",
        182,
        coats(
            ("milk", PEACH, "persimmon"), ("tenmoku", SKY, "citron"), ("heather", LEMON, "tenmoku")
        ),
        Framing(15, 0.66, 0.64),
        plinth=0.26,
        views=("above", "foot"),
    ),
    Product(
        "one-stem-vase",
        "bud",
        120,
        coats(("persimmon", LILAC), ("citron", TEAL), "shell", "milk"),
        Framing(12, 0.60, 0.70, (0.47, 0.55)),
        prop=props.one_stem,
    ),
    Product(
        "second-cup-mug",
        "wide-mug",
        73,
        coats(("shell", ULTRAMARINE), "celadon", "cobalt", "oxblood"),
        Framing(18, 0.70),
        lined=True,
    ),
    Product(
        "standing-up-platter",
        "platter",
        33,
        coats("oxblood", "milk", "cobalt"),
        replace(FLAT, width=0.78),
        turn=-0.30,
    ),
    Product(
        "butter-keeper",
        "keeper",
        104,
        coats(("citron", TEAL, "milk"), ("milk", BRICK, "cobalt"), ("celadon", BOTTLE, "tenmoku")),
        Framing(18, 0.66),
    ),
    Product(
        "nest-of-three-bowls",
        "nest",
        92,
        coats(
            ("heather", LEMON, "milk"), ("milk", BRICK, "persimmon"), ("persimmon", SKY, "shell")
        ),
        BOWL,
    ),
    Product(
        "windowsill-planter",
        "trough",
        112,
        coats(("cobalt", PEACH), ("celadon", AUBERGINE), ("persimmon", SKY)),
        Framing(17, 0.80, 0.6),
        turn=-0.28,
        prop=props.herbs,
    ),
    Product(
        "short-notice-tumbler",
        "tumbler",
        102,
        coats("citron", "cobalt", "milk", "tenmoku"),
        Framing(16, 0.6, 0.58),
        lined=True,
    ),
    Product(
        "low-candlestick",
        "low-stick",
        58,
        coats(("heather", BOTTLE), ("tenmoku", PINK), ("shell", ULTRAMARINE)),
        Framing(14, 0.60, 0.64),
    ),
    Product(
        "milk-only-jug",
        "jug",
        102,
        coats("milk", "shell", "oxblood", "persimmon"),
        replace(TALL, height=0.58),
        turn=-0.15,
    ),
    Product(
        "olive-dish",
        "olive-dish",
        36,
        coats(("persimmon", SKY), "celadon", "citron", "tenmoku"),
        Framing(34, 0.70, 0.5, (0.485, 0.56), 0.42),
        turn=-0.40,
        prop=props.olives,
    ),
    Product(
        "long-bath-noodle-bowl",
        "noodle-bowl",
        92,
        coats(("celadon", AUBERGINE), "tenmoku", "oxblood"),
        replace(BOWL, elevation=21),
    ),
    Product(
        "doorway-vase",
        "vase",
        330,
        coats(("oxblood", PINK), "celadon", "milk"),
        Framing(12, 0.6, 0.68),
    ),
    Product(
        "just-cereal-bowl",
        "bowl",
        66,
        coats(("cobalt", CITRON), "persimmon", ("citron", TEAL), "heather"),
        replace(BOWL, elevation=30, width=0.60),
    ),
    Product(
        "soap-dish",
        "soap-dish",
        23,
        coats(("shell", BOTTLE), "celadon", "cobalt"),
        Framing(30, 0.66, 0.5, (0.485, 0.56), 0.44),
        turn=-0.45,
        prop=props.soap,
    ),
    Product(
        "one-person-teapot",
        "teapot",
        100,
        coats(("citron", LILAC, "tenmoku"), ("heather", LEMON, "milk"), ("tenmoku", SKY, "milk")),
        Framing(18, 0.70, 0.52),
        turn=0.10,
    ),
    Product(
        "toast-plate",
        "plate",
        18,
        coats(("milk", ULTRAMARINE), ("citron", LILAC), "shell", "persimmon"),
        replace(FLAT, elevation=46, width=0.60),
    ),
    Product(
        "three-stem-set",
        "three-buds",
        110,
        coats(("cobalt", PEACH), ("heather", LEMON), ("milk", BRICK)),
        Framing(12, 0.74, 0.70, (0.485, 0.55)),
        turn=0.0,
        prop=props.three_stems,
    ),
    Product(
        "spoon-rest",
        "spoon-rest",
        32,
        coats(("oxblood", SKY), ("persimmon", TEAL), "citron", "heather"),
        Framing(36, 0.80, 0.5, (0.485, 0.56), 0.40),
        turn=-0.30,
        prop=props.spoon,
    ),
    Product(
        "vinegar-bottle",
        "oil",
        131,
        coats(("citron", TEAL), "cobalt", "celadon"),
        replace(TALL, height=0.56),
    ),
)

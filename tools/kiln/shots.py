"""Every picture of the shop: which pots, in which glaze, on which ground, seen from where."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from engine import LOW_SUN, SUN, Camera, shoot
from framing import Framing, at_the_foot, wall_behind, whole
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
from pots import Pot, branch, plain, put, wooden_spoon
from scene import Scene, turn_y

PORTRAIT = (800, 1000)
DARK_INSIDE = {"cobalt", "tenmoku", "persimmon", "oxblood"}  #: drinking pots lined with milk

MUG = Framing(15)
BOWL = Framing(25, width=0.68)
FLAT = Framing(42, width=0.70, middle=(0.485, 0.56), horizon=0.34)
TALL = Framing(14, height=0.66, width=0.62)


@dataclass(frozen=True)
class Shot:
    """One picture to be taken."""

    name: str
    size: tuple[int, int]
    take: Callable[[int, tuple[int, int]], np.ndarray]
    widths: tuple[int, ...] = (400, 800)
    cutout: bool = False


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


# ------------------------------------------------------------------ props
def _one_stem(scene: Scene, pot: Pot) -> None:
    branch(scene, pot.point(0, 1.0, 0), seed=5, height=0.72, lean=(0.26, 0.1), leaves=9,
           size=(0.055, 0.14), berry="#F1EEE4")  # fmt: skip


def _three_stems(scene: Scene, pot: Pot) -> None:
    branch(scene, pot.point(-0.46, 0.80, 0), seed=3, height=0.62, lean=(-0.20, 0.05), leaves=7,
           size=(0.05, 0.12), color="#3C7F55")  # fmt: skip
    branch(scene, pot.point(0.10, 1.0, -0.30), seed=5, height=0.80, lean=(0.16, 0.0), leaves=9,
           size=(0.05, 0.13), berry="#D8452A")  # fmt: skip
    branch(scene, pot.point(0.50, 0.66, 0.16), seed=8, height=0.46, lean=(0.20, 0.08), leaves=6,
           size=(0.045, 0.11), color="#4F8B45")  # fmt: skip


def _hedge(scene: Scene, pot: Pot) -> None:
    greens = ("#2E6E48", "#3C7F55", "#27603F", "#4F8B45")
    for k, x in enumerate(np.linspace(-0.52, 0.52, 6)):
        branch(scene, pot.point(x, 0.55, 0.04 * (-1) ** k), seed=20 + k, height=1.0 + 0.12 * (k % 3),
               lean=(x * 0.55, 0.1 * (-1) ** k), leaves=9, size=(0.07, 0.17), color=greens[k % 4])  # fmt: skip


def _herbs(scene: Scene, pot: Pot) -> None:
    greens = ("#4F8B45", "#2E6E48", "#5E9A3E")
    for k, x in enumerate(np.linspace(-0.68, 0.68, 7)):
        branch(scene, pot.point(x, 0.48, 0.07 * (-1) ** k), seed=40 + k, height=0.42 + 0.08 * (k % 3),
               lean=(0.06 * (-1) ** k, 0.05), leaves=8, size=(0.055, 0.10), color=greens[k % 3])  # fmt: skip


def _olives(scene: Scene, pot: Pot) -> None:
    green = scene.material("#7C8A2A", gloss=0.7, mottle=0.8)
    dark = scene.material("#3A2A38", gloss=0.8, mottle=0.5)
    places = [(-.42, .0, -.10), (-.30, .0, .10), (-.50, .0, .12), (-.16, .0, -.08), (-.06, .0, .12),
              (-.28, .0, -.18), (.06, .0, -.14), (-.20, .14, .02), (-.38, .13, .02)]  # fmt: skip
    for k, (x, y, z) in enumerate(places):
        scene.new_object()
        scene.ball(pot.point(x, 0.185 + y, z), 0.092, dark if k % 3 == 2 else green)
    stone = scene.material("#8A6A4A", mottle=1.0)
    for x, z in ((.46, -.06), (.52, .10)):
        scene.new_object()
        scene.ball(pot.point(x, 0.135, z), 0.05, stone)


def _soap(scene: Scene, pot: Pot) -> None:
    soap = scene.material("#EFD9A8", gloss=0.30, mottle=0.3)
    scene.new_object()
    scene.box(pot.point(0.0, 0.235, 0), (0.36, 0.085, 0.21), soap, turn=pot.turn + 0.12, rounding=0.075)  # fmt: skip


def _spoon(scene: Scene, pot: Pot) -> None:
    wooden_spoon(scene, pot.point(0.06, 0.20, 0.0), pot.turn)


# ------------------------------------------------------------------ groups
def _mug_trio() -> tuple[Scene, Framing]:
    scene = Scene(PEACH.floor, PEACH.wall)
    put(scene, Pot("mug", "cobalt", (-0.62, 0, 0.35), -0.5, milk_inside=True))
    put(scene, Pot("mug", "persimmon", (0.62, 0, 0.1), -0.25, milk_inside=True))
    put(scene, Pot("mug", "milk", (-0.1, 0, -0.95), -0.4))
    return scene, Framing(24, width=0.78, middle=(0.49, 0.56), horizon=0.42)


def _tea_for_two() -> tuple[Scene, Framing]:
    scene = Scene(SKY.floor, SKY.wall)
    put(scene, Pot("teapot", "persimmon", (-0.15, 0, -0.45), 0.25, second="tenmoku"))
    put(scene, Pot("cup", "milk", (-0.85, 0, 0.75), -0.5, 0.86))
    put(scene, Pot("cup", "citron", (0.75, 0, 0.65), -0.35, 0.86))
    return scene, Framing(24, width=0.80, middle=(0.49, 0.56), horizon=0.40)


def _bowls() -> tuple[Scene, Framing]:
    scene = Scene(ULTRAMARINE.floor, ULTRAMARINE.wall)
    put(scene, Pot("bowl", "milk", (-0.35, 0, 0.45)))
    put(scene, Pot("bowl", "shell", (0.85, 0, -0.65), scale=0.92))
    put(scene, Pot("bowl", "celadon", (0.85, 0.25, -0.65), scale=0.85))
    put(scene, Pot("noodle-bowl", "tenmoku", (-0.75, 0, -1.25), scale=0.95))
    return scene, Framing(26, width=0.82, middle=(0.49, 0.56), horizon=0.36)


def _vases() -> tuple[Scene, Framing]:
    scene = Scene(CITRON.floor, CITRON.wall)
    put(scene, Pot("moon", "tenmoku", (-0.15, 0, 0.1)))
    put(scene, Pot("bud", "persimmon", (0.95, 0, 0.45), scale=0.95))
    put(scene, Pot("vase", "cobalt", (0.75, 0, -0.95), scale=1.15))
    branch(scene, (0.95, 0.96, 0.45), seed=5, height=0.7, lean=(0.22, 0.1), leaves=8, size=(0.055, 0.14))
    return scene, Framing(14, width=0.80, height=0.66, middle=(0.49, 0.54))


def _planters() -> tuple[Scene, Framing]:
    scene = Scene(BOTTLE.floor, BOTTLE.wall)
    block = plain(scene, "#2F7A62")
    scene.new_object()
    scene.box((0.75, 0.2, -0.6), (0.68, 0.2, 0.6), block, turn=0.2)
    put(scene, Pot("planter", "shell", (-0.45, 0, 0.35), second="milk", dip=0.52))
    put(scene, Pot("planter", "heather", (0.75, 0.4, -0.6), 0.6, 0.82, second="milk", dip=0.52))
    return scene, Framing(17, width=0.80, height=0.62, middle=(0.49, 0.55), horizon=0.46)


def _bottles() -> tuple[Scene, Framing]:
    scene = Scene(PINK.floor, PINK.wall)
    put(scene, Pot("oil", "oxblood", (-0.35, 0, -0.1), scale=1.1))
    put(scene, Pot("oil", "milk", (0.42, 0, 0.30), 0.5, 0.88))
    put(scene, Pot("salt-pig", "cobalt", (0.95, 0, -0.75), scale=0.75))
    return scene, Framing(15, width=0.74, height=0.62, middle=(0.49, 0.54))


# ------------------------------------------------------------------ products, newest first
PRODUCTS = (
    Product("tuesday-mug", "mug", 89, coats("cobalt", "celadon", "persimmon", "milk", "tenmoku", "heather"),
            lined=True, views=("above", "foot"), group=_mug_trio),
    Product("long-way-round-vase", "moon", 240, coats("tenmoku", "cobalt"), Framing(14, 0.68, 0.62),
            views=("above", "foot"), group=_vases),
    Product("half-past-teapot", "teapot", 128,
            coats(("persimmon", SKY, "tenmoku"), ("cobalt", PEACH, "milk"), ("celadon", BOTTLE, "milk")),
            Framing(15, 0.78, 0.6), turn=0.25, views=("above", "foot"), group=_tea_for_two),
    Product("second-helping-bowl", "bowl", 78, coats("milk", "shell", "celadon", "cobalt"), BOWL,
            views=("above", "foot"), group=_bowls),
    Product("elevenses-cup-and-saucer", "cup", 61, coats("citron", "persimmon", "celadon", "milk"),
            Framing(23, 0.64, 0.6), views=("above", "foot")),
    Product("doorstep-jug", "jug", 174, coats(("celadon", AUBERGINE), "milk", "cobalt"), TALL, views=("above", "foot")),
    Product("power-cut-candlestick", "candlestick", 58,
            coats(("persimmon", TEAL), ("cobalt", CITRON), ("citron", LILAC)), Framing(15, 0.66, 0.62)),
    Product("understudy-planter", "planter", 112,
            coats(("shell", BOTTLE, "milk"), ("heather", LEMON, "milk"), ("citron", TEAL, "tenmoku")),
            Framing(16, 0.66, 0.6), dip=0.52, views=("above", "foot"), group=_planters),
    Product("larder-bottle", "oil", 165, coats("oxblood", "tenmoku", "milk"), TALL,
            views=("above", "foot"), group=_bottles),
    Product("salt-pig", "salt-pig", 140, coats(("oxblood", SKY), "celadon", ("cobalt", CITRON)),
            Framing(14, 0.60, 0.60)),
    Product("sunday-plate", "plate", 23, coats("heather", "milk", "cobalt", "celadon"), FLAT,
            views=("above", "foot")),
    Product("hedge-vase", "hedge", 150, coats(("milk", BRICK), ("cobalt", PEACH), ("celadon", BOTTLE)),
            Framing(14, 0.72, 0.70, (0.485, 0.54)), prop=_hedge),
    Product("biscuit-jar", "jar", 182,
            coats(("milk", PEACH, "persimmon"), ("tenmoku", SKY, "citron"), ("heather", LEMON, "tenmoku")),
            Framing(15, 0.66, 0.64), plinth=0.26, views=("above", "foot")),
    Product("one-stem-vase", "bud", 120, coats(("persimmon", LILAC), ("citron", TEAL), "shell", "milk"),
            Framing(12, 0.60, 0.70, (0.47, 0.55)), prop=_one_stem),
    Product("second-cup-mug", "wide-mug", 73, coats(("shell", ULTRAMARINE), "celadon", "cobalt", "oxblood"),
            Framing(18, 0.70), lined=True),
    Product("standing-up-platter", "platter", 33, coats("oxblood", "milk", "cobalt"), replace(FLAT, width=0.78),
            turn=-0.30),
    Product("butter-keeper", "keeper", 104,
            coats(("citron", TEAL, "milk"), ("milk", ULTRAMARINE, "cobalt"), ("celadon", BOTTLE, "tenmoku")),
            Framing(18, 0.66)),
    Product("nest-of-three-bowls", "nest", 92,
            coats(("heather", LEMON, "milk"), ("milk", BRICK, "persimmon"), ("persimmon", SKY, "shell")), BOWL),
    Product("windowsill-planter", "trough", 112,
            coats(("cobalt", PEACH), ("celadon", AUBERGINE), ("persimmon", SKY)),
            Framing(17, 0.80, 0.6), turn=-0.28, prop=_herbs),
    Product("short-notice-tumbler", "tumbler", 102, coats("citron", "cobalt", "milk", "tenmoku"),
            Framing(16, 0.6, 0.58), lined=True),
    Product("low-candlestick", "low-stick", 58, coats(("heather", BOTTLE), ("tenmoku", PINK), ("shell", ULTRAMARINE)),
            Framing(14, 0.60, 0.64)),
    Product("milk-only-jug", "jug", 102, coats("milk", "shell", "oxblood", "persimmon"), replace(TALL, height=0.58),
            turn=-0.15),
    Product("olive-dish", "olive-dish", 36, coats(("persimmon", SKY), "celadon", "citron", "tenmoku"),
            Framing(34, 0.70, 0.5, (0.485, 0.56), 0.42), turn=-0.40, prop=_olives),
    Product("long-bath-noodle-bowl", "noodle-bowl", 92, coats(("celadon", AUBERGINE), "tenmoku", "oxblood"),
            replace(BOWL, elevation=21)),
    Product("doorway-vase", "vase", 330, coats(("oxblood", PINK), "celadon", "milk"), Framing(12, 0.6, 0.68)),
    Product("just-cereal-bowl", "bowl", 66, coats(("cobalt", CITRON), "persimmon", ("citron", TEAL), "heather"),
            replace(BOWL, elevation=30, width=0.60)),
    Product("soap-dish", "soap-dish", 23, coats(("shell", BOTTLE), "celadon", "cobalt"),
            Framing(30, 0.66, 0.5, (0.485, 0.56), 0.44), turn=-0.45, prop=_soap),
    Product("one-person-teapot", "teapot", 100,
            coats(("citron", LILAC, "tenmoku"), ("heather", LEMON, "milk"), ("tenmoku", SKY, "milk")),
            Framing(18, 0.70, 0.52), turn=0.10),
    Product("toast-plate", "plate", 18, coats(("milk", ULTRAMARINE), ("citron", LILAC), "shell", "persimmon"),
            replace(FLAT, elevation=44, width=0.65)),
    Product("three-stem-set", "three-buds", 110, coats(("cobalt", PEACH), ("heather", LEMON), ("milk", BRICK)),
            Framing(12, 0.74, 0.70, (0.485, 0.55)), turn=0.0, prop=_three_stems),
    Product("spoon-rest", "spoon-rest", 32, coats(("oxblood", SKY), ("persimmon", TEAL), "citron", "heather"),
            Framing(36, 0.80, 0.5, (0.485, 0.56), 0.40), turn=-0.30, prop=_spoon),
    Product("vinegar-bottle", "oil", 131, coats(("citron", TEAL), "cobalt", "celadon"), replace(TALL, height=0.56)),
)  # fmt: skip


def _build(product: Product, coat: Coat, turn: float | None = None) -> Scene:
    scene = Scene(coat.ground.floor, coat.ground.wall)
    if product.plinth:
        scene.new_object()
        color = _deeper(coat.ground.floor)
        scene.cylinder((0, product.plinth / 2, 0), 0.68, product.plinth / 2, plain(scene, color))
    pot = Pot(
        product.shape,
        coat.glaze,
        (0, product.plinth, 0),
        product.turn if turn is None else turn,
        second=coat.second,
        dip=product.dip,
        milk_inside=product.lined and coat.glaze in DARK_INSIDE,
    )
    put(scene, pot)
    if product.prop:
        product.prop(scene, pot)
    return scene


def _deeper(color: str) -> str:
    digits = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
    return "#" + "".join(f"{int(d * 0.92):02X}" for d in digits)


def _portrait(product: Product, coat: Coat) -> Callable[[int, tuple[int, int]], np.ndarray]:
    def take(samples: int, size: tuple[int, int]) -> np.ndarray:
        return _take_whole(_build(product, coat), product.framing, samples, size)

    return take


def _take_whole(scene: Scene, framing: Framing, samples: int, size: tuple[int, int]) -> np.ndarray:
    world = scene.world()
    camera = whole(world, framing, size)
    back = wall_behind(world, camera, framing.horizon)
    return shoot(scene, camera, size, back=back, samples=samples)


def _above(product: Product, coat: Coat) -> Callable[[int, tuple[int, int]], np.ndarray]:
    framing = Framing(58, 0.62, 0.60, (0.48, 0.54), 0.12)

    def take(samples: int, size: tuple[int, int]) -> np.ndarray:
        return _take_whole(_build(product, coat, product.turn - 0.35), framing, samples, size)

    return take


def _foot(product: Product, coat: Coat) -> Callable[[int, tuple[int, int]], np.ndarray]:
    def take(samples: int, size: tuple[int, int]) -> np.ndarray:
        scene = _build(replace(product, prop=None, plinth=0.0), coat, product.turn - 0.5)
        world = scene.world()
        camera = at_the_foot(world, size)
        back = wall_behind(world, camera, 0.45)
        return shoot(scene, camera, size, back=back, sun=LOW_SUN, samples=samples)

    return take


def _group(product: Product) -> Callable[[int, tuple[int, int]], np.ndarray]:
    def take(samples: int, size: tuple[int, int]) -> np.ndarray:
        scene, framing = product.group()
        return _take_whole(scene, framing, samples, size)

    return take


# ------------------------------------------------------------------ hero, tiles, dip
def _hero_scene() -> Scene:
    scene = Scene("#DDE04B", "#CFC2F2")
    lilac, green, pink = (plain(scene, c) for c in ("#BBA9EA", "#2B6A54", "#F2A88F"))
    for at, half, mat, turn in (
        ((1.55, 0.42, -0.75), (0.95, 0.42, 0.75), lilac, 0.12),
        ((0.05, 0.13, -0.35), (0.62, 0.13, 0.6), pink, -0.22),
    ):
        scene.new_object()
        scene.box(at, half, mat, turn=turn)
    scene.new_object()
    scene.cylinder((3.15, 0.22, -0.35), 0.86, 0.22, green)
    put(scene, Pot("moon", "cobalt", (1.45, 0.84, -0.75), 0, 0.86))
    branch(scene, (1.45, 1.98, -0.75), seed=4, height=1.25, lean=(-0.55, 0.1), leaves=13, size=(0.095, 0.22))
    branch(scene, (1.48, 1.98, -0.78), seed=9, height=0.95, lean=(0.55, 0.15), leaves=10, size=(0.09, 0.20), color="#3C7F55")  # fmt: skip
    put(scene, Pot("teapot", "persimmon", (3.15, 0.44, -0.35), 0.35, 0.86, second="tenmoku"))
    put(scene, Pot("oil", "oxblood", (2.38, 0, 0.72), 0, 0.86))
    put(scene, Pot("mug", "tenmoku", (0.05, 0.26, -0.32), -0.5, 0.74, milk_inside=True))
    put(scene, Pot("bowl", "milk", (1.15, 0, 0.72), 0, 0.62))
    put(scene, Pot("bowl", "shell", (1.15, 0.165, 0.72), 0, 0.575))
    put(scene, Pot("cup", "celadon", (3.5, 0, 1.0), -0.5, 0.66))
    put(scene, Pot("bud", "citron", (4.15, 0, -1.0), 0, 1.05))
    branch(scene, (4.15, 1.05, -1.0), seed=3, height=0.75, lean=(0.12, 0.05), leaves=6, size=(0.065, 0.15), berry="#D8452A")  # fmt: skip
    return scene


def _hero(target: tuple[float, float, float], half: float) -> Callable[[int, tuple[int, int]], np.ndarray]:
    camera = Camera(target, 10.5, half, distance=13.0)

    def take(samples: int, size: tuple[int, int]) -> np.ndarray:
        return shoot(_hero_scene(), camera, size, back=-2.1, sun=(-0.75, 0.62, 0.50), hardness=22.0, samples=samples)  # fmt: skip

    return take


def _tile(glaze: str) -> Callable[[int, tuple[int, int]], np.ndarray]:
    def take(samples: int, size: tuple[int, int]) -> np.ndarray:
        g = GLAZES[glaze]
        scene = Scene(g.color, g.color)
        mat = scene.material(g.color, foot=-0.28, gloss=g.gloss, speckle=g.speckle, breaking=g.breaking,
                             break_color=g.break_color, rings=0.5, mottle=0.5)  # fmt: skip
        scene.box((0, 0.56, 0), (0.47, 0.56, 0.075), mat, turn=0.22, rounding=0.05)
        camera = Camera((0.01, 0.548, 0), 7, 0.0730, distance=8.0)
        return shoot(scene, camera, size, back=-0.9, sun=(-0.45, 0.72, 0.75), samples=samples * 2)

    return take


def _dip(samples: int, size: tuple[int, int]) -> np.ndarray:
    scene = Scene(BOTTLE.floor, BOTTLE.wall)
    put(scene, Pot("planter", "shell", turn=0.9, second="milk", dip=0.50))
    camera = Camera((-0.12, 0.40, 0), 8, 0.0577, distance=8.0)
    return shoot(scene, camera, size, back=-1.55, sun=LOW_SUN, samples=samples)


def first_pictures() -> Iterator[Shot]:
    """What the shop cannot open without."""
    yield Shot("hero", (1920, 880), _hero((0.62, 1.60, 0), 0.1566), (1920,))
    yield Shot("hero-mobile", (900, 1000), _hero((2.12, 1.62, 0), 0.1853), (900,))
    for glaze in GLAZES:
        yield Shot(f"tile-{glaze}", (288, 320), _tile(glaze), (144, 288), cutout=True)
    for product in PRODUCTS:
        yield _picture(product, product.coats[0])
    yield Shot("dip", (800, 800), _dip)


def _picture(product: Product, coat: Coat) -> Shot:
    return Shot(f"{product.handle}-{coat.glaze}", PORTRAIT, _portrait(product, coat))


def every_picture() -> Iterator[Shot]:
    """All of them, in the order in which they are worth having."""
    yield from first_pictures()
    for product in PRODUCTS:
        for coat in product.coats[1:]:
            yield _picture(product, coat)
    for product in PRODUCTS:
        coat = product.coats[0]
        name = f"{product.handle}-{coat.glaze}"
        if "above" in product.views:
            yield Shot(f"{name}-above", PORTRAIT, _above(product, coat))
        if product.group:
            yield Shot(f"{name}-group", PORTRAIT, _group(product))
        if "foot" in product.views:
            yield Shot(f"{name}-foot", PORTRAIT, _foot(product, coat))

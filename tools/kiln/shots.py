"""Every picture of the shop, and how each is taken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from engine import LOW_SUN, Camera, shoot
from framing import Framing, at_the_foot, wall_behind, whole
from glazes import BOTTLE, GLAZES
from pots import Pot, put
from products import PRODUCTS, Coat, Product
from props import branch
from scene import Scene

PORTRAIT = (800, 1000)
DARK_INSIDE = {"cobalt", "tenmoku", "persimmon", "oxblood"}  #: drinking pots lined with milk

#: Takes a picture with so many rays per pixel, in a size.
Take = Callable[[int, tuple[int, int]], np.ndarray]


@dataclass(frozen=True)
class Shot:
    """One picture to be taken."""

    name: str
    size: tuple[int, int]
    take: Take
    widths: tuple[int, ...] = (400, 800)
    cutout: bool = False
    #: AVIF's, from 0 to 100.
    quality: int = 62


def _build(product: Product, coat: Coat, turn: float | None = None) -> Scene:
    scene = Scene(coat.ground.floor, coat.ground.wall)
    if product.plinth:
        scene.new_object()
        color = _deeper(coat.ground.floor)
        scene.cylinder((0, product.plinth / 2, 0), 0.68, product.plinth / 2, scene.material(color))
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


def _portrait(product: Product, coat: Coat) -> Take:
    def take(samples: int, size: tuple[int, int]) -> np.ndarray:
        return _take_whole(_build(product, coat), product.framing, samples, size)

    return take


def _take_whole(scene: Scene, framing: Framing, samples: int, size: tuple[int, int]) -> np.ndarray:
    world = scene.world()
    camera = whole(world, framing, size)
    back = wall_behind(world, camera, framing.horizon)
    return shoot(scene, camera, size, back=back, samples=samples)


def _above(product: Product, coat: Coat) -> Take:
    framing = Framing(58, 0.70, 0.60, (0.48, 0.54), 0.12)

    def take(samples: int, size: tuple[int, int]) -> np.ndarray:
        return _take_whole(_build(product, coat, product.turn - 0.35), framing, samples, size)

    return take


def _foot(product: Product, coat: Coat) -> Take:
    def take(samples: int, size: tuple[int, int]) -> np.ndarray:
        scene = _build(replace(product, prop=None, plinth=0.0), coat, product.turn - 0.5)
        world = scene.world()
        camera = at_the_foot(world, size)
        back = wall_behind(world, camera, 0.45)
        return shoot(scene, camera, size, back=back, sun=LOW_SUN, samples=samples)

    return take


def _group(product: Product) -> Take:
    def take(samples: int, size: tuple[int, int]) -> np.ndarray:
        scene, framing = product.group()
        return _take_whole(scene, framing, samples, size)

    return take


# ------------------------------------------------------------------ hero, tiles, dip
def _hero_scene() -> Scene:
    scene = Scene("#DDE04B", "#CFC2F2")
    lilac, green, pink = (scene.material(c) for c in ("#BBA9EA", "#2B6A54", "#F2A88F"))
    for at, half, mat, turn in (
        ((1.55, 0.42, -0.75), (0.95, 0.42, 0.75), lilac, 0.12),
        ((0.05, 0.13, -0.35), (0.62, 0.13, 0.6), pink, -0.22),
    ):
        scene.new_object()
        scene.box(at, half, mat, turn=turn)
    scene.new_object()
    scene.cylinder((3.15, 0.22, -0.35), 0.86, 0.22, green)
    put(scene, Pot("moon", "cobalt", (1.45, 0.84, -0.75), 0, 0.86))
    branch(
        scene,
        (1.45, 1.98, -0.75),
        seed=4,
        height=1.25,
        lean=(-0.55, 0.1),
        leaves=13,
        size=(0.095, 0.22),
    )
    branch(
        scene,
        (1.48, 1.98, -0.78),
        seed=9,
        height=0.95,
        lean=(0.55, 0.15),
        leaves=10,
        size=(0.09, 0.20),
        color="#3C7F55",
    )
    put(scene, Pot("teapot", "persimmon", (3.15, 0.44, -0.35), 0.35, 0.86, second="tenmoku"))
    put(scene, Pot("oil", "oxblood", (2.38, 0, 0.72), 0, 0.86))
    put(scene, Pot("mug", "tenmoku", (0.05, 0.26, -0.32), -0.5, 0.74, milk_inside=True))
    put(scene, Pot("bowl", "milk", (1.15, 0, 0.72), 0, 0.62))
    put(scene, Pot("bowl", "shell", (1.15, 0.165, 0.72), 0, 0.575))
    put(scene, Pot("cup", "celadon", (3.5, 0, 1.0), -0.5, 0.66))
    put(scene, Pot("bud", "citron", (4.15, 0, -1.0), 0, 1.05))
    branch(
        scene,
        (4.15, 1.05, -1.0),
        seed=3,
        height=0.75,
        lean=(0.12, 0.05),
        leaves=6,
        size=(0.065, 0.15),
        berry="#D8452A",
    )
    return scene


def _hero(target: tuple[float, float, float], half: float) -> Take:
    camera = Camera(target, 10.5, half, distance=13.0)

    def take(samples: int, size: tuple[int, int]) -> np.ndarray:
        return shoot(
            _hero_scene(),
            camera,
            size,
            back=-2.1,
            sun=(-0.75, 0.62, 0.50),
            hardness=22.0,
            samples=samples,
        )

    return take


def _tile(glaze: str) -> Take:
    def take(samples: int, size: tuple[int, int]) -> np.ndarray:
        g = GLAZES[glaze]
        scene = Scene(g.color, g.color)
        mat = scene.material(
            g.color,
            foot=-0.28,
            gloss=g.gloss,
            speckle=g.speckle,
            breaking=g.breaking,
            break_color=g.break_color,
            rings=0.5,
            mottle=0.5,
        )
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
    yield Shot("hero", (1920, 880), _hero((0.62, 1.69, 0), 0.1650), (1920,))
    yield Shot("hero-mobile", (900, 1000), _hero((2.12, 1.62, 0), 0.1853), (900,), quality=50)
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

"""Several pots in one picture."""

from __future__ import annotations

from framing import Framing
from glazes import BOTTLE, CITRON, PEACH, PINK, SKY, ULTRAMARINE
from pots import Pot, put
from props import branch
from scene import Scene


def mug_trio() -> tuple[Scene, Framing]:
    scene = Scene(PEACH.floor, PEACH.wall)
    put(scene, Pot("mug", "cobalt", (-0.62, 0, 0.35), -0.5, milk_inside=True))
    put(scene, Pot("mug", "persimmon", (0.62, 0, 0.1), -0.25, milk_inside=True))
    put(scene, Pot("mug", "milk", (-0.1, 0, -0.95), -0.4))
    return scene, Framing(24, width=0.78, middle=(0.49, 0.56), horizon=0.42)


def tea_for_two() -> tuple[Scene, Framing]:
    scene = Scene(SKY.floor, SKY.wall)
    put(scene, Pot("teapot", "persimmon", (-0.15, 0, -0.45), 0.25, second="tenmoku"))
    put(scene, Pot("cup", "milk", (-0.85, 0, 0.75), -0.5, 0.86))
    put(scene, Pot("cup", "citron", (0.75, 0, 0.65), -0.35, 0.86))
    return scene, Framing(24, width=0.80, middle=(0.49, 0.56), horizon=0.40)


def bowls() -> tuple[Scene, Framing]:
    scene = Scene(ULTRAMARINE.floor, ULTRAMARINE.wall)
    put(scene, Pot("bowl", "milk", (-0.35, 0, 0.45)))
    put(scene, Pot("bowl", "shell", (0.85, 0, -0.65), scale=0.92))
    put(scene, Pot("bowl", "celadon", (0.85, 0.25, -0.65), scale=0.85))
    put(scene, Pot("noodle-bowl", "tenmoku", (-0.75, 0, -1.25), scale=0.95))
    return scene, Framing(26, width=0.82, middle=(0.49, 0.56), horizon=0.36)


def vases() -> tuple[Scene, Framing]:
    scene = Scene(CITRON.floor, CITRON.wall)
    put(scene, Pot("moon", "tenmoku", (-0.15, 0, 0.1)))
    put(scene, Pot("bud", "persimmon", (0.95, 0, 0.45), scale=0.95))
    put(scene, Pot("vase", "cobalt", (0.75, 0, -0.95), scale=1.15))
    branch(
        scene,
        (0.95, 0.96, 0.45),
        seed=5,
        height=0.7,
        lean=(0.22, 0.1),
        leaves=8,
        size=(0.055, 0.14),
    )
    return scene, Framing(14, width=0.80, height=0.66, middle=(0.49, 0.54))


def planters() -> tuple[Scene, Framing]:
    scene = Scene(BOTTLE.floor, BOTTLE.wall)
    block = scene.material("#2F7A62")
    scene.new_object()
    scene.box((0.75, 0.2, -0.6), (0.68, 0.2, 0.6), block, turn=0.2)
    put(scene, Pot("planter", "shell", (-0.45, 0, 0.35), second="milk", dip=0.52))
    put(scene, Pot("planter", "heather", (0.75, 0.4, -0.6), 0.6, 0.82, second="milk", dip=0.52))
    return scene, Framing(17, width=0.80, height=0.62, middle=(0.49, 0.55), horizon=0.46)


def bottles() -> tuple[Scene, Framing]:
    scene = Scene(PINK.floor, PINK.wall)
    put(scene, Pot("oil", "oxblood", (-0.35, 0, -0.1), scale=1.1))
    put(scene, Pot("oil", "milk", (0.42, 0, 0.30), 0.5, 0.88))
    put(scene, Pot("salt-pig", "cobalt", (0.95, 0, -0.75), scale=0.75))
    return scene, Framing(15, width=0.74, height=0.62, middle=(0.49, 0.54))

"""What stands in or beside a pot: twigs, herbs, olives, soap, a spoon."""

from __future__ import annotations

import math

import numpy as np
from pots import Pot
from scene import Scene, turn_y, turn_z


def one_stem(scene: Scene, pot: Pot) -> None:
    branch(
        scene,
        pot.point(0, 1.0, 0),
        seed=5,
        height=0.72,
        lean=(0.26, 0.1),
        leaves=9,
        size=(0.055, 0.14),
        berry="#F1EEE4",
    )


def three_stems(scene: Scene, pot: Pot) -> None:
    branch(
        scene,
        pot.point(-0.46, 0.80, 0),
        seed=3,
        height=0.62,
        lean=(-0.20, 0.05),
        leaves=7,
        size=(0.05, 0.12),
        color="#3C7F55",
    )
    branch(
        scene,
        pot.point(0.10, 1.0, -0.30),
        seed=5,
        height=0.80,
        lean=(0.16, 0.0),
        leaves=9,
        size=(0.05, 0.13),
        berry="#D8452A",
    )
    branch(
        scene,
        pot.point(0.50, 0.66, 0.16),
        seed=8,
        height=0.46,
        lean=(0.20, 0.08),
        leaves=6,
        size=(0.045, 0.11),
        color="#4F8B45",
    )


def hedge(scene: Scene, pot: Pot) -> None:
    greens = ("#2E6E48", "#3C7F55", "#27603F", "#4F8B45")
    for k, x in enumerate(np.linspace(-0.52, 0.52, 6)):
        branch(
            scene,
            pot.point(x, 0.55, 0.04 * (-1) ** k),
            seed=20 + k,
            height=1.0 + 0.12 * (k % 3),
            lean=(x * 0.55, 0.1 * (-1) ** k),
            leaves=9,
            size=(0.07, 0.17),
            color=greens[k % 4],
        )


def herbs(scene: Scene, pot: Pot) -> None:
    greens = ("#4F8B45", "#2E6E48", "#5E9A3E")
    for k, x in enumerate(np.linspace(-0.68, 0.68, 7)):
        branch(
            scene,
            pot.point(x, 0.48, 0.07 * (-1) ** k),
            seed=40 + k,
            height=0.42 + 0.08 * (k % 3),
            lean=(0.06 * (-1) ** k, 0.05),
            leaves=8,
            size=(0.055, 0.10),
            color=greens[k % 3],
        )


def olives(scene: Scene, pot: Pot) -> None:
    green = scene.material("#7C8A2A", gloss=0.7, mottle=0.8)
    dark = scene.material("#3A2A38", gloss=0.8, mottle=0.5)
    places = [
        *((-0.42, 0.0, -0.10), (-0.30, 0.0, 0.10), (-0.50, 0.0, 0.12), (-0.16, 0.0, -0.08)),
        *((-0.06, 0.0, 0.12), (-0.28, 0.0, -0.18), (0.06, 0.0, -0.14)),
        *((-0.20, 0.14, 0.02), (-0.38, 0.13, 0.02)),
    ]
    for k, (x, y, z) in enumerate(places):
        scene.new_object()
        scene.ball(pot.point(x, 0.185 + y, z), 0.092, dark if k % 3 == 2 else green)
    stone = scene.material("#8A6A4A", mottle=1.0)
    for x, z in ((0.46, -0.06), (0.52, 0.10)):
        scene.new_object()
        scene.ball(pot.point(x, 0.135, z), 0.05, stone)


def soap(scene: Scene, pot: Pot) -> None:
    soap = scene.material("#EFD9A8", gloss=0.30, mottle=0.3)
    scene.new_object()
    scene.box(
        pot.point(0.0, 0.235, 0), (0.36, 0.085, 0.21), soap, turn=pot.turn + 0.12, rounding=0.075
    )


def spoon(scene: Scene, pot: Pot) -> None:
    wooden_spoon(scene, pot.point(0.06, 0.20, 0.0), pot.turn)


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
    stem = scene.material("#4A3B2A")
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
    rod = [
        *((0.20, 0.0, 0, 0.085), (0.0, 0.0, 0, 0.125), (-0.18, 0.02, 0, 0.09)),
        *((-0.34, 0.055, 0, 0.042), (-0.7, 0.10, 0, 0.036), (-1.25, 0.16, 0, 0.040)),
    ]
    way = turn_y(turn)
    scene.tube(rod, wood, at, turn=way, steps=6)
    scene.ball(tuple(np.asarray(at) + way @ np.array([0.03, 0.12, 0])), 0.105, wood, carve=True)

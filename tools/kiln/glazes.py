"""The nine house glazes and the colored grounds they are photographed on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Ground:
    """A colored field: floor and a slightly lighter wall."""

    floor: str
    wall: str


@dataclass(frozen=True)
class Glaze:
    color: str
    gloss: float
    speckle: float
    breaking: float
    break_color: str
    #: usual ground first; the other keeps equal neighbors apart
    grounds: tuple[Ground, Ground]


PEACH = Ground("#F4A98E", "#F9C9B6")
BOTTLE = Ground("#1E5A48", "#2C6E5A")
LILAC = Ground("#B7A6E6", "#CBBEF0")
SKY = Ground("#A9CBEF", "#C6DDF4")
ULTRAMARINE = Ground("#2440C4", "#3653D6")
CITRON = Ground("#DDE04B", "#E7E98A")
LEMON = Ground("#E3E46A", "#ECEDA0")
PINK = Ground("#F2B9C4", "#F7D2D8")
AUBERGINE = Ground("#5A2A62", "#6F3A78")
TEAL = Ground("#0F5A66", "#1B6D7A")
BRICK = Ground("#B8391F", "#CC5238")

GLAZES = {
    "cobalt": Glaze("#062A9A", 0.95, 0.00, 0.60, "#4F74E0", (PEACH, CITRON)),
    "celadon": Glaze("#92C0AA", 0.90, 0.00, 0.70, "#D9EBDD", (BOTTLE, AUBERGINE)),
    "citron": Glaze("#D6D92F", 0.75, 0.10, 0.60, "#A98A3A", (LILAC, TEAL)),
    "persimmon": Glaze("#D63C12", 0.85, 0.00, 0.65, "#7A2A14", (SKY, TEAL)),
    "milk": Glaze("#F1EEE4", 0.60, 0.30, 0.70, "#C08A5C", (ULTRAMARINE, BRICK)),
    "tenmoku": Glaze("#0E0908", 0.98, 0.00, 0.95, "#A4501E", (CITRON, SKY)),
    "shell": Glaze("#F0A79C", 0.70, 0.12, 0.60, "#B06A50", (BOTTLE, ULTRAMARINE)),
    "heather": Glaze("#8F7ACB", 0.70, 0.08, 0.55, "#6A4C8C", (LEMON, BOTTLE)),
    "oxblood": Glaze("#6A0A18", 0.98, 0.00, 0.80, "#E3B9A8", (PINK, SKY)),
}

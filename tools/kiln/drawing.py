"""Scale drawings from the same profiles as the pictures: outline left, cut section right, in mm."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from products import Product
from profiles import PROFILES, RODS, STRETCH
from scene import Profile, catmull_rom

COLORS = {"": "#1C33B5", "-dark": "#A9B6FF"}  #: by end of the file name
CANVAS = (440, 296)  #: every drawing's size
ROOM = (300.0, 208.0)  #: the largest pot, in drawing units
LEFT, TOP, BELOW, RIGHT = 84.0, 18.0, 56.0, 30.0
CLAY_DENSITY = 2.1  #: fired stoneware, grams per cubic centimeter

Path2 = np.ndarray  # rows of (x, y) in profile units


@dataclass(frozen=True)
class Part:
    """A thrown part, moved and scaled: body, lid or tray."""

    profile: str
    x: float = 0.0
    y: float = 0.0
    scale: float = 1.0

    @property
    def shape(self) -> Profile:
        return PROFILES[self.profile]

    @property
    def stretch(self) -> float:
        return STRETCH.get(self.profile, 0.0) * self.scale

    def walls(self) -> Iterator[tuple[Path2, Path2]]:
        """Outer and inner side of each wall, right half."""
        for line in self.shape.lines:
            outer, inner = _sides(line)
            for side in (outer, inner):
                side[:, 0] = np.maximum(side[:, 0], 0)
                side *= self.scale
                side += (self.stretch, self.y)
            yield outer, inner


@dataclass(frozen=True)
class Sketch:
    """What is drawn of a shape; rods are (x, y, z, radius) points as on the pot itself."""

    parts: tuple[Part, ...]
    rods: tuple[list, ...] = ()
    #: circles: x, y, radius
    knobs: tuple[tuple[float, float, float], ...] = ()
    #: an ellipse: x, y, radius across, radius up
    mouth: tuple[float, float, float, float] | None = None
    #: whether rods stop at the body's outline
    clips_rods: bool = True


def _single(shape: str) -> Sketch:
    return Sketch((Part(shape),), (RODS[shape],) if shape in RODS else ())


SKETCHES: dict[str, Sketch] = {
    "cup": Sketch(
        (Part("saucer"), Part("espresso", y=0.06)),
        ([(x, y + 0.06, z, r) for x, y, z, r in RODS["espresso"]],),
    ),
    "teapot": Sketch(
        (Part("teapot"), Part("lid", y=0.905)),
        (RODS["teapot"],
         RODS["spout"]),
        knobs=((0, 1.14, 0.085),),
    ),
    "jar": Sketch((Part("jar"), Part("jar-lid", y=0.93)), knobs=((0, 1.09, 0.1),)),
    "keeper": Sketch(
        (Part("keeper"), Part("keeper-lid", y=0.46)),
        (RODS["keeper"],),
        clips_rods=False,
    ),
    "trough": Sketch((Part("tray"), Part("trough", y=0.05))),
    "candlestick": Sketch((Part("pan"), Part("socket")), (RODS["candlestick"],), clips_rods=False),
    "salt-pig": Sketch((Part("salt-pig"),), mouth=(-0.27, 0.77, 0.21, 0.29)),
    "three-buds": Sketch(
        (Part("bud", x=-0.78, scale=0.80), Part("bud", x=0.10), Part("bud", x=0.86, scale=0.66)),
    ),
    "nest": Sketch(
        (Part("bowl"), Part("bowl", y=0.20, scale=0.86), Part("bowl", y=0.385, scale=0.735))
    ),
}  # fmt: skip


def sketch_of(shape: str) -> Sketch:
    return SKETCHES.get(shape) or _single(shape)


# ------------------------------------------------------------------ numbers
@dataclass(frozen=True)
class Numbers:
    """Millimeters, milliliters to 1 cm below the rim, grams."""

    height: int
    across: int
    overall: int
    capacity: int
    weight: int


def numbers(shape: str, height: int) -> Numbers:
    """What a pot of this shape measures when it is `height` mm high, lid included."""
    sketch = sketch_of(shape)
    low, high, left, right = _box(sketch)
    unit = height / (high - low)
    start, end = _reach(sketch, left, right)
    vessel = sketch.parts[-1] if shape in ("cup", "trough") else sketch.parts[0]
    grams = sum(_clay(part) for part in sketch.parts) * (unit / 10) ** 3 * CLAY_DENSITY
    return Numbers(
        height,
        round((right - left) * unit),
        round((end - start) * unit),
        round(_holds(vessel, 10 / unit) * (unit / 10) ** 3),
        round(grams * (1.12 if sketch.rods else 1.0)),
    )


def _holds(part: Part, below_rim: float) -> float:
    """Volume inside the wall, in cubic profile units."""
    _, inner = next(iter(part.walls()))
    inner = inner - (part.stretch, part.y)
    levels = np.linspace(inner[:, 1].min(), inner[-1, 1] - below_rim, 200)
    radius = np.interp(levels, np.maximum.accumulate(inner[:, 1]), inner[:, 0])
    area = math.pi * radius**2 + 4 * part.stretch * radius
    return float(np.trapezoid(area, levels)) if levels[-1] > levels[0] else 0.0


def _clay(part: Part) -> float:
    total = 0.0
    for line in part.shape.lines:
        run = np.hypot(np.diff(line[:, 0]), np.diff(line[:, 1]))
        radius = (line[1:, 0] + line[:-1, 0]) / 2
        wall = (line[1:, 2] + line[:-1, 2]) / 2
        round_trip = 2 * math.pi * radius + 4 * part.stretch / part.scale
        total += float((run * wall * round_trip).sum())
    return total * part.scale**3


# ------------------------------------------------------------------ geometry
def _sides(line: np.ndarray) -> tuple[Path2, Path2]:
    step = np.gradient(line[:, :2], axis=0)
    normal = np.column_stack([step[:, 1], -step[:, 0]])
    normal /= np.linalg.norm(normal, axis=1)[:, None] + 1e-9
    half = line[:, 2:3] / 2
    return line[:, :2] + normal * half, line[:, :2] - normal * half


def _box(sketch: Sketch) -> tuple[float, float, float, float]:
    """Lowest, highest, leftmost, rightmost of the thrown parts and knobs."""
    points = [np.vstack([side for wall in part.walls() for side in wall]) for part in sketch.parts]
    low = min(p[:, 1].min() for p in points)
    high = max(p[:, 1].max() for p in points)
    high = max([high, *(y + r for _, y, r in sketch.knobs)])
    high = max([high, *(p[1] + p[3] for rod in sketch.rods for p in rod)])
    right = max(part.x + p[:, 0].max() for part, p in zip(sketch.parts, points, strict=True))
    left = min(part.x - p[:, 0].max() for part, p in zip(sketch.parts, points, strict=True))
    return low, high, left, right


def _reach(sketch: Sketch, left: float, right: float) -> tuple[float, float]:
    """Leftmost and rightmost, handles and spouts included."""
    ends = [(x - r, x + r) for rod in sketch.rods for x, _, _, r in rod]
    return min([left, *(e[0] for e in ends)]), max([right, *(e[1] for e in ends)])


def _rod_sides(rod: list) -> tuple[Path2, Path2]:
    line = catmull_rom(np.array(rod, float), 8)
    return _sides(np.column_stack([line[:, 0], line[:, 1], line[:, 3] * 2]))


def _outside(side: Path2, part: Part) -> Path2:
    """Without the ends that lie within the body's wall."""
    outer, _ = next(iter(part.walls()))
    limit = np.interp(side[:, 1], np.maximum.accumulate(outer[:, 1]), outer[:, 0])
    keep = np.abs(side[:, 0]) >= limit - 0.005
    return side[keep] if keep.any() else side


# ------------------------------------------------------------------ drawing
@dataclass(frozen=True)
class Sheet:
    """From profile units to drawing units."""

    scale: float
    left: float
    high: float

    def at(self, x: float, y: float) -> str:
        return f"{LEFT + (x - self.left) * self.scale:.1f},{TOP + (self.high - y) * self.scale:.1f}"

    def line(self, points: Path2, close: bool = False) -> str:
        return "M" + " ".join(self.at(x, y) for x, y in points) + ("Z" if close else "")


def draw(shape: str, height: int, color: str) -> str:
    """An SVG of the pot at `height` mm, with its two measures."""
    sketch, size = sketch_of(shape), numbers(shape, height)
    low, high, left, right = _box(sketch)
    start, end = _reach(sketch, left, right)
    scale = min(ROOM[0] / (end - start), ROOM[1] / (high - low))
    sheet = Sheet(scale, start, high)
    x_left, x_right = LEFT + (left - start) * scale, LEFT + (right - start) * scale
    bottom = TOP + (high - low) * scale
    shift_x = (CANVAS[0] - (LEFT + (end - start) * scale + RIGHT)) / 2
    shift_y = (CANVAS[1] - (bottom + BELOW)) / 2
    shapes = "".join(_part(part, sheet, color) for part in sketch.parts)
    shapes += "".join(_rod(rod, sheet, sketch) for rod in sketch.rods)
    shapes += "".join(_knob(knob, sheet) for knob in sketch.knobs)
    shapes += _mouth(sketch, sheet) + _axes(sketch, sheet, low, high)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{CANVAS[0]}" height="{CANVAS[1]}" '
        f'viewBox="0 0 {CANVAS[0]} {CANVAS[1]}">'
        f'<g transform="translate({shift_x:.1f} {shift_y:.1f})">'
        f'<g fill="none" stroke="{color}" stroke-width="1.5" '
        f'stroke-linecap="round" stroke-linejoin="round">{shapes}'
        f"{_measures(x_left, x_right, bottom)}</g>"
        f'<g fill="{color}" font-family="sans-serif" font-size="13" text-anchor="middle">'
        f'<text transform="translate(28 {(TOP + bottom) / 2:.1f}) rotate(-90)">'
        f"{size.height} mm</text>"
        f'<text x="{(x_left + x_right) / 2:.1f}" y="{bottom + 44:.1f}">{size.across} mm</text>'
        "</g></g></svg>\n"
    )


def _part(part: Part, sheet: Sheet, color: str) -> str:
    marks = []
    for n, (outer, inner) in enumerate(part.walls()):
        right = np.array([part.x, 0])
        section = np.vstack([outer[::2], outer[-1:], inner[::-2], inner[:1]]) + right
        fill = 'fill-opacity=".18"'
        marks.append(f'<path d="{sheet.line(section, close=True)}" fill="{color}" {fill}/>')
        seen = outer if n == 0 else np.vstack([outer, inner[::-1]])
        marks.append(f'<path d="{sheet.line(seen[::2] * (-1, 1) + right)}"/>')
        if n == 0:
            marks.append(_levels(part, outer, inner, sheet))
    return "".join(marks)


def _levels(part: Part, outer: Path2, inner: Path2, sheet: Sheet) -> str:
    """The lip across, and what a stretch adds at the base."""
    edges = [(inner[-1], 'stroke-width="1"')] if inner[-1, 0] > 0.02 else []
    if part.stretch:
        edges += [(outer[0], ""), (inner[0], "")]
    marks = ""
    for (x, y), style in edges:
        across = np.array([(part.x - x, y), (part.x + x, y)])
        marks += f'<path d="{sheet.line(across)}" {style}/>'
    return marks.replace(" />", "/>")


def _axes(sketch: Sketch, sheet: Sheet, low: float, high: float) -> str:
    """A dash-dotted line through each pot's middle."""
    marks = ""
    for x in sorted({part.x for part in sketch.parts}):
        top = max(part.y + part.shape.top * part.scale for part in sketch.parts if part.x == x)
        top = high if len({part.x for part in sketch.parts}) == 1 else top
        line = sheet.line(np.array([(x, top + 0.06), (x, low - 0.06)]))
        marks += f'<path d="{line}" stroke-dasharray="9 4 2 4" stroke-width="1"/>'
    return marks


def _rod(rod: list, sheet: Sheet, sketch: Sketch) -> str:
    """Both sides of a handle or spout, as far as they stand out from what they sit on."""
    sides = _rod_sides(rod)
    if not sketch.clips_rods:
        return "".join(f'<path d="{sheet.line(side)}"/>' for side in sides)
    body = next(part for part in sketch.parts if part.profile != "saucer")
    lines = "".join(f'<path d="{sheet.line(_outside(side, body))}"/>' for side in sides)
    if rod[-1][0] < -0.9:  # a spout ends open
        lines += f'<path d="{sheet.line(np.array([side[-1] for side in sides]))}"/>'
    return lines


def _knob(knob: tuple[float, float, float], sheet: Sheet) -> str:
    x, y, radius = knob
    turn = np.linspace(-0.30 * math.pi, 1.30 * math.pi, 40)
    circle = np.column_stack([x + radius * np.cos(turn), y + radius * np.sin(turn)])
    return f'<path d="{sheet.line(circle)}"/>'


def _mouth(sketch: Sketch, sheet: Sheet) -> str:
    if sketch.mouth is None:
        return ""
    x, y, across, up = sketch.mouth
    turn = np.linspace(0, 2 * math.pi, 48)
    ring = np.column_stack([x + across * np.cos(turn), y + up * np.sin(turn)])
    return f'<path d="{sheet.line(ring, close=True)}"/>'


def _measures(left: float, right: float, bottom: float) -> str:
    """Height at the left edge, width below, with arrow heads."""
    y = bottom + 26
    height = (
        f"M34,{TOP:.1f} H{left - 8:.1f} M34,{bottom:.1f} H{left - 8:.1f} "
        f"M42,{TOP:.1f} V{bottom:.1f} M38,{TOP + 7:.1f} 42,{TOP:.1f} 46,{TOP + 7:.1f} "
        f"M38,{bottom - 7:.1f} 42,{bottom:.1f} 46,{bottom - 7:.1f}"
    )
    width = (
        f"M{left:.1f},{bottom + 8:.1f} V{y + 6:.1f} M{right:.1f},{bottom + 8:.1f} V{y + 6:.1f} "
        f"M{left:.1f},{y:.1f} H{right:.1f} "
        f"M{left + 7:.1f},{y - 4:.1f} {left:.1f},{y:.1f} {left + 7:.1f},{y + 4:.1f} "
        f"M{right - 7:.1f},{y - 4:.1f} {right:.1f},{y:.1f} {right - 7:.1f},{y + 4:.1f}"
    )
    return f'<g stroke-width="1"><path d="{height}"/><path d="{width}"/></g>'


def draw_all(out: Path, products: Iterable[Product]) -> None:
    """Two files for each product, for light and dark pages."""
    for product in products:
        for suffix, color in COLORS.items():
            text = draw(product.shape, product.height, color)
            (out / f"{product.handle}-drawing{suffix}.svg").write_text(text, encoding="utf-8")

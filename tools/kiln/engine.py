"""The renderer: marches rays through distance fields on the CPU, and turns light into pixels.

One warm sun, a window that glazes mirror, soft shadows, occlusion and color bleed. The picture is
taken once with one ray per pixel and again with several wherever neighbors differ.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit, prange
from scene import BALL, BOX, CYLINDER, GRID, REVOLVED, TUBE, Scene, World

SUN = (-0.62, 0.72, 0.52)
LOW_SUN = (-0.75, 0.38, 0.62)  #: close-ups only
DISTANCE = 9.0  #: from the camera to what it looks at


@dataclass(frozen=True)
class Camera:
    """Looks at `target` from `elevation` degrees above; `window` is where the picture lies."""

    target: tuple[float, float, float]
    elevation: float
    #: tangent of half the picture's height
    half: float
    #: tangents by which the picture's middle is moved right and up (a shift lens)
    shift: tuple[float, float] = (0.0, 0.0)
    distance: float = DISTANCE

    def array(self) -> np.ndarray:
        """Position, forward (shifted), right, up, half: thirteen floats."""
        e = math.radians(self.elevation)
        back = np.array([0.0, math.sin(e), math.cos(e)])
        right, up = np.array([1.0, 0, 0]), np.array([0.0, math.cos(e), -math.sin(e)])
        place = np.array(self.target, float) + back * self.distance
        forward = -back + right * self.shift[0] + up * self.shift[1]
        return np.array([*place, *forward, *right, *up, self.half])


# ------------------------------------------------------------------ noise
@njit(fastmath=True, inline="always")
def _hash(x, y, z):
    n = math.sin(x * 127.1 + y * 311.7 + z * 74.7) * 43758.5453
    return n - math.floor(n)


@njit(fastmath=True)
def _noise(x, y, z):
    i, j, k = math.floor(x), math.floor(y), math.floor(z)
    f, g, h = x - i, y - j, z - k
    f, g, h = f * f * (3 - 2 * f), g * g * (3 - 2 * g), h * h * (3 - 2 * h)
    total = 0.0
    for dx in range(2):
        wx = f if dx else 1 - f
        for dy in range(2):
            wy = g if dy else 1 - g
            for dz in range(2):
                total += wx * wy * (h if dz else 1 - h) * _hash(i + dx, j + dy, k + dz)
    return total


@njit(fastmath=True)
def _smooth(a, b, x):
    t = min(max((x - a) / (b - a), 0.0), 1.0)
    return t * t * (3 - 2 * t)


# ------------------------------------------------------------------ distances
@njit(fastmath=True)
def _local(p, x, y, z):
    qx, qy, qz = x - p[3], y - p[4], z - p[5]
    return (
        p[6] * qx + p[7] * qy + p[8] * qz,
        p[9] * qx + p[10] * qy + p[11] * qz,
        p[12] * qx + p[13] * qy + p[14] * qz,
    )


@njit(fastmath=True)
def _revolved(w, p, lx, ly, lz):
    n, scale, lip = int(p[20]), p[21], p[22]
    lx, ly, lz = lx / scale, ly / scale, lz / scale
    lx -= min(max(lx, -p[23]), p[23])
    lz -= min(max(lz, -p[24]), p[24])
    r = math.sqrt(lx * lx + lz * lz)
    reach, low, high = w.spans[n, 0], w.spans[n, 1], w.spans[n, 2]
    slack = 1.0
    if lip > 0.0:
        slack = 0.72
        if lx < 0.0:
            toward = -lx / (r + 1e-6)
            r = r / (1.0 + lip * toward**9 * _smooth(high - 0.75, high - 0.25, ly))
    rc, yc = min(max(r, 0.0), reach), min(max(ly, low), high)
    away = (r - rc) ** 2 + (ly - yc) ** 2
    a, b = rc / reach * (GRID - 1), (yc - low) / (high - low) * (GRID - 1)
    ia, ib = min(int(a), GRID - 2), min(int(b), GRID - 2)
    fa, fb = a - ia, b - ib
    g = w.grids
    near = g[n, ib, ia] * (1 - fa) + g[n, ib, ia + 1] * fa
    far = g[n, ib + 1, ia] * (1 - fa) + g[n, ib + 1, ia + 1] * fa
    d = near * (1 - fb) + far * fb
    if away > 0.0:  # outside the grid: never more than the true distance, or rays step past rims
        d = math.sqrt(d * d + away)
    return d * scale * slack


@njit(fastmath=True)
def _tube(w, p, lx, ly, lz):
    n, scale = int(p[20]), p[21]
    lx, ly, lz = lx / scale, ly / scale, lz / scale
    best = 1e9
    t = w.tubes
    for k in range(w.counts[n] - 1):
        ax, ay, az = t[n, k, 0], t[n, k, 1], t[n, k, 2]
        bx, by, bz = t[n, k + 1, 0] - ax, t[n, k + 1, 1] - ay, t[n, k + 1, 2] - az
        ux, uy, uz = lx - ax, ly - ay, lz - az
        h = (ux * bx + uy * by + uz * bz) / (bx * bx + by * by + bz * bz + 1e-9)
        h = min(max(h, 0.0), 1.0)
        dx, dy, dz = ux - bx * h, uy - by * h, uz - bz * h
        radius = t[n, k, 3] * (1 - h) + t[n, k + 1, 3] * h
        best = min(best, math.sqrt(dx * dx + dy * dy + dz * dz) - radius)
    return best * scale * 0.9


@njit(fastmath=True)
def _leaf(p, lx, ly, lz):
    """A lens of two arcs in the x-y plane, folded a little along its rib, given thickness."""
    half, length, thick = p[20], p[21], p[22]
    qx, qy = abs(lx), abs(ly)
    d = (length * length - half * half) / (2 * half)
    if (qy - length) * d > qx * length:
        flat = math.sqrt(qx * qx + (qy - length) ** 2)
    else:
        flat = math.sqrt((qx + d) ** 2 + qy * qy) - (d + half)
    deep = abs(lz - 0.30 * qx + 0.18 * ly * ly / length) - thick
    out = math.sqrt(max(flat, 0.0) ** 2 + max(deep, 0.0) ** 2)
    return (out + min(max(flat, deep), 0.0) - 0.006) * 0.75


@njit(fastmath=True)
def _distance(w, i, x, y, z):
    p = w.prims[i]
    lx, ly, lz = _local(p, x, y, z)
    kind = int(p[0])
    if kind == REVOLVED:
        return _revolved(w, p, lx, ly, lz)
    if kind == TUBE:
        return _tube(w, p, lx, ly, lz)
    if kind == BOX:
        ax, ay, az = abs(lx) - p[20] + p[23], abs(ly) - p[21] + p[23], abs(lz) - p[22] + p[23]
        out = math.sqrt(max(ax, 0.0) ** 2 + max(ay, 0.0) ** 2 + max(az, 0.0) ** 2)
        return out + min(max(ax, max(ay, az)), 0.0) - p[23]
    if kind == BALL:
        return math.sqrt(lx * lx + ly * ly + lz * lz) - p[20]
    if kind == CYLINDER:
        a = math.sqrt(lx * lx + lz * lz) - p[20] + p[22]
        b = abs(ly) - p[21] + p[22]
        return math.sqrt(max(a, 0.0) ** 2 + max(b, 0.0) ** 2) + min(max(a, b), 0.0) - p[22]
    return _leaf(p, lx, ly, lz)


@njit(fastmath=True)
def _nearest(w, x, y, z, shadowing):
    """Distance to the scene and the primitive nearest; primitives of one object melt together."""
    best, best_i = 1e9, -1
    here, here_i = 1e9, -1
    current = -1.0
    for i in range(w.prims.shape[0]):
        p = w.prims[i]
        if p[2] != current:
            if here < best:
                best, best_i = here, here_i
            current, here, here_i = p[2], 1e9, -1
        if shadowing and p[39] > 0.0:
            continue
        to_bound = math.sqrt((x - p[15]) ** 2 + (y - p[16]) ** 2 + (z - p[17]) ** 2) - p[18]
        if p[38] > 0.0:
            if to_bound < 0.0:
                d = -_distance(w, i, x, y, z)
                if d > here:
                    here, here_i = d, i
            continue
        melt = p[19]
        if to_bound > min(best, here) + melt:
            continue
        d = to_bound + 0.05 if to_bound > 0.62 else _distance(w, i, x, y, z)
        if melt > 0.0 and here < 1e8:
            h = max(melt - abs(here - d), 0.0) / melt
            joined = min(here, d) - h * h * melt * 0.25
        else:
            joined = min(here, d)
        if d < here or here_i < 0:
            here_i = i
        here = joined
    if here < best:
        best, best_i = here, here_i
    return best, best_i


@njit(fastmath=True)
def _slope(w, x, y, z, h):
    """The surface's outward direction, over a step `h`."""
    a, _ = _nearest(w, x + h, y - h, z - h, False)
    b, _ = _nearest(w, x - h, y - h, z + h, False)
    c, _ = _nearest(w, x - h, y + h, z - h, False)
    d, _ = _nearest(w, x + h, y + h, z + h, False)
    return _unit(a - b - c + d, -a - b + c + d, -a + b - c + d)


@njit(fastmath=True)
def _unit(x, y, z):
    n = math.sqrt(x * x + y * y + z * z) + 1e-9
    return x / n, y / n, z / n


@njit(fastmath=True)
def _misses(w, ox, oy, oz, dx, dy, dz, room):
    """Whether a ray stays `room` away from the ball around the whole scene."""
    qx, qy, qz = w.bound[0] - ox, w.bound[1] - oy, w.bound[2] - oz
    along = max(qx * dx + qy * dy + qz * dz, 0.0)
    away = (qx - dx * along) ** 2 + (qy - dy * along) ** 2 + (qz - dz * along) ** 2
    return away > (w.bound[3] + room) ** 2


@njit(fastmath=True)
def _march(w, ox, oy, oz, dx, dy, dz, far):
    """How far along the ray it meets a pot, and which primitive; -1, -1 if none before `far`."""
    if _misses(w, ox, oy, oz, dx, dy, dz, 0.01):
        return -1.0, -1
    t = 0.002
    for _ in range(220):
        d, i = _nearest(w, ox + dx * t, oy + dy * t, oz + dz * t, False)
        if d < 0.0004:
            return t, i
        t += d * 0.92
        if t > far:
            break
    return -1.0, -1


@njit(fastmath=True)
def _shadow(w, x, y, z, lx, ly, lz, hardness):
    """1 in the sun, 0 in full shadow."""
    if _misses(w, x, y, z, lx, ly, lz, 0.36):
        return 1.0
    light, t = 1.0, 0.015
    for _ in range(90):
        d, _i = _nearest(w, x + lx * t, y + ly * t, z + lz * t, True)
        light = min(light, 0.5 + 0.5 * hardness * d / t)
        if light <= 0.0:
            break
        t += min(max(d, 0.008), 0.2)
        if t > 7.0:
            break
    light = min(max(light, 0.0), 1.0)
    return light * light * (3 - 2 * light)


# ------------------------------------------------------------------ surfaces
@njit(fastmath=True)
def _speckle(amount, x, y, z):
    """How much of this point is an iron spot."""
    cover = 0.0
    for level in range(2):
        f = 15.0 if level == 0 else 31.0
        ax, ay, az = x * f, y * f, z * f
        ci, cj, ck = math.floor(ax), math.floor(ay), math.floor(az)
        for di in range(-1, 2):
            for dj in range(-1, 2):
                for dk in range(-1, 2):
                    i, j, k = ci + di, cj + dj, ck + dk
                    if _hash(i, j, k + 31.0) < amount:
                        px, py, pz = i + _hash(i, j, k), j + _hash(j, k, i), k + _hash(k, i, j)
                        size = 0.10 + 0.20 * _hash(i + 9.0, j, k)
                        d = math.sqrt((ax - px) ** 2 + (ay - py) ** 2 + (az - pz) ** 2)
                        cover = max(cover, 0.72 * (1 - _smooth(size * 0.55, size, d)))
    return cover


@njit(fastmath=True)
def _place_on_pot(w, p, lx, ly, lz):
    """Where on a revolved wall: u from 0 at the base to 1 at the lip, and +1 outside, -1 inside."""
    n, scale = int(p[20]), p[21]
    lx, ly, lz = lx / scale, ly / scale, lz / scale
    lx -= min(max(lx, -p[23]), p[23])
    lz -= min(max(lz, -p[24]), p[24])
    r = math.sqrt(lx * lx + lz * lz)
    reach, low, high = w.spans[n, 0], w.spans[n, 1], w.spans[n, 2]
    ia = min(max(int(r / reach * (GRID - 1) + 0.5), 0), GRID - 1)
    ib = min(max(int((ly - low) / (high - low) * (GRID - 1) + 0.5), 0), GRID - 1)
    mark = w.sides[n, ib, ia]
    return abs(mark), 1.0 if mark > 0 else -1.0


@njit(fastmath=True)
def _edge_wear(p, lx, ly, lz):
    """Where a box's glaze thins: along its edges."""
    a, b, c = p[20] - abs(lx), p[21] - abs(ly), p[22] - abs(lz)
    low, high = min(a, min(b, c)), max(a, max(b, c))
    middle = a + b + c - low - high
    return math.exp(-((middle / 0.035) ** 2)) * 0.9 + 0.10 * (_noise(lx * 9, ly * 22, lz * 9) - 0.5)


@njit(fastmath=True)
def _surface(w, i, x, y, z, out):
    """Fill `out` with red, green, blue, gloss, side and height; return the material's index."""
    p = w.prims[i]
    mat = int(p[1])
    m = w.mats[mat]
    lx, ly, lz = _local(p, x, y, z)
    kind = int(p[0])
    scale = p[21] if kind in (REVOLVED, TUBE) else 1.0
    height = ly / scale
    u, side = 0.5, 1.0
    if kind == REVOLVED:
        u, side = _place_on_pot(w, p, lx, ly, lz)
    angle = math.atan2(lz, lx)
    if kind == BOX or (kind == REVOLVED and p[23] + p[24] > 0.0):
        angle = lx * 1.7 / scale + lz  # along a straight wall
    slow = _noise(math.cos(angle) * 2.2 + 7, math.sin(angle) * 2.2, 3.1) - 0.5
    quick = _noise(math.cos(angle) * 5.0 + 1, math.sin(angle) * 5.0, 9.0) - 0.5
    c0, c1, c2 = m[0], m[1], m[2]
    if side < 0:
        c0, c1, c2 = m[6], m[7], m[8]
    else:
        line = m[13] + slow * 0.10 + quick * 0.05
        a = _smooth(line - 0.004, line + 0.004, height)
        overlap = 1 - 0.22 * math.exp(-(((height - line) / 0.018) ** 2))  # two coats run darker
        c0 = (c0 + (m[9] - c0) * a) * overlap
        c1 = (c1 + (m[10] - c1) * a) * overlap
        c2 = (c2 + (m[11] - c2) * a) * overlap
    thin = 0.0
    if kind == REVOLVED:  # glaze breaks to the clay over the lip and over throwing rings
        ring = _noise(height * 34.0, angle * 0.8, 2.0) - 0.5
        thin = m[16] * (0.85 * _smooth(0.962, 1.0, u) + 0.16 * ring)
    elif kind == BOX:
        thin = m[16] * _edge_wear(p, lx, ly, lz)
    thin = min(max(thin, 0.0), 1.0)
    coarse = _noise(lx * 5.3 / scale, ly * 3.1 / scale, lz * 5.3 / scale) - 0.5
    fine = _noise(lx * 17, ly * 17, lz * 17) - 0.5
    mottle = 1.0 + m[21] * (0.16 * coarse + 0.08 * fine)
    c0, c1, c2 = c0 * mottle, c1 * mottle, c2 * mottle
    c0 += (m[17] - c0) * thin
    c1 += (m[18] - c1) * thin
    c2 += (m[19] - c2) * thin
    if m[15] > 0.0:
        iron = _speckle(m[15], x, y, z)
        c0 += (0.045 - c0) * iron
        c1 += (0.026 - c1) * iron
        c2 += (0.018 - c2) * iron
    line = m[12] + slow * 0.05 + quick * 0.02
    bare = 0.0 if side < 0 else 1 - _smooth(line - 0.003, line + 0.003, height)
    grit = 1 + 0.30 * (_noise(x * 60, y * 60, z * 60) - 0.5)
    out[0] = c0 + (m[3] * grit - c0) * bare
    out[1] = c1 + (m[4] * grit - c1) * bare
    out[2] = c2 + (m[5] * grit - c2) * bare
    out[3], out[4], out[5] = m[14] * (1 - bare), side, height
    return mat


@njit(fastmath=True)
def _studio(w, dx, dy, dz, sun, out):
    """What a mirror sees in a direction: floor, wall, a two-pane window and a tall card."""
    t = 0.5 + 0.5 * dy
    for c in range(3):
        out[c] = (w.floor[c] * (1 - t) + (w.wall[c] * 0.55 + 0.38) * t) * 0.62
    kx, ky, kz = sun[0], sun[1], sun[2]
    n = math.sqrt(kx * kx + kz * kz) + 1e-9
    ux, uz = -kz / n, kx / n
    vx, vy, vz = ky * uz, kz * ux - kx * uz, -ky * ux
    d = dx * kx + dy * ky + dz * kz
    if d > 0.05:
        a, b = (dx * ux + dz * uz) / d, (dx * vx + dy * vy + dz * vz) / d
        pane = (1 - _smooth(0.40, 0.46, abs(a))) * (1 - _smooth(0.52, 0.58, abs(b)))
        pane *= 0.15 + 0.85 * _smooth(0.016, 0.036, abs(a))
        for c in range(3):
            out[c] += pane * 12.0
    d = -dx * kx * 0.9 + dz * 0.45
    if d > 0.1:
        a = (dx * ux + dz * uz) / d
        card = (1 - _smooth(0.05, 0.16, abs(a - 0.35))) * _smooth(-0.2, 0.1, dy)
        card *= 1 - _smooth(0.5, 0.9, dy)
        for c in range(3):
            out[c] += card * 1.6


@njit(fastmath=True)
def _glow(w, x, y, z, nx, ny, nz):
    """Light from the flame, if there is one."""
    if w.glow[3] <= 0.0:
        return 0.0
    qx, qy, qz = w.glow[0] - x, w.glow[1] - y, w.glow[2] - z
    d = math.sqrt(qx * qx + qy * qy + qz * qz) + 1e-6
    facing = max((qx * nx + qy * ny + qz * nz) / d, 0.0) * 0.8 + 0.2
    return w.glow[3] * facing / (1.0 + 9.0 * d * d)


@njit(fastmath=True)
def _open_sky(w, x, y, z, nx, ny, nz):
    """1 where nothing is near, towards 0 in corners. The lit floor hides less than a pot does."""
    total, weight = 0.0, 1.0
    for k in range(5):
        h = 0.02 + 0.085 * k
        d, _ = _nearest(w, x + nx * h, y + ny * h, z + nz * h, False)
        d = min(d, y + ny * h + 0.55 * h * max(-ny, 0.0))
        total += max(h - d, 0.0) * weight
        weight *= 0.72
    return max(0.12, 1 - 1.6 * total)


@njit(fastmath=True)
def _pot_light(w, i, x, y, z, dx, dy, dz, sun, key, fill, hardness, out, other, sky):
    """The light a pot sends back along the ray, as red, green, blue."""
    mat = _surface(w, i, x, y, z, out)
    m = w.mats[mat]
    c0, c1, c2, gloss, side, height = out[0], out[1], out[2], out[3], out[4], out[5]
    nx, ny, nz = _slope(w, x, y, z, 0.0065)
    gx, gy, gz = _slope(w, x, y, z, 0.017)
    if m[22] > 0.0:  # a flame: pale in the middle, its own color at the edge
        f = max(-(dx * nx + dy * ny + dz * nz), 0.0) ** 1.5
        return (
            m[22] * (c0 + (1.0 - c0) * f),
            m[22] * (c1 + (0.86 - c1) * f),
            m[22] * (c2 + (0.50 - c2) * f),
        )
    wave = _noise(x * 2, y * 3, z * 2)
    if m[20] > 0 and int(w.prims[i, 0]) == REVOLVED:
        # throwing rings shade the body; the mirror keeps the smoother slope
        scale = w.prims[i, 21]
        ny += (
            m[20] * 0.045 * math.sin(height * 46.0 / scale + 2.2 * wave) * (1 if side > 0 else 0.7)
        )
        gy += 0.012 * m[20] * math.sin(height * 21.0 / max(scale, 0.2) + 3.0 * wave)
    gx += 0.05 * (_noise(x * 3.1, y * 3.1, z * 3.1) - 0.5)
    gy += 0.05 * (_noise(x * 3.1 + 40, y * 3.1, z * 3.1) - 0.5)
    nx, ny, nz = _unit(nx, ny, nz)
    gx, gy, gz = _unit(gx, gy, gz)
    bx, by, bz = x + nx * 0.004, y + ny * 0.004, z + nz * 0.004
    facing = nx * sun[0] + ny * sun[1] + nz * sun[2]
    lit = _shadow(w, bx, by, bz, sun[0], sun[1], sun[2], hardness) if facing > 0 else 0.0
    sky_share = _open_sky(w, x, y, z, nx, ny, nz)
    up = 0.5 + 0.5 * ny
    direct = key * max(facing, 0.0) * lit
    around = fill * 1.25 * sky_share
    flame = _glow(w, x, y, z, nx, ny, nz)
    below, above = 1 - up, up
    r0 = c0 * (
        direct + around * ((w.floor[0] * 0.38 + 0.20) * below + (w.wall[0] * 0.28 + 0.62) * above)
    )
    r1 = c1 * (
        direct * 0.985
        + around * ((w.floor[1] * 0.38 + 0.20) * below + (w.wall[1] * 0.28 + 0.62) * above)
    )
    r2 = c2 * (
        direct * 0.94
        + around * ((w.floor[2] * 0.38 + 0.20) * below + (w.wall[2] * 0.28 + 0.62) * above)
    )
    r0, r1, r2 = r0 + c0 * flame, r1 + c1 * flame * 0.72, r2 + c2 * flame * 0.38
    toward = dx * gx + dy * gy + dz * gz
    rx, ry, rz = dx - 2 * toward * gx, dy - 2 * toward * gy, dz - 2 * toward * gz
    _studio(w, rx, ry, rz, sun, sky)
    if gloss > 0.2:
        t, hit = _march(w, bx, by, bz, rx, ry, rz, 3.2)
        if t > 0:
            _surface(w, hit, bx + rx * t, by + ry * t, bz + rz * t, other)
            sky[0], sky[1], sky[2] = other[0] * 0.55, other[1] * 0.55, other[2] * 0.55
        elif ry < 0:
            sky[0], sky[1], sky[2] = w.floor[0] * 0.7, w.floor[1] * 0.7, w.floor[2] * 0.7
    fresnel = (0.022 + 0.026 * gloss) + (0.50 * gloss + 0.03) * (1 + min(toward, 0.0)) ** 5
    mirror = fresnel * (0.25 + 0.75 * gloss) * (0.35 + 0.65 * sky_share)
    if gloss < 0.2:
        mirror *= 0.25
    hx, hy, hz = _unit(sun[0] - dx, sun[1] - dy, sun[2] - dz)
    spark = max(0.0, gx * hx + gy * hy + gz * hz) ** (14 + 60 * gloss)
    spark *= key * lit * (0.03 + 0.10 * gloss)
    return r0 + sky[0] * mirror + spark, r1 + sky[1] * mirror + spark, r2 + sky[2] * mirror + spark


@njit(fastmath=True)
def _ground_light(w, on_floor, x, y, z, back, sun, hardness):
    """The light of floor or wall: its own color when lit, with shadow, contact and color bleed."""
    ny, nz = (1.0, 0.0) if on_floor else (0.0, 1.0)
    c0, c1, c2 = w.floor[0], w.floor[1], w.floor[2]
    if not on_floor:
        c0, c1, c2 = w.wall[0], w.wall[1], w.wall[2]
    lit = _shadow(w, x, y + ny * 0.002, z + nz * 0.002, sun[0], sun[1], sun[2], hardness)
    total, weight = 0.0, 1.0
    b0, b1, b2 = 0.0, 0.0, 0.0
    near = math.sqrt((x - w.bound[0]) ** 2 + (y - w.bound[1]) ** 2 + (z - w.bound[2]) ** 2)
    if near < w.bound[3] + 0.6:
        for k in range(5):
            h = 0.02 + 0.11 * k
            d, i = _nearest(w, x, y + ny * h, z + nz * h, False)
            total += max(h - d, 0.0) * weight
            weight *= 0.74
            if k == 2 and i >= 0 and d < 0.5:
                bleed = 0.16 * math.exp(-d * 7.0)
                mat = int(w.prims[i, 1])
                b0, b1, b2 = w.mats[mat, 0] * bleed, w.mats[mat, 1] * bleed, w.mats[mat, 2] * bleed
    corner = z - back if on_floor else y
    open_sky = max(0.05, 1 - 1.35 * total) * (0.80 + 0.20 * _smooth(0.0, 0.7, corner))
    uneven = 1.0 + 0.05 * (_noise(x * 1.3, y * 1.3, z * 1.3) - 0.5)
    if on_floor:
        fall = 1.04 - 0.028 * math.sqrt((x + 0.6) ** 2 + (z - 0.3) ** 2)
    else:
        fall = 1.0 - 0.03 * math.sqrt((x + 0.5) ** 2 + (y - 1.2) ** 2)
    direct, around = 0.70 * lit, 0.34 * open_sky
    flame = 0.5 * _glow(w, x, y, z, 0.0, ny, nz)
    f = fall * uneven
    return (
        c0 * ((direct + around) * f + b0 * lit + flame),
        c1 * ((direct + around) * f + b1 * lit + flame * 0.72),
        c2 * ((direct * 0.985 + around * 1.04) * f + b2 * lit + flame * 0.38),
    )


# ------------------------------------------------------------------ pictures
@njit(fastmath=True)
def _ray(cam, px, py, width, height):
    sx = (2 * px / width - 1) * cam[12] * width / height
    sy = (1 - 2 * py / height) * cam[12]
    return _unit(
        cam[3] + sx * cam[6] + sy * cam[9],
        cam[4] + sx * cam[7] + sy * cam[10],
        cam[5] + sx * cam[8] + sy * cam[11],
    )


@njit(fastmath=True)
def _look(w, cam, px, py, width, height, back, sun, key, fill, hardness, out, other, sky):
    """Red, green, blue and whether a pot was met, for one ray."""
    dx, dy, dz = _ray(cam, px, py, width, height)
    ox, oy, oz = cam[0], cam[1], cam[2]
    far, on_floor = 1e9, True
    if dy < 0:
        far = -oy / dy
    if dz < 0:
        wall = (back - oz) / dz
        if wall < far:
            far, on_floor = wall, False
    t, i = _march(w, ox, oy, oz, dx, dy, dz, min(far, 40.0))
    if t > 0:
        x, y, z = ox + dx * t, oy + dy * t, oz + dz * t
        r, g, b = _pot_light(w, i, x, y, z, dx, dy, dz, sun, key, fill, hardness, out, other, sky)
        return r, g, b, 1.0
    x, y, z = ox + dx * far, oy + dy * far, oz + dz * far
    r, g, b = _ground_light(w, on_floor, x, y, z, back, sun, hardness)
    return r, g, b, 0.0


@njit(parallel=True, fastmath=True, cache=True)
def _expose(image, again, samples, w, cam, back, sun, key, fill, hardness):
    """Fill the pixels marked in `again`, each from `samples` rays."""
    height, width = again.shape
    for py in prange(height):
        out, other, sky = np.zeros(6), np.zeros(6), np.zeros(3)
        for px in range(width):
            if not again[py, px]:
                continue
            a0, a1, a2, a3 = 0.0, 0.0, 0.0, 0.0
            for s in range(samples):
                jx, jy = (s + 0.5) / samples, (s * 0.618034 + 0.5) % 1.0
                r, g, b, pot = _look(
                    w,
                    cam,
                    px + jx,
                    py + jy,
                    width,
                    height,
                    back,
                    sun,
                    key,
                    fill,
                    hardness,
                    out,
                    other,
                    sky,
                )
                a0, a1, a2, a3 = a0 + min(r, 1.6), a1 + min(g, 1.6), a2 + min(b, 1.6), a3 + pot
            image[py, px, 0], image[py, px, 1] = a0 / samples, a1 / samples
            image[py, px, 2], image[py, px, 3] = a2 / samples, a3 / samples


@njit(parallel=True, fastmath=True, cache=True)
def _silhouette(mask, w, cam):
    height, width = mask.shape
    for py in prange(height):
        for px in range(width):
            dx, dy, dz = _ray(cam, px + 0.5, py + 0.5, width, height)
            t, _ = _march(w, cam[0], cam[1], cam[2], dx, dy, dz, 40.0)
            mask[py, px] = t > 0


def silhouette(world: World, camera: Camera, size: tuple[int, int]) -> np.ndarray:
    mask = np.zeros((size[1], size[0]), np.bool_)
    _silhouette(mask, world, camera.array())
    return mask


def _differing(image: np.ndarray) -> np.ndarray:
    """Pixels whose neighborhood is not smooth, judged by eye's measure (about sRGB)."""
    seen = np.sqrt(np.clip(image, 0, 1))
    edge = np.zeros(seen.shape[:2], np.bool_)
    for axis in (0, 1):
        step = np.abs(np.diff(seen, axis=axis)).max(-1) > 0.012
        low = [slice(None)] * 2
        high = [slice(None)] * 2
        low[axis], high[axis] = slice(0, -1), slice(1, None)
        edge[tuple(low)] |= step
        edge[tuple(high)] |= step
    wide = edge.copy()
    wide[1:] |= edge[:-1]
    wide[:-1] |= edge[1:]
    wide[:, 1:] |= edge[:, :-1]
    wide[:, :-1] |= edge[:, 1:]
    return wide


def shoot(
    scene: Scene,
    camera: Camera,
    size: tuple[int, int],
    *,
    back: float,
    sun: tuple[float, float, float] = SUN,
    key: float = 1.10,
    fill: float = 0.62,
    hardness: float = 20.0,
    samples: int = 4,
) -> np.ndarray:
    """A picture as uint8 red, green, blue and pot coverage; `back` is where the wall stands."""
    world = scene.world()
    light = np.array(sun, float)
    light /= np.linalg.norm(light)
    image = np.zeros((size[1], size[0], 4))
    settings = (world, camera.array(), back, light, key, fill, hardness)
    _expose(image, np.ones(image.shape[:2], np.bool_), 1, *settings)
    if samples > 1:
        _expose(image, _differing(image), samples, *settings)
    return _develop(image)


def _develop(image: np.ndarray) -> np.ndarray:
    """Soft shoulder above 0.82, sRGB, and a breath of grain that also stops banding."""
    x = np.maximum(image[..., :3], 0)
    x = np.where(x > 0.82, 0.82 + 0.18 * (1 - np.exp(-(x - 0.82) / 0.18)), x)
    x = np.where(x <= 0.0031308, x * 12.92, 1.055 * np.maximum(x, 1e-9) ** (1 / 2.4) - 0.055)
    x = x + np.random.default_rng(7).normal(0, 0.006, x.shape[:2])[..., None]
    pixels = np.dstack([np.clip(x, 0, 1), np.clip(image[..., 3], 0, 1)])
    return (pixels * 255 + 0.5).astype(np.uint8)

"""Geometry of a quadratic surface: its lines, stationary point and axes, and the region that points cover.

Formulas of Edwards and Parry (1993), *Academy of Management Journal* 36: 1577-1613, pages 1582-1584.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from involution.models.groupings import Floats


def derived_functions(columns: Sequence[str]) -> dict[str, Callable[[np.ndarray], complex]]:
    """Functions of b1 to b5 (of x, z, x^2, xz and z^2) by the term they are reported as."""

    def stationary(b: np.ndarray) -> tuple[complex, complex]:
        scale = 4 * b[2] * b[4] - b[3] ** 2
        return (b[1] * b[3] - 2 * b[0] * b[4]) / scale, (b[0] * b[3] - 2 * b[1] * b[2]) / scale

    def axis(b: np.ndarray, sign: int) -> tuple[complex, complex]:
        slope = (b[4] - b[2] + sign * ((b[2] - b[4]) ** 2 + b[3] ** 2) ** 0.5) / b[3]
        x, z = stationary(b)
        return z - slope * x, slope

    return {
        "surface[a1]": lambda b: complex(b[0] + b[1]),
        "surface[a2]": lambda b: complex(b[2] + b[3] + b[4]),
        "surface[a3]": lambda b: complex(b[0] - b[1]),
        "surface[a4]": lambda b: complex(b[2] - b[3] + b[4]),
        f"stationary[{columns[0]}]": lambda b: complex(stationary(b)[0]),
        f"stationary[{columns[1]}]": lambda b: complex(stationary(b)[1]),
        "surface[p10]": lambda b: complex(axis(b, 1)[0]),
        "surface[p11]": lambda b: complex(axis(b, 1)[1]),
        "surface[p20]": lambda b: complex(axis(b, -1)[0]),
        "surface[p21]": lambda b: complex(axis(b, -1)[1]),
    }


def gradient_of(function: Callable[[np.ndarray], complex], b: Floats) -> Floats:
    """Derivatives by complex steps, exact to rounding (Squire and Trapp 1998)."""
    step = 1e-20
    out = np.empty(len(b))
    for j in range(len(b)):
        moved = b.astype(complex)
        moved[j] += 1j * step
        out[j] = function(moved).imag / step
    return out


def hull_of(points: Floats) -> Floats:
    """Corners of the convex hull of points, shape (m, 2), in order; the points themselves where they have no area."""
    from scipy.spatial import ConvexHull, QhullError

    unique = np.unique(points, axis=0)
    try:
        return np.asarray(unique[ConvexHull(unique).vertices])
    except (QhullError, ValueError):
        return np.asarray(unique[[0, -1]])


def inside_hull(point: Floats, corners: Floats) -> bool:
    """Whether a point lies in a convex polygon whose corners are in counter-clockwise order."""
    if len(corners) < 3 or not np.isfinite(point).all():
        return False
    edges = np.roll(corners, -1, axis=0) - corners
    to_point = point - corners
    return bool((edges[:, 0] * to_point[:, 1] - edges[:, 1] * to_point[:, 0] >= 0).all())

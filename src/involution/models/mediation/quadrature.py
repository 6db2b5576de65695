"""Means of smooth functions over an empirical distribution by few points."""

from __future__ import annotations

import numpy as np

from involution.models.groupings import Floats

POINTS = 20
_SPENT = 1e-7


def gauss_rule(values: Floats, weights: Floats, points: int = POINTS) -> tuple[Floats, Floats]:
    """Points and weights whose means of polynomials of degree up to ``2 points - 1`` are those of the distribution.

    Parameters
    ----------
    values : array of float, shape (b, n)
        One empirical distribution a row.
    weights : array of float, shape (n,)
        Positive, summing to one.
    points : int

    Returns
    -------
    array of float, shape (b, points)
        Points; where a distribution has fewer values, the rest have weight zero.
    array of float, shape (b, points)
        Weights, summing to one in each row.

    Notes
    -----
    Gauss quadrature for a discrete measure (Golub and Welsch 1969, *Mathematics of Computation* 23: 221-230): the
    recurrence of its orthogonal polynomials by the Lanczos process (Gautschi 2004, *Orthogonal Polynomials:
    Computation and Approximation*, section 2.2.3), points and weights from the eigenvectors of the Jacobi matrix. No
    draw and no distributional assumption enters.
    """
    mean = values @ weights
    deviation = values - mean[:, None]
    size = np.sqrt(deviation**2 @ weights)
    unit = deviation / np.where(size > 0, size, 1.0)[:, None]
    jacobi = np.zeros((len(values), points, points))
    vector, before = np.broadcast_to(np.sqrt(weights), values.shape), np.zeros_like(values)
    step = np.zeros(len(values))
    for j in range(points):
        moved = unit * vector
        jacobi[:, j, j] = np.einsum("bn,bn->b", moved, vector)
        moved = moved - jacobi[:, j, j, None] * vector - step[:, None] * before
        step = np.sqrt(np.einsum("bn,bn->b", moved, moved))
        # What is left of a distribution with fewer values than points is rounding.
        step = np.where(step > _SPENT, step, 0.0)
        if j + 1 < points:
            jacobi[:, j, j + 1] = jacobi[:, j + 1, j] = step
        before, vector = vector, moved * np.where(step > 0, 1 / np.where(step > 0, step, 1.0), 0.0)[:, None]
    places, directions = np.linalg.eigh(jacobi)
    return mean[:, None] + size[:, None] * places, directions[:, 0, :] ** 2

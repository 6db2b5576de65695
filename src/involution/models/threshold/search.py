"""Least squares over candidate thresholds, from their products alone.

Hansen (1999), "Threshold effects in non-dynamic panels", *Journal of Econometrics* 93: 345-368: the threshold minimises
the sum of squared residuals (equation 12); a second one is sought given the first, and the first again given the second
(section 5).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from involution.errors import NotEstimable
from involution.models.groupings import Floats
from involution.models.threshold.candidates import Products

MOST_ROUNDS = 20
_COLLINEAR = 1e-8


@dataclass(frozen=True)
class Found:
    """Thresholds with the sums of squares that chose them.

    Attributes
    ----------
    places : tuple of int
        Positions among the candidates, ascending.
    profiles : tuple of array of float, shape (T,)
        For each threshold, the sum of squared residuals with it at every candidate, the others where they were found;
        infinite where a candidate leaves too few rows.
    squares : tuple of float
        Sum of squared residuals with 0, 1, ... thresholds in the order of the search.
    """

    places: tuple[int, ...]
    profiles: tuple[Floats, ...]
    squares: tuple[float, ...]

    @property
    def least(self) -> float:
        """Sum of squared residuals at the thresholds found."""
        return float(min(self.profiles[0]))


def reductions(own: Floats, cross: Floats) -> Floats:
    """What each candidate takes off the sum of squares.

    Parameters
    ----------
    own : array of float, shape (T, p, p)
    cross : array of float, shape (T, p, B)
        For one or more outcomes.

    Returns
    -------
    array of float, shape (T, B)
    """
    if own.shape[1] == 1:
        return np.asarray(cross[:, 0] ** 2 / own[:, 0])
    return np.asarray((cross * np.linalg.solve(own, cross)).sum(axis=1))


def own_products(products: Products) -> Floats:
    """Products of each candidate's columns with themselves, shape (T, p, p)."""
    return np.stack([products.gram[t, :, t, :] for t in range(len(products.candidates))])


def given(products: Products, k: int, cross: Floats) -> tuple[Floats, Floats, np.ndarray]:
    """Products of the candidates once candidate k is in the model.

    Parameters
    ----------
    products : Products
    k : int
    cross : array of float, shape (T, p, B)

    Returns
    -------
    array of float, shape (T, p, p)
        Of each candidate with itself; the identity where it may not stand beside k.
    array of float, shape (T, p, B)
    array of bool, shape (T,)
        Candidates that leave enough rows between and are not collinear with k.
    """
    with_k = products.gram[:, :, k, :]
    coefficients = with_k @ np.linalg.inv(products.gram[k, :, k, :])
    before = own_products(products)
    own = before - coefficients @ np.swapaxes(with_k, 1, 2)
    left = np.diagonal(own, axis1=1, axis2=2) / np.diagonal(before, axis1=1, axis2=2)
    allowed = products.candidates.beside(k) & (left > _COLLINEAR).all(axis=1)
    own[~allowed] = np.eye(products.width)
    return own, cross - coefficients @ cross[k], allowed


def one_threshold(products: Products) -> Found:
    """The threshold of least squares."""
    gains = reductions(own_products(products), products.cross[:, :, None])[:, 0]
    place = int(np.argmax(gains))
    return Found((place,), (products.total - gains,), (products.total, products.total - float(gains[place])))


def two_thresholds(products: Products, first: Found) -> Found:
    """A second threshold given the first, then each again given the other until both stay.

    Raises
    ------
    NotEstimable
        When no value leaves enough rows beside the first threshold.
    """
    before = first.places[0]
    profile = _beside(products, before)
    if not np.isfinite(profile).any():
        raise NotEstimable(
            f"no second threshold: no value leaves {products.candidates.least:,} rows between itself, the first "
            "threshold and both ends"
        )
    after = int(np.argmin(profile))
    squares = (*first.squares, float(profile[after]))
    for _ in range(MOST_ROUNDS):
        refined = int(np.argmin(_beside(products, after)))
        again = int(np.argmin(_beside(products, refined)))
        if (refined, again) == (before, after):
            break
        before, after = refined, again
    places = (min(before, after), max(before, after))
    return Found(places, (_beside(products, places[1]), _beside(products, places[0])), squares)


def _beside(products: Products, k: int) -> Floats:
    """Sums of squares with threshold k and each other candidate, shape (T,)."""
    cross = products.cross[:, :, None]
    alone = products.total - reductions(products.gram[k, :, k, :][None], cross[[k]])[0, 0]
    own, moved, allowed = given(products, k, cross)
    return np.where(allowed, alone - reductions(own, moved)[:, 0], np.inf)

"""Omitted variables on both paths of an indirect effect at once."""

from __future__ import annotations

import numpy as np

from involution.models.omitted_variables import Path, Strength


def worst_product(first: Path, second: Path, at_first: Strength, at_second: Strength) -> float:
    """The product of two paths, as far against its sign as omitted variables of these strengths can take it.

    Parameters
    ----------
    first, second : Path
    at_first, at_second : Strength

    Notes
    -----
    Each path may be anywhere within its bias; the least product over that rectangle is at a corner.
    """
    sizes = []
    for found, at in ((first, at_first), (second, at_second)):
        bias = found.bias(at.treatment, at.outcome)
        sizes.append((abs(found.estimate) - bias, abs(found.estimate) + bias))
    corners = np.multiply.outer(np.array(sizes[0]), np.array(sizes[1]))
    return float(np.sign(first.estimate * second.estimate) * corners.min())

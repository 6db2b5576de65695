"""Products of a treatment and its moderators that vary within firms alone (rule 9 of the design).

The plain product of two columns that both vary within firms is no within estimator: firm-specific slopes that go with
the firm's level of the moderator enter it (Giesselmann and Schmidt-Catran 2022, *Sociological Methods & Research* 51:
1100-1127). Both are taken about the firm's mean before they are multiplied, the moderator about the year's too.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from involution.errors import NotEstimable
from involution.models.absorb import Absorber
from involution.models.groupings import Floats, Grouping
from involution.models.sample import Sample

_NOTHING = 1e-9


def demeaned_products(treatment: Floats, moderators: Floats, sample: Sample) -> Floats:
    """The treatment about its firm's mean times each moderator about its firm's and its year's.

    Parameters
    ----------
    treatment : array of float, shape (n,)
        Over the rows of the sample.
    moderators : array of float, shape (n, p)
    sample : Sample
        Its weights weight the means.

    Returns
    -------
    array of float, shape (n, p)

    Notes
    -----
    Firm and year are taken out of a moderator together, which in an unbalanced panel is not the same as one after the
    other. A moderator that is constant within firms is taken about the year's mean alone. What is left below 1e-9 of
    the column's norm about its mean is rounding, and is zero.

    Raises
    ------
    NotEstimable
        Where rows have no firm or no year.
    """
    if sample.firm is None or sample.year is None:
        raise NotEstimable("every row needs its firm and its year: the products are taken about their means")
    by_firm = _left(treatment[:, None], [sample.firm], sample)
    varying = (_left(moderators, [sample.firm], sample) != 0).any(axis=0)
    both = _left(moderators, [sample.firm, sample.year], sample)
    of_year = _left(moderators, [sample.year], sample)
    return np.asarray(by_firm * np.where(varying, both, of_year))


def _left(values: Floats, effects: Sequence[Grouping], sample: Sample) -> Floats:
    """What effects leave of columns, zero where it is rounding."""
    left = Absorber(effects, sample.weights).residuals(values.copy(order="F"))
    about = values - np.average(values, axis=0, weights=sample.weights)
    small = np.linalg.norm(left, axis=0) <= _NOTHING * np.linalg.norm(about, axis=0)
    return np.where(small, 0.0, left)

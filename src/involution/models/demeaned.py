"""Interactions of what varies within firms: products of deviations, and slopes that may move from year to year.

A product of two columns that both vary within firms, with firm effects, takes part of its variation from the columns'
levels: where firms with higher means of one have other slopes in the other, its coefficient is biased (Giesselmann and
Schmidt-Catran 2022, *Sociological Methods and Research* 51: 1100-1127). The product of the deviations is not.
"""

from __future__ import annotations

import numpy as np

from involution.errors import NotEstimable
from involution.models.absorb import Absorber
from involution.models.groupings import Floats, Grouping
from involution.models.sample import Sample


def firm_absorber(sample: Sample) -> Absorber:
    """Takes the firms' means out of columns over the sample's rows, with its weights."""
    return Absorber([_known(sample.firm, "firm")], sample.weights)


def firm_year_absorber(sample: Sample) -> Absorber:
    """Takes the means of firms and years out of columns over the sample's rows, with its weights."""
    return Absorber([_known(sample.firm, "firm"), _known(sample.year, "year")], sample.weights)


def _known(grouping: Grouping | None, name: str) -> Grouping:
    if grouping is None:
        raise NotEstimable(f"deviations within {name} need a {name} in every row")
    return grouping


def doubly_demeaned(sample: Sample, treatment: Floats, moderator: Floats) -> Floats:
    """The treatment's deviation from its firm's mean times the moderator's from those of its firm and its year.

    Parameters
    ----------
    sample : Sample
        With firm and year.
    treatment, moderator : array of float, shape (n,)
        Over the sample's rows.

    Returns
    -------
    array of float, shape (n,)

    Raises
    ------
    NotEstimable
        When a row has no firm or no year.
    """
    within = firm_absorber(sample).residuals(treatment[:, None])[:, 0]
    return np.asarray(within * firm_year_absorber(sample).residuals(moderator[:, None])[:, 0])


def slopes_by_year(sample: Sample, treatment: Floats, years: np.ndarray) -> dict[object, Floats]:
    """The treatment in each year but the first, times an indicator about its mean: with these beside it the
    coefficient of the treatment is its slope in the average row.

    Parameters
    ----------
    sample : Sample
    treatment : array of float, shape (n,)
    years : array, shape (n,)

    Returns
    -------
    dict
        By year, a column over the sample's rows.
    """
    known = np.unique(years)
    shares = {year: float(np.average(years == year, weights=sample.weights)) for year in known[1:]}
    return {year: treatment * ((years == year) - share) for year, share in shares.items()}

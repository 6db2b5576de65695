"""What varies within firms: deviations, products of them, and slopes that may move from year to year.

Demeaning a product is not a within estimator: with effects of the treatment that differ between firms and go with the
level of the moderator, the product of two variables still holds variation between firms after its own firm means are
taken out (Giesselmann and Schmidt-Catran 2022, *Sociological Methods & Research* 51: 1100-1127). The within estimator
multiplies what is left of each variable within the firm. Where effects of the treatment drift over the years and the
moderator trends, the product has the drift in it as well: the moderator is taken within the year too, and the
treatment has an effect of its own in every year.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from involution.errors import NotEstimable
from involution.models.absorb import Absorber
from involution.models.groupings import Floats, Grouping
from involution.models.sample import Sample
from involution.models.solve import column_scales

FIRM, YEAR, BOTH = "firm", "year", "firm and year"
NOTHING = 1e-9
"""Share of a column's norm about its mean below which what is left of it is rounding."""


@dataclass(frozen=True)
class Deviations:
    """Columns about the means of firms, of years, or of both together, on the rows of a sample and with its weights.

    Attributes
    ----------
    sample : Sample
        With a firm and a year in every row.

    Notes
    -----
    Firm and year are taken out together, which in an unbalanced panel is not the same as one after the other. What is
    left below 1e-9 of a column's norm about its mean is rounding, and is zero.

    Raises
    ------
    NotEstimable
        Where rows have no firm or no year, and where a firm has two rows in a year.
    """

    sample: Sample

    def __post_init__(self) -> None:
        if self.sample.firm is None or self.sample.year is None:
            raise NotEstimable("demeaning within firm and year needs the firm and the year of each row")
        cells = np.unique(self.sample.firm.codes * self.sample.year.n_levels + self.sample.year.codes)
        if len(cells) < self.sample.n:
            raise NotEstimable("demeaning within firm and year needs one row per firm and year, and a firm has two")

    @cached_property
    def absorbers(self) -> dict[str, Absorber]:
        """What takes the means out, by kind."""
        firm, year = self.sample.firm, self.sample.year
        assert firm is not None
        assert year is not None
        effects: dict[str, list[Grouping]] = {FIRM: [firm], YEAR: [year], BOTH: [firm, year]}
        return {kind: Absorber(groupings, self.sample.weights) for kind, groupings in effects.items()}

    def left(self, values: Floats, kind: str) -> Floats:
        """What is left of columns, shape (n, p); zero where it is rounding."""
        weights = self.sample.weights
        left = self.absorbers[kind].residuals(values.copy(order="F"))
        root = 1.0 if weights is None else np.sqrt(weights)[:, None]
        small = np.linalg.norm(root * left, axis=0) <= NOTHING * column_scales(values, weights, True)
        return np.where(small, 0.0, left)

    def products(self, treatment: Floats, moderators: Floats) -> Floats:
        """The treatment about its firm's mean times each moderator about its firm's and its year's.

        Parameters
        ----------
        treatment : array of float, shape (n,)
        moderators : array of float, shape (n, p)
            Those that are constant within firms are taken about the year's mean alone.

        Returns
        -------
        array of float, shape (n, p)
        """
        varying = (self.left(moderators, FIRM) != 0).any(axis=0)
        both, of_year = self.left(moderators, BOTH), self.left(moderators, YEAR)
        return np.asarray(self.left(treatment[:, None], FIRM) * np.where(varying, both, of_year))


def slopes_by_year(treatment: Floats, years: np.ndarray, weights: Floats | None = None) -> dict[str, Floats]:
    """The treatment's effect of each year less their mean, beside the treatment itself.

    Parameters
    ----------
    treatment : array of float, shape (n,)
    years : array, shape (n,)
        Label of each row's year.
    weights : array of float, shape (n,), optional

    Returns
    -------
    dict
        By year as text, a column, shape (n,); none for the year with most of the rows.

    Notes
    -----
    With p_t the share of the year's rows and r the year with most of them, the column of year t is
    ``x (1{t} - 1{r} p_t / p_r)``. The deviations then have the mean zero over the rows, and the treatment's own
    coefficient is its mean effect over the years and not that of a reference year.
    """
    known, codes = np.unique(years, return_inverse=True)
    shares = np.bincount(codes, weights=weights, minlength=len(known))
    reference = int(np.argmax(shares))
    return {
        _shown(label): treatment * ((codes == k) - (codes == reference) * (shares[k] / shares[reference]))
        for k, label in enumerate(known)
        if k != reference
    }


def _shown(value: object) -> str:
    number = float(value) if isinstance(value, (int, float, np.integer, np.floating)) else None
    return str(int(number)) if number is not None and number.is_integer() else str(value)

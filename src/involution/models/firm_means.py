"""Columns that stand for firm effects where these cannot be absorbed: correlated random effects.

Mundlak (1978, *Econometrica* 46: 69-85) lets the firm effect depend on the firm's means of the regressors; Papke and
Wooldridge (2008, *Journal of Econometrics* 145: 121-133) do so for shares, Wooldridge (2019, *Journal of
Econometrics* 211: 137-150) in unbalanced panels, where the number of a firm's years and the means of the other
effects' indicators belong to them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from involution.models.groupings import Codes, Floats, Grouping, renumbered
from involution.models.matrix import Columns
from involution.models.notes import Note, note

if TYPE_CHECKING:
    from involution.models.sample import Sample


def firm_columns(
    estimator: str,
    sample: Sample,
    regressors: Columns,
    firm: tuple[Grouping, NDArray[np.bool_] | None],
    usable: NDArray[np.bool_],
) -> tuple[Floats, tuple[Note, ...]]:
    """The columns that stand for the firm effects, shape (n, q), and what is said of them.

    Parameters
    ----------
    estimator : str
    sample : Sample
    regressors : Columns
        Over all N rows of the data.
    firm : tuple
        Firms over all rows, and the rows where the firm is known (None: all).
    usable : array of bool, shape (N,)

    Notes
    -----
    Means are over the rows of the sample. A hazard's own outcome ends a firm's rows: there they are over every row in
    which the regressors are known, and the number of rows, which is an outcome, does not enter.
    """
    grouping, known = firm
    if estimator == "cloglog":
        rows = regressors.complete & usable
        return firm_means(regressors, grouping, rows if known is None else rows & known, sample.rows), (
            note("mundlak_hazard"),
        )
    rows = sample.mask(len(usable))
    means = firm_means(regressors, grouping, rows, sample.rows)
    return np.hstack([means, panel_shape(sample)]), (note("mundlak"),)


def firm_means(regressors: Columns, firm: Grouping, rows: NDArray[np.bool_], wanted: Codes) -> Floats:
    """The firm's mean of every regressor.

    Parameters
    ----------
    regressors : Columns
        Over all N rows of the data.
    firm : Grouping
        Over all rows of the data.
    rows : array of bool, shape (N,)
        Rows to average over; no regressor is missing there.
    wanted : array of int, shape (n,)
        Rows whose firm's means are asked for; a part of `rows`.

    Returns
    -------
    array of float, shape (n, k)
    """
    among, values = Grouping(firm.name, firm.codes[rows], firm.n_levels), regressors.values[rows]
    counts = np.maximum(among.counts, 1)[:, None]
    return np.asarray((among.sums(values) / counts)[firm.codes[wanted]])


def panel_shape(sample: Sample) -> Floats:
    """Which years the sample has of each firm: indicators of their number, and the other effects' levels averaged.

    Parameters
    ----------
    sample : Sample
        With its firms; its effects are those other than the firm's.

    Returns
    -------
    array of float, shape (n, q)
        Columns that a balanced panel makes constant.
    """
    assert sample.firm is not None
    years = renumbered("", sample.firm.counts[sample.firm.codes], int(sample.firm.counts.max()) + 1)
    effects = [] if sample.intercept else sample.effects
    shares = [
        np.asarray((sample.firm.sums(indicators(effect)) / sample.firm.counts[:, None])[sample.firm.codes])
        for effect in effects
    ]
    return np.hstack([indicators(years), *shares])


def indicators(effect: Grouping) -> Floats:
    """One column for each level of an effect, shape (n, n_levels)."""
    columns = np.zeros((len(effect.codes), effect.n_levels))
    columns[np.arange(len(effect.codes)), effect.codes] = 1.0
    return columns

"""Firms that leave: what exit depends on, and weights that let those who stay speak for those who left.

Where exit depends on what moves the outcome, the firms still there are a selected sample. If it depends on observed
columns alone, weighting each row by the inverse of its probability of still being there restores the panel without exit
(Robins, Rotnitzky and Zhao 1995, *Journal of the American Statistical Association* 90: 106-121; Wooldridge 2010,
*Econometric Analysis of Cross Section and Panel Data*, section 19.9.3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from involution.errors import InputError, NotEstimable, Problem
from involution.models.matrix import no_column, numbers
from involution.models.result import Fit

TRIM = (0.01, 0.99)


@dataclass(frozen=True)
class StayWeights:
    """Weights of inverse probabilities of staying.

    Attributes
    ----------
    weights : Series of float, shape (n,)
        Positive, on the index of the data.
    trim : tuple of float
        The quantiles at which weights were cut.
    limits : tuple of float
        The weights there.
    n_low, n_high : int
        Rows whose weight was below the lower limit or above the upper one and is now that limit.
    n_unpredicted : int
        Rows that the exit model could not predict: their year changes no weight.
    largest : float
        The largest weight before trimming.
    """

    weights: pd.Series = field(repr=False)
    trim: tuple[float, float]
    limits: tuple[float, float]
    n_low: int
    n_high: int
    n_unpredicted: int
    largest: float


def exit_model(
    data: pd.DataFrame,
    predictors: Sequence[str] | str,
    *,
    exit: str = "exit",
    firm: str = "firm",
    year: str = "year",
    cluster: Sequence[str] | str = (),
) -> Fit:
    """Logit of leaving after the year, on columns of the year, with year effects.

    Parameters
    ----------
    data : DataFrame
        One row per firm-year.
    predictors : sequence of str
        Columns known in the year, such as last year's index and this year's margin.
    exit : str
        One in a firm's last year if it leaves after it, zero in years that it stays, missing where that is not known.
    firm, year : str
    cluster : sequence of str
        The firm by default.

    Returns
    -------
    Fit
        Terms are the predictors. Its `rows` are the positions in the data of the rows it predicts, `fitted` their
        probabilities of leaving. Rows with a missing value, and years after which no firm or every firm leaves, are not
        among them.

    Raises
    ------
    InputError
        For a column that does not exist, and an exit that is neither zero nor one.
    NotEstimable
        When firms leave in no year, or predictors separate those who do.
    """
    from involution.models.estimate import estimate

    named = [predictors] if isinstance(predictors, str) else list(predictors)
    missing = [name for name in (exit, firm, year, *named) if name not in data.columns]
    if missing:
        raise InputError([Problem("attrition", no_column(name, data.columns)) for name in missing])
    left = numbers(data, exit)
    if not np.isin(left[~np.isnan(left)], (0.0, 1.0)).all():
        raise InputError(Problem(f"column '{exit}'", "exit is zero, one or missing", mend="write it so under `derive`"))
    share = pd.Series(left).groupby(data[year].to_numpy()).transform("mean").to_numpy()
    between = np.flatnonzero((share > 0) & (share < 1))
    if not len(between):
        raise NotEstimable(f"no year has both firms that leave and firms that stay by the column {exit}")
    formula = f"{exit} ~ {' + '.join(named)} | {year}"
    fit = estimate(formula, data.iloc[between], "logit", cluster or firm, firm=firm, year=year, allow_low_cluster=True)
    return _at_positions(fit, between)


def _at_positions(fit: Fit, positions: np.ndarray) -> Fit:
    """The fit of a part of the data, with its rows as positions in the whole."""
    from dataclasses import replace

    return replace(fit, rows=positions[fit.rows])


def stay_weights(
    data: pd.DataFrame,
    model: Fit,
    *,
    firm: str = "firm",
    year: str = "year",
    trim: tuple[float, float] = TRIM,
) -> StayWeights:
    r"""Inverse probability of being there in the next year, for outcomes dated t+1.

    Parameters
    ----------
    data : DataFrame
        The rows that `model` was estimated on, in the same order.
    model : Fit
        Of `exit_model`.
    firm, year : str
    trim : tuple of float
        Quantiles of the weights; those outside take the quantile's weight. (0, 1) trims nothing.

    Returns
    -------
    StayWeights

    Raises
    ------
    InputError
        When the quantiles are not in order within zero and one.

    Notes
    -----
    With p the predicted probability of leaving after the year s and :math:`\bar p` its mean over the year's rows, the
    weight of a firm's row t is :math:`\prod_{s \le t} (1 - \bar p_s) / (1 - p_{is})` over the firm's own rows up to and
    including t. The numerator depends on the year alone: it takes out of the weights what year effects take out anyway
    (Robins, Hernan and Brumback 2000, *Epidemiology* 11: 550-560). A row without a prediction contributes a factor of
    one.
    """
    low, high = trim
    if not 0 <= low < high <= 1:
        raise InputError(Problem("trim", f"found {list(trim)}", mend="two quantiles in order, such as [0.01, 0.99]"))
    assert model.fitted is not None
    stay = np.full(len(data), np.nan)
    stay[model.rows] = 1 - model.fitted
    by_year = pd.Series(stay).groupby(data[year].to_numpy()).transform("mean").to_numpy()
    known = stay > 0
    factor = np.where(known, by_year / np.where(known, stay, 1.0), 1.0)
    ordered = pd.DataFrame({"firm": data[firm].to_numpy(), "year": data[year].to_numpy(), "factor": factor})
    ordered = ordered.sort_values(["firm", "year"], kind="stable")
    raw = ordered.groupby("firm", sort=False)["factor"].cumprod().sort_index().to_numpy()
    limits = (float(np.quantile(raw, low)), float(np.quantile(raw, high)))
    return StayWeights(
        weights=pd.Series(np.clip(raw, *limits), index=data.index, name="stay_weight"),
        trim=(low, high),
        limits=limits,
        n_low=int((raw < limits[0]).sum()),
        n_high=int((raw > limits[1]).sum()),
        n_unpredicted=int((~known).sum()),
        largest=float(raw.max()),
    )

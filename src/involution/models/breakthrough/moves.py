"""How far each lever is moved, what one standard deviation of the treatment is, and who ever moved so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from involution.models.breakthrough.specification import Specification
from involution.models.groupings import Floats
from involution.models.sample import Sample
from involution.models.weighted import deviation, quantiles

_ROUNDING = 1e-12


@dataclass(frozen=True)
class Moves:
    """What contrasts take as given.

    Attributes
    ----------
    deviation : float
        One standard deviation of the treatment, in its own units.
    low, high : dict of str to float
        By column of a lever: its 25th and 75th percentiles; of a product those of its two columns multiplied.
    """

    deviation: float
    low: Mapping[str, float]
    high: Mapping[str, float]

    def by(self, column: str) -> float:
        """How far a column is moved; zero where its percentiles differ by rounding alone."""
        low, high = self.low[column], self.high[column]
        return 0.0 if abs(high - low) <= _ROUNDING * max(abs(high), abs(low)) else high - low


def moves(asked: Specification, data: pd.DataFrame, sample: Sample, rows: np.ndarray | None = None) -> Moves:
    """Percentiles of the levers and the standard deviation of the treatment, weighted as the model is.

    Parameters
    ----------
    asked : Specification
    data : DataFrame
    sample : Sample
        Of the joint model: the deviation is over all its rows.
    rows : array of bool, shape (n,), optional
        Rows of the sample for the percentiles; all of them unless given.
    """
    values = dict(zip(asked.regressors, sample.raw(asked.columns(data).values).T, strict=True))
    chosen = np.ones(sample.n, dtype=bool) if rows is None else rows
    weights = None if sample.weights is None else sample.weights[chosen]
    single = [name for name in asked.moving if name not in asked.products]
    found = {name: quartiles(values[name][chosen], weights) for name in single}
    for name, (first, second) in asked.products.items():
        found[name] = (found[first][0] * found[second][0], found[first][1] * found[second][1])
    return Moves(
        deviation(values[asked.treatment], sample.weights),
        {name: low for name, (low, _) in found.items()},
        {name: high for name, (_, high) in found.items()},
    )


def quartiles(values: Floats, weights: Floats | None = None) -> tuple[float, float]:
    """The 25th and 75th percentiles; with weights by the middles of the rows' shares."""
    low, high = quantiles(values, weights, (0.25, 0.75))
    return float(low), float(high)


def ranges_within(asked: Specification, data: pd.DataFrame, sample: Sample) -> dict[str, Floats]:
    """By column of a lever, but for products: how far it ranges within each firm of the sample; none without firms."""
    if sample.firm is None:
        return {}
    values = dict(zip(asked.regressors, sample.raw(asked.columns(data).values).T, strict=True))
    out = {}
    for name in asked.moving:
        if name not in asked.products:
            by_firm = pd.Series(values[name]).groupby(sample.firm.codes)
            out[name] = (by_firm.max() - by_firm.min()).to_numpy()
    return out


def share_ever_moved(asked: Specification, lever: str, ranges: Mapping[str, Floats], given: Moves) -> float:
    """Share of firms in whose rows of the sample every column of a lever ranges over its move or more.

    Parameters
    ----------
    asked : Specification
    lever : str
    ranges : mapping of str to array
        As `ranges_within` gives them.
    given : Moves
    """
    columns = [name for name in asked.levers[lever] if name in ranges]
    if not columns:
        return np.nan
    reached = [ranges[name] >= given.by(name) * (1 - _ROUNDING) for name in columns]
    return float(np.logical_and.reduce(reached).mean())

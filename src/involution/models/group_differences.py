"""How two groups of firms differ beforehand: who leaves and who stays, who reports and who does not.

The difference of a column between the groups is taken within years, so that no trend stands for it. Beside it is the
normalised difference, the difference of means over the root of the mean of both variances, which does not grow with the
number of rows as a t statistic does (Imbens and Rubin 2015, *Causal Inference*, section 14.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from involution.errors import NotEstimable
from involution.models.design import Design
from involution.models.influence import influence_rows, united
from involution.models.matrix import numbers
from involution.models.notes import Note, note
from involution.models.result import Fit
from involution.models.tidy import BlockResult, estimate_rows, note_rows, of_failure, statistic_rows
from involution.study.formulas import quoted

ESTIMATOR = "comparison"


@dataclass(frozen=True)
class Difference:
    """How a column differs between two groups.

    Attributes
    ----------
    column : str
    fit : Fit
        The column on membership and year effects.
    means, deviations : tuple of float
        Of the group and of the others, over the rows used.
    counts : tuple of int
    """

    column: str
    fit: Fit
    means: tuple[float, float]
    deviations: tuple[float, float]
    counts: tuple[int, int]

    @property
    def normalised(self) -> float:
        """The difference of means over the root of the mean of both variances; missing where nothing varies."""
        spread = np.sqrt((self.deviations[0] ** 2 + self.deviations[1] ** 2) / 2)
        return float((self.means[0] - self.means[1]) / spread) if spread > 0 else float("nan")


def difference(column: str, group: str, data: pd.DataFrame, cluster: Sequence[str], year: str = "year") -> Difference:
    """The difference of a column between the rows where `group` is one and those of the same years where it is zero.

    Raises
    ------
    NotEstimable
        Where no year has rows of both.
    """
    values, member = numbers(data, column), numbers(data, group)
    known = ~np.isnan(values) & ~np.isnan(member)
    share = pd.Series(np.where(known, member, np.nan)).groupby(data[year].to_numpy()).transform("mean").to_numpy()
    rows = known & (share > 0) & (share < 1)
    if not rows.any():
        raise NotEstimable(f"no year has '{column}' of both groups of {group}")
    design = Design(data, [year], cluster, rows=rows)
    fit = design.estimate(f"{quoted(column)} ~ {quoted(group)}", vcov="crv3")
    used, inside = values[fit.rows], member[fit.rows] == 1
    parts = (used[inside], used[~inside])
    means, deviations = (tuple(float(f(part)) for part in parts) for f in (np.mean, _deviation))
    return Difference(column, fit, means, deviations, (len(parts[0]), len(parts[1])))  # type: ignore[arg-type]


def _deviation(values: np.ndarray) -> float:
    return float(np.std(values, ddof=1)) if len(values) > 1 else float("nan")


def compared(
    name: str, columns: Sequence[str], group: str, data: pd.DataFrame, cluster: Sequence[str], remarks: Sequence[Note]
) -> BlockResult:
    """Differences of columns between two groups, as one model.

    Parameters
    ----------
    name : str
        Of the model.
    columns : sequence of str
    group : str
        One for the group, zero for the others.
    data : DataFrame
    cluster : sequence of str
    remarks : sequence of Note

    Returns
    -------
    BlockResult
        Terms ``difference[column]``; statistics ``mean_group[column]``, ``mean_others[column]``,
        ``normalised_difference[column]``, ``n_group[column]``, ``n_others[column]``.
    """
    found: list[Difference] = []
    said = list(remarks)
    reason = "no columns are compared"
    for column in columns:
        try:
            found.append(difference(column, group, data, cluster))
        except NotEstimable as error:
            reason = str(error)
            said.append(note("not_compared", column=column, reason=reason))
    if not found:
        return of_failure(name, reason, estimator=ESTIMATOR, outcome=group, fixed_effects=("year",))
    said += [remark for one in found for remark in one.fit.remarks if remark.code != "missing"]
    said = list(dict.fromkeys(said))
    return BlockResult(
        pd.concat([_estimates(name, group, one, said) for one in found], ignore_index=True),
        statistic_rows(name, [row for one in found for row in _statistics(one)]),
        note_rows(name, said),
        influence=united([influence_rows(name, _influence(one), [_term(one)]) for one in found]),
    )


def _term(one: Difference) -> str:
    return f"difference[{one.column}]"


def _estimates(name: str, group: str, one: Difference, said: Sequence[Note]) -> pd.DataFrame:
    tidy = one.fit.tidy()
    tidy = tidy[tidy["term"] == group].assign(term=_term(one))
    return estimate_rows(name, tidy, one.fit, said, estimator=ESTIMATOR, outcome=one.column)


def _influence(one: Difference) -> pd.DataFrame | None:
    moves = one.fit.cluster_influence
    return None if moves is None else moves.iloc[:, :1].set_axis([_term(one)], axis=1)


def _statistics(one: Difference) -> list[tuple[str, float, float, float]]:
    values = {
        "mean_group": one.means[0],
        "mean_others": one.means[1],
        "normalised_difference": one.normalised,
        "n_group": one.counts[0],
        "n_others": one.counts[1],
    }
    return [(f"{key}[{one.column}]", float(value), np.nan, np.nan) for key, value in values.items()]

r"""What two-way fixed effects compare: the decomposition of Goodman-Bacon.

In a balanced panel the coefficient of treatment with effects of firms and years is a weighted average of all
comparisons of two cohorts over the years in which only one of them changes (Goodman-Bacon 2021, *Journal of
Econometrics* 225: 254-277, theorem 1). For cohorts k and l, k first, with shares :math:`\bar D` of years treated and
shares n of firms, and firms U never or always treated,

.. math::

    s_{kU} \propto n_k n_U \bar D_k (1 - \bar D_k), \quad
    s^k_{kl} \propto n_k n_l (\bar D_k - \bar D_l)(1 - \bar D_k), \quad
    s^l_{kl} \propto n_k n_l \bar D_l (\bar D_k - \bar D_l),

the second of the earlier cohort against the later one before that adopts, the third of the later against the earlier
one that is treated throughout: where effects grow, that comparison enters with the wrong sign.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from involution.errors import InputError, NotEstimable, Problem
from involution.models.design import Design
from involution.models.event_study.adoption import few_treated, first_years
from involution.models.groupings import Floats
from involution.models.matrix import no_column, numbers
from involution.models.notes import Note, note
from involution.models.result import Fit
from involution.study.formulas import quoted

TYPES = ("treated_never", "earlier_later", "later_earlier", "treated_always")
"""Comparisons: with firms never treated; of earlier with later cohorts; of later with earlier ones, which are treated
already; with firms treated in all years."""
TREATED = "treated"
_COLUMNS = ("type", "cohort", "against", "weight", "estimate")


@dataclass(frozen=True)
class Decomposition:
    """Two-way fixed effects taken apart.

    Attributes
    ----------
    comparisons : DataFrame
        type (one of `TYPES`), cohort, against (the cohort compared with; zero never, minus infinity always treated),
        weight, estimate; weights sum to one, and weighted estimates to the coefficient.
    fit : Fit
        The regression on the rows taken apart, with the term ``treated``.
    remarks : tuple of Note
        What was left out to balance the panel.
    """

    comparisons: pd.DataFrame
    fit: Fit
    remarks: tuple[Note, ...]

    @property
    def by_type(self) -> pd.DataFrame:
        """type, weight and weighted mean estimate of each kind of comparison that occurs, in the order of `TYPES`."""
        parts = self.comparisons.assign(product=self.comparisons["weight"] * self.comparisons["estimate"])
        sums = parts.groupby("type")[["weight", "product"]].sum()
        sums = sums.reindex([kind for kind in TYPES if kind in sums.index])
        means = sums["product"] / sums["weight"]
        return pd.DataFrame(
            {"type": list(sums.index), "weight": sums["weight"].to_numpy(), "estimate": means.to_numpy()}
        )


def goodman_bacon(
    data: pd.DataFrame,
    outcome: str,
    firm: str = "firm",
    year: str = "year",
    cohort: str = "cohort",
    cluster: Sequence[str] = (),
    *,
    anticipation: int = 0,
    vcov: str = "crv1",
    rows: np.ndarray | None = None,
) -> Decomposition:
    """Take apart the coefficient of treatment with effects of firms and years, without controls or weights.

    Parameters
    ----------
    data : DataFrame
        One row per firm-year. Only firms with a value in every year that occurs can be compared: the others are left
        out and counted, and the coefficient is that of the rest.
    outcome, firm, year, cohort : str
        As in `event_study`.
    cluster : sequence of str
        Of the regression's standard error; the firm by default.
    anticipation : int
        Years before adoption that count as treated.
    vcov : str
    rows : array of bool, shape (n,), optional
        Rows that may be used.

    Raises
    ------
    InputError
        For columns that are not there or not of numbers, a firm with two rows in a year, and a cohort that changes
        within a firm.
    NotEstimable
        When fewer than two cohorts (never and always treated ones counted) are observed in every year.

    Examples
    --------
    >>> data = pd.DataFrame({"firm": list("aaabbbccc"), "year": [1, 2, 3] * 3, "cohort": [2] * 3 + [3] * 3 + [0] * 3})
    >>> data["y"] = [0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]
    >>> goodman_bacon(data, "y").by_type.round(3).to_numpy().tolist()
    [['treated_never', 0.667, 1.0], ['earlier_later', 0.167, 1.0], ['later_earlier', 0.167, 1.0]]
    """
    missing = [name for name in (outcome, firm, year, cohort) if name not in data.columns]
    if missing:
        raise InputError([Problem("", no_column(name, data.columns)) for name in missing])
    first = first_years(data, firm, cohort)
    panel = pd.DataFrame({"firm": data[firm], "year": numbers(data, year), "y": numbers(data, outcome), "first": first})
    # Never is infinitely late: a zero could be the year before a cohort of a calendar that starts at one.
    panel["first"] = np.where(first > 0, first - anticipation, np.inf)
    keep = panel.notna().all(axis=1).to_numpy() & (np.ones(len(data), dtype=bool) if rows is None else rows)
    if panel.loc[keep, ["firm", "year"]].duplicated().any():
        raise InputError(Problem("rows", "a firm has two rows in a year", mend="one row per firm and year"))
    balanced, remarks = _balanced(panel[keep])
    comparisons = _compared(balanced)
    treated = panel["year"] >= panel["first"]
    kept = np.zeros(len(data), dtype=bool)
    kept[np.flatnonzero(keep)[panel.loc[keep, "firm"].isin(balanced["firm"].unique()).to_numpy()]] = True
    held = data.assign(**{TREATED: treated.astype(float)})
    design = Design(held, [firm, year], list(cluster) or [firm], rows=kept, firm=firm, year=year)
    fit = design.estimate(f"{quoted(outcome)} ~ {TREATED}", vcov=vcov)
    held = held[(held[TREATED] > 0) & np.isin(np.arange(len(held)), fit.rows)]
    count = min(held[name].nunique() for name in list(cluster) or [firm])
    details = (*fit.details, ("n_treated_clusters", float(count), np.nan, np.nan))
    fit = replace(fit, details=details, remarks=(*fit.remarks, *few_treated(count)))
    return Decomposition(comparisons, fit, remarks)


def _balanced(panel: pd.DataFrame) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    """Firms with a row in every year; the others are told."""
    years = panel["year"].nunique()
    rows = panel.groupby("firm", sort=False)["year"].transform("size")
    balanced = panel[rows == years]
    lost = panel["firm"].nunique() - balanced["firm"].nunique()
    if not lost:
        return balanced, ()
    return balanced, (note("bacon_unbalanced", firms=lost, count=len(panel) - len(balanced), years=years),)


def _compared(panel: pd.DataFrame) -> pd.DataFrame:
    """Every comparison of two cohorts with its weight."""
    years = np.sort(panel["year"].unique())
    first = panel["first"].to_numpy()
    late = first > (years[-1] if len(years) else 0)
    group = np.where(late, np.inf, np.where(len(years) and first <= years[0], -np.inf, first))
    cells = panel.assign(group=group).groupby(["group", "year"])["y"].mean().unstack()
    sizes = panel.assign(group=group).groupby("group")["firm"].nunique()
    cohorts, firms = np.asarray(cells.index, dtype=float), np.asarray(sizes, dtype=float)
    parts = pd.DataFrame(list(_pairs(cells.to_numpy(), cohorts, firms, years)), columns=list(_COLUMNS))
    if not len(parts):
        raise NotEstimable("no two cohorts are observed in every year: there is nothing to compare")
    parts["weight"] /= parts["weight"].sum()
    return parts.sort_values(["type", "cohort", "against"], key=_in_order, kind="stable").reset_index(drop=True)


def _in_order(column: pd.Series) -> pd.Series:
    return column.map(TYPES.index) if column.name == "type" else column


def _pairs(
    means: Floats, cohorts: Floats, sizes: Floats, years: Floats
) -> Iterator[tuple[str, float, float, float, float]]:
    """Type, cohort, what it is compared with, weight up to a constant, and estimate of each comparison."""
    shares = np.array([(years >= cohort).mean() for cohort in cohorts])
    for k in range(len(cohorts)):
        for j in range(k + 1, len(cohorts)):
            pair = sizes[k] * sizes[j]
            change = means[k] - means[j]
            after, later = years >= cohorts[k], years >= cohorts[j]
            if np.isinf(cohorts[k]) and np.isinf(cohorts[j]):
                continue
            if np.isinf(cohorts[j]):
                weight = pair * shares[k] * (1 - shares[k])
                yield "treated_never", cohorts[k], 0.0, weight, change[after].mean() - change[~after].mean()
                continue
            between = after & ~later
            if not np.isinf(cohorts[k]):
                weight = pair * (shares[k] - shares[j]) * (1 - shares[k])
                yield "earlier_later", cohorts[k], cohorts[j], weight, change[between].mean() - change[~after].mean()
            kind = "treated_always" if np.isinf(cohorts[k]) else "later_earlier"
            weight = pair * shares[j] * (shares[k] - shares[j])
            yield kind, cohorts[j], cohorts[k], weight, change[between].mean() - change[later].mean()

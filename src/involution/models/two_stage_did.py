r"""Difference in differences with staggered adoption, in two stages.

Two-way fixed effects compare firms that adopt late with firms that adopted before, and where effects differ or grow
such comparisons enter with the wrong sign (Goodman-Bacon 2021, *Journal of Econometrics* 225: 254-277). Gardner (2022,
"Two-stage differences in differences", arXiv 2207.05943) and Butts and Gardner (2022, *R Journal* 14: 162-173) estimate
the effects of firms and years on untreated observations alone, take them out of every outcome, and average what is left
over the treated ones.

With Z the first stage's regressors, Z0 those of the untreated rows and a the weights that average a cell,

.. math:: \hat\theta = a'(y - Z \hat\gamma), \qquad \hat\gamma = (Z_0'Z_0)^{-1} Z_0'y_0

so row i moves the estimate by :math:`a_i u_i - z_{0i}'(Z_0'Z_0)^{-1} Z'a \, e_i`: u is the residual of the second stage
and e that of the first. The cross-product of the clusters' sums is the covariance of Butts and Gardner (2022, eq. 6).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from involution.errors import InputError, Problem
from involution.models.design import Design
from involution.models.event_study.adoption import few_treated, first_years
from involution.models.event_study.averages import averages
from involution.models.event_study.first_stage import Asked
from involution.models.event_study.terms import OVERALL
from involution.models.groupings import Floats
from involution.models.matrix import Columns, no_column, numbers
from involution.models.options import variance_choice
from involution.models.result import Fit, summarise
from involution.models.threads import single_threaded

__all__ = ["OVERALL", "two_stage_did", "years_since_adoption"]

Mask = np.ndarray


def two_stage_did(
    data: pd.DataFrame,
    outcome: str,
    firm: str = "firm",
    year: str = "year",
    cohort: str = "cohort",
    cluster: Sequence[str] | str = (),
    controls: Sequence[str] = (),
    horizons: Sequence[int] | None = None,
    *,
    fixed_effects: Sequence[str] = (),
    vcov: str = "crv1",
    small_sample: Mapping[str, Any] | None = None,
    rows: Mask | None = None,
) -> Fit:
    """Average effects on the treated, overall and by years since adoption.

    Parameters
    ----------
    data : DataFrame
        One row per firm-year. Rows with a missing value in a column of the model are dropped and counted.
    outcome : str
    firm, year : str
        Keys; years are numbers.
    cohort : str
        Year of adoption, the same in every row of a firm; zero or missing where a firm never adopts.
    cluster : sequence of str
        One or two columns; the firm by default.
    controls : sequence of str
        Columns of numbers whose slopes the untreated rows give.
    horizons : sequence of int, optional
        Years since adoption to report, negative ones before it; by default all from zero on. Leads average residuals
        of rows that the first stage is fitted on, relative to all untreated rows and not to the year before adoption.
    fixed_effects : sequence of str
        Columns or ``a^b``; firm and year by default.
    vcov : {"crv1", "crv3", "hetero"}
        With the first stage accounted for; crv3 estimates both stages anew without each cluster.
    small_sample : mapping, optional
        ``observations`` (default False, as in Butts and Gardner) and ``clusters`` (default True: G/(G - 1)).
    rows : array of bool, shape (n,), optional
        Rows that may be used.

    Returns
    -------
    Fit
        Terms ``att[overall]`` (all treated rows weigh the same) and ``att[e=k]``; `residuals` are the outcomes less
        what they would have been untreated. Statistics count treated and untreated rows, and rows left out because no
        untreated observation identifies one of their effects (firms always treated, years when all are).

    Raises
    ------
    InputError
        For a column that is not there or not of numbers, and a cohort that changes within a firm.
    NotEstimable
        When no treated row has an identified effect.

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame({"firm": list("aabbccdd"), "year": [1, 2] * 4, "cohort": [2, 2] + [0] * 6})
    >>> data["y"] = [1.0, 5.0, 0.0, 1.0, 2.0, 2.0, 7.0, 9.0]
    >>> two_stage_did(data, "y").tidy().round(12)[["term", "estimate"]].values.tolist()
    [['att[overall]', 3.0], ['att[e=0]', 3.0]]
    """
    missing = [name for name in (outcome, firm, year, cohort, *controls) if name not in data.columns]
    if missing:
        raise InputError([Problem("", no_column(name, data.columns)) for name in missing])
    since = years_since_adoption(data, firm, year, cohort)
    absorbed, clusters = list(fixed_effects) or [firm, year], [cluster] if isinstance(cluster, str) else list(cluster)
    design = Design(data, absorbed, clusters or [firm], rows=rows, firm=firm, year=year)
    values = numbers(data, outcome)
    block = Columns(tuple(controls), np.column_stack([np.zeros((len(data), 0)), *(numbers(data, c) for c in controls)]))
    whole = design.sample(values, [block], constant=False)
    with single_threaded():
        solution = averages(whole, Asked(values, block, since, horizons))
        treated = 0 if vcov == "hetero" else solution.statistics["n_treated_clusters"][0]
        return summarise(
            solution,
            variance_choice(vcov, design.cluster, {"observations": False, **(small_sample or {})}, 0, 0),
            formula=f"{outcome} ~ {' + '.join(controls) or '1'} | {' + '.join(absorbed)}",
            estimator="did2s",
            outcome=outcome,
            effects=absorbed,
            outcome_values=values,
            remarks=few_treated(treated),
        )


def years_since_adoption(data: pd.DataFrame, firm: str, year: str, cohort: str) -> Floats:
    """Years since adoption of each row: zero in the first treated year, minus infinity where a firm never adopts.

    Raises
    ------
    InputError
        When a firm has two cohorts, missing and zero counting as one.
    """
    first = first_years(data, firm, cohort)
    return np.where(first == 0, -np.inf, numbers(data, year) - first)

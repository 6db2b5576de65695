r"""Whether adoption changes what something else does: the triple difference of a regressor and adoption.

Does a policy soften involution? Among firms that adopt, the slope of the outcome in x changes at adoption by
:math:`\kappa` in

.. math::

    y_{it} = \alpha_i + \lambda_t + \beta_t x_{it} + \delta A_i x_{it} + D_{it} (\tau + \kappa (x_{it} - \bar x))
    + \varepsilon_{it},

A firms that ever adopt and D rows from adoption on: slopes may differ by year (a drift common to all is not adoption's)
and between firms that adopt and firms that do not (nor is what adopters always had).
With two stages the slopes come from untreated rows (treated rows that need a slope which these do not identify are left
out), and what treated rows exceed them by is regressed on x and on years since adoption, so that neither effects that
grow with time nor rows treated before are taken for a change of the slope.
Two-way fixed effects estimate all at once, and their :math:`\kappa` takes rows treated before for untreated ones; they
are there to be compared with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Literal

import numpy as np
import pandas as pd

from involution.errors import InputError, NotEstimable, Problem
from involution.models.design import Design
from involution.models.event_study.adoption import Adoption, few_treated, prepare, treated_clusters
from involution.models.event_study.second_stage import Regression, second_stage
from involution.models.groupings import Floats
from involution.models.matrix import Columns, no_column, numbers
from involution.models.notes import Note, note
from involution.models.options import variance_choice
from involution.models.result import Fit, summarise
from involution.models.sample import Sample
from involution.models.threads import single_threaded
from involution.study.formulas import quoted

Estimator = Literal["did2s", "twfe"]
ESTIMATORS: tuple[Estimator, ...] = ("did2s", "twfe")
ADOPTED = "adopted"


def changed_term(x: str) -> str:
    """The term of what adoption does to the slope of x."""
    return f"{x}:{ADOPTED}"


def triple_difference(
    data: pd.DataFrame,
    outcome: str,
    x: str,
    firm: str = "firm",
    year: str = "year",
    cohort: str = "cohort",
    estimator: Estimator = "did2s",
    cluster: Sequence[str] | str = (),
    controls: Sequence[str] = (),
    anticipation: int = 0,
    *,
    fixed_effects: Sequence[str] = (),
    vcov: str = "crv1",
    small_sample: Mapping[str, Any] | None = None,
    rows: np.ndarray | None = None,
    remarks: Sequence[Note] = (),
) -> Fit:
    """What adoption does to the slope of an outcome in x.

    Parameters
    ----------
    data, outcome, firm, year, cohort, cluster, controls, anticipation, fixed_effects, vcov, small_sample, rows, remarks
        As in `event_study`. Fixed effects within which x does not vary leave its slopes to those of untreated rows.
    x : str
        Column of numbers.
    estimator : {"did2s", "twfe"}

    Returns
    -------
    Fit
        Terms ``adopted``, the average effect on treated rows (in two-way effects: that at their mean of x), and
        ``x:adopted``, what adoption adds to the slope in x (in two stages among rows the same number of years after
        adoption).

    Raises
    ------
    InputError
        As `event_study`.
    NotEstimable
        When no firm adopts within the data, no untreated row identifies the slopes, or x is constant after adoption.
    """
    if estimator not in ESTIMATORS:
        raise InputError(Problem("estimator", f"found '{estimator}'; expected one of {', '.join(ESTIMATORS)}"))
    if x not in data.columns:
        raise InputError(Problem("x", no_column(x, data.columns)))
    absorbed, clusters = list(fixed_effects) or [firm, year], [cluster] if isinstance(cluster, str) else list(cluster)
    if x in controls:
        raise InputError(Problem("x", f"'{x}' is among the controls"))
    with single_threaded():
        made = prepare(
            data, outcome, firm=firm, year=year, cohort=cohort, cluster=clusters or [firm],
            controls=[*controls, x], fixed_effects=absorbed, weights=None, anticipation=anticipation, rows=rows,
        )  # fmt: skip
        values = numbers(data, x)
        said = (*remarks, note("triple_slopes", x=x), note(f"triple_{estimator}", x=x))
        if estimator == "twfe":
            slopes = _slopes(made, x, values)
            design = partial(Design, fixed_effects=absorbed, cluster=clusters or [firm], firm=firm, year=year)
            return _twfe(data, made, x, values, slopes, design, vcov, small_sample, said)
        slopes = _slopes(made, x, values)
        required = slopes.names[len(controls) :]
        solution = second_stage(made, lambda sample: _effects(made, x, values, sample), slopes, required)
        if changed_term(x) not in solution.names:
            raise NotEstimable(f"no treated rows differ in '{x}' in the same year since adoption")
        return summarise(
            solution,
            variance_choice(vcov, clusters or [firm], {"observations": False, **(small_sample or {})}, 0, 0),
            formula=f"{outcome} ~ {' + '.join(slopes.names)} | {' + '.join(absorbed)}",
            estimator="did2s",
            outcome=outcome,
            effects=absorbed,
            outcome_values=made.outcome,
            remarks=said,
        )


def _slopes(made: Adoption, x: str, values: Floats) -> Columns:
    """The controls, x in each year, and x of firms that adopt."""
    years = np.unique(made.year[made.sample.rows])
    by_year = np.where(made.year[:, None] == years, values[:, None], 0.0)
    adopters = np.where(made.cohort > 0, values, 0.0)[:, None] if made.has_never else np.zeros((len(values), 0))
    names = [f"{x}:year={year:g}" for year in years] + ([f"{x}:adopter"] if made.has_never else [])
    others = made.controls.names[:-1], made.controls.values[:, :-1]
    return Columns((*others[0], *names), np.column_stack([others[1], by_year, adopters]))


def _centred(made: Adoption, values: Floats, rows: np.ndarray) -> tuple[Floats, np.ndarray]:
    """x less its mean over treated rows among `rows`, and which rows of the data these are."""
    treated = np.zeros(len(values), dtype=bool)
    treated[rows] = made.since[rows] >= 0
    return values - values[treated].mean(), treated


def _effects(made: Adoption, x: str, values: Floats, sample: Sample) -> list[Regression]:
    """The second stage: the average effect, and effects on x and years since adoption."""
    centred, treated = _centred(made, values, sample.rows)
    since = np.where(treated, made.since, -1)
    tenure = (since[:, None] == np.unique(since[treated])).astype(float)
    changed = Regression((changed_term(x), *([""] * tenure.shape[1])), np.column_stack([centred, tenure]), treated)
    return [Regression((ADOPTED,), np.ones((len(values), 1)), treated), changed]


def _twfe(
    data: pd.DataFrame,
    made: Adoption,
    x: str,
    values: Floats,
    slopes: Columns,
    design: Callable[..., Design],
    vcov: str,
    small_sample: Mapping[str, Any] | None,
    said: Sequence[Note],
) -> Fit:
    """All at once, with the slopes as controls that are not told."""
    centred, treated = _centred(made, values, made.sample.rows)
    used = np.zeros(len(data), dtype=bool)
    used[made.sample.rows] = ~((made.since < 0) & (made.since >= -made.anticipation))[made.sample.rows]
    beside = {f"_slope_{j}": slopes.values[:, j] for j in range(len(slopes.names))}
    held = data.assign(**{ADOPTED: treated.astype(float), "_changed": np.where(treated, centred, 0.0), **beside})
    held["_outcome"] = made.outcome
    formula = " + ".join([ADOPTED, "_changed", *(quoted(name) for name in beside)])
    fit = design(held, rows=used).estimate(f"_outcome ~ {formula}", vcov=vcov, small_sample=small_sample, remarks=said)
    at = [fit.terms.index(name) for name in (ADOPTED, "_changed") if name in fit.terms]
    if len(at) < 2:
        raise NotEstimable(f"the fixed effects or the slopes absorb adoption or its product with '{x}'")
    picked = {
        name: getattr(fit, name)[at] for name in ("estimate", "std_error", "statistic", "p_value", "ci_low", "ci_high")
    }
    told = ("absorbed", "collinear", "singletons")
    # The rows were without singletons before the regression saw them: both times are told together.
    alone = made.sample.drops.singletons + int(next(v for name, v, *_ in fit.details if name == "dropped_singletons"))
    remarks = tuple(remark for remark in fit.remarks if remark.code not in told)
    remarks += (note("singletons", count=alone),) if alone else ()
    count = treated_clusters(made.sample.clusters, treated[made.sample.rows])
    return replace(
        fit, terms=(ADOPTED, changed_term(x)), covariance=fit.covariance[np.ix_(at, at)], estimator="twfe",
        outcome=made.name, formula=f"{made.name} ~ {ADOPTED} + {changed_term(x)} + {' + '.join(slopes.names)}",
        remarks=(*made.remarks, *remarks, *few_treated(count)),
        details=(*fit.details, ("n_treated_clusters", float(count), np.nan, np.nan)), **picked,
    )  # fmt: skip

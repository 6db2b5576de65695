"""A fitted model as users and programs read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from involution.errors import InputError, Problem
from involution.models.clustered import effective_clusters
from involution.models.distributions import critical_value, t_p_values
from involution.models.groupings import Floats
from involution.models.inference import Choice, Inference, infer
from involution.models.influence import cluster_frame
from involution.models.notes import Note, note
from involution.models.reported import Reported, Row
from involution.models.solution import Solution
from involution.models.weighted import deviation

if TYPE_CHECKING:
    from involution.models.recorded import Origin

TIDY = ("term", "estimate", "std_error", "statistic", "p_value", "ci_low", "ci_high")


@dataclass(frozen=True)
class Fit(Reported):
    """Estimates with their inference.

    Attributes
    ----------
    formula, estimator, outcome : str
    terms : tuple of str
    estimate, std_error, statistic, p_value, ci_low, ci_high : arrays of float, shape (k,)
        Intervals cover 95 %.
    covariance : array of float, shape (k, k)
        Of the coefficients; `vcov` is the same with terms on both sides.
    vcov_label : str
        Such as ``crv1(firm)``.
    n_obs : int
    n_firms : int or None
        None where the data have no firm column.
    n_clusters : int or None
        The smaller number when two-way.
    fixed_effects : tuple of str
    r2, r2_within : float
        NaN where the estimator has none.
    details : tuple
        Statistic, value, df, p_value; `statistics` is the same as a frame.
    remarks : tuple of Note
        What has to be said about the model, translatable.
    rows : array of int
        Positions in the data of the rows used.
    fitted, residuals : array of float, shape (n_obs,)
    average_effects : DataFrame or None
        What `margins` gives.
    cluster_influence : DataFrame or None
        Clusters by terms: how much each cluster moves each coefficient, so scaled that the sum of squares is the
        squared standard error (crv3: with less without the cluster, times the root of (G - 1)/G). The index holds the
        clusters as the data name them and is called as their column. None without clusters and with two clusterings,
        whose variance is no sum over clusters.
    origin : Origin or None
        What it was estimated from, for programs that repeat it; None where it is more than one regression.
    """

    formula: str
    estimator: str
    outcome: str
    terms: tuple[str, ...]
    estimate: Floats
    std_error: Floats
    statistic: Floats
    p_value: Floats
    ci_low: Floats
    ci_high: Floats
    covariance: Floats
    vcov_label: str
    n_obs: int
    n_firms: int | None
    n_clusters: int | None
    fixed_effects: tuple[str, ...]
    r2: float
    r2_within: float
    details: tuple[Row, ...]
    remarks: tuple[Note, ...]
    rows: np.ndarray
    fitted: Floats | None = None
    residuals: Floats | None = None
    average_effects: pd.DataFrame | None = None
    cluster_influence: pd.DataFrame | None = None
    origin: Origin | None = field(default=None, repr=False, compare=False)

    @property
    def degrees_of_freedom(self) -> float:
        """Of the t statistics; infinite for normal ones."""
        return next((float(value) for name, value, *_ in self.details if name == "degrees_of_freedom"), np.inf)

    @cached_property
    def vcov(self) -> pd.DataFrame:
        """Covariance of the coefficients, terms on both sides."""
        return pd.DataFrame(self.covariance, index=list(self.terms), columns=list(self.terms))

    def tidy(self) -> pd.DataFrame:
        """One row per term: term, estimate, std_error, statistic, p_value, ci_low, ci_high."""
        columns = [
            self.terms, self.estimate, self.std_error, self.statistic, self.p_value, self.ci_low, self.ci_high
        ]  # fmt: skip
        return pd.DataFrame(dict(zip(TIDY, columns, strict=True)))

    def margins(self) -> pd.DataFrame:
        """Average marginal effects on a probability or share, with the columns of `tidy`.

        One row for each regressor that enters by itself alone: of an indicator the change from 0 to 1, of any other
        column the derivative, averaged over the rows. Standard errors are by the delta method from the model's
        covariance (with crv3 from the effects with each cluster left out), the rows taken as given.

        Raises
        ------
        InputError
            For an estimator whose fitted value is neither a probability nor a share, and where every regressor is
            part of an interaction, a power or an i().
        """
        if self.average_effects is None:
            what = f"'{self.estimator}' has no average marginal effects for these terms"
            mend = "they are told of logit, probit, cloglog and fractional models, for regressors that stand alone"
            raise InputError(Problem("margins", what, mend=mend))
        return self.average_effects.copy()


def summarise(
    solution: Solution,
    choice: Choice,
    *,
    formula: str,
    estimator: str,
    outcome: str,
    effects: Sequence[str],
    outcome_values: Floats,
    remarks: Sequence[Note] = (),
) -> Fit:
    """Apply the variance choice and put everything a reader needs into one `Fit`."""
    inference = infer(solution, choice)
    sample = solution.sample
    std_error, statistic, p_value, low, high = t_tests(solution.beta, inference)
    margins = None if solution.margins is None else _average_effects(solution.margins, choice)
    clustered = choice.kind in ("crv1", "crv3", "wild")
    label = f"{choice.kind}({'+'.join(c.name for c in sample.clusters)})" if clustered else choice.kind
    firms = None if sample.firm is None else sample.firm.n_levels
    return Fit(
        formula=formula,
        estimator=estimator,
        outcome=outcome,
        terms=solution.names,
        estimate=solution.beta,
        std_error=std_error,
        statistic=statistic,
        p_value=p_value,
        ci_low=low,
        ci_high=high,
        covariance=inference.vcov,
        vcov_label=label,
        n_obs=sample.n,
        n_firms=firms,
        n_clusters=min(c.n_levels for c in sample.clusters) if clustered else None,
        fixed_effects=tuple(effects),
        r2=solution.r2,
        r2_within=solution.r2_within,
        details=(
            *_details(solution, choice, inference, sample.raw(outcome_values), clustered),
            *_effect_details(margins),
        ),
        remarks=tuple(dict.fromkeys([*_drops(solution), *solution.notes, *remarks, *inference.notes])),
        rows=sample.rows,
        fitted=solution.fitted,
        residuals=solution.residuals,
        average_effects=margins,
        cluster_influence=cluster_frame(sample, inference.influence, solution.names),
    )


def _average_effects(margins: Solution, choice: Choice) -> pd.DataFrame:
    columns = (margins.names, margins.beta, *t_tests(margins.beta, infer(margins, choice)))
    return pd.DataFrame(dict(zip(TIDY, columns, strict=True)))


def _effect_details(effects: pd.DataFrame | None) -> list[tuple[str, float, float, float]]:
    """``ame[x]`` with its p-value and ``ame_se[x]``, for those who read statistics alone."""
    if effects is None:
        return []
    return [
        row
        for term, value, std_error, p_value in effects[["term", "estimate", "std_error", "p_value"]].to_numpy().tolist()
        for row in ((f"ame[{term}]", value, np.nan, p_value), (f"ame_se[{term}]", std_error, np.nan, np.nan))
    ]


def t_tests(beta: Floats, inference: Inference) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Standard errors, statistics, p-values and both ends of the intervals."""
    std_error = np.sqrt(np.maximum(np.diag(inference.vcov), 0)) if len(beta) else np.zeros(0)
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.where(std_error > 0, beta / std_error, np.nan)
    degrees = inference.degrees_of_freedom
    critical, p_value = critical_value(degrees), t_p_values(statistic, degrees)
    low, high = beta - critical * std_error, beta + critical * std_error
    if inference.p_values is not None and inference.intervals is not None:
        p_value, (low, high) = inference.p_values, inference.intervals.T
    return std_error, statistic, p_value, low, high


def _drops(solution: Solution) -> list[Note]:
    drops = solution.sample.drops
    counts = {"singletons": drops.singletons, "separated": drops.separated}
    return [note(code, count=count) for code, count in counts.items() if count]


def _details(
    solution: Solution, choice: Choice, inference: Inference, outcome: Floats, clustered: bool
) -> tuple[tuple[str, float, float, float], ...]:
    sample, drops, small = solution.sample, solution.sample.drops, choice.small
    values: dict[str, float] = {
        "n_obs": sample.n,
        "n_firms": np.nan if sample.firm is None else sample.firm.n_levels,
        "mean_outcome": float(np.average(outcome, weights=sample.weights)),
        "sd_outcome": _spread(outcome, sample.weights),
        "r2": solution.r2,
        "r2_within": solution.r2_within,
        "adjusted_r2": _adjusted_r2(solution),
        "dropped_missing": drops.missing,
        "dropped_singletons": drops.singletons,
        "dropped_separated": drops.separated,
        "small_sample_observations": float(small.observations and choice.kind != "crv3"),
        "small_sample_clusters": float(small.clusters and choice.kind != "crv3"),
        "small_sample_k": inference.k,
        "small_sample_factor": inference.factor,
        "degrees_of_freedom": inference.degrees_of_freedom,
    }
    if clustered:
        values |= {f"n_clusters[{c.name}]": c.n_levels for c in sample.clusters}
        values["effective_clusters"] = min(effective_clusters(c) for c in sample.clusters)
    rows = [(name, float(value), np.nan, np.nan) for name, value in values.items() if not np.isnan(value)]
    return (*rows, *((name, *triple) for name, triple in solution.statistics.items()))


def _spread(outcome: Floats, weights: Floats | None) -> float:
    """The standard deviation over the rows; with weights the weighted one."""
    if weights is not None:
        return deviation(outcome, weights)
    return float(np.std(outcome, ddof=1)) if len(outcome) > 1 else np.nan


def _adjusted_r2(solution: Solution) -> float:
    from involution.models.inference import counted_parameters

    if np.isnan(solution.r2) or solution.likelihood:
        return np.nan
    n, k = solution.sample.n, counted_parameters(solution, "full", [])
    return 1 - (1 - solution.r2) * (n - 1) / (n - k) if n > k else np.nan


def combine(fit: Fit, weights: Mapping[str, float]) -> tuple[float, float]:
    """A linear combination of coefficients and its standard error (fixed weights).

    Parameters
    ----------
    fit : Fit
    weights : mapping of term to float
    """
    terms = list(weights)
    w = np.array([weights[term] for term in terms])
    estimate = float(w @ fit.estimate[[fit.terms.index(term) for term in terms]])
    return estimate, float(np.sqrt(w @ fit.vcov.loc[terms, terms].to_numpy() @ w))

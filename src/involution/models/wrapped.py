"""Estimators of statsmodels and linearmodels, made to yield the same solution as our own.

Their coefficients come from the kept library; the influence of each row is put together here, so that every
variance estimator of `involution.models.inference` serves them too.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from involution.errors import NotEstimable
from involution.models.groupings import Floats, Grouping
from involution.models.likelihood import fit_likelihood
from involution.models.matrix import INTERCEPT, Columns
from involution.models.notes import Note, note
from involution.models.sample import Sample
from involution.models.solution import Solution
from involution.models.solve import column_scales, independent, inverse


def fit_wrapped(
    estimator: str,
    sample: Sample,
    outcome_name: str,
    outcome: Floats,
    regressors: Columns,
    means: Floats | None = None,
    alone: Collection[str] = (),
) -> tuple[Solution, tuple[Note, ...]]:
    """Estimate random effects or a model of `involution.models.likelihood`.

    Parameters
    ----------
    estimator : str
        ``random_effects``, or one of `involution.models.likelihood`.
    sample : Sample
    outcome_name : str
    outcome : array of float, shape (N,)
    regressors : Columns
    means : array of float, shape (n, q), optional
        Columns that stand for the firm effects; estimated and not reported.
    alone : collection of str
        Regressors of which an average marginal effect can be told.

    Raises
    ------
    NotEstimable
        When the library cannot estimate it, or fixed effects would need too many indicator variables.
    """
    y, x = sample.raw(outcome), sample.raw(regressors.values)
    if float(np.ptp(y)) == 0:
        raise NotEstimable(f"the outcome {outcome_name} does not vary in the {sample.n:,} rows of the sample")
    said: list[Note] = []
    kept = independent(regressors.names, sample.unweighted.residuals(x), column_scales(x, None, bool(sample.effects)))
    for code, lost in (("absorbed", kept.absorbed), ("collinear", kept.collinear)):
        if lost:
            said.append(note(code, names=", ".join(lost)))
    names, x = [regressors.names[j] for j in kept.positions], x[:, kept.positions]
    if not names:
        raise NotEstimable("no regressor is left")
    if estimator == "random_effects":
        return _random_effects(sample, names, x, y), (*said, note("random_effects"))
    if not sample.intercept:
        said += [note("dummies", effect=effect.name, count=effect.n_levels) for effect in sample.effects]
    beside = np.zeros((sample.n, 0)) if means is None else means
    shown = [name for name in names if name in alone]
    return fit_likelihood(estimator, sample, outcome_name, Columns(tuple(names), x), beside, y, shown), tuple(said)


def _random_effects(sample: Sample, names: list[str], x: Floats, y: Floats) -> Solution:
    """Swamy-Arora variance components from linearmodels, then least squares on quasi-demeaned columns."""
    from linearmodels.panel import RandomEffects

    if sample.firm is None or sample.year is None:
        raise NotEstimable("random effects need the firm and year of each row")
    if sample.effects and not sample.intercept:
        raise NotEstimable("random effects take no fixed effects; write indicators as i(year)")
    index = pd.MultiIndex.from_arrays([sample.firm.codes, sample.year.codes], names=["firm", "year"])
    if index.has_duplicates:
        raise NotEstimable("firm and year do not identify the rows")
    columns = np.column_stack([np.ones(sample.n), x]) if sample.intercept else x
    shown = (INTERCEPT, *names) if sample.intercept else tuple(names)
    weights = None if sample.weights is None else pd.Series(sample.weights, index=index)
    try:
        fit = RandomEffects(
            pd.Series(y, index=index, name="y"),
            pd.DataFrame(columns, index=index, columns=list(shown)),
            weights=weights,
        ).fit()
    except (ValueError, np.linalg.LinAlgError) as error:
        raise NotEstimable(f"random effects: {error}") from None
    theta = fit.theta.iloc[:, 0].reindex(range(sample.firm.n_levels)).to_numpy()[sample.firm.codes]
    quasi = columns - theta[:, None] * _firm_means(sample.firm, columns, sample.weights)
    root = np.ones(sample.n) if sample.root_weights is None else sample.root_weights
    transformed = quasi * root[:, None]
    beta = fit.params.to_numpy(dtype=float)
    target = (y - theta * _firm_means(sample.firm, y[:, None], sample.weights)[:, 0]) * root
    residual = target - transformed @ beta
    bread = inverse(transformed.T @ transformed)
    statistics = {
        "variance_share_firm": (float(fit.variance_decomposition["Percent due to Effects"]), np.nan, np.nan),
        "theta_mean": (float(np.mean(theta)), np.nan, np.nan),
    }
    return Solution(
        names=shown,
        beta=beta,
        bread=bread,
        influence=(transformed * residual[:, None]) @ bread,
        sample=sample,
        sum_of_squares=float(residual @ residual),
        likelihood=False,
        jackknife=None,
        r2=float(fit.rsquared_overall),
        r2_within=float(fit.rsquared_within),
        statistics=statistics,
        fitted=columns @ beta,
        residuals=y - columns @ beta,
    )


def _firm_means(firm: Grouping, columns: Floats, weights: Floats | None) -> Floats:
    weighted = columns if weights is None else columns * weights[:, None]
    totals = firm.counts.astype(float) if weights is None else firm.sums(weights)
    return np.asarray((firm.sums(weighted) / totals[:, None])[firm.codes])

"""Estimators of statsmodels and linearmodels, made to yield the same solution as our own.

Their coefficients come from the kept library; the influence of each row is put together here, so that every
variance estimator of `involution.models.inference` serves them too.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd

from involution.errors import NotEstimable
from involution.models.groupings import Floats, Grouping
from involution.models.matrix import INTERCEPT, Columns
from involution.models.notes import Note, note
from involution.models.sample import Sample
from involution.models.separation import support
from involution.models.solution import Solution
from involution.models.solve import column_scales, independent, inverse

MAXIMUM_DUMMIES = 500
_CERTAIN = 12.0
"""Linear index beyond which a fitted probability is so near 0 or 1 that separation is looked for."""


def fit_wrapped(
    estimator: str, sample: Sample, outcome_name: str, outcome: Floats, regressors: Columns
) -> tuple[Solution, tuple[Note, ...]]:
    """Estimate random effects, logit or a generalised linear model.

    Parameters
    ----------
    estimator : str
        ``random_effects``, ``logit`` or ``glm:<family>``.
    sample : Sample
    outcome_name : str
    outcome : array of float, shape (N,)
    regressors : Columns

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
    dummies, more = _indicator_columns(sample)
    family = "binomial" if estimator == "logit" else estimator.removeprefix("glm:")
    return _likelihood(family, sample, names, x, dummies, y), (*said, *more)


def _indicator_columns(sample: Sample) -> tuple[Floats, list[Note]]:
    """Indicators of the fixed effects, redundant ones left out; a single column of ones is the intercept."""
    total = sum(effect.n_levels for effect in sample.effects)
    if total > MAXIMUM_DUMMIES:
        raise NotEstimable(
            f"the fixed effects have {total:,} levels and this estimator enters them as indicators, at most "
            f"{MAXIMUM_DUMMIES}; use poisson, or ols on the 0/1 outcome"
        )
    columns = np.zeros((sample.n, total))
    start, said = 0, []
    for effect in sample.effects:
        columns[np.arange(sample.n), start + effect.codes] = 1.0
        start += effect.n_levels
        if not sample.intercept:
            said.append(note("dummies", effect=effect.name, count=effect.n_levels))
    names = [str(j) for j in range(total)]
    kept = independent(names, columns, np.linalg.norm(columns, axis=0)).positions
    return columns[:, kept], said


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


def _likelihood(family: str, sample: Sample, names: list[str], x: Floats, dummies: Floats, y: Floats) -> Solution:
    """Maximum likelihood by statsmodels; indicator columns are estimated and not reported."""
    _check_range(family, y)
    design = np.column_stack([dummies[:, :1] if sample.intercept else x[:, :0], x, dummies[:, int(sample.intercept) :]])
    shown = (INTERCEPT, *names) if sample.intercept else tuple(names)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        fit, params, scale = _maximise(family, design, y, sample.weights)
        scores = np.asarray(fit.model.score_obs(params, scale) if scale else fit.model.score_obs(params))
        hessian = np.asarray(fit.model.hessian(params, scale=scale) if scale else fit.model.hessian(params))
    if not np.isfinite(params).all() or not getattr(fit, "converged", True):
        raise NotEstimable(f"the {family} likelihood did not converge; a regressor may separate the outcome")
    bread = inverse(-hessian)
    extra = ("alpha",) if len(params) > design.shape[1] else ()
    positions = [*range(len(shown)), *range(design.shape[1], len(params))]
    fitted = np.asarray(fit.predict(design))
    return Solution(
        names=(*shown, *extra),
        beta=np.asarray(params)[positions],
        bread=bread[np.ix_(positions, positions)],
        influence=(scores @ bread)[:, positions],
        sample=sample,
        sum_of_squares=float(sample.n),
        likelihood=True,
        jackknife=None,
        statistics={
            "log_likelihood": (float(fit.llf), np.nan, np.nan),
            "pseudo_r2": (_pseudo_r2(fit, family, dummies[:, :1], y, sample.weights), np.nan, np.nan),
        },
        notes=_perfectly_predicted(family, design, y, np.asarray(params)[: design.shape[1]]),
        fitted=fitted,
        residuals=y - fitted,
    )


def _perfectly_predicted(family: str, design: Floats, y: Floats, params: Floats) -> tuple[Note, ...]:
    """Say so where a combination of columns predicts rows of a 0/1 outcome perfectly: no maximum exists along it."""
    if family != "binomial" or not np.isin(y, (0.0, 1.0)).all() or np.abs(design @ params).max() < _CERTAIN:
        return ()
    rows = support(design * np.where(y > 0, 1.0, -1.0)[:, None], np.ones(len(y), dtype=bool))
    return (note("perfectly_predicted", count=int(rows.sum())),) if rows.any() else ()


def _check_range(family: str, y: Floats) -> None:
    if family == "binomial" and ((y < 0) | (y > 1)).any():
        raise NotEstimable("the outcome of a binomial model lies between 0 and 1")
    if family in ("poisson", "negative_binomial") and (y < 0).any():
        raise NotEstimable(f"the outcome of a {family} model is not negative")
    if family in ("gamma", "inverse_gaussian") and (y <= 0).any():
        raise NotEstimable(f"the outcome of a {family} model is positive")


def _maximise(family: str, design: Floats, y: Floats, weights: Floats | None) -> tuple[Any, Floats, float]:
    """The library's fit, its parameters, and the dispersion by which scores are divided (0: none)."""
    import statsmodels.api as sm
    from statsmodels.tools.sm_exceptions import PerfectSeparationError

    try:
        if family == "negative_binomial":
            if weights is not None:
                raise NotEstimable("the negative binomial model takes no weights")
            fit = sm.NegativeBinomial(y, design).fit(disp=0, maxiter=500)
            return fit, np.asarray(fit.params), 0.0
        links = {"gamma": sm.families.links.Log(), "inverse_gaussian": sm.families.links.Log()}
        names = {
            "gaussian": "Gaussian", "binomial": "Binomial", "poisson": "Poisson", "gamma": "Gamma",
            "inverse_gaussian": "InverseGaussian",
        }  # fmt: skip
        kind = getattr(sm.families, names[family])
        made = kind(links[family]) if family in links else kind()
        fit = sm.GLM(y, design, family=made, freq_weights=weights).fit(tol=1e-12, maxiter=200)
        return fit, np.asarray(fit.params), float(fit.scale)
    except (PerfectSeparationError, np.linalg.LinAlgError, ValueError, FloatingPointError) as error:
        raise NotEstimable(f"the {family} model: {error}") from None


def _pseudo_r2(fit: Any, family: str, ones: Floats, y: Floats, weights: Floats | None) -> float:
    """McFadden's, against a constant alone."""
    null, _, _ = _maximise(family, np.ones((len(y), 1)), y, weights)
    return 1 - float(fit.llf) / float(null.llf)

"""Generalised linear models: their columns, and where the (quasi-)likelihood is largest.

Coefficients come from statsmodels. Indicators of fixed effects and columns that stand for firm effects are estimated
and not reported.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from involution.errors import NotEstimable
from involution.models.firm_means import indicators
from involution.models.groupings import Floats
from involution.models.matrix import INTERCEPT, Columns
from involution.models.sample import Sample
from involution.models.solve import column_scales, independent, inverse

BINARY = ("logit", "probit", "cloglog")
FRACTIONAL = ("fractional_logit", "fractional_probit")
FAMILIES = ("gaussian", "binomial", "poisson", "gamma", "inverse_gaussian", "negative_binomial")
MAXIMUM_DUMMIES = 500


@dataclass(frozen=True)
class Model:
    """A model on its rows.

    Attributes
    ----------
    names : tuple of str
        Reported terms: the first columns of `design`.
    design : array of float, shape (n, p)
        The constant, the regressors, the indicators of fixed effects, the columns of the firm effects.
    beside : int
        Number of the last.
    """

    estimator: str
    names: tuple[str, ...]
    design: Floats
    beside: int
    y: Floats
    weights: Floats | None

    @property
    def family(self) -> str:
        """The distribution of the likelihood."""
        return self.estimator[4:] if self.estimator.startswith("glm:") else "binomial"


@dataclass(frozen=True)
class Maximum:
    """Where the likelihood is largest.

    Attributes
    ----------
    fit : result of statsmodels
    params : array of float, shape (p,), or (p + 1,) with the dispersion of the negative binomial
    scale : float
        Dispersion by which scores are divided; 0: none.
    """

    fit: Any
    params: Floats
    scale: float


def is_likelihood(estimator: str) -> bool:
    """Whether a model of this name is estimated here."""
    return estimator in (*BINARY, *FRACTIONAL) or (estimator.startswith("glm:") and estimator[4:] in FAMILIES)


def check_range(estimator: str, outcome_name: str, y: Floats) -> None:
    """Raise NotEstimable for an outcome that the family does not have."""
    family = estimator.removeprefix("glm:")
    if estimator in BINARY and not np.isin(y, (0.0, 1.0)).all():
        raise NotEstimable(
            f"the outcome {outcome_name} of a {estimator} model is 0 or 1; a share takes fractional_logit"
        )
    if (estimator in FRACTIONAL or family == "binomial") and ((y < 0) | (y > 1)).any():
        raise NotEstimable(f"the outcome {outcome_name} of a {family} model lies between 0 and 1")
    if family in ("poisson", "negative_binomial") and (y < 0).any():
        raise NotEstimable(f"the outcome {outcome_name} of a {family} model is not negative")
    if family in ("gamma", "inverse_gaussian") and (y <= 0).any():
        raise NotEstimable(f"the outcome {outcome_name} of a {family} model is positive")


def assembled(estimator: str, sample: Sample, regressors: Columns, means: Floats, y: Floats) -> Model:
    """Put the columns of a model together; what the regressors and fixed effects explain is dropped from `means`."""
    constant = np.ones((sample.n, int(sample.intercept)))
    both = np.hstack([regressors.values, means])
    names = [str(j) for j in range(both.shape[1])]
    kept = independent(names, sample.unweighted.residuals(both), column_scales(both, None, bool(sample.effects)))
    own = [j for j in kept.positions if j >= len(regressors.names)]
    design = np.hstack([constant, regressors.values, _indicator_columns(sample), both[:, own]])
    shown = (INTERCEPT, *regressors.names) if sample.intercept else regressors.names
    return Model(estimator, shown, design, len(own), y, sample.weights)


def _indicator_columns(sample: Sample) -> Floats:
    """Indicators of the fixed effects, redundant ones left out."""
    if sample.intercept or not sample.effects:
        return np.zeros((sample.n, 0))
    total = sum(effect.n_levels for effect in sample.effects)
    if total > MAXIMUM_DUMMIES:
        raise NotEstimable(
            f"the fixed effects have {total:,} levels and this estimator enters them as indicators, at most "
            f"{MAXIMUM_DUMMIES}; use mundlak: true, which puts the firm's means in place of its indicator, or poisson, "
            "or ols on the outcome as it is"
        )
    columns = np.hstack([indicators(effect) for effect in sample.effects])
    names = [str(j) for j in range(total)]
    return columns[:, independent(names, columns, np.linalg.norm(columns, axis=0)).positions]


def family_of(model: Model) -> Any:
    """The family of statsmodels with its link."""
    import statsmodels.api as sm

    links = sm.families.links
    if model.estimator.endswith("probit"):
        return sm.families.Binomial(links.Probit())
    if model.estimator == "cloglog":
        return sm.families.Binomial(links.CLogLog())
    made = {
        "gaussian": sm.families.Gaussian, "binomial": sm.families.Binomial, "poisson": sm.families.Poisson,
        "gamma": sm.families.Gamma, "inverse_gaussian": sm.families.InverseGaussian,
    }[model.family]  # fmt: skip
    return made(links.Log()) if model.family in ("gamma", "inverse_gaussian") else made()


def maximise(model: Model, start: Floats | None = None) -> Maximum:
    """Iteratively reweighted least squares; Newton's method from a start that is near."""
    import statsmodels.api as sm

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            if model.family == "negative_binomial":
                if model.weights is not None:
                    raise NotEstimable("the negative binomial model takes no weights")
                fit = sm.NegativeBinomial(model.y, model.design).fit(disp=0, maxiter=500)
                return _checked(model, Maximum(fit, np.asarray(fit.params), 0.0), bool(fit.mle_retvals["converged"]))
            glm = sm.GLM(model.y, model.design, family=family_of(model), freq_weights=model.weights)
            if start is None:
                fit = glm.fit(tol=1e-12, maxiter=200)
                converged = bool(fit.converged)
            else:
                # Its ridge of 1e-10 would be no small part of the information of a column in small units.
                fit = glm.fit(start_params=start, method="newton", maxiter=100, disp=0, ridge_factor=0)
                converged = bool(fit.mle_retvals["converged"])
        except (np.linalg.LinAlgError, ValueError, FloatingPointError) as error:
            raise NotEstimable(f"the {model.estimator} model: {error}") from None
    return _checked(model, Maximum(fit, np.asarray(fit.params), float(fit.scale)), converged)


def _checked(model: Model, maximum: Maximum, converged: bool) -> Maximum:
    if converged and np.isfinite(maximum.params).all():
        return maximum
    raise NotEstimable(f"the {model.estimator} likelihood did not converge; a regressor may separate the outcome")


def scores_and_bread(model: Model, maximum: Maximum) -> tuple[Floats, Floats]:
    """Scores of the rows, shape (n, p), and the inverse of the observed information, shape (p, p)."""
    at, library = maximum.params, maximum.fit.model
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        if maximum.scale:
            scores, hessian = library.score_obs(at, maximum.scale), library.hessian(at, scale=maximum.scale)
        else:
            scores, hessian = library.score_obs(at), library.hessian(at)
    try:
        return np.asarray(scores), inverse(-np.asarray(hessian))
    except NotEstimable:
        raise NotEstimable(
            f"the {model.estimator} likelihood is flat where it is largest; a regressor may separate the outcome"
        ) from None

"""Tests that go with two-stage least squares: strength, exogeneity, over-identification."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from involution.models.groupings import Floats, Grouping
from involution.models.parameters import counted
from involution.models.solve import inverse, least_squares

if TYPE_CHECKING:
    from involution.models.linear import Linear

_NO_VARIANCE = 1e-16
Statistic = tuple[float, float, float]
"""Value, degrees of freedom, p-value."""


def diagnostics(linear: Linear, beta: Floats, residual: Floats) -> dict[str, Statistic]:
    """First-stage F, effective F, Wu-Hausman, Sargan and Hansen J of a two-stage model.

    Parameters
    ----------
    linear : Linear
    beta, residual : array of float
        Of the structural equation.

    Returns
    -------
    dict
        ``first_stage_f[x]`` is the classical F of the excluded instruments for endogenous regressor x;
        ``first_stage_f_robust[x]`` its Wald form under the model's clusters (rows without clusters);
        ``effective_f`` (one endogenous regressor) is Montiel Olea and Pflueger's (2013, *JBES* 31: 358-369);
        ``sargan`` and ``hansen_j`` appear when there are more instruments than endogenous regressors (J also needs
        more clusters than instruments).
    """
    groups = linear.sample.clusters[:1]
    out: dict[str, Statistic] = {}
    for j, name in enumerate(linear.endogenous.names):
        out |= _first_stage(linear, name, linear.endogenous.values[:, j], groups)
    out["wu_hausman"] = _wu_hausman(linear, residual)
    surplus = len(linear.excluded.names) - len(linear.endogenous.names)
    if surplus > 0:
        out |= _overidentification(linear, residual, surplus, groups)
    return out


def _residual_degrees(linear: Linear, k: int) -> int:
    return linear.sample.n - k - linear.sample.absorber.rank


def _robust_degrees(linear: Linear, k: int) -> int:
    """N less the parameters that the factor of a robust variance counts: effects nested in the clusters count once."""
    sample = linear.sample
    constant = 1 if sample.intercept else 0
    return sample.n - counted(sample, k + constant, "nonnested", sample.clusters[:1])


def _partialled(linear: Linear, columns: Floats) -> Floats:
    """Columns with the exogenous regressors taken out."""
    if not linear.exogenous.names:
        return columns
    return least_squares(linear.exogenous.values, columns)[2]


def _meat(influence: Floats, groups: list[Grouping]) -> Floats:
    """Outer products of rows or clusters, with G/(G-1) for clusters."""
    if not groups:
        return np.asarray(influence.T @ influence)
    sums = groups[0].sums(influence)
    g = groups[0].n_levels
    return np.asarray(sums.T @ sums * (g / (g - 1) if g > 1 else 1.0))


def _unit(columns: Floats) -> Floats:
    """Columns of norm one: no test here depends on the units of a column."""
    return np.asarray(columns / np.linalg.norm(columns, axis=0))


def _basis(columns: Floats) -> Floats:
    """Orthonormal columns with the same span."""
    return np.asarray(np.linalg.qr(_unit(columns))[0])


def _first_stage(linear: Linear, name: str, endogenous: Floats, groups: list[Grouping]) -> dict[str, Statistic]:
    from scipy import stats

    instruments = _basis(_partialled(linear, linear.excluded.values))
    target = _unit(_partialled(linear, endogenous[:, None]))[:, 0]
    pi, bread, error = least_squares(instruments, target)
    m = instruments.shape[1]
    degrees = _residual_degrees(linear, m + len(linear.exogenous.names))
    explained = float(pi @ (instruments.T @ instruments) @ pi)
    f = explained / m / (float(error @ error) / degrees)
    influence = (instruments * error[:, None]) @ bread
    vcov = _meat(influence, groups)
    counted_out = _robust_degrees(linear, m + len(linear.exogenous.names))
    scale = (linear.sample.n - 1) / counted_out if counted_out > 0 else 1.0
    # The scores of one cluster that alone moves the instruments sum to zero: there is no variance to hold them against.
    known = float(np.trace(vcov)) > _NO_VARIANCE * float(np.einsum("ij,ij->", influence, influence))
    robust = float(pi @ np.linalg.pinv(vcov * scale) @ pi) / m if known else np.nan
    bottom = groups[0].n_levels - 1 if groups else degrees
    out = {
        f"first_stage_f[{name}]": (f, float(m), float(stats.f.sf(f, m, degrees))),
        f"first_stage_f_robust[{name}]": (robust, float(m), float(stats.f.sf(robust, m, bottom))),
    }
    if len(linear.endogenous.names) == 1:
        # With orthonormal instruments the denominator is the trace of the first-stage coefficients' covariance.
        weight = instruments.T @ instruments
        effective = explained / float(np.trace(vcov * scale @ weight)) if known else np.nan
        out["effective_f"] = (effective, float(m), np.nan)
    return out


def _wu_hausman(linear: Linear, residual: Floats) -> Statistic:
    """F test of the first-stage residuals added to the structural equation."""
    from scipy import stats

    errors = least_squares(linear.instruments, linear.endogenous.values)[2]
    augmented = np.hstack([linear.regressors, errors])
    if np.linalg.matrix_rank(_unit(augmented)) < augmented.shape[1]:
        # The instruments explain an endogenous regressor fully: there is nothing to test.
        return np.nan, float(errors.shape[1]), np.nan
    restricted = least_squares(linear.regressors, linear.outcome)[2]
    full = least_squares(augmented, linear.outcome)[2]
    added = errors.shape[1]
    degrees = _residual_degrees(linear, augmented.shape[1])
    f = (float(restricted @ restricted) - float(full @ full)) / added / (float(full @ full) / degrees)
    return f, float(added), float(stats.f.sf(f, added, degrees))


def _overidentification(linear: Linear, residual: Floats, surplus: int, groups: list[Grouping]) -> dict[str, Statistic]:
    """Sargan's N R2, and Hansen's J at the two-step GMM estimate with the model's clusters."""
    from scipy import stats

    instruments = _basis(linear.instruments)
    sargan = linear.sample.n * float(np.sum((instruments.T @ residual) ** 2)) / float(residual @ residual)
    tests = {"sargan": (sargan, float(surplus), float(stats.chi2.sf(sargan, surplus)))}
    if groups and groups[0].n_levels <= instruments.shape[1]:
        # Fewer clusters than moments: their covariance cannot be inverted, and J does not exist.
        return tests
    moments = instruments * (residual / np.linalg.norm(residual))[:, None]
    sums = groups[0].sums(moments) if groups else moments
    weight = np.linalg.pinv(sums.T @ sums)
    cross = instruments.T @ _unit(linear.regressors)
    target = instruments.T @ linear.outcome / np.linalg.norm(residual)
    beta = inverse(cross.T @ weight @ cross) @ (cross.T @ weight @ target)
    gap = target - cross @ beta
    j = float(gap @ weight @ gap)
    return {**tests, "hansen_j": (j, float(surplus), float(stats.chi2.sf(j, surplus)))}


def conditional_strength(linear: Linear) -> dict[str, Statistic]:
    """First-stage F of each endogenous regressor given that the others are instrumented too.

    Parameters
    ----------
    linear : Linear
        With instruments.

    Returns
    -------
    dict
        ``first_stage_f[x]`` is Sanderson and Windmeijer's (2016, *Journal of Econometrics* 190: 212-221): the regressor
        less its two-stage projection on the other endogenous ones is regressed on the instruments, with L - k + 1
        degrees of freedom. ``first_stage_f_robust[x]`` is its Wald form under the model's clusters (rows without
        clusters). With one endogenous regressor they are those of `diagnostics`.
    """
    instruments = _basis(_partialled(linear, linear.excluded.values))
    endogenous = _unit(_partialled(linear, linear.endogenous.values))
    cross = instruments.T @ endogenous
    degrees = _residual_degrees(linear, instruments.shape[1] + len(linear.exogenous.names))
    out: dict[str, Statistic] = {}
    for j, name in enumerate(linear.endogenous.names):
        others = [k for k in range(len(linear.endogenous.names)) if k != j]
        own = endogenous[:, j] - endogenous[:, others] @ np.linalg.lstsq(cross[:, others], cross[:, j], rcond=None)[0]
        free = instruments @ np.linalg.qr(cross[:, others], mode="complete")[0][:, len(others) :]
        counted_out = _robust_degrees(linear, instruments.shape[1] + len(linear.exogenous.names))
        scale = (linear.sample.n - 1) / counted_out if counted_out > 0 else 1.0
        f, robust = _strength(free, own, degrees, scale, linear.sample.clusters[:1])
        out |= {f"first_stage_f[{name}]": f, f"first_stage_f_robust[{name}]": robust}
    return out


def _strength(
    instruments: Floats, target: Floats, degrees: int, scale: float, groups: list[Grouping]
) -> tuple[Statistic, Statistic]:
    """Classical and robust F of orthonormal instruments."""
    from scipy import stats

    m = instruments.shape[1]
    slopes = instruments.T @ target
    error = target - instruments @ slopes
    f = float(slopes @ slopes) / m / (float(error @ error) / degrees)
    vcov = _meat(instruments * error[:, None], groups) * scale
    robust = float(slopes @ np.linalg.pinv(vcov) @ slopes) / m
    bottom = groups[0].n_levels - 1 if groups else degrees
    return (f, float(m), float(stats.f.sf(f, m, degrees))), (robust, float(m), float(stats.f.sf(robust, m, bottom)))

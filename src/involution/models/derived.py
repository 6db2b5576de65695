"""What is made of a fitted model: combinations of its coefficients and their tests."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from involution.models.distributions import critical_value, f_p_value, t_p_values
from involution.models.groupings import Floats
from involution.models.notes import Note, note
from involution.models.result import Fit


def tested(fit: Fit, term: str, estimate: float, std_error: float) -> dict[str, object]:
    """A row as of `Fit.tidy` for what is made of a model's coefficients."""
    statistic = estimate / std_error if std_error > 0 else np.nan
    degrees = fit.degrees_of_freedom
    reach = critical_value(degrees) * std_error
    return {
        "term": term,
        "estimate": estimate,
        "std_error": std_error,
        "statistic": statistic,
        "p_value": float(t_p_values(statistic, degrees)),
        "ci_low": estimate - reach,
        "ci_high": estimate + reach,
    }


def coefficients(fit: Fit, terms: Sequence[str]) -> tuple[Floats, Floats]:
    """Estimates of terms and their covariance."""
    places = [fit.terms.index(term) for term in terms]
    return fit.estimate[places], fit.covariance[np.ix_(places, places)]


CLUSTERS_EACH = 10
"""Clusters per restriction below which a joint test is said to reject too often."""


def joint_few_clusters(fit: Fit, terms: Sequence[str]) -> tuple[Note, ...]:
    """That a joint test of several terms has few clusters for them, where it has."""
    count = fit.n_clusters
    if count is None or len(terms) < 2 or count >= CLUSTERS_EACH * len(terms):
        return ()
    return (note("joint_few_clusters", clusters=count, count=len(terms)),)


def wald(fit: Fit, terms: list[str]) -> tuple[float, float, float]:
    """F statistic that terms are all zero, its numerator's degrees of freedom, its p-value; missing if undefined."""
    b, vcov = coefficients(fit, terms)
    mended = len(terms) > 1 and any(remark.code == "not_positive" for remark in fit.remarks)
    if np.isnan(vcov).any() or fit.degrees_of_freedom < len(b) or mended:
        # A term without an error, a covariance of fewer clusters than terms, or one with eigenvalues that were set to
        # zero: what has no inverse.
        return np.nan, float(len(b)), np.nan
    size = np.sqrt(np.diag(vcov))
    f = float((b / size) @ np.linalg.pinv(vcov / np.outer(size, size)) @ (b / size)) / len(b)
    return f, float(len(b)), f_p_value(f, len(b), fit.degrees_of_freedom)

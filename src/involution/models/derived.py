"""What is made of a fitted model: tested combinations of its coefficients, and its design on other columns."""

from __future__ import annotations

import numpy as np
import pandas as pd

from involution.models.design import Design
from involution.models.groupings import Floats
from involution.models.result import LEVEL, Fit


def degrees_of_freedom(fit: Fit) -> float:
    """Of the model's t statistics; infinite for normal ones."""
    return {name: value for name, value, *_ in fit.details}.get("degrees_of_freedom", np.inf)


def critical_value(fit: Fit) -> float:
    """Standard errors from an estimate to either end of its 95 % interval."""
    from scipy.special import ndtri, stdtrit

    degrees = degrees_of_freedom(fit)
    return float(ndtri((1 + LEVEL) / 2) if np.isinf(degrees) else stdtrit(degrees, (1 + LEVEL) / 2))


def tested(fit: Fit, term: str, estimate: float, std_error: float) -> dict[str, object]:
    """A row as of `Fit.tidy` for what is made of a model's coefficients."""
    from scipy.special import ndtr, stdtr

    statistic = estimate / std_error if std_error > 0 else np.nan
    degrees = degrees_of_freedom(fit)
    tail = ndtr(-abs(statistic)) if np.isinf(degrees) else stdtr(degrees, -abs(statistic))
    reach = critical_value(fit) * std_error
    return {
        "term": term,
        "estimate": estimate,
        "std_error": std_error,
        "statistic": statistic,
        "p_value": float(2 * tail),
        "ci_low": estimate - reach,
        "ci_high": estimate + reach,
    }


def coefficients(fit: Fit, terms: list[str]) -> tuple[Floats, Floats]:
    """Estimates of terms and their covariance."""
    places = [fit.terms.index(term) for term in terms]
    return fit.estimate[places], fit.covariance[np.ix_(places, places)]


def wald(fit: Fit, terms: list[str]) -> tuple[float, float, float]:
    """F statistic that terms are all zero, its numerator's degrees of freedom, its p-value."""
    from scipy import stats

    b, vcov = coefficients(fit, terms)
    size = np.sqrt(np.diag(vcov))
    f = float((b / size) @ np.linalg.pinv(vcov / np.outer(size, size)) @ (b / size)) / len(b)
    degrees = degrees_of_freedom(fit)
    tail = stats.chi2.sf(f * len(b), len(b)) if np.isinf(degrees) else stats.f.sf(f, len(b), degrees)
    return f, float(len(b)), float(tail)


def on_data(design: Design, data: pd.DataFrame, rows: np.ndarray | None = None) -> Design:
    """The same design on a data frame with further columns, or on other rows."""
    return Design(
        data,
        ["^".join(effect) for effect in design.effects],
        design.cluster,
        weights=design.weights,
        singletons="drop" if design.drop_singletons else "keep",
        rows=design.rows if rows is None else rows,
        **design.panel,
    )

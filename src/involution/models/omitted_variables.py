"""How strong an omitted variable has to be to change a path (Cinelli and Hazlett 2020, *JRSS B* 82: 39-67).

For a path from D to Y given X (fixed effects are out of all columns), an omitted Z changes the estimate by

``bias = sqrt(R2_Y R2_D / (1 - R2_D)) sd(Y|D,X)/sd(D|X)``,

with ``R2_Y = R2(Y~Z|D,X)`` and ``R2_D = R2(D~Z|X)``, the shares of what X leaves of both that Z explains. The path's
own strength is ``f = |estimate| sd(D|X)/sd(Y|D,X)``, the square root of ``R2/(1 - R2)`` with R2 the partial one.

Their standard errors are those of least squares. A robust one has no such algebra; what is done here is to take it as
changing by the same factor, ``sqrt((1 - R2_Y)/(1 - R2_D))``, with the degrees of freedom unchanged. At equal strengths
the factor is one, so the robustness value for significance is that of the confidence limit nearer to zero.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from involution.models.groupings import Floats
from involution.models.partial import partial_r2, residual_products


@dataclass(frozen=True)
class Path:
    """A coefficient and what its sensitivity depends on.

    Attributes
    ----------
    estimate, std_error : float
    critical : float
        Quantile of the t distribution for the test of the path.
    scale : float
        ``sd(Y|D,X)/sd(D|X)``, in the units of the estimate.
    treatment, outcome : int
        Columns D and Y.
    given : list of int
        Columns X.
    """

    estimate: float
    std_error: float
    critical: float
    scale: float
    treatment: int
    outcome: int
    given: list[int]

    @property
    def strength(self) -> float:
        """``f``, the square root of partial R2 over one less it."""
        return abs(self.estimate) / self.scale

    @property
    def partial_r2(self) -> float:
        """The share of what X leaves of Y that D explains."""
        return self.strength**2 / (1 + self.strength**2)

    @property
    def threshold(self) -> float:
        """The strength at which the path would just be significant."""
        return self.critical * self.std_error / self.scale

    def bias(self, r2_treatment: float, r2_outcome: float) -> float:
        """The absolute bias from an omitted variable of these strengths."""
        return float(np.sqrt(r2_outcome * r2_treatment / (1 - r2_treatment)) * self.scale)

    def adjusted(self, r2_treatment: float, r2_outcome: float) -> float:
        """The estimate with the bias taken out, the omitted variable working for the path."""
        return float(np.sign(self.estimate) * (abs(self.estimate) - self.bias(r2_treatment, r2_outcome)))

    def adjusted_error(self, r2_treatment: float, r2_outcome: float) -> float:
        """The standard error with the omitted variable in, taken as changing as that of least squares does."""
        return float(self.std_error * np.sqrt((1 - r2_outcome) / (1 - r2_treatment)))


def path(products: Floats, treatment: int, outcome: int, given: list[int], std_error: float, critical: float) -> Path:
    """A path from cross-products.

    Parameters
    ----------
    products : array of float, shape (p, p)
    treatment, outcome : int
    given : list of int
    std_error, critical : float
    """
    left = residual_products(products[None], [treatment, outcome], given)[0]
    estimate = left[0, 1] / left[0, 0]
    unexplained = max(float(left[1, 1] - estimate * left[0, 1]), 0.0)
    return Path(
        float(estimate), std_error, critical, float(np.sqrt(unexplained / left[0, 0])), treatment, outcome, given
    )


def robustness_value(strength: float, threshold: float = 0.0) -> float:
    """The strength of an omitted variable, the same with D and Y, that takes a path to zero or to insignificance.

    Parameters
    ----------
    strength : float
        ``f`` of the path; times q, where what has to go is the share q of the estimate.
    threshold : float
        Zero for the point estimate; the least significant ``f`` for the test.

    Returns
    -------
    float
        Between 0 and 1: a variable that explains less than this share of what is left of D and of what is left of Y
        changes nothing. Zero where the path is not significant to begin with.

    Notes
    -----
    ``(sqrt(g^4 + 4 g^2) - g^2)/2`` with ``g = strength - threshold``. Where strength times
    threshold is above one, a variable that explains less of Y than of D does more harm to the test, and the value is
    ``(f^2 - threshold^2)/(1 + f^2)``.
    """
    gap = strength - threshold
    if not gap > 0:
        return 0.0 if gap <= 0 else np.nan
    if strength * threshold > 1:
        return float((strength**2 - threshold**2) / (1 + strength**2))
    return float((np.sqrt(gap**4 + 4 * gap**2) - gap**2) / 2)


@dataclass(frozen=True)
class Strength:
    """Shares that an omitted variable explains of what is left of D and of Y.

    Attributes
    ----------
    treatment, outcome : float
        Missing where a variable so strong cannot be; that of Y is one where it would be more.
    """

    treatment: float
    outcome: float


def benchmark(
    products: Floats, found: Path, control: int, times: float, times_outcome: float | None = None
) -> Strength:
    """The greatest strength of an omitted variable that is `times` as strong as an observed control.

    Parameters
    ----------
    products : array of float, shape (p, p)
    found : Path
    control : int
        A column of `found.given`.
    times : float
        Of the partial R2 of the control with D, and of that with Y unless `times_outcome` is given.
    times_outcome : float, optional

    Notes
    -----
    The omitted variable is taken as uncorrelated with the control given the others. With R2_D and
    R2_Y of the control, ``k R2_D/(1 - R2_D)`` is the share of D, and that of Y is at most
    ``(sqrt(h) + sqrt(q))^2/(1 - q) R2_Y/(1 - R2_Y)``, ``q = k R2_D^2/((1 - k R2_D)(1 - R2_D))``, with k times the
    control's strength with D and h times that with Y.
    """
    rest = [column for column in found.given if column != control]
    with_treatment = partial_r2(products, control, found.treatment, rest)
    with_outcome = partial_r2(products, control, found.outcome, [*rest, found.treatment])
    share = times * with_treatment / (1 - with_treatment) if with_treatment < 1 else np.inf
    if share >= 1:
        return Strength(np.nan, np.nan)
    together = times * with_treatment**2 / ((1 - times * with_treatment) * (1 - with_treatment))
    if together >= 1 or with_outcome >= 1:
        return Strength(share, 1.0)
    with_y = times if times_outcome is None else times_outcome
    factor = (np.sqrt(with_y) + np.sqrt(together)) ** 2 / (1 - together)
    return Strength(float(share), float(min(factor * with_outcome / (1 - with_outcome), 1.0)))

r"""The effect of the treatment where an instrument may have one of its own.

In :math:`y = \beta x + \gamma z + ...` two-stage least squares cannot tell beta from gamma. Conley, Hansen and Rossi
(2012, *REStat* 94: 260-272) state what is believed of gamma instead of zero. Given gamma the estimate is that of
:math:`y - \gamma z`, linear in gamma: :math:`b(\gamma) = b - \gamma a`, a the two-stage coefficient of the treatment on
the instrument itself, and its variance is quadratic. The *union* holds the intervals of every gamma of a range and
covers whatever gamma in it is true; with a normal prior *local to zero* the estimate is
:math:`N(b - \mu a, V(\mu) + a^2 \sigma^2)`, a frequentist interval for gamma drawn from the prior.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from involution.errors import NotEstimable
from involution.models.derived import tested
from involution.models.distributions import critical_value
from involution.models.endogeneity.two_stage import TwoStage, formula, instrumented
from involution.models.groupings import Floats
from involution.models.matrix import numbers
from involution.models.notes import Note, note
from involution.models.own_design import or_failure
from involution.models.result import Fit
from involution.models.tidy import BlockResult, estimate_rows, note_rows, statistic_rows
from involution.study.instruments import doubted

DIRECT, UNION, NORMAL = "direct", "union", "local_to_zero"
_POINTS = 121


@dataclass(frozen=True)
class Leaning:
    """How the two-stage estimate and its variance depend on the instrument's own effect gamma.

    Attributes
    ----------
    estimate, slope : float
        The estimate is ``estimate - gamma slope``.
    variance : tuple of float
        Its variance is the polynomial with these coefficients of gamma, the constant first.
    reach : float
        Standard errors on either side of an interval.
    """

    estimate: float
    slope: float
    variance: tuple[float, float, float]
    reach: float

    def at(self, gamma: Floats | float) -> tuple[Floats, Floats]:
        """Estimates and standard errors."""
        gamma = np.asarray(gamma, dtype=float)
        constant, linear, square = self.variance
        return self.estimate - gamma * self.slope, np.sqrt(
            np.maximum(constant + gamma * (linear + gamma * square), 0.0)
        )

    def interval(self, gamma: Floats | float) -> tuple[Floats, Floats]:
        """Ends of the intervals given gamma."""
        estimate, std_error = self.at(gamma)
        return estimate - self.reach * std_error, estimate + self.reach * std_error

    def union(self, low: float, high: float) -> tuple[float, float]:
        """Lowest and highest end over gamma from low to high.

        An end is the sum of a line and a hyperbola's branch: its extrema are at the range's ends or where it is level.
        """
        gammas = np.array([low, high, *(g for g in self._level() if low < g < high)])
        below, above = self.interval(gammas)
        return float(below.min()), float(above.max())

    def _level(self) -> list[float]:
        """Where an end of the interval neither rises nor falls."""
        constant, linear, square = self.variance
        t2, a2 = self.reach**2, self.slope**2
        # (t (v1 + 2 v2 g) / 2)^2 = a^2 (v0 + v1 g + v2 g^2)
        polynomial = [square * (t2 * square - a2), linear * (t2 * square - a2), t2 * linear**2 / 4 - a2 * constant]
        return _real_roots(polynomial)

    def reaching_zero(self, low: float = -np.inf, high: float = np.inf) -> float:
        """The smallest gamma, in absolute value, whose interval holds zero; one of a range before any outside it."""
        constant, linear, square = self.variance
        t2 = self.reach**2
        if self.estimate**2 <= t2 * constant:
            return 0.0
        polynomial = [
            self.slope**2 - t2 * square,
            -2 * self.estimate * self.slope - t2 * linear,
            self.estimate**2 - t2 * constant,
        ]
        roots = _real_roots(polynomial)
        # With a weak first stage there is one on either side of zero, and the range may hold the farther.
        return min(roots, key=lambda root: (not low <= root <= high, abs(root))) if roots else np.nan

    def normal(self, mean: float, sd: float) -> tuple[float, float]:
        """Estimate and standard error under a normal prior of gamma."""
        estimate, std_error = self.at(mean)
        return float(estimate), float(np.hypot(float(std_error), self.slope * sd))


def _real_roots(polynomial: list[float]) -> list[float]:
    roots = np.roots(np.trim_zeros(polynomial, "f"))
    return [float(root.real) for root in roots if abs(root.imag) < 1e-9 * max(1.0, abs(root))]


def leaning(model: TwoStage, instrument: str, span: float) -> tuple[Leaning, Fit]:
    """The estimate as a function of an instrument's own effect, from four fits.

    Parameters
    ----------
    model : TwoStage
    instrument : str
    span : float
        Where the polynomial of the variance is fitted: exact anywhere, most precise up to here.

    Raises
    ------
    NotEstimable
        As `instrumented`.
    """
    whole = instrumented(model)
    y, z = (numbers(model.design.data, name) for name in (model.outcome, instrument))
    design = model.complete()
    place = whole.terms.index(model.treatment)

    def with_outcome(values: Floats) -> Fit:
        made = design.on(design.data.assign(**{"outcome less direct effect": values}))
        text = formula("outcome less direct effect", model.controls, model.treatment, model.instruments)
        return made.estimate(text, vcov=model.vcov)

    slope = float(with_outcome(z).estimate[place])
    span = max(span, abs(float(whole.estimate[place]) / slope) if slope else 0.0)
    below, above = (with_outcome(y - gamma * z).covariance[place, place] for gamma in (-span, span))
    centre = float(whole.covariance[place, place])
    if not np.isfinite([below, above, centre]).all():
        raise NotEstimable(f"the standard error of {model.treatment} is not identified")
    square = (float(above) + float(below) - 2 * centre) / (2 * span**2)
    variance = (centre, (float(above) - float(below)) / (2 * span), square)
    reach = float(critical_value(whole.degrees_of_freedom))
    return Leaning(float(whole.estimate[place]), slope, variance, reach), whole


def bounds(model: TwoStage) -> BlockResult:
    """The model ``<name>_bounds``."""
    name = f"{model.asked.name}_bounds"
    return or_failure(name, model.asked, "iv", lambda: _bounds(name, model))


def _bounds(name: str, model: TwoStage) -> BlockResult:
    doubt, instruments = model.asked.plausibly_exogenous, model.asked.instruments
    assert doubt is not None
    assert instruments is not None
    low, high = doubt.range
    instrument = doubted(instruments, doubt, model.asked.clock.treatment)
    found, fit = leaning(model, instrument, max(abs(low), abs(high)))
    mean, sd = doubt.normal
    zero = found.reaching_zero(low, high)
    terms = pd.DataFrame(
        [
            _union_row(f"{UNION}[{model.treatment}]", found, low, high),
            tested(fit, f"{NORMAL}[{model.treatment}]", *found.normal(mean, sd)),
        ]
    )
    # Wald intervals given the direct effect hold no better than the second stage's own.
    weak = tuple(remark for remark in fit.remarks if remark.code == "iv_weak")
    remarks = (*weak, *_remarks(instrument, model, found, (low, high), (mean, sd), zero))
    details = [
        ("direct_effect_low", low, np.nan, np.nan),
        ("direct_effect_high", high, np.nan, np.nan),
        ("direct_effect_mean", mean, np.nan, np.nan),
        ("direct_effect_sd", sd, np.nan, np.nan),
        ("direct_effect_slope", found.slope, np.nan, np.nan),
        ("direct_effect_zero", zero, np.nan, np.nan),
    ]
    kept = [row for row in fit.details if row[0] in ("n_obs", "n_firms", "mean_outcome", "degrees_of_freedom")]
    return BlockResult(
        estimate_rows(name, terms, fit, remarks, estimator="iv", outcome=fit.outcome),
        statistic_rows(name, [*kept, *details]),
        note_rows(name, remarks),
        _curves(found, low, high, (mean, sd)).assign(model=name, study="", block=""),
    )


def _union_row(term: str, found: Leaning, low: float, high: float) -> dict[str, object]:
    below, above = found.union(low, high)
    row: dict[str, object] = dict.fromkeys(("std_error", "statistic", "p_value"), np.nan)
    middle = float(found.at((low + high) / 2)[0])
    return {"term": term, "estimate": middle, **row, "ci_low": below, "ci_high": above}


def _remarks(
    instrument: str,
    model: TwoStage,
    found: Leaning,
    within: tuple[float, float],
    prior: tuple[float, float],
    zero: float,
) -> tuple[Note, ...]:
    said = [
        note(
            "plausibly_exogenous",
            instrument=instrument,
            low=f"{within[0]:.4g}",
            high=f"{within[1]:.4g}",
            mean=f"{prior[0]:.4g}",
            sd=f"{prior[1]:.4g}",
        )
    ]
    if zero == 0:
        said.append(note("direct_effect_none"))
    elif np.isfinite(zero):
        inside = "inside" if within[0] <= zero <= within[1] else "outside"
        said.append(note(f"direct_effect_{inside}", value=f"{zero:.4g}", treatment=model.treatment))
    return (*said, note("iv_same_rows", model=model.asked.name), *model.said)


def _curves(found: Leaning, low: float, high: float, prior: tuple[float, float]) -> pd.DataFrame:
    """Given gamma over the range; and, by the share of the range that gamma may take, the union and the normal one."""
    gammas = np.linspace(low, high, _POINTS)
    estimate = found.at(gammas)[0]
    below, above = found.interval(gammas)
    parts = [pd.DataFrame({"curve": DIRECT, "x": gammas, "estimate": estimate, "ci_low": below, "ci_high": above})]
    shares = np.linspace(0, 1, _POINTS)
    reach = max(abs(low), abs(high))
    unions = np.array([found.union(share * low, share * high) for share in shares])
    normals = np.array([found.normal(share * prior[0], share * prior[1]) for share in shares])
    middle = found.at(shares * (low + high) / 2)[0]
    for curve, centre, ends in (
        (UNION, middle, unions),
        (NORMAL, normals[:, 0], normals[:, [0]] + found.reach * normals[:, [1]] * np.array([-1, 1])),
    ):
        columns = {"x": shares * reach, "estimate": centre, "ci_low": ends[:, 0], "ci_high": ends[:, 1]}
        parts.append(pd.DataFrame({"curve": curve, **columns}))
    return pd.concat(parts, ignore_index=True)

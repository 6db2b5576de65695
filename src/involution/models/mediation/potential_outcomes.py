"""Mediation by potential outcomes: what the outcome would be at one level of the treatment and mediators of another.

With Y(x, m) the outcome at treatment x and mediators m, M(x) the mediators at x, and two levels 0 and 1 (Imai, Keele
and Tingley 2010, *Psychological Methods* 15: 309-334; Imai, Keele and Yamamoto 2010, *Statistical Science* 25: 51-71):

======================  ============================================================================
total                   ``E[Y(1, M(1)) - Y(0, M(0))]``
indirect[total,x=t]     ``E[Y(t, M(1)) - Y(t, M(0))]``, the average causal mediation effect (ACME)
direct[x=t]             ``E[Y(1, M(t)) - Y(0, M(t))]``, the average direct effect (ADE)
indirect[m,x=t]         as the first, but only mediator m moves; the others stay as they are at t
indirect[m], direct     means over t = 0, 1; total = direct + indirect[total] exactly
indirect[interaction]   indirect[total] less the sum of the mediators' own; zero where the outcome's equation is linear
a[m]                    ``E[M(1) - M(0)]``
======================  ============================================================================

Expectations are means over the rows of the sample of what the equations predict (g-computation). Given treatment and
controls, the mediators are independent of each other but for the residuals of linear ones, which are taken jointly as
the rows have them. A mediator's own effect so treats all mediators alike, whatever their order; where the outcome's
equation is linear and without products it is the product of coefficients, and nothing is left over.

A linear mediator varies about its mean as its residuals do; a 0/1 mediator takes both values with its probability; a
count is Poisson. Where the outcome's equation is linear only means enter; where it is exponential the means are closed
forms; else they are sums over all values, and over the residuals by Gauss quadrature.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray

from involution.errors import NotEstimable
from involution.models.groupings import Floats
from involution.models.inference import counted_parameters
from involution.models.mediation.potential_equations import BINARY, Equation, Equations
from involution.models.mediation.quadrature import gauss_rule
from involution.models.mediation.treatments import Contrast

_CELLS = 2_000_000
_TAIL = 1e-12
_MOST_COUNTS = 10_000
ALL = "total"


@dataclass(frozen=True)
class PotentialEffects:
    """Effects by g-computation as a function of the coefficients of all equations.

    Attributes
    ----------
    equations : Equations
    rows : array of bool, shape (n,)
        Rows of the sample over which expectations are taken.
    blocks : tuple of tuple of str
        Groups of mediators whose joint indirect effect is wanted.
    """

    equations: Equations
    rows: NDArray[np.bool_]
    blocks: tuple[tuple[str, ...], ...] = ()

    def __call__(self, theta: Floats) -> dict[str, Floats]:
        """Every effect by its term, each of shape (b,).

        Parameters
        ----------
        theta : array of float, shape (b, q)
            Coefficients of the mediators' equations in order, then of the outcome's.
        """
        size = max(1, _CELLS // int(self.rows.sum()))
        with np.errstate(over="ignore"):
            parts = [self._effects(theta[start : start + size]) for start in range(0, len(theta), size)]
        return {term: np.concatenate([part[term] for part in parts]) for term in parts[0]}

    @cached_property
    def theta(self) -> Floats:
        """The estimated coefficients, shape (q,)."""
        return np.concatenate([equation.solution.beta for equation in self.equations.all])

    @cached_property
    def weights(self) -> Floats:
        """Weights of the rows, summing to one."""
        weights = self.equations.sample.weights
        taken = np.ones(int(self.rows.sum())) if weights is None else weights[self.rows]
        return np.asarray(taken / taken.sum())

    @cached_property
    def residuals(self) -> Floats:
        """Residuals of the linear mediators about their mean, scaled for the parameters they spent, shape (k, n)."""
        out = []
        for equation in self.equations.mediators:
            if equation.estimator == "ols":
                assert equation.solution.residuals is not None
                n, spent = equation.solution.sample.n, counted_parameters(equation.solution, "full", [])
                residual = equation.solution.residuals[self.rows] * np.sqrt(n / (n - spent))
                out.append(residual - residual @ self.weights)
        return np.array(out).reshape(len(out), int(self.rows.sum()))

    def _effects(self, theta: Floats) -> dict[str, Floats]:
        sizes = [len(equation.terms) for equation in self.equations.all]
        parts = np.split(theta, np.cumsum(sizes)[:-1], axis=1)
        state = _State(self, parts)
        out: dict[str, Floats] = {}
        for contrast in self.equations.treatment.contrasts:
            out |= self._of_contrast(state, contrast)
        return out

    def _of_contrast(self, state: _State, contrast: Contrast) -> dict[str, Floats]:
        names = tuple(equation.name for equation in self.equations.mediators)
        groups = {name: {name} for name in names} | {"+".join(block): set(block) for block in self.blocks}
        groups[ALL] = set(names)
        low, high = state.mean(contrast, contrast.low, set()), state.mean(contrast, contrast.high, set(names))
        at_low = {key: state.mean(contrast, contrast.low, moved) - low for key, moved in groups.items()}
        at_high = {key: high - state.mean(contrast, contrast.high, set(names) - moved) for key, moved in groups.items()}
        indirect = {key: (at_low[key] + at_high[key]) / 2 for key in groups}
        total = high - low
        suffix, end = ("", "") if not contrast.label else (f",{contrast.label}", f"[{contrast.label}]")
        out = {f"total{end}": total, f"direct{end}": total - indirect[ALL]}
        if self._differs_by_level and not contrast.label:
            out |= {"direct[x=0]": total - at_high[ALL], "direct[x=1]": total - at_low[ALL]}
        out |= {f"a[{name}{suffix}]": state.moved(k, contrast) for k, name in enumerate(names)}
        for key, effect in indirect.items():
            out[f"indirect[{key}{suffix}]"] = effect
            if self._differs_by_level and not contrast.label:
                out |= {f"indirect[{key},x=0]": at_low[key], f"indirect[{key},x=1]": at_high[key]}
                out[f"indirect[{key},x=1-0]"] = at_high[key] - at_low[key]
        if len(names) > 1 and self.equations.outcome.estimator != "ols":
            own = np.sum([indirect[name] for name in names], axis=0)
            out[f"indirect[interaction{suffix}]"] = indirect[ALL] - own
        with np.errstate(divide="ignore", invalid="ignore"):
            out |= {f"share[{key}{suffix}]": indirect[key] / total for key in (*names, ALL)}
        return out | {
            f"contrast[{left}-{right}{suffix}]": indirect[left] - indirect[right]
            for place, left in enumerate(names)
            for right in names[place + 1 :]
        }

    @property
    def _differs_by_level(self) -> bool:
        """Whether effects at one and the other level of the treatment can differ."""
        outcome = self.equations.outcome
        return outcome.estimator != "ols" or any(len(term) > 1 for term in outcome.terms)


class _State:
    """What the equations predict at some coefficients, shape (b, n), prepared once for every contrast."""

    def __init__(self, effects: PotentialEffects, parts: Sequence[Floats]) -> None:
        self.effects, self.parts = effects, parts
        self._means: dict[tuple[bytes, bytes, bytes, frozenset[str]], Floats] = {}
        equations, rows = effects.equations, effects.rows
        self.moving = {*equations.treatment.names, *(equation.name for equation in equations.mediators)}
        self.fixed = [
            _without(equation, theta, self.moving, rows) for equation, theta in zip(equations.all, parts, strict=True)
        ]

    def mediator(self, k: int, level: Floats) -> Floats:
        """The index of a mediator at a level of the treatment."""
        shift = _slope(self.effects.equations.mediators[k], self.parts[k], self._columns(level), ())
        return np.asarray(self.fixed[k] + shift[:, None])

    def moved(self, k: int, contrast: Contrast) -> Floats:
        """How much the treatment moves a mediator's mean."""
        estimator = self.effects.equations.mediators[k].estimator
        high, low = (mean_of(estimator, self.mediator(k, level)) for level in (contrast.high, contrast.low))
        return np.asarray((high - low) @ self.effects.weights)

    def mean(self, contrast: Contrast, level: Floats, moved: set[str]) -> Floats:
        """Mean outcome with the treatment at a level and the mediators `moved` at the high one, others at the low."""
        key = (contrast.low.tobytes(), contrast.high.tobytes(), level.tobytes(), frozenset(moved))
        if key not in self._means:
            self._means[key] = self._mean(contrast, level, moved)
        return self._means[key]

    def _mean(self, contrast: Contrast, level: Floats, moved: set[str]) -> Floats:
        equations, theta = self.effects.equations, self.parts[-1]
        columns = self._columns(level)
        index = self.fixed[-1] + _slope(equations.outcome, theta, columns, ())[:, None]
        slopes = [_slope(equations.outcome, theta, columns, (equation.name,)) for equation in equations.mediators]
        indices = [
            self.mediator(k, contrast.high if equation.name in moved else contrast.low)
            for k, equation in enumerate(equations.mediators)
        ]
        return np.asarray(self._expected(index, slopes, indices) @ self.effects.weights)

    def _columns(self, level: Floats) -> dict[str, float]:
        return dict(zip(self.effects.equations.treatment.names, level.tolist(), strict=True))

    def _expected(self, index: Floats, slopes: list[Floats], indices: list[Floats]) -> Floats:
        """The outcome's expectation over the mediators' distributions, row by row."""
        equations = self.effects.equations
        estimators = [equation.estimator for equation in equations.mediators]
        outcome, linear = equations.outcome.estimator, [k for k, name in enumerate(estimators) if name == "ols"]
        if outcome == "ols":
            linear = list(range(len(estimators)))
        for k in linear:
            index = index + slopes[k][:, None] * mean_of(estimators[k], indices[k])
        if outcome == "ols":
            return index
        points, shares = self._residual_points([slopes[k] for k in linear], len(index))
        others = [k for k in range(len(estimators)) if k not in linear]
        if outcome == "poisson":
            for k in others:
                index = index + _log_mean_exponential(estimators[k], slopes[k], indices[k])
            return np.asarray(np.exp(index) * np.sum(shares * np.exp(points), axis=1)[:, None])
        out = np.zeros_like(index)
        for values, probability in _joint([(estimators[k], indices[k]) for k in others]):
            shift = sum((slopes[k] * value for k, value in zip(others, values, strict=True)), np.zeros(len(index)))
            inner = np.zeros_like(index)
            for place in range(points.shape[1]):
                inner += shares[:, place, None] * mean_of(outcome, index + (shift + points[:, place])[:, None])
            out += probability * inner
        return out

    def _residual_points(self, slopes: list[Floats], length: int) -> tuple[Floats, Floats]:
        """Points and weights of what the linear mediators' residuals add to the outcome's index."""
        if not slopes:
            return np.zeros((length, 1)), np.ones((length, 1))
        return gauss_rule(np.column_stack(slopes) @ self.effects.residuals, self.effects.weights)


def _without(equation: Equation, theta: Floats, moving: set[str], rows: NDArray[np.bool_]) -> Floats:
    """The index of the rows without the terms that hold a column of `moving`, shape (b, n)."""
    places = [place for place, term in enumerate(equation.terms) if moving & set(term)]
    index = equation.index[rows] + (theta - equation.solution.beta) @ equation.moving[rows].T
    return np.asarray(index - theta[:, places] @ equation.values[rows][:, places].T)


def _slope(equation: Equation, theta: Floats, columns: dict[str, float], with_: tuple[str, ...]) -> Floats:
    """What the treatment's columns at a level add to the index, alone or to the slope of a mediator, shape (b,)."""
    out = np.zeros(len(theta))
    for place, term in enumerate(equation.terms):
        rest = [column for column in term if column not in with_]
        if len(term) - len(rest) == len(with_) and all(column in columns for column in rest) and term:
            out = out + theta[:, place] * np.prod([columns[column] for column in rest])
    return out


def mean_of(estimator: str, index: Floats) -> Floats:
    """The mean at a linear index."""
    from scipy.special import expit, ndtr

    means = {"ols": np.asarray, "poisson": np.exp, "logit": expit, "probit": ndtr}
    return np.asarray(means[estimator](index))


def _log_mean_exponential(estimator: str, slope: Floats, index: Floats) -> Floats:
    """``log E exp(slope M)`` of a 0/1 or Poisson mediator."""
    mean, rise = mean_of(estimator, index), np.expm1(slope)[:, None]
    return np.asarray(np.log1p(mean * rise) if estimator in BINARY else mean * rise)


def _joint(mediators: Sequence[tuple[str, Floats]]) -> Iterator[tuple[tuple[float, ...], Floats]]:
    """All values that 0/1 and count mediators take together, and their probabilities, shape (b, n)."""
    means = [mean_of(estimator, index) for estimator, index in mediators]
    supports = [_support(estimator, mean) for (estimator, _), mean in zip(mediators, means, strict=True)]
    for values in product(*supports):
        probability = np.ones((1, 1))
        for (estimator, _), mean, value in zip(mediators, means, values, strict=True):
            probability = probability * _probability(estimator, mean, value)
        yield values, probability


def _support(estimator: str, mean: Floats) -> list[float]:
    """Values of a 0/1 mediator; of a count those that hold all but 1e-12 of the mass at the largest mean."""
    from scipy.special import pdtrc

    if estimator in BINARY:
        return [0.0, 1.0]
    largest = float(mean.max())
    counts = np.arange(_MOST_COUNTS)
    spent = pdtrc(counts, largest) < _TAIL
    if not spent.any():
        raise NotEstimable(f"a count mediator with a mean of {largest:.3g} has too many values to be summed over")
    return [float(count) for count in counts[: int(np.argmax(spent)) + 1]]


def _probability(estimator: str, mean: Floats, value: float) -> Floats:
    from scipy.special import gammaln, xlogy

    if estimator in BINARY:
        return mean if value else 1 - mean
    return np.asarray(np.exp(xlogy(value, mean) - mean - gammaln(value + 1)))

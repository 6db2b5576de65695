r"""Average marginal effects of a Poisson model at values of the moderators.

The coefficient of a product is not the interaction effect on the response (Ai and Norton 2003, *Economics Letters* 80:
123-129): with :math:`\mu = \exp(\text{index})` one unit of the treatment changes the expected outcome by :math:`\mu`
times the derivative of the index. That, averaged over the rows with the moderator set to a value and everything else
left as it is, is the effect there; a difference of two such effects is the interaction on the response.

For an average :math:`T = \sum_i \omega_i m_i s_i` (m the mean at the value, s the derivative of the index there), the
influence of row i on T, through the coefficients and the fixed effects alike, is

.. math:: (y_i - \mu_i) \{ (q - \tilde q)_i + \tilde x_i' B d \}, \quad q_i = \omega_i m_i s_i / \mu_i

with :math:`\tilde q` what the regressors and the effects leave of q (weighted by :math:`\mu`), :math:`\tilde x` what
the effects leave of the regressors, B the inverse Hessian and d the derivative of T that does not go through
:math:`\mu` as estimated. Rows are taken as given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from involution.errors import NotEstimable
from involution.models.absorb import Absorber
from involution.models.groupings import Codes, Floats, Grouping
from involution.models.inference import infer
from involution.models.matrix import Columns, expand, numbers
from involution.models.moderation.bands import Effects
from involution.models.moderation.conditional import Values
from involution.models.moderation.demeaning import by_year
from involution.models.moderation.forms import Fitted, Options
from involution.models.moderation.specification import Specification, product_term
from involution.models.options import variance_choice
from involution.models.poisson import fit_poisson
from involution.models.sample import Sample
from involution.models.solution import Jackknife, Solution
from involution.models.solve import least_squares
from involution.models.threads import single_threaded
from involution.study.formulas import parse_formula

Asked = Mapping[str, Sequence[tuple[float, Values]]]


@dataclass(frozen=True)
class _Index:
    """How the linear index is made.

    Attributes
    ----------
    names : tuple of str
    values, slopes : array of float, shape (n, k)
        Regressors, and their derivatives by the treatment, moderators as they are.
    factors : dict of str to tuple of str
        Regressors that hold a moderator, by the columns that they multiply.
    columns : dict of str to array of float, shape (n,)
        Factors of the products, moderators about `about`.
    about : dict of str to float
    treatment : str
    """

    names: tuple[str, ...]
    values: Floats
    slopes: Floats
    factors: Mapping[str, tuple[str, ...]]
    columns: Mapping[str, Floats]
    about: Mapping[str, float]
    treatment: str

    def moved(self, at: Values, rows: Codes) -> dict[int, tuple[Floats, Floats]]:
        """Value and derivative of each regressor that holds a moderator, with the moderators at values."""
        out = {}
        for j, name in enumerate(self.names):
            held = self.factors.get(name)
            if held is None:
                continue
            alone = len(held) == 1
            parts = {
                column: np.full(len(rows), at[column] - (0.0 if alone else self.about[column]))
                if column in at
                else self.columns[column][rows]
                for column in held
            }
            value = np.prod(list(parts.values()), axis=0)
            others = [part for column, part in parts.items() if column != self.treatment]
            slope = np.prod(others, axis=0) if self.treatment in held else np.zeros(len(rows))
            out[j] = (value, slope)
        return out


def response_effects(specification: Specification, found: Fitted, asked: Asked, options: Options) -> Effects:
    """Averages of the effect on the expected outcome.

    Parameters
    ----------
    specification : Specification
    found : Fitted
        The form with plain products, by Poisson.
    asked : mapping
        By term, weights and the values at which effects have them.
    options : Options

    Returns
    -------
    Effects
        With crv3 from the averages with each cluster left out, over the rows that are left.
    """
    parsed = parse_formula(found.fit.formula)
    data, sample = found.design.data, found.sample
    with single_threaded():
        regressors = expand(parsed.terms, data, found.design.panel)
        outcome = numbers(data, specification.outcome)
        solution = fit_poisson(sample, specification.outcome, outcome, regressors)
        index = _index(specification, found, regressors)
        averages = partial(_averages, index, asked, sample)
        estimate = averages(solution)
        choice = variance_choice(options.vcov, found.design.cluster, None, options.draws, options.seed)
        part = Solution(
            names=tuple(asked),
            beta=estimate,
            bread=np.full((len(asked), len(asked)), np.nan),
            influence=_influence(index, asked, solution, outcome),
            sample=solution.sample,
            sum_of_squares=np.nan,
            likelihood=True,
            jackknife=lambda cluster: _without_each(cluster, solution, specification, outcome, regressors, averages),
            unreported=len(solution.names) - len(asked),
        )
        inference = infer(part, choice)
    return Effects(tuple(asked), estimate, inference.vcov, inference.degrees_of_freedom)


def _index(specification: Specification, found: Fitted, regressors: Columns) -> _Index:
    sample, factors = found.sample, found.factors
    values = sample.raw(regressors.values)
    products = (*specification.interactions, *specification.beside)
    by_term = {product_term(columns): columns for columns in products}
    by_term |= {name: (name,) for name in specification.moderating}
    slopes = np.zeros_like(values)
    data, year = found.design.data, found.design.panel["year"]
    unit = data.assign(**{specification.treatment: 1.0})
    years = by_year(specification.treatment, unit, sample, year) if sample.year is not None else {}
    for j, name in enumerate(regressors.names):
        if name == specification.treatment:
            slopes[:, j] = 1.0
        elif name in by_term and specification.treatment in by_term[name]:
            others = [factors.columns[c] for c in by_term[name] if c != specification.treatment]
            slopes[:, j] = np.prod(others, axis=0)
        elif name in years:
            slopes[:, j] = years[name][sample.rows]
    held = {name: columns for name, columns in by_term.items() if any(c in specification.moderating for c in columns)}
    return _Index(regressors.names, values, slopes, held, factors.columns, factors.about, specification.treatment)


def _averages(index: _Index, asked: Asked, sample: Sample, solution: Solution) -> Floats:
    """The averages over the rows of a solution, whose sample is a part of the whole."""
    rows = np.searchsorted(sample.rows, solution.sample.rows)
    parts = {id(at): _at(index, at, solution, rows) for pieces in asked.values() for _, at in pieces}
    weights = solution.sample.weights
    return np.array(
        [
            sum(sign * float(np.average(parts[id(at)][0] * parts[id(at)][1], weights=weights)) for sign, at in pieces)
            for pieces in asked.values()
        ]
    )


def _at(index: _Index, at: Values, solution: Solution, rows: Codes) -> tuple[Floats, Floats]:
    """Means with the moderators at values, and derivatives of the index there."""
    beta = _beta(index, solution)
    assert solution.fitted is not None
    slope = index.slopes[rows] @ beta
    shift = np.zeros(len(rows))
    for j, (value, derivative) in index.moved(at, rows).items():
        shift += (value - index.values[rows, j]) * beta[j]
        slope += (derivative - index.slopes[rows, j]) * beta[j]
    return solution.fitted * np.exp(shift), slope


def _beta(index: _Index, solution: Solution) -> Floats:
    """Coefficients of all regressors, zero for those that are not in the solution."""
    known = dict(zip(solution.names, solution.beta, strict=True))
    return np.array([known.get(name, 0.0) for name in index.names])


def _influence(index: _Index, asked: Asked, solution: Solution, outcome: Floats) -> Floats:
    sample = solution.sample
    fitted = solution.fitted
    assert fitted is not None
    rows = np.arange(sample.n)
    kept = [j for j, name in enumerate(index.names) if name in solution.names]
    informative = fitted > 0
    weights = (np.ones(sample.n) if sample.weights is None else sample.weights)[informative]
    inner = sample if informative.all() else sample.subset(informative)
    absorber = Absorber(inner.effects, fitted[informative] * weights)
    root = np.sqrt(fitted[informative] * weights)
    x = absorber.residuals(index.values[informative][:, kept]) * root[:, None]
    scores = (sample.raw(outcome) - fitted)[informative] * weights
    out = np.zeros((sample.n, len(asked)))
    for k, pieces in enumerate(asked.values()):
        q, direct = np.zeros(sample.n), np.zeros(len(index.names))
        for sign, at in pieces:
            mean, slope = _at(index, at, solution, rows)
            share = sign * _shares(sample) * mean
            q += np.divide(share * slope, fitted, out=np.zeros(sample.n), where=informative)
            direct += share @ index.slopes
            for j, (value, derivative) in index.moved(at, rows).items():
                direct[j] += (share * slope) @ (value - index.values[:, j]) + share @ (derivative - index.slopes[:, j])
        scaled = np.divide(q[informative], weights)
        left = absorber.residuals(scaled[:, None])[:, 0] * root
        _, bread, left = least_squares(x, left)
        out[informative, k] = scores * (scaled - left / root + (x @ (bread @ direct[kept])) / root)
    return out


def _shares(sample: Sample) -> Floats:
    weights = np.ones(sample.n) if sample.weights is None else sample.weights
    return np.asarray(weights / weights.sum())


def _without_each(
    cluster: Grouping,
    solution: Solution,
    specification: Specification,
    outcome: Floats,
    regressors: Columns,
    averages: Callable[[Solution], Floats],
) -> Jackknife:
    """The averages with each cluster left out, over the rows that are left; missing where they are not estimable."""
    found = []
    for g in range(cluster.n_levels):
        kept = solution.sample.subset(cluster.codes != g)
        try:
            found.append(averages(fit_poisson(kept, specification.outcome, outcome, regressors)))
        except NotEstimable:
            found.append(np.full_like(averages(solution), np.nan))
    return Jackknife(np.array(found))

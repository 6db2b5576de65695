"""The equations of a mediation by potential outcomes: each by its own estimator, all on the same rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from involution.errors import InputError, NotEstimable, Problem, nearest
from involution.models.absorb import Absorber
from involution.models.design import Design
from involution.models.groupings import Floats
from involution.models.matrix import INTERCEPT, no_column, numbers
from involution.models.mediation.specification import Specification
from involution.models.mediation.treatments import Levels, Treatment, coded_treatment, is_text
from involution.models.notes import Note
from involution.models.sample import Sample
from involution.models.solution import Solution
from involution.study.formula_parts import quoted

OUTCOME = "outcome"
BINARY = ("logit", "probit")
ESTIMATORS = ("ols", "poisson", *BINARY)
_RARE = 1e-12


@dataclass(frozen=True)
class Potential:
    """What a mediation by potential outcomes is told beside its specification.

    Attributes
    ----------
    family : mapping of str to str
        Estimator by mediator and of the outcome (by name or under ``outcome``): ols, poisson, logit or probit; ols
        where not named.
    interaction : bool
        The outcome's equation holds the products of treatment and mediators.
    levels : tuple of two levels, "each" or None
        Of the treatment: see `involution.models.mediation.treatments`.
    mundlak : bool
        Firm means in place of the firm's fixed effect in logit and probit equations.
    """

    family: Mapping[str, str] = field(default_factory=dict)
    interaction: bool = False
    levels: Levels = None
    mundlak: bool = False

    def estimator(self, name: str, specification: Specification) -> str:
        """The estimator of a mediator's equation, or under ``outcome`` of the outcome's."""
        named = self.family.get(specification.outcome) if name == OUTCOME else None
        return named or self.family.get(name, "ols")


@dataclass(frozen=True)
class Equation:
    """One estimated equation and how its index moves with its coefficients.

    Attributes
    ----------
    name, estimator : str
        The mediator, or ``outcome``.
    terms : tuple of tuple of str
        The columns whose product is the regressor of each coefficient; empty for the constant.
    values : array of float, shape (n, p)
        The regressors.
    moving : array of float, shape (n, p)
        What one unit of each coefficient adds to the index of each row: the regressor, less what the fixed effects or
        firm means, which follow the coefficients, take back (to first order).
    index : array of float, shape (n,)
        At the estimate, effects included.
    solution : Solution
    """

    name: str
    estimator: str
    terms: tuple[tuple[str, ...], ...]
    values: Floats
    moving: Floats
    index: Floats
    solution: Solution


@dataclass(frozen=True)
class Equations:
    """The mediators' equations and the outcome's on their common rows.

    Attributes
    ----------
    mediators : tuple of Equation
    outcome : Equation
    treatment : Treatment
    sample : Sample
    missing, unusable : int
        Rows left out because a column of some equation is missing; because they are singletons or separated in one.
    remarks : tuple of Note
    """

    mediators: tuple[Equation, ...]
    outcome: Equation
    treatment: Treatment
    sample: Sample
    missing: int
    unusable: int
    remarks: tuple[Note, ...]

    @property
    def all(self) -> tuple[Equation, ...]:
        """The mediators' equations, then the outcome's: the order of the coefficients."""
        return (*self.mediators, self.outcome)


def check_options(specification: Specification, options: Potential) -> None:
    """Raise an InputError for families that do not exist, and for what these equations do not have."""
    known, problems = (OUTCOME, specification.outcome, *specification.mediators), []
    for name, estimator in options.family.items():
        if name not in known:
            problems.append(Problem("family", f"'{name}' is neither mediator nor outcome{nearest(name, known)}"))
        if estimator not in ESTIMATORS:
            problems.append(Problem(f"family.{name}", f"found '{estimator}'; expected {', '.join(ESTIMATORS)}"))
    linear_only = {
        "moderators": specification.moderators,
        "serial": specification.serial,
        "instruments": specification.instruments,
    }
    for key, named in linear_only.items():
        if named:
            what = "these are built for linear equations without a product of treatment and mediator"
            mend = f"leave out `{key}`, or `family`, `interaction` and `levels`"
            problems.append(Problem(key, what, mend=mend))
    if problems:
        raise InputError(problems)


def estimated(specification: Specification, design: Design, options: Potential) -> Equations:
    """Estimate all equations on the rows that every one of them can use.

    Raises
    ------
    InputError
        For names and options that do not exist.
    NotEstimable
        When an equation cannot be estimated, or loses the treatment, a mediator or their product.
    """
    names = (*specification.mediators, OUTCOME)
    rows = design.rows & _complete(design.data, specification)
    if not rows.any():
        raise NotEstimable("no observations left: no row has a value in every column of the equations")
    known = 0
    while True:
        treatment = coded_treatment(design.data, specification.treatment, rows, options.levels)
        terms = {name: _terms(name, specification, treatment, options.interaction) for name in names}
        part = design.on(design.data.assign(**treatment.columns), rows=rows)
        fits = {name: _fitted(part, specification, name, terms[name], options) for name in names}
        samples = [solution.sample for solution, _ in fits.values()]
        known = known or max(sample.n + sample.drops.singletons + sample.drops.separated for sample in samples)
        common = np.logical_and.reduce([sample.mask(len(rows)) for sample in samples])
        if all(sample.n == common.sum() for sample in samples):
            break
        rows = common
    made = {
        name: _equation(part.data, name, terms[name], options.estimator(name, specification), solution)
        for name, (solution, _) in fits.items()
    }
    for name, equation in made.items():
        _check_kept(name, terms[name], equation.terms, specification)
    return Equations(
        tuple(made[name] for name in specification.mediators),
        made[OUTCOME],
        treatment,
        samples[-1],
        int(design.rows.sum()) - known,
        known - samples[-1].n,
        tuple(dict.fromkeys(remark for _, said in fits.values() for remark in said)),
    )


def _complete(data: pd.DataFrame, specification: Specification) -> NDArray[np.bool_]:
    numeric = [specification.outcome, *specification.mediators, *specification.controls]
    problems = [
        Problem("", no_column(name, data.columns))
        for name in (specification.treatment, *numeric)
        if name not in data.columns
    ]
    if problems:
        raise InputError(problems)
    treatment = data[specification.treatment]
    if not is_text(treatment):
        numeric.append(specification.treatment)
    complete = treatment.notna().to_numpy()
    for name in numeric:
        complete = complete & ~np.isnan(numbers(data, name))
    return np.asarray(complete)


def _terms(
    name: str, specification: Specification, treatment: Treatment, interaction: bool
) -> tuple[tuple[str, ...], ...]:
    """The regressors of an equation as products of columns."""
    alone = [*treatment.names, *(specification.mediators if name == OUTCOME else ()), *specification.controls]
    crossed = [(column, mediator) for mediator in specification.mediators for column in treatment.names]
    return (*((column,) for column in alone), *(crossed if interaction and name == OUTCOME else ()))


def _fitted(
    design: Design, specification: Specification, name: str, terms: Sequence[tuple[str, ...]], options: Potential
) -> tuple[Solution, tuple[Note, ...]]:
    estimator = options.estimator(name, specification)
    response = specification.outcome if name == OUTCOME else name
    formula = f"{quoted(response)} ~ {' + '.join(':'.join(map(quoted, term)) for term in terms)}"
    mundlak = options.mundlak and estimator in BINARY and (design.panel["firm"],) in design.effects
    solution, said = design.solution(formula, estimator=estimator, mundlak=mundlak)
    return solution, (*solution.notes, *said)


def _equation(
    data: pd.DataFrame, name: str, asked: Sequence[tuple[str, ...]], estimator: str, solution: Solution
) -> Equation:
    known: dict[str, tuple[str, ...]] = {INTERCEPT: (), **{":".join(term): term for term in asked}}
    terms = tuple(known[term] for term in solution.names)
    columns = {column: numbers(data, column)[solution.sample.rows] for term in terms for column in term}
    values = np.ones((solution.sample.n, len(terms)))
    for place, term in enumerate(terms):
        for column in term:
            values[:, place] *= columns[column]
    assert solution.fitted is not None
    index, curvature = _index(estimator, solution.fitted)
    return Equation(name, estimator, terms, values, _moving(solution, values, curvature), index, solution)


def _index(estimator: str, fitted: Floats) -> tuple[Floats, Floats]:
    """The linear index of fitted values, and the weight of each row in the information."""
    from scipy.special import logit, ndtri

    if estimator == "ols":
        return fitted, np.ones(len(fitted))
    with np.errstate(divide="ignore"):
        if estimator == "poisson":
            return np.log(fitted), fitted
        if estimator == "logit":
            return logit(fitted), fitted * (1 - fitted)
        index = ndtri(fitted)
        return index, np.exp(-(index**2)) / (2 * np.pi) / np.maximum(fitted * (1 - fitted), np.finfo(float).tiny)


def _moving(solution: Solution, values: Floats, curvature: Floats) -> Floats:
    """The regressors' residuals from what is estimated beside them, weighted by the information."""
    sample = solution.sample
    weights = curvature * (1.0 if sample.weights is None else sample.weights)
    weights = np.maximum(weights, _RARE * weights.max())
    if solution.beside is not None and solution.beside.shape[1]:
        root = np.sqrt(weights)[:, None]
        taken = np.linalg.lstsq(solution.beside * root, values * root, rcond=None)[0]
        return np.asarray(values - solution.beside @ taken)
    if sample.intercept or not sample.effects:
        return values
    return Absorber(sample.effects, weights).residuals(values)


def _check_kept(
    name: str, asked: Sequence[tuple[str, ...]], kept: Sequence[tuple[str, ...]], specification: Specification
) -> None:
    """A control may be dropped; what effects are made of may not."""
    lost = [":".join(term) for term in asked if term not in kept and not set(term) <= set(specification.controls)]
    if lost:
        raise NotEstimable(f"{', '.join(lost)} is absorbed or collinear in the equation of {name}")

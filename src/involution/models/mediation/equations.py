"""The equations of a mediation, and their coefficients from cross-products.

An equation is solved by least squares, or by two-stage least squares where some of its regressors have instruments.
Equations with the same regressors and instruments are solved at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from involution.models.groupings import Floats
from involution.models.linear import Linear
from involution.models.matrix import Columns
from involution.models.mediation.system import System
from involution.models.solve import inverse, least_squares


@dataclass(frozen=True)
class Equation:
    """Columns of one equation, by their places in the system.

    Attributes
    ----------
    outcome : int
    regressors : tuple of int
    instruments : tuple of int
        Exogenous regressors and instruments; the regressors themselves in least squares.
    """

    outcome: int
    regressors: tuple[int, ...]
    instruments: tuple[int, ...]

    @property
    def surplus(self) -> int:
        """Instruments beyond those that identification needs."""
        return len(self.instruments) - len(self.regressors)

    @property
    def two_stage(self) -> bool:
        """Whether some regressor has instruments."""
        return self.instruments != self.regressors


def equations_of(system: System) -> tuple[Equation, ...]:
    """The mediators' equations in order, the outcome's, and the reduced form, which has no mediators.

    Parameters
    ----------
    system : System

    Notes
    -----
    Instruments of the mediators move the mediators: they stand in the mediators' equations and in the reduced form as
    controls, and only the outcome's equation excludes them. Every first stage thus has the same instruments and
    exogenous columns. Instruments of the treatment are excluded from all equations.
    """
    specification, place = system.specification, system.position
    treatment = place[specification.treatment]
    given = (*system.exogenous, *system.mediator_instruments)
    of_treatment = tuple(system.treatment_instruments)

    def instrumented(columns: Sequence[int]) -> tuple[int, ...]:
        if not of_treatment:
            return tuple(columns)
        return (*(column for column in columns if column != treatment), *of_treatment)

    equations = []
    for name in specification.mediators:
        regressors = (*given, *(place[earlier] for earlier in specification.earlier(name)))
        equations.append(Equation(place[name], regressors, instrumented(regressors)))
    regressors = (*system.exogenous, *system.mediators, *system.second_products)
    own = [place[name] for name in specification.mediators if name not in specification.instruments]
    exogenous = (*system.exogenous, *own, *system.second_products, *system.mediator_instruments)
    equations.append(Equation(system.outcome, regressors, instrumented(exogenous)))
    equations.append(Equation(system.outcome, given, instrumented(given)))
    return tuple(equations)


def solutions(products: Floats, equations: Sequence[Equation]) -> list[Floats]:
    """Coefficients of each equation.

    Parameters
    ----------
    products : array of float, shape (b, p, p)
    equations : sequence of Equation

    Returns
    -------
    list of array of float, shape (b, k)
        Missing for draws in which a column has lost its variation.
    """
    together: dict[tuple[tuple[int, ...], tuple[int, ...]], list[int]] = {}
    for number, equation in enumerate(equations):
        together.setdefault((equation.regressors, equation.instruments), []).append(number)
    out: list[Floats] = [np.empty(0)] * len(equations)
    for (regressors, instruments), numbers in together.items():
        outcomes = [equations[number].outcome for number in numbers]
        solved = _solved(products, list(regressors), list(instruments), outcomes)
        for column, number in enumerate(numbers):
            out[number] = solved[:, :, column]
    return out


def _solved(products: Floats, regressors: list[int], instruments: list[int], outcomes: list[int]) -> Floats:
    """Coefficients of several outcomes on the same regressors, shape (b, k, m)."""
    if instruments == regressors:
        rows = products[:, regressors]
        return _scaled_solve(rows[:, :, regressors], rows[:, :, outcomes])
    rows = products[:, instruments]
    cross = rows[:, :, regressors]
    first = np.swapaxes(_scaled_solve(rows[:, :, instruments], cross), 1, 2)
    return _scaled_solve(first @ cross, first @ rows[:, :, outcomes])


def _scaled_solve(gram: Floats, right: Floats) -> Floats:
    """Solutions of normal equations, scaled to unit diagonals first."""
    size = np.sqrt(np.maximum(np.einsum("bii->bi", gram), 0.0))
    scale = np.where(size > 0, size, 1.0)
    scaled = gram / (scale[:, :, None] * scale[:, None, :])
    target = right / scale[:, :, None]
    try:
        solved = np.linalg.solve(scaled, target)
    except np.linalg.LinAlgError:
        solved = np.stack([_one(matrix, column) for matrix, column in zip(scaled, target, strict=True)])
    return np.where((size > 0).all(axis=1)[:, None, None], solved / scale[:, :, None], np.nan)


def _one(scaled: Floats, right: Floats) -> Floats:
    try:
        return np.asarray(np.linalg.solve(scaled, right))
    except np.linalg.LinAlgError:
        return np.full(right.shape, np.nan)


def influence(system: System, equation: Equation, beta: Floats) -> Floats:
    """How much each row moves the coefficients of an equation, shape (n, k).

    Parameters
    ----------
    system : System
    equation : Equation
    beta : array of float, shape (k,)
    """
    regressors = system.absorbed[:, equation.regressors]
    residual = system.absorbed[:, equation.outcome] - regressors @ beta
    if equation.two_stage:
        instruments = system.absorbed[:, equation.instruments]
        regressors = instruments @ least_squares(instruments, regressors)[0]
    return np.asarray((regressors * residual[:, None]) @ inverse(regressors.T @ regressors))


def linear_of(system: System, equation: Equation) -> Linear:
    """An equation on the common sample as a linear model, for what is built for those.

    Parameters
    ----------
    system : System
    equation : Equation
    """
    endogenous = [column for column in equation.regressors if column not in equation.instruments]
    exogenous = [column for column in equation.regressors if column in equation.instruments]
    excluded = [column for column in equation.instruments if column not in equation.regressors]
    return Linear(
        system.sample,
        _columns(system, exogenous),
        _columns(system, endogenous),
        _columns(system, excluded),
        system.absorbed[:, equation.outcome],
        system.raw[:, [equation.outcome, *endogenous, *exogenous]],
        tuple(range(1, 1 + len(equation.regressors))),
    )


def _columns(system: System, places: Sequence[int]) -> Columns:
    return Columns(tuple(system.names[place] for place in places), system.absorbed[:, places])

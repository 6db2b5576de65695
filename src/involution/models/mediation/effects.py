"""From cross-products to coefficients, and from coefficients to effects: the same functions for the sample, each
leave-out, each bootstrap draw and each Monte Carlo draw.

With X the treatment, M the mediators, Z what every equation holds beside X, W a moderator about its mean:

``M_k = a_k X + a_kW X W + Z'g_k + effects``, ``Y = c X + c_W X W + sum_k (b_k M_k + b_kW M_k W) + Z'g + effects``.

At the mean of the moderators the indirect effect through k is ``a_k b_k``, the direct one ``c`` and the total their
sum, which is the coefficient of X in the regression of Y on X and Z (the reduced form): an identity of least squares,
since every equation has the same Z and the same rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from involution.errors import NotEstimable
from involution.models.groupings import Floats
from involution.models.mediation.specification import DIRECT
from involution.models.mediation.system import System, product


@dataclass(frozen=True)
class Layout:
    """Where each path stands in the vector of coefficients: mediators' equations, outcome's equation, reduced form.

    Attributes
    ----------
    system : System
    """

    system: System

    @property
    def n_exogenous(self) -> int:
        """Columns that every equation has."""
        return len(self.system.exogenous)

    @cached_property
    def outcome_columns(self) -> list[int]:
        """Regressors of the outcome's equation."""
        return [*self.system.exogenous, *self.system.mediators, *self.system.second_products]

    @property
    def total(self) -> int:
        """Place of the treatment's coefficient in the reduced form, which comes last."""
        return self.n_exogenous * len(self.system.mediators) + len(self.outcome_columns)

    def first(self, mediator: str, column: str) -> int:
        """Place of a column's coefficient in a mediator's equation."""
        k = self.system.specification.mediators.index(mediator)
        return k * self.n_exogenous + self.system.position[column]

    def second(self, column: str) -> int:
        """Place of a column's coefficient in the outcome's equation."""
        start = self.n_exogenous * len(self.system.mediators)
        return start + self.outcome_columns.index(self.system.position[column])


def coefficients(products: Floats, layout: Layout) -> Floats:
    """Coefficients of all equations from cross-products.

    Parameters
    ----------
    products : array of float, shape (b, p, p)
    layout : Layout

    Returns
    -------
    array of float, shape (b, layout.total + 1)
        Missing for draws in which a column has lost its variation.
    """
    system = layout.system
    first = _solved(products, system.exogenous, [*system.mediators, system.outcome])
    second = _solved(products, layout.outcome_columns, [system.outcome])
    paths = np.swapaxes(first[:, :, :-1], 1, 2).reshape(len(products), -1)
    return np.concatenate([paths, second[:, :, 0], first[:, :1, -1]], axis=1)


def _solved(products: Floats, regressors: list[int], outcomes: list[int]) -> Floats:
    """Coefficients of several outcomes on the same regressors, shape (b, k, m), scaled to unit diagonals first."""
    gram = products[:, regressors][:, :, regressors]
    right = products[:, regressors][:, :, outcomes]
    size = np.sqrt(np.maximum(np.einsum("bii->bi", gram), 0.0))
    scale = np.where(size > 0, size, 1.0)
    scaled = gram / (scale[:, :, None] * scale[:, None, :])
    try:
        solved = np.linalg.solve(scaled, right / scale[:, :, None])
    except np.linalg.LinAlgError:
        solved = np.stack(
            [_one(matrix, target) for matrix, target in zip(scaled, right / scale[:, :, None], strict=True)]
        )
    return np.where((size > 0).all(axis=1)[:, None, None], solved / scale[:, :, None], np.nan)


def _one(scaled: Floats, right: Floats) -> Floats:
    try:
        return np.asarray(np.linalg.solve(scaled, right))
    except np.linalg.LinAlgError:
        return np.full(right.shape, np.nan)


@dataclass(frozen=True)
class Effects:
    """The effects that coefficients imply, at the means of the moderators and elsewhere.

    Attributes
    ----------
    layout : Layout
    values : mapping of str to mapping of str to float
        By moderator: label (``p10``) and value about the mean, at which conditional effects are given.
    """

    layout: Layout
    values: Mapping[str, Mapping[str, float]]

    def __call__(self, theta: Floats) -> dict[str, Floats]:
        """Every effect by its term, each of shape (b,).

        Parameters
        ----------
        theta : array of float, shape (b, layout.total + 1)
        """
        specification = self.layout.system.specification
        names = specification.mediators
        a = {name: self._first(theta, name, None) for name in names}
        b = {name: self._second(theta, name, None) for name in names}
        direct = self._direct(theta, None)
        indirect = {name: a[name] * b[name] for name in names}
        whole = np.sum(list(indirect.values()), axis=0)
        # With a moderated second stage the reduced form is none of the model's equations.
        total = direct + whole if self.layout.system.second_products else theta[:, self.layout.total]
        with np.errstate(divide="ignore", invalid="ignore"):
            shares = {f"share[{name}]": effect / total for name, effect in {**indirect, "total": whole}.items()}
        return {
            "total": total,
            "direct": direct,
            **{f"a[{name}]": path for name, path in a.items()},
            **{f"b[{name}]": path for name, path in b.items()},
            **{f"indirect[{name}]": effect for name, effect in indirect.items()},
            "indirect[total]": whole,
            **{
                f"indirect[{'+'.join(block)}]": np.sum([indirect[m] for m in block], axis=0)
                for block in specification.blocks
            },
            **shares,
            **_contrasts(indirect),
            **self._moderated(theta),
        }

    def _first(self, theta: Floats, mediator: str, at: float | None) -> Floats:
        """The path from treatment to mediator, at a value of its moderator about the mean."""
        system = self.layout.system
        treatment = system.specification.treatment
        path = theta[:, self.layout.first(mediator, treatment)]
        by = system.specification.first_moderator(mediator)
        if by is None or at is None:
            return path
        return np.asarray(path + at * theta[:, self.layout.first(mediator, product(treatment, by))])

    def _second(self, theta: Floats, mediator: str, at: float | None) -> Floats:
        path = theta[:, self.layout.second(mediator)]
        by = self.layout.system.specification.second_moderator(mediator)
        if by is None or at is None:
            return path
        return np.asarray(path + at * theta[:, self.layout.second(product(mediator, by))])

    def _direct(self, theta: Floats, at: float | None) -> Floats:
        specification = self.layout.system.specification
        path = theta[:, self.layout.second(specification.treatment)]
        by = specification.direct_moderator
        if by is None or at is None:
            return path
        return np.asarray(path + at * theta[:, self.layout.second(product(specification.treatment, by))])

    def _moderated(self, theta: Floats) -> dict[str, Floats]:
        """Slopes of the moderated paths, indices of moderated mediation, and effects at values of the moderators."""
        specification = self.layout.system.specification
        treatment, out = specification.treatment, {}
        for path, moderator in specification.moderators.items():
            by = moderator.by
            if path == DIRECT:
                out[f"direct:{by}"] = theta[:, self.layout.second(product(treatment, by))]
                for label, value in self.values.get(by, {}).items():
                    out[f"direct[{by}={label}]"] = self._direct(theta, value)
                continue
            first, second = specification.first_moderator(path), specification.second_moderator(path)
            slopes = (
                theta[:, self.layout.first(path, product(treatment, by))] if first else np.zeros(len(theta)),
                theta[:, self.layout.second(product(path, by))] if second else np.zeros(len(theta)),
            )
            out |= {
                f"{letter}[{path}]:{by}": slope
                for letter, slope, there in zip("ab", slopes, (first, second), strict=True)
                if there
            }
            if not (first and second):
                index = slopes[0] * self._second(theta, path, None) + slopes[1] * self._first(theta, path, None)
                out[f"index_moderated_mediation[{path}]"] = index
            out |= self._conditional(theta, path, by)
        return out

    def _conditional(self, theta: Floats, mediator: str, by: str) -> dict[str, Floats]:
        """Indirect effects at values of the moderator, and how much the highest differs from the lowest."""
        at = {
            label: self._first(theta, mediator, value) * self._second(theta, mediator, value)
            for label, value in self.values.get(by, {}).items()
        }
        out = {f"indirect[{mediator},{by}={label}]": effect for label, effect in at.items()}
        if len(at) > 1:
            low, high = next(iter(at)), list(at)[-1]
            out[f"indirect[{mediator},{by}={high}-{low}]"] = at[high] - at[low]
        return out


def _contrasts(indirect: Mapping[str, Floats]) -> dict[str, Floats]:
    """How much each channel differs from each later one."""
    names = list(indirect)
    return {
        f"contrast[{left}-{right}]": indirect[left] - indirect[right]
        for place, left in enumerate(names)
        for right in names[place + 1 :]
    }


def check_identity(theta: Floats, layout: Layout, tolerance: float = 1e-8) -> None:
    """Raise where direct and indirect effects do not add up to the reduced form, as they must.

    Parameters
    ----------
    theta : array of float, shape (layout.total + 1,)
    layout : Layout
    tolerance : float
        Of the difference, relative to the largest part.

    Raises
    ------
    NotEstimable
        When the equations are so nearly collinear that rounding decides.
    """
    if layout.system.second_products:
        return
    found = Effects(layout, {})(theta[None])
    parts = [found[name][0] for name in ("direct", "indirect[total]")]
    size = max(abs(found["total"][0]), *map(abs, parts))
    if abs(found["total"][0] - sum(parts)) > tolerance * size:
        raise NotEstimable("the equations are too nearly collinear: total and direct plus indirect effects differ")

"""From cross-products to coefficients, and from coefficients to effects: the same functions for the sample, each
leave-out, each bootstrap draw and each Monte Carlo draw.

With X the treatment, M the mediators, Z what every equation holds beside X, W a moderator about its mean:

``M_k = a_k X + a_kW X W + Z'g_k + effects``, ``Y = c X + c_W X W + sum_k (b_k M_k + b_kW M_k W) + Z'g + effects``.

At the mean of the moderators the indirect effect through k is ``a_k b_k``, the direct one ``c`` and the total their
sum, which is the coefficient of X in the regression of Y on X and Z (the reduced form): an identity of least squares,
since every equation has the same Z and the same rows.

In a chain the equation of each later mediator holds the earlier ones (Taylor, MacKinnon and Tein 2008,
*Organizational Research Methods* 11: 241-269; model 6 of Hayes 2018, *Introduction to Mediation, Moderation, and
Conditional Process Analysis*): ``M_k = a_k X + sum_j d_kj M_j + Z'g_k``, j before k. A path's effect is the product of
its coefficients, as ``a_1 d_21 b_2``, and the identity stays. Proof: let ``t_k`` be the slope on X of M_k on X and Z.
Put the fitted equation of M_k into that regression; its residual is orthogonal to X and Z, so
``t_k = a_k + sum_j d_kj t_j``. Likewise the total is ``c + sum_k b_k t_k``. Written out from the first mediator on,
``t_k`` sums ``a_j`` times all products of d that lead from j to k, hence the total is c plus the effects of all paths.

With instruments (Frölich and Huber 2017, *JRSS B* 79: 1645-1666, for what distinct instruments of treatment and
mediator identify) let ``q`` be the first stage of X, or X itself, less what controls and the mediators' instruments
explain. Then ``a_k = q'M_k / q'X`` and the total is ``q'Y / q'X``; with ``Y = c X + sum_k b_k M_k + Z'g + e`` it is
``c + sum_k a_k b_k + q'e / q'X``. Where the outcome's equation is exactly identified, e is orthogonal to every
instrument and control, so to q, and the identity holds; with more instruments the last part is reported as
``remainder``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from involution.errors import NotEstimable
from involution.models.groupings import Floats
from involution.models.mediation.equations import Equation, equations_of, solutions
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

    @cached_property
    def equations(self) -> tuple[Equation, ...]:
        """The mediators' equations in order, the outcome's, the reduced form."""
        return equations_of(self.system)

    @cached_property
    def starts(self) -> list[int]:
        """Place of the first coefficient of each equation."""
        widths = [len(equation.regressors) for equation in self.equations]
        return [sum(widths[:number]) for number in range(len(widths))]

    @property
    def n_exogenous(self) -> int:
        """Columns that every equation has."""
        return len(self.system.exogenous)

    @property
    def outcome_columns(self) -> list[int]:
        """Regressors of the outcome's equation."""
        return list(self.equations[-2].regressors)

    @property
    def total(self) -> int:
        """Place of the treatment's coefficient in the reduced form, which comes last."""
        return self.starts[-1]

    @property
    def adds_up(self) -> bool:
        """Whether total = direct + indirect is an identity of the estimates: not with surplus instruments."""
        return self.equations[-2].surplus == 0

    def first(self, mediator: str, column: str) -> int:
        """Place of a column's coefficient in a mediator's equation."""
        return self._place(self.system.specification.mediators.index(mediator), column)

    def second(self, column: str) -> int:
        """Place of a column's coefficient in the outcome's equation."""
        return self._place(len(self.equations) - 2, column)

    def _place(self, number: int, column: str) -> int:
        return self.starts[number] + self.equations[number].regressors.index(self.system.position[column])


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
    *parts, reduced = solutions(products, layout.equations)
    return np.concatenate([*parts, reduced[:, :1]], axis=1)


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
        d = {
            (later, earlier): theta[:, self.layout.first(later, earlier)]
            for later in names
            for earlier in specification.earlier(later)
        }
        direct = self._direct(theta, None)
        indirect = {">".join(chain): _along(chain, a, d, b) for chain in specification.chains}
        whole = np.sum(list(indirect.values()), axis=0)
        # With a moderated second stage the reduced form is none of the model's equations.
        total = direct + whole if self.layout.system.second_products else theta[:, self.layout.total]
        return {
            "total": total,
            "direct": direct,
            **{f"a[{name}]": path for name, path in a.items()},
            **{f"d[{later},{earlier}]": path for (later, earlier), path in d.items()},
            **{f"b[{name}]": path for name, path in b.items()},
            **{f"indirect[{path}]": effect for path, effect in indirect.items()},
            "indirect[total]": whole,
            **({} if self.layout.adds_up else {"remainder": total - direct - whole}),
            **self._blocks(indirect),
            **_shares({**indirect, "total": whole}, total),
            **_contrasts(indirect),
            **self._moderated(theta),
        }

    def _blocks(self, indirect: Mapping[str, Floats]) -> dict[str, Floats]:
        """Effects through the mediators of each block and no others."""
        specification = self.layout.system.specification
        return {
            f"indirect[{'+'.join(block)}]": np.sum(
                [indirect[">".join(chain)] for chain in specification.chains if set(chain) <= set(block)], axis=0
            )
            for block in specification.blocks
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


def _along(
    chain: tuple[str, ...],
    a: Mapping[str, Floats],
    d: Mapping[tuple[str, str], Floats],
    b: Mapping[str, Floats],
) -> Floats:
    """The product of the coefficients on the way through the mediators of a chain."""
    effect = a[chain[0]]
    for earlier, later in pairwise(chain):
        effect = effect * d[(later, earlier)]
    return effect * b[chain[-1]]


def _shares(indirect: Mapping[str, Floats], total: Floats) -> dict[str, Floats]:
    with np.errstate(divide="ignore", invalid="ignore"):
        return {f"share[{path}]": effect / total for path, effect in indirect.items()}


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
    if layout.system.second_products or not layout.adds_up:
        return
    found = Effects(layout, {})(theta[None])
    parts = [found[name][0] for name in ("direct", "indirect[total]")]
    size = max(abs(found["total"][0]), *map(abs, parts))
    if abs(found["total"][0] - sum(parts)) > tolerance * size:
        raise NotEstimable("the equations are too nearly collinear: total and direct plus indirect effects differ")

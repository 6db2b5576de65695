"""Average marginal effects of models whose fitted value is a probability or a share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from involution.models.groupings import Floats
from involution.study.formulas import Formula, Indicator


def standing_alone(formula: Formula) -> list[str]:
    """Regressors that enter by themselves alone: no other term and no i() holds a column of theirs."""
    out = []
    for term in formula.terms:
        others = {name for other in formula.terms if other is not term for name in other.columns}
        single = len(term.factors) == 1 and not isinstance(term.factors[0], Indicator)
        if single and not others.intersection(term.columns):
            out.append(term.label)
    return out


@dataclass(frozen=True)
class Effects:
    """Average marginal effects and how they move with the parameters.

    Attributes
    ----------
    values : array of float, shape (m,)
    jacobian : array of float, shape (m, p)
    """

    values: Floats
    jacobian: Floats


def average_effects(
    link: Any, design: Floats, params: Floats, weights: Floats | None, positions: Sequence[int]
) -> Effects:
    """Means over the rows of what one unit of a column does to the fitted value.

    Parameters
    ----------
    link : link of statsmodels
        With ``inverse`` F, ``inverse_deriv`` f and ``inverse_deriv2``.
    design : array of float, shape (n, p)
    params : array of float, shape (p,)
    weights : array of float, shape (n,), or None
    positions : sequence of int
        Columns whose effect is asked for; each must enter the index by itself alone.

    Notes
    -----
    Of a column with other values than 0 and 1 the derivative, ``mean f(z'b) b_j``; of an indicator the change from
    0 to 1, ``mean F(z'b | 1) - F(z'b | 0)``. All other columns stay as they are, means of firms among them.
    """
    index = design @ params
    effects = [_effect(link, design, params, weights, index, j) for j in positions]
    return Effects(
        np.array([value for value, _ in effects]),
        np.array([gradient for _, gradient in effects]).reshape(len(positions), len(params)),
    )


def _effect(
    link: Any, design: Floats, params: Floats, weights: Floats | None, index: Floats, j: int
) -> tuple[float, Floats]:
    column = design[:, j]
    if np.isin(column, (0.0, 1.0)).all():
        low, high = index - column * params[j], index + (1 - column) * params[j]
        slope_low, slope_high = link.inverse_deriv(low), link.inverse_deriv(high)
        gradient = np.average(design * (slope_high - slope_low)[:, None], axis=0, weights=weights)
        gradient[j] = np.average(slope_high, weights=weights)
        return float(np.average(link.inverse(high) - link.inverse(low), weights=weights)), gradient
    slope = float(np.average(link.inverse_deriv(index), weights=weights))
    gradient = np.average(design * (link.inverse_deriv2(index) * params[j])[:, None], axis=0, weights=weights)
    gradient[j] += slope
    return slope * float(params[j]), gradient

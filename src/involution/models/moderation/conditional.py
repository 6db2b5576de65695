"""Effects of the treatment at values of the moderators, from the model with plain products."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np

from involution.models.groupings import Floats
from involution.models.moderation.bands import Effects
from involution.models.moderation.forms import Fitted
from involution.models.moderation.specification import Specification, product_term
from involution.models.moderation.support import CONTRASTS, PERCENTILES
from involution.models.result import Fit
from involution.models.weighted import percentiles

Values = Mapping[str, float]
"""A value for each moderator."""


def loadings(specification: Specification, fit: Fit, about: Values, at: Values) -> Floats:
    """How the effect at values of the moderators is made of the coefficients, shape (k,)."""
    out = np.zeros(len(fit.terms))
    out[fit.terms.index(specification.treatment)] = 1.0
    for columns in specification.interactions:
        away = [at[name] - about[name] for name in columns if name != specification.treatment]
        out[fit.terms.index(product_term(columns))] = float(np.prod(away))
    return out


def linear_effects(
    specification: Specification, found: Fitted, asked: Mapping[str, Sequence[tuple[float, Values]]]
) -> Effects:
    """Sums of effects at values of the moderators.

    Parameters
    ----------
    specification : Specification
    found : Fitted
        The form with plain products.
    asked : mapping
        By term, weights and the values at which the effect has them: ``[(1, high), (-1, low)]`` is a difference.
    """
    fit, about = found.fit, found.factors.about
    rows = [
        np.sum([weight * loadings(specification, fit, about, at) for weight, at in parts], axis=0)
        for parts in asked.values()
    ]
    matrix = np.array(rows)
    return Effects(tuple(asked), matrix @ fit.estimate, matrix @ fit.covariance @ matrix.T, fit.degrees_of_freedom)


def at_percentiles(specification: Specification, found: Fitted) -> dict[str, list[tuple[float, Values]]]:
    """Percentiles of each moderator with the others where they are taken about, differences, and corners of a product.

    Terms are ``effect[w=p10]``, ``effect[w=p90-p10]``, ``effect[v=p10,w=p90]`` and, for how the difference along one
    moderator differs along the other, ``effect[v=p90-p10,w=p90-p10]``.
    """
    known = {
        name: percentiles(values, found.sample.weights, PERCENTILES)
        for name, values in moderator_values(specification, found).items()
    }
    about = {name: found.factors.about[name] for name in specification.moderating}
    out: dict[str, list[tuple[float, Values]]] = {}
    for name, values in known.items():
        for share, value in values.items():
            out[f"effect[{name}={share}]"] = [(1.0, {**about, name: value})]
        for high, low in CONTRASTS:
            ends = [(1.0, values[f"p{high}"]), (-1.0, values[f"p{low}"])]
            out[f"effect[{name}=p{high}-p{low}]"] = [(sign, {**about, name: value}) for sign, value in ends]
    if specification.product:
        out |= _corners(specification.moderating, known)
    return out


def _corners(names: Sequence[str], known: Mapping[str, Mapping[str, float]]) -> dict[str, list[tuple[float, Values]]]:
    first, second = names
    out: dict[str, list[tuple[float, Values]]] = {}
    all_four: list[tuple[float, Values]] = []
    for one, two in product(("p10", "p90"), repeat=2):
        at = {first: known[first][one], second: known[second][two]}
        out[f"effect[{first}={one},{second}={two}]"] = [(1.0, at)]
        all_four.append((1.0 if one == two else -1.0, at))
    out[f"effect[{first}=p90-p10,{second}=p90-p10]"] = all_four
    return out


def over_grid(
    specification: Specification, found: Fitted, name: str, grid: Floats
) -> dict[str, list[tuple[float, Values]]]:
    """One moderator over a grid, the others where they are taken about; terms are ``0``, ``1``, ..."""
    about = {other: found.factors.about[other] for other in specification.moderating}
    return {str(k): [(1.0, {**about, name: float(value)})] for k, value in enumerate(grid)}


def moderator_values(specification: Specification, found: Fitted) -> dict[str, Floats]:
    """Each moderator over the rows used, in its own units."""
    return {name: found.factors.columns[name] + found.factors.about[name] for name in specification.moderating}

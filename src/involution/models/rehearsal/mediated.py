"""The rehearsal of a planned mediation: paths planted into the structure of its equations.

With u the residuals of the mediators' equations and e that of the outcome's, ``M_k = a_k x + v u_k`` and
``Y = sum_k b_k M_k + w e`` are drawn, in a chain with ``d_kj M_j`` of the mediators before, v and w two independent
signs of each cluster. One sign for both would leave ``u'e`` of every cluster as it is, and the paths from the mediators
as they were estimated. Signs change the sign of products, and planting is a linear map of the columns: all draws,
planted effects and leave-outs come from one set of products by cluster.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from involution.errors import NotEstimable
from involution.models import weighted
from involution.models.crossproducts import explicit_is_possible, sorted_columns
from involution.models.design import Design
from involution.models.groupings import Floats
from involution.models.mediation.effects import Effects, Layout, coefficients
from involution.models.mediation.inference import Sampled, infer_effects
from involution.models.mediation.products import without_dummies
from involution.models.mediation.specification import Specification
from involution.models.mediation.system import build_system
from involution.models.notes import note
from involution.models.rehearsal.power import rate
from involution.models.rehearsal.rows import Rehearsed, row
from involution.models.rehearsal.statistics import LEVEL
from involution.models.rehearsal.structure import MOST_CELLS, restored
from involution.models.reported import Row
from involution.models.solve import inverse
from involution.study.rehearsal import Rehearsal

WITHIN = 999
"""Monte Carlo draws of each interval."""
CHEAP = ("monte_carlo", "delta", "jackknife")
WORLDS: dict[str, tuple[bool, bool]] = {
    "a=b=0": (False, False), "a=0": (False, True), "b=0": (True, False), "": (True, True),
}  # fmt: skip
"""What is planted: the path to the mediators, the path from them."""
_ZERO_OF = {"a": "a=0", "b": "b=0", "d": "a=b=0"}
"""In which world each kind of path is zero."""


@dataclass(frozen=True)
class Base:
    """Products by cluster of what every draw is made of.

    Attributes
    ----------
    layout : Layout
    products : array of float, shape (G, p, p)
        Of dummies of crossing effects, exogenous columns, residuals of the mediators and of the outcome, in this order.
    residuals : array of float, shape (n, m + 1)
        Those of the mediators and of the outcome, rows sorted by cluster.
    dummies, exogenous, mediators : int
        Numbers of columns.
    a, b : array of float, shape (m,)
        Coefficients that are one standard deviation of the residual per standard deviation.
    d : array of float, shape (m, m)
        The same from each mediator (column) to each later one of its chain (row); zero elsewhere.
    """

    layout: Layout
    products: Floats
    residuals: Floats
    dummies: int
    exogenous: int
    a: Floats
    b: Floats
    d: Floats

    @property
    def mediators(self) -> int:
        """Mediators."""
        return len(self.a)


def base_of(specification: Specification, design: Design) -> Base:
    """What a planned mediation is rehearsed with.

    Parameters
    ----------
    specification : Specification
    design : Design
        Clustered by what shares signs, one clustering.

    Raises
    ------
    NotEstimable
        For mediations that are not rehearsed, and what the data do not support.
    """
    if specification.second_stage or specification.instruments:
        raise NotEstimable("rehearsed are mediations without instruments and without a moderated second stage")
    system = build_system(design.data, specification, design)
    sample, cluster = system.sample, system.sample.clusters[0]
    if cluster.n_levels < 3:
        raise NotEstimable(f"{cluster.n_levels} clusters of {cluster.name}: a rehearsal needs at least three")
    if not explicit_is_possible(sample, cluster):
        raise NotEstimable("the fixed effects that cross the clusters are too many to be rehearsed with")
    values, bounds = sorted_columns(sample, system.absorbed, cluster)
    if cluster.n_levels * values.shape[1] ** 2 > MOST_CELLS:
        raise NotEstimable(f"{cluster.n_levels:,} clusters and {values.shape[1]:,} columns are too many")
    exogenous, mediators = system.exogenous, system.mediators
    dummies = list(range(len(system.names), values.shape[1]))
    first, second = [*dummies, *exogenous], [*dummies, *exogenous, *mediators]
    earlier = [[system.position[name] for name in specification.earlier(own)] for own in specification.mediators]
    plain = [_residual(values, [*first, *before], own) for own, before in zip(mediators, earlier, strict=True)]
    last = _residual(values, second, system.outcome)
    raised = [
        _restored(values, [*first, *before], residual, bounds) for residual, before in zip(plain, earlier, strict=True)
    ]
    residuals = np.column_stack([*raised, _restored(values, second, last, bounds)])
    columns = np.hstack([values[:, first], residuals])
    products = np.stack([block.T @ block for block in np.split(columns, bounds[1:-1])])
    deviations = np.array([_deviation(residual, sample.weights) for residual in [*plain, last]])
    treatment = weighted.deviation(system.raw[:, 0], sample.weights)
    leads = np.array([[place in before for place in mediators] for before in earlier])
    return Base(
        Layout(system), products, residuals, len(dummies), len(exogenous),
        a=deviations[:-1] / treatment, b=deviations[-1] / deviations[:-1],
        d=np.where(leads, deviations[:-1, None] / deviations[:-1], 0.0),
    )  # fmt: skip


def _residual(values: Floats, regressors: list[int], outcome: int) -> Floats:
    columns = values[:, regressors]
    return np.asarray(values[:, outcome] - columns @ (inverse(columns.T @ columns) @ (columns.T @ values[:, outcome])))


def _restored(values: Floats, regressors: list[int], residual: Floats, bounds: np.ndarray) -> Floats:
    columns = values[:, regressors]
    gram = np.stack([block.T @ block for block in np.split(columns, bounds[1:-1])])
    return restored(columns, residual, bounds, gram)


def _deviation(residual: Floats, weights: Floats | None) -> float:
    """Of a residual that is times root weights, about zero."""
    return float(np.sqrt(residual @ residual / (len(residual) if weights is None else weights.sum())))


def drawn_products(base: Base, of_mediators: Floats, of_outcome: Floats) -> Floats:
    """Products of one draw before planting, dummies out: of the sample, then without each cluster.

    Parameters
    ----------
    base : Base
    of_mediators, of_outcome : array of float, shape (G,)
        Signs.

    Returns
    -------
    array of float, shape (G + 1, c, c)
        Of exogenous columns, residuals of the mediators and of the outcome.
    """
    g, width = len(base.products), base.products.shape[1]
    by_column = np.ones((g, width))
    by_column[:, width - 1 - base.mediators : -1] = of_mediators[:, None]
    by_column[:, -1] = of_outcome
    signed = base.products * by_column[:, :, None] * by_column[:, None, :]
    total = signed.sum(axis=0)
    return without_dummies(np.concatenate([total[None], total - signed]), width - base.dummies)


def planted(base: Base, a: Floats, b: Floats, d: Floats) -> Floats:
    """The map from the columns of a draw to those of the equations, shape (c, c).

    Parameters
    ----------
    base : Base
    a, b : array of float, shape (m,)
        Coefficients.
    d : array of float, shape (m, m)
        From each mediator (column) to each later one (row).
    """
    k, m = base.exogenous, base.mediators
    out = np.eye(k + m + 1)
    out[0, k : k + m] = a
    for later in range(m):
        out[:, k + later] += out[:, k : k + m] @ d[later]
    out[:, -1] += out[:, k : k + m] @ b
    return out


def _coefficients(base: Base, path: float, world: str) -> tuple[Floats, Floats, Floats]:
    """What a world plants on the paths to the mediators, from them, and between them, where any path is there."""
    to, of = WORLDS[world]
    return path * to * base.a, path * of * base.b, path * (to or of) * base.d


def rehearsed_mediation(base: Base, asked: Rehearsal, inference: str, seed: int) -> Rehearsed:
    """Size, coverage and power of the paths and indirect effects of a planned mediation.

    Parameters
    ----------
    base : Base
    asked : Rehearsal
    inference : str
        Planned intervals of indirect effects.
    seed : int
    """
    method = inference if inference in CHEAP else "monte_carlo"
    rng, g = np.random.default_rng(seed), len(base.products)
    effects, system = Effects(base.layout, {}), base.layout.system
    signs = 2.0 * rng.integers(0, 2, size=(asked.outcomes_drawn, 2, g)) - 1.0
    found: dict[str, list[pd.DataFrame]] = {world: [] for world in WORLDS}
    for pair in signs:
        drawn = drawn_products(base, *pair)
        for world in WORLDS:
            change = planted(base, *_coefficients(base, asked.path, world))
            sampled = _sampled(change.T @ drawn @ change, base.layout)
            found[world].append(infer_effects(effects, sampled, method, WITHIN, rng))
    rows = _rows({world: _hits(frames, base, asked.path, world) for world, frames in found.items()})
    cluster = system.sample.clusters[0].name
    said = [
        note("rehearsal_mediation", path=f"{asked.path:g}", draws=asked.outcomes_drawn, method=method, within=WITHIN)
    ]
    said += [note("rehearsal_method", planned=inference, method=method)] if method != inference else []
    details: list[Row] = [("rehearsal_draws", float(asked.outcomes_drawn), np.nan, np.nan)]
    none = pd.DataFrame({name: pd.Series(dtype=float) for name in ("x", "estimate", "ci_low", "ci_high")})
    return Rehearsed(
        pd.DataFrame(rows), tuple(details), none.assign(curve=pd.Series(dtype=str)), tuple(said), f"crv3({cluster})"
    )


def _sampled(products: Floats, layout: Layout) -> Sampled:
    """Coefficients with their joint covariance by the cluster jackknife."""
    theta, *left_out = coefficients(products, layout)
    left = np.stack(left_out)
    g = len(left)
    deviations = left - theta
    return Sampled(theta, (g - 1) / g * (deviations.T @ deviations), float(g - 1), left, None)


def _hits(frames: list[pd.DataFrame], base: Base, path: float, world: str) -> dict[str, tuple[Floats, Floats]]:
    """By term, whether each draw rejects zero, and whether its interval holds what is planted."""
    terms = frames[0]["term"].tolist()
    p_value, low, high = (np.stack([frame[name] for frame in frames]) for name in ("p_value", "ci_low", "ci_high"))
    out = {}
    for term, true in _truth(base, path, world).items():
        place = terms.index(term)
        rejects = p_value[:, place] <= LEVEL if term[0] in "abd" else (low[:, place] > 0) | (high[:, place] < 0)
        out[term] = (rejects.astype(float), ((low[:, place] <= true) & (true <= high[:, place])).astype(float))
    return out


def _truth(base: Base, path: float, world: str) -> dict[str, float]:
    """The paths and indirect effects that a world plants."""
    specification = base.layout.system.specification
    names = list(specification.mediators)
    a, b, d = _coefficients(base, path, world)
    truth = {f"{letter}[{name}]": float(of[k]) for letter, of in (("a", a), ("b", b)) for k, name in enumerate(names)}
    truth |= {f"d[{names[k]},{names[j]}]": float(d[k, j]) for k, j in np.argwhere(base.d)}
    effects = {}
    for chain in specification.chains:
        places = [names.index(name) for name in chain]
        between = [d[later, earlier] for earlier, later in pairwise(places)]
        effects[f"indirect[{'>'.join(chain)}]"] = float(a[places[0]] * np.prod(between) * b[places[-1]])
    return {**truth, **effects, "indirect[total]": sum(effects.values())}


def _rows(hits: Mapping[str, Mapping[str, tuple[Floats, Floats]]]) -> list[dict[str, object]]:
    """Sizes and powers of the paths, then of the indirect effects: every way of being zero, coverage and power."""
    whole, rows = hits[""], []
    paths = [term for term in whole if term[0] in "abd"]
    for term in paths:
        size = hits[_ZERO_OF[term[0]]][term][0]
        rows += [row(f"size[{term}]", rate(size)), row(f"power[{term}]", rate(whole[term][0]))]
    indirect = [term for term in whole if term not in paths]
    for term in indirect if len(indirect) > 2 else indirect[:1]:
        rows += [row(f"size[{term},{zero}]", rate(hits[zero][term][0])) for zero in WORLDS if zero]
        rows += [row(f"coverage[{term}]", rate(whole[term][1])), row(f"power[{term}]", rate(whole[term][0]))]
    return rows

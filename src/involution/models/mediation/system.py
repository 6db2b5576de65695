"""The columns of all equations on their common sample, fixed effects absorbed once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from involution.errors import InputError, NotEstimable, Problem
from involution.models.design import Design
from involution.models.groupings import Floats
from involution.models.matrix import Columns, no_column, numbers
from involution.models.mediation.specification import Specification
from involution.models.sample import Sample
from involution.models.solve import column_scales, independent


@dataclass(frozen=True)
class System:
    """Columns of the equations, absorbed, in the order of `names`.

    Attributes
    ----------
    specification : Specification
    names : tuple of str
        Treatment; its products with moderators; moderators; controls; mediators; their products; the outcome.
    raw, absorbed : array of float, shape (n, p)
        Before and after absorption; `absorbed` times root weights.
    sample : Sample
    moderators : dict of str to array of float, shape (n,)
        Each about the value at which the effects without a condition hold: its (weighted) mean unless one is named.
    origins : dict of str to float
        These values.
    dropped : tuple of str
        Controls that the effects absorb or that are collinear.
    """

    specification: Specification
    names: tuple[str, ...]
    raw: Floats
    absorbed: Floats
    sample: Sample
    moderators: Mapping[str, Floats]
    origins: Mapping[str, float]
    dropped: tuple[str, ...] = ()

    @cached_property
    def position(self) -> dict[str, int]:
        """Place of each column."""
        return {name: place for place, name in enumerate(self.names)}

    @property
    def exogenous(self) -> list[int]:
        """Columns of every equation: the treatment first, then its products, moderators and controls."""
        return list(range(self.position[self.specification.mediators[0]]))

    @property
    def mediators(self) -> list[int]:
        """Columns of the mediators."""
        return [self.position[name] for name in self.specification.mediators]

    @property
    def second_products(self) -> list[int]:
        """Columns of mediators times moderators."""
        return [self.position[product(*pair)] for pair in self.specification.second_stage]

    @property
    def outcome(self) -> int:
        """Column of the outcome."""
        return len(self.names) - 1


def product(left: str, right: str) -> str:
    """The name of a product, as formulas have it."""
    return f"{left}:{right}"


def build_system(data: pd.DataFrame, specification: Specification, design: Design) -> System:
    """Put the columns of all equations on the rows that are complete in each of them.

    Parameters
    ----------
    data : DataFrame
    specification : Specification
    design : Design
        Of the same data: fixed effects, clusters, weights, rows.

    Returns
    -------
    System

    Raises
    ------
    InputError
        For columns that do not exist or hold text.
    NotEstimable
        Where the effects leave no variation in the treatment, a mediator or the outcome, or columns are collinear.
    """
    columns = _columns(data, specification)
    names = list(columns)
    values = np.stack([columns[name] for name in names]).T
    block = Columns(tuple(names), values)
    sample = design.sample(columns[specification.outcome], [block], constant=not design.effects)
    if sample.n == 0:
        raise NotEstimable("no observations left: no row has a value in every column of the equations")
    base = {name: sample.raw(values[:, place]) for place, name in enumerate(names)}
    origins = {name: _origin(name, base[name], specification, sample) for name in specification.moderating}
    centred = {name: base[name] - origin for name, origin in origins.items()}
    _check_moderators(centred)
    return _absorbed(specification, _products(base, specification, centred), sample, centred, origins)


def _origin(name: str, values: Floats, specification: Specification, sample: Sample) -> float:
    about = specification.about(name)
    return float(np.average(values, weights=sample.weights)) if about is None else about


def _columns(data: pd.DataFrame, specification: Specification) -> dict[str, Floats]:
    wanted = dict.fromkeys(
        [
            specification.outcome,
            specification.treatment,
            *specification.mediators,
            *specification.controls,
            *specification.moderating,
        ]
    )
    problems = [Problem("", no_column(name, data.columns)) for name in wanted if name not in data.columns]
    if problems:
        raise InputError(problems)
    return {name: numbers(data, name) for name in wanted}


def _products(
    base: Mapping[str, Floats], specification: Specification, centred: Mapping[str, Floats]
) -> dict[str, Floats]:
    """All columns in the order of the system; moderators about their means, so that main paths are those there."""
    treatment = base[specification.treatment]
    out = {specification.treatment: treatment}
    out |= {product(specification.treatment, name): treatment * centred[name] for name in specification.of_treatment}
    out |= centred
    out |= {name: base[name] for name in specification.controls if name not in centred}
    out |= {name: base[name] for name in specification.mediators}
    out |= {product(name, by): base[name] * centred[by] for name, by in specification.second_stage}
    out[specification.outcome] = base[specification.outcome]
    return out


def _check_moderators(centred: Mapping[str, Floats]) -> None:
    flat = [name for name, values in centred.items() if float(np.ptp(values)) == 0]
    if flat:
        raise NotEstimable(f"the moderator {', '.join(flat)} does not vary in the sample")


def _absorbed(
    specification: Specification,
    raw: Mapping[str, Floats],
    sample: Sample,
    moderators: Mapping[str, Floats],
    origins: Mapping[str, float],
) -> System:
    # Column by column in memory, as they are absorbed.
    names, values = list(raw), np.stack(list(raw.values())).T
    absorbed = sample.absorbed([f"mediation {name}" for name in names], values)
    scales = column_scales(values, sample.weights, bool(sample.effects))
    kept = independent(names[:-1], absorbed[:, :-1], scales[:-1])
    optional = {*specification.controls, *specification.moderating}
    _refuse("the fixed effects leave no variation in {}", kept.absorbed, optional)
    _refuse("{} is collinear with the columns before it", kept.collinear, optional)
    if np.linalg.norm(absorbed[:, -1]) <= 1e-9 * scales[-1]:
        raise NotEstimable(f"the fixed effects leave no variation in the outcome {specification.outcome}")
    places = [*kept.positions, len(names) - 1]
    if len(places) < len(names):
        values, absorbed = values[:, places], np.asfortranarray(absorbed[:, places])
    return System(
        specification,
        tuple(names[place] for place in places),
        values,
        absorbed,
        sample,
        moderators,
        origins,
        (*kept.absorbed, *kept.collinear),
    )


def _refuse(text: str, names: Sequence[str], optional: set[str]) -> None:
    """A control or a moderator's main effect may go; what is to be reported may not."""
    lost = [name for name in names if name not in optional]
    if lost:
        raise NotEstimable(text.format(", ".join(lost)))

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
from involution.models.solve import Kept, column_scales, independent, least_squares


@dataclass(frozen=True)
class System:
    """Columns of the equations, absorbed, in the order of `names`.

    Attributes
    ----------
    specification : Specification
    names : tuple of str
        Treatment; its products with moderators; moderators; controls; mediators; their products; instruments of the
        treatment and of mediators; the outcome.
    raw, absorbed : array of float, shape (n, p)
        Before and after absorption; `absorbed` times root weights.
    sample : Sample
    moderators : dict of str to array of float, shape (n,)
        Each about the value at which the effects without a condition hold: its (weighted) mean unless one is named.
    origins : dict of str to float
        These values.
    dropped : tuple of str
        Controls and instruments that the effects absorb or that are collinear.
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
    def treatment_instruments(self) -> list[int]:
        """Columns of the treatment's instruments."""
        return self._kept(self.specification.treatment_instruments)

    @property
    def mediator_instruments(self) -> list[int]:
        """Columns of instruments of mediators alone."""
        return self._kept(self.specification.mediator_instruments)

    def _kept(self, names: Sequence[str]) -> list[int]:
        return [self.position[name] for name in names if name in self.position]

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
        raise NotEstimable(_nothing_complete(columns, design))
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
            *specification.treatment_instruments,
            *specification.mediator_instruments,
        ]
    )
    problems = [Problem("", no_column(name, data.columns)) for name in wanted if name not in data.columns]
    if problems:
        raise InputError(problems)
    return {name: numbers(data, name) for name in wanted}


def _nothing_complete(columns: Mapping[str, Floats], design: Design) -> str:
    """Why no row is complete: columns without any value, or columns that are never observed together."""
    if not design.rows.any():
        return "no observations left: no row fulfils the conditions"
    empty = [name for name, values in columns.items() if np.isnan(values[design.rows]).all()]
    if empty:
        return (
            f"no observations left: {', '.join(empty)} has no value in any row (a lead or lag longer than the panel?)"
        )
    return f"no observations left: no row has a value in every column of the equations ({', '.join(columns)})"


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
    instruments = (*specification.treatment_instruments, *specification.mediator_instruments)
    out |= {name: base[name] for name in instruments}
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
    # A product depends on the value that its moderator is taken about.
    about = ", ".join(f"{name} - {origin!r}" for name, origin in origins.items())
    absorbed = sample.absorbed([f"mediation {name} ({about})" for name in names], values)
    scales = column_scales(values, sample.weights, bool(sample.effects))
    if np.linalg.norm(absorbed[:, -1]) <= 1e-9 * scales[-1]:
        raise NotEstimable(f"the fixed effects leave no variation in the outcome {specification.outcome}")
    instruments = (*specification.treatment_instruments, *specification.mediator_instruments)
    last = len(names) - 1 - len(instruments)
    kept = independent(names[:last], absorbed[:, :last], scales[:last])
    _refuse_lost(specification, kept, names, values, absorbed)
    own = _own_instruments(specification, kept, names, absorbed, scales)
    places = [*kept.positions, *own.positions, len(names) - 1]
    if places != list(range(len(names))):
        values, absorbed = values[:, places], np.asfortranarray(absorbed[:, places])
    return System(
        specification,
        tuple(names[place] for place in places),
        values,
        absorbed,
        sample,
        moderators,
        origins,
        (*kept.absorbed, *kept.collinear, *own.absorbed, *own.collinear),
    )


def _own_instruments(
    specification: Specification, kept: Kept, names: Sequence[str], absorbed: Floats, scales: Floats
) -> Kept:
    """Instruments with variation beside the exogenous columns and each other, by their places among all columns."""
    instruments = (*specification.treatment_instruments, *specification.mediator_instruments)
    endogenous = specification.instruments
    exogenous = [place for place in kept.positions if names[place] not in endogenous]
    among = [*exogenous, *(names.index(name) for name in instruments)]
    found = independent([names[place] for place in among], absorbed[:, among], scales[among])
    own = [among[place] for place in found.positions if names[among[place]] in instruments]
    for variable in endogenous:
        if not any(names[place] in endogenous[variable] for place in own):
            raise NotEstimable(f"no instrument of {variable} has variation of its own left")
    if len(own) < len(endogenous):
        raise NotEstimable(
            f"{len(own)} instruments with variation of their own for {len(endogenous)} variables: "
            f"{', '.join(endogenous)}"
        )
    lost = [[name for name in group if name in instruments] for group in (found.absorbed, found.collinear)]
    return Kept(own, lost[0], lost[1])


def _refuse_lost(
    specification: Specification, kept: Kept, names: Sequence[str], values: Floats, absorbed: Floats
) -> None:
    """A control or a moderator's main effect may go; what is to be reported may not."""
    optional = {*specification.controls, *specification.moderating}
    for name in kept.absorbed:
        if name not in optional:
            column = f"the {_role(specification, name)} {name}"
            if float(np.ptp(values[:, names.index(name)])) == 0:
                raise NotEstimable(f"{column} does not vary in the sample")
            raise NotEstimable(f"the fixed effects leave no variation in {column}: no path of it can be estimated")
    for name in kept.collinear:
        if name not in optional:
            among = ", ".join(_combined(name, kept, names, absorbed))
            raise NotEstimable(f"the {_role(specification, name)} {name} is collinear with {among}")


def _role(specification: Specification, name: str) -> str:
    roles = {specification.treatment: "treatment", **dict.fromkeys(specification.mediators, "mediator")}
    return roles.get(name, "product")


def _combined(name: str, kept: Kept, names: Sequence[str], absorbed: Floats) -> list[str]:
    """The earlier columns of which one is a combination."""
    place = names.index(name)
    earlier = [position for position in kept.positions if position < place]
    columns = absorbed[:, earlier]
    slopes = least_squares(columns, absorbed[:, place])[0]
    parts = np.abs(slopes) * np.linalg.norm(columns, axis=0)
    return [names[position] for position, part in zip(earlier, parts, strict=True) if part > 1e-6 * parts.max()]

r"""The joint model: the treatment, every lever and all their products in one equation.

.. math:: Y = \sum_g 1_g (\beta_g X + \sum_k \psi_{gk} W_k + \sum_k \theta_{gk} P_k) + \sum_s \gamma_s X (D_s - p_s)
          + controls + effects

with :math:`P_k` the product of X and the column :math:`W_k` of a lever, :math:`D_s` the years and :math:`p_s` their
shares of the rows, so that :math:`\beta_g` is the mean effect over the sample's years. Without groups g is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np
import pandas as pd

from involution.errors import NotEstimable
from involution.models.breakthrough.specification import Specification
from involution.models.demeaned import Deviations, slopes_by_year
from involution.models.design import Design
from involution.models.groupings import Floats
from involution.models.inference import Choice
from involution.models.linear import fit_linear
from involution.models.matrix import Columns, numbers
from involution.models.notes import Note
from involution.models.result import Fit, summarise
from involution.models.sample import Sample
from involution.models.solve import least_squares
from involution.models.threads import single_threaded
from involution.study.formulas import effect_label
from involution.study.sample import FirmSize

ESTIMATOR = "breakthrough"
_SIZES = get_args(FirmSize)


@dataclass(frozen=True)
class Kind:
    """A form of the joint model.

    Attributes
    ----------
    name : str
        Empty for the headline.
    demeaned : bool
        Products of columns about their firms' means, or of the columns as they are.
    year_slopes : bool
        Whether the treatment's effect may differ by year.
    """

    name: str
    demeaned: bool
    year_slopes: bool


HEADLINE = Kind("", demeaned=True, year_slopes=True)
BESIDE = (
    Kind("product", demeaned=False, year_slopes=True),
    Kind("no_year", demeaned=True, year_slopes=False),
    Kind("plain", demeaned=False, year_slopes=False),
)
"""The headline with plain products, without the treatment's effects by year, and with both changes: shown, labelled."""


@dataclass(frozen=True)
class Groups:
    """Groups with coefficients of their own.

    Attributes
    ----------
    column : str
    values : array, shape (N,)
        The group of each row of the data; missing where it has none.
    """

    column: str
    values: np.ndarray


@dataclass(frozen=True)
class Joint:
    """A joint model, estimated.

    Attributes
    ----------
    fit : Fit
    sample : Sample
    degrees : float
        Of t.
    asked : Specification
    demeaned : bool
    column : str
        Of the groups; empty without.
    own : dict of str to dict of str to float
        By term and term of a product, the value of the lever's column at which the first term's coefficient holds.
    """

    fit: Fit
    sample: Sample
    degrees: float
    asked: Specification
    demeaned: bool
    column: str
    own: dict[str, dict[str, float]]

    def treatment(self, group: str) -> str:
        """The term of the treatment."""
        return _in_group(self.asked.treatment, self.column, group)

    def level(self, moving: str, group: str) -> str:
        """The term of a lever's column itself."""
        return _in_group(moving, self.column, group)

    def product(self, moving: str, group: str) -> str:
        """The term of the treatment times a lever's column."""
        return _in_group(_product_name(self.asked.treatment, moving, self.demeaned), self.column, group)


def sample_of(asked: Specification, design: Design) -> Sample:
    """The rows that are complete in every column of the joint model.

    Raises
    ------
    NotEstimable
        When there is none.
    """
    outcome, columns = numbers(design.data, asked.outcome), asked.columns(design.data)
    sample = design.sample(outcome, [columns], constant=not design.effects)
    if not sample.n:
        raise NotEstimable("no observations left: no row has a value in every column of the joint model")
    return sample


def joint(
    asked: Specification,
    design: Design,
    kind: Kind = HEADLINE,
    groups: Groups | None = None,
    *,
    remarks: Sequence[Note] = (),
) -> Joint:
    """Estimate a joint model, with the cluster jackknife (crv3).

    Parameters
    ----------
    asked : Specification
    design : Design
        With groups, all its rows have one.
    kind : Kind
    groups : Groups, optional
    remarks : sequence of Note
        Said beside what the model says itself.

    Raises
    ------
    NotEstimable
        When the treatment or every product is absorbed, or the data do not support the model.
    """
    sample = sample_of(asked, design)
    outcome = numbers(design.data, asked.outcome)
    columns, left_out = _regressors(asked, design, sample, kind, groups)
    with single_threaded():
        fit = summarise(
            fit_linear(sample, asked.outcome, outcome, columns, _none(sample), _none(sample)),
            Choice("crv3"),
            formula=f"{asked.outcome} ~ {' + '.join(columns.names)}",
            estimator=ESTIMATOR,
            outcome=asked.outcome,
            effects=[effect_label(effect) for effect in design.effects],
            outcome_values=outcome,
            remarks=remarks,
        )
        own = _own_values(sample, columns, left_out, fit.terms)
    degrees = fit.degrees_of_freedom
    column = groups.column if groups else ""
    return Joint(fit, sample, degrees, asked, kind.demeaned, column, own)


def group_values(groups: Groups, sample: Sample) -> list[str]:
    """The groups that the sample has: size classes by size, others in the order of their names."""
    values = groups.values[sample.rows]
    found = {str(value) for value in values[pd.notna(values)]}
    return sorted(found, key=lambda value: (_SIZES.index(value) if value in _SIZES else len(_SIZES), value))


def _none(sample: Sample) -> Columns:
    return Columns((), np.empty((sample.n, 0)))


def _product_name(treatment: str, moving: str, demeaned: bool) -> str:
    return f"{treatment}:{moving}{' (demeaned)' if demeaned else ''}"


def _in_group(name: str, column: str, group: str) -> str:
    return f"{name} [{column}={group}]" if group else name


def _regressors(
    asked: Specification, design: Design, sample: Sample, kind: Kind, groups: Groups | None
) -> tuple[Columns, Columns]:
    """The regressors over the sample's rows, and what the products leave of the treatment times each lever."""
    values = dict(zip(asked.regressors, sample.raw(asked.columns(design.data).values).T, strict=True))
    treatment = values[asked.treatment]
    moving = np.column_stack([values[name] for name in asked.moving])
    plain = treatment[:, None] * moving
    products = Deviations(sample).products(treatment, moving) if kind.demeaned else plain
    names = [_product_name(asked.treatment, name, kind.demeaned) for name in asked.moving]
    parts = [
        _by_group([asked.treatment, *asked.moving], np.column_stack([treatment, moving]), sample, groups),
        _by_group(names, products, sample, groups),
        _group_levels(sample, groups),
        _year_slopes(asked.treatment, treatment, design, sample, kind),
        Columns(asked.controls, np.column_stack([values[name] for name in asked.controls]))
        if asked.controls
        else _none(sample),
    ]
    every = Columns(
        tuple(name for part in parts for name in part.names),
        np.asfortranarray(np.hstack([part.values for part in parts])),
    )
    return every, _by_group(names, plain - products, sample, groups)


def _by_group(names: Sequence[str], values: Floats, sample: Sample, groups: Groups | None) -> Columns:
    """Columns as they are, or one of each per group that is zero elsewhere."""
    if groups is None:
        return Columns(tuple(names), values)
    own = groups.values[sample.rows].astype(str)
    found = group_values(groups, sample)
    made = [np.where(own == group, column, 0.0) for group in found for column in values.T]
    return Columns(tuple(_in_group(name, groups.column, g) for g in found for name in names), np.column_stack(made))


def _group_levels(sample: Sample, groups: Groups | None) -> Columns:
    """Indicators of the groups but the first; none where firms never change theirs and their effects are absorbed."""
    if groups is None:
        return _none(sample)
    own, found = groups.values[sample.rows].astype(str), group_values(groups, sample)
    codes = np.array([found.index(value) for value in own])
    if any(_constant_within(codes, effect.codes, effect.n_levels) for effect in sample.effects if not sample.intercept):
        return _none(sample)
    names = tuple(f"{groups.column}={group}" for group in found[1:])
    made = [(codes == k).astype(float) for k in range(1, len(found))]
    return Columns(names, np.column_stack(made)) if made else _none(sample)


def _constant_within(values: np.ndarray, codes: np.ndarray, levels: int) -> bool:
    first = np.empty(levels, dtype=values.dtype)
    first[codes] = values
    return bool((first[codes] == values).all())


def _year_slopes(name: str, treatment: Floats, design: Design, sample: Sample, kind: Kind) -> Columns:
    """The treatment's effect of each year less their mean."""
    if not kind.year_slopes or sample.year is None:
        return _none(sample)
    year = design.data[design.panel["year"]].to_numpy()[sample.rows]
    slopes = slopes_by_year(treatment, year, sample.weights)
    if not slopes:
        return _none(sample)
    return Columns(tuple(f"{name}:{label}" for label in slopes), np.column_stack(list(slopes.values())))


def _own_values(
    sample: Sample, columns: Columns, left_out: Columns, terms: Sequence[str]
) -> dict[str, dict[str, float]]:
    """The values of the levers at which each coefficient holds.

    The treatment times a lever is the product in the model and a rest. Were the rest in the outcome with the product's
    coefficient, the other coefficients would take up its regression on them: with demeaned products the treatment's
    coefficient is the effect at the lever's mean as least squares weights it, with plain ones (no rest) that at zero.
    """
    kept = [columns.names.index(name) for name in terms if name in columns.names]
    regressors = sample.absorbed([columns.names[j] for j in kept], columns.values[:, kept])
    rest = sample.absorbed([f"{name} (rest)" for name in left_out.names], left_out.values)
    found, _, _ = least_squares(regressors, np.asarray(rest))
    return {columns.names[j]: dict(zip(left_out.names, found[row].tolist(), strict=True)) for row, j in enumerate(kept)}

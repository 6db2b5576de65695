"""Columns of a moderated model, made on the very rows that it is estimated on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from involution.errors import NotEstimable
from involution.models.absorb import Absorber
from involution.models.demeaned import BOTH, FIRM, NOTHING, YEAR, Deviations, slopes_by_year
from involution.models.groupings import Floats
from involution.models.matrix import numbers
from involution.models.moderation.specification import Specification, product_term
from involution.models.sample import Sample
from involution.models.solve import column_scales
from involution.models.weighted import mean


@dataclass(frozen=True)
class Factors:
    """What products are made of.

    Attributes
    ----------
    columns : dict of str to array of float, shape (n,)
        Over the rows of the sample, each demeaned or about a value.
    within : dict of str to str
        What each column is demeaned within: firm, year, or firm and year; empty where none is.
    about : dict of str to float
        The value that each column is taken about where none is demeaned.
    constant : dict of str to array of float, shape (n,)
        Columns that are constant within firms, about their means.
    """

    columns: Mapping[str, Floats]
    within: Mapping[str, str]
    about: Mapping[str, float]
    constant: Mapping[str, Floats] = field(default_factory=dict)

    def product(self, columns: Sequence[str], treatment: str) -> Floats:
        """The product of columns, shape (n,).

        One of columns that are all constant within firms is so too, as long as they are not demeaned by year: firm
        effects then have it, and not what the years' means of a changing sample leave of it.
        """
        held = treatment not in columns and all(name in self.constant for name in columns)
        return np.asarray(np.prod([(self.constant if held else self.columns)[name] for name in columns], axis=0))


def taken_about(specification: Specification, data: pd.DataFrame, sample: Sample) -> Factors:
    """Factors of plain products: moderators about `about` or their mean, rivals about theirs, the treatment as it is.

    Parameters
    ----------
    specification : Specification
    data : DataFrame
    sample : Sample
        The rows whose means are taken.
    """
    given = {moderator.column: moderator.about for moderator in specification.moderators}
    columns, about = {}, {}
    for name in _factors(specification):
        values = sample.raw(numbers(data, name))
        if name == specification.treatment:
            columns[name] = values
            continue
        asked = given.get(name)
        about[name] = mean(values, sample.weights) if asked is None else asked
        columns[name] = values - about[name]
    return Factors(columns, {}, about)


def demeaned(specification: Specification, data: pd.DataFrame, sample: Sample, *, within_years: bool = True) -> Factors:
    """Factors of products within firms: the treatment within the firm, every other column within firm and year.

    A column that is constant within firms is taken within the year alone. Without `within_years` all others are taken
    within the firm alone, as Giesselmann and Schmidt-Catran have it.

    Raises
    ------
    NotEstimable
        Without firms and years, and where a column has no variation of this kind.
    """
    deviations = Deviations(sample)
    columns, within, fixed = {}, {}, {}
    for name in _factors(specification):
        values = sample.raw(numbers(data, name))[:, None]
        constant = not deviations.left(values, FIRM).any()
        kind = FIRM if name == specification.treatment else YEAR if constant else BOTH if within_years else FIRM
        left = deviations.left(values, kind)[:, 0]
        if not left.any():
            raise NotEstimable(_why(name, kind, specification, constant))
        columns[name], within[name] = left, kind
        if constant:
            fixed[name] = values[:, 0] - mean(values[:, 0], sample.weights)
    return Factors(columns, within, {}, fixed)


def _factors(specification: Specification) -> tuple[str, ...]:
    products = (*specification.interactions, *specification.beside)
    return tuple(dict.fromkeys(name for product in products for name in product))


def varies(values: Floats, absorber: Absorber, sample: Sample) -> bool:
    """Whether effects leave variation in a column that is given over all rows of the data."""
    raw = sample.raw(values)[:, None]
    scale = float(column_scales(raw, sample.weights, True)[0])
    left = absorber.residuals(raw)[:, 0] * (1.0 if sample.weights is None else np.sqrt(sample.weights))
    return bool(np.linalg.norm(left) > NOTHING * scale)


def _why(name: str, kind: str, specification: Specification, constant: bool) -> str:
    if name == specification.treatment:
        return f"{name} does not vary within firms, so that its effect within them cannot depend on anything"
    if kind == BOTH and not constant:
        return f"{name} varies between years alone: the effects of the treatment by year absorb its interaction"
    return f"{name} does not vary within years"


def products(factors: Factors, specification: Specification, sample: Sample, rows: int) -> dict[str, Floats]:
    """The products' columns over all rows of the data, zero where the sample has none.

    Parameters
    ----------
    factors : Factors
    specification : Specification
    sample : Sample
    rows : int
        Of the data.
    """
    out = {}
    # The interactions last: what others leave no variation of its own is then found missing among them.
    for columns in (*specification.beside, *specification.interactions):
        out[product_term(columns)] = spread(factors.product(columns, specification.treatment), sample, rows)
    return out


def by_year(treatment: str, data: pd.DataFrame, sample: Sample, year: str) -> dict[str, Floats]:
    """The treatment's effect of each year less their mean: columns ``year::2010:x`` over all rows of the data.

    Parameters
    ----------
    treatment : str
    data : DataFrame
    sample : Sample
        Elsewhere the columns are zero.
    year : str
    """
    if sample.year is None:
        raise NotEstimable("effects of the treatment by year need the year of each row")
    labels = data[year].to_numpy()[sample.rows]
    slopes = slopes_by_year(sample.raw(numbers(data, treatment)), labels, sample.weights)
    return {f"{year}::{label}:{treatment}": spread(column, sample, len(data)) for label, column in slopes.items()}


def spread(column: Floats, sample: Sample, rows: int) -> Floats:
    """A column over the rows of a sample as one over all rows of the data, zero where the sample has none."""
    out = np.zeros(rows)
    out[sample.rows] = column
    return out

"""Columns of a moderated model, made on the very rows that it is estimated on.

Demeaning a product is not a within estimator: with effects of the treatment that differ between firms and go with the
level of the moderator, the product of two variables still holds variation between firms after its own firm means are
taken out (Giesselmann and Schmidt-Catran 2022, *Sociological Methods & Research* 51: 1100-1127). The within estimator
multiplies what is left of each variable within the firm. Where effects of the treatment drift over the years and the
moderator trends, the product has the drift in it as well: the moderator is taken within the year too, and the
treatment has an effect of its own in every year.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from involution.errors import NotEstimable
from involution.models.absorb import Absorber
from involution.models.groupings import Floats
from involution.models.matrix import numbers
from involution.models.moderation.specification import Specification, product_term
from involution.models.moderation.support import mean
from involution.models.sample import Sample
from involution.models.solve import column_scales

_NOTHING = 1e-9
FIRM, YEAR, BOTH = "firm", "year", "firm and year"


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
    if sample.firm is None or sample.year is None:
        raise NotEstimable("demeaning within firm and year needs the firm and the year of each row")
    absorbers = {
        FIRM: Absorber([sample.firm], sample.weights),
        YEAR: Absorber([sample.year], sample.weights),
        BOTH: Absorber([sample.firm, sample.year], sample.weights),
    }
    columns, within, fixed = {}, {}, {}
    for name in _factors(specification):
        values = sample.raw(numbers(data, name))[:, None]
        scale = float(column_scales(values, sample.weights, True)[0])
        left = {kind: absorber.residuals(values)[:, 0] for kind, absorber in absorbers.items()}
        constant = _nothing(left[FIRM], scale, sample)
        kind = FIRM if name == specification.treatment else YEAR if constant else BOTH if within_years else FIRM
        if _nothing(left[kind], scale, sample):
            raise NotEstimable(_why(name, kind, specification, constant))
        columns[name], within[name] = left[kind], kind
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
    return not _nothing(absorber.residuals(raw)[:, 0], scale, sample)


def _nothing(values: Floats, scale: float, sample: Sample) -> bool:
    weighted = values if sample.weights is None else values * np.sqrt(sample.weights)
    return bool(np.linalg.norm(weighted) <= _NOTHING * scale) or scale == 0


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
        value = np.zeros(rows)
        value[sample.rows] = factors.product(columns, specification.treatment)
        out[product_term(columns)] = value
    return out


def by_year(treatment: str, data: pd.DataFrame, sample: Sample, year: str) -> dict[str, Floats]:
    """The treatment's effect of each year less their mean: columns ``year::2010:x`` over all rows of the data.

    Parameters
    ----------
    treatment : str
    data : DataFrame
    sample : Sample
    year : str

    Notes
    -----
    With p_t the share of the year's rows and r the year with most of them, the column of year t is
    ``x (1{t} - 1{r} p_t / p_r)``. The deviations then have the mean zero over the rows, and the treatment's own
    coefficient is its mean effect over the years and not that of a reference year.
    """
    if sample.year is None:
        raise NotEstimable("effects of the treatment by year need the year of each row")
    labels = data[year].to_numpy()[sample.rows]
    years = np.unique(labels)
    weights = np.ones(sample.n) if sample.weights is None else sample.weights
    shares = np.array([weights[labels == value].sum() for value in years])
    values, every = numbers(data, treatment), data[year].to_numpy()
    reference = int(np.argmax(shares))
    at_reference = every == years[reference]
    return {
        f"{year}::{_shown(value)}:{treatment}": values
        * ((every == value) - at_reference * (shares[k] / shares[reference]))
        for k, value in enumerate(years)
        if k != reference
    }


def _shown(value: object) -> str:
    number = float(value) if isinstance(value, (int, float, np.integer, np.floating)) else None
    return str(int(number)) if number is not None and number.is_integer() else str(value)

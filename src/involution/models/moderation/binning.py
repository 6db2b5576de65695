r"""The binning estimator: the effect of the treatment at the median of each third of the moderator.

With G_j the indicator of bin j and w_j the moderator's median in it (Hainmueller, Mummolo and Xu 2019, *Political
Analysis* 27: 163-192),

.. math:: y = \sum_j G_j \{\mu_j + \alpha_j x + \eta_j (w - w_j) + \beta_j x (w - w_j)\} + z'\gamma + \text{effects}

:math:`\alpha_j` is the effect at w_j. That the effect is linear in the moderator is a Wald test that all
:math:`\alpha_j` and :math:`\beta_j` lie on one line; the authors' own test has the moderator's own part in it too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from involution.errors import NotEstimable
from involution.models.design import Design
from involution.models.groupings import Floats
from involution.models.matrix import numbers
from involution.models.moderation.bands import wald
from involution.models.moderation.demeaning import Factors, by_year, products, spread, taken_about
from involution.models.moderation.forms import (
    PRODUCT,
    Options,
    formula_of,
    rows_kept,
    with_drops,
)
from involution.models.moderation.specification import Specification, product_term
from involution.models.notes import Note, note
from involution.models.reported import Row
from involution.models.result import Fit
from involution.models.sample import Sample
from involution.models.weighted import deviation, quantiles

LABELS = ("low", "middle", "high")
FEW_CLUSTERS, LITTLE_VARIATION = 5, 0.1


@dataclass(frozen=True)
class Bin:
    """One bin of a moderator.

    Attributes
    ----------
    label : str
    rows : array of bool, shape (n,)
        Over the sample.
    median, low, high : float
        Of the moderator in the bin.
    """

    label: str
    rows: np.ndarray
    median: float
    low: float
    high: float

    @property
    def varies(self) -> bool:
        """Whether the moderator varies in it."""
        return self.high > self.low


@dataclass(frozen=True)
class Binned:
    """The estimator's fit, with terms ``at[w=low]`` for the effects, and its bins."""

    fit: Fit
    bins: tuple[Bin, ...]
    points: pd.DataFrame


def bins_of(values: Floats, weights: Floats | None) -> tuple[Bin, ...]:
    """Thirds of the rows by a moderator; its values themselves where it has two or three.

    Raises
    ------
    NotEstimable
        When ties leave fewer than two bins.
    """
    distinct = np.unique(values)
    if len(distinct) <= len(LABELS):
        masks = [values == value for value in distinct]
    else:
        first, second = quantiles(values, weights, (1 / 3, 2 / 3))
        masks = [values <= first, (values > first) & (values <= second), values > second]
    labels = LABELS if len(masks) == len(LABELS) else (LABELS[0], LABELS[-1])
    found = [(label, mask) for label, mask in zip(labels, masks, strict=False) if mask.any()]
    if len(found) < 2:
        raise NotEstimable("so many rows have one value of the moderator that its thirds are not told apart")
    return tuple(_bin(label, mask, values, weights) for label, mask in found)


def _bin(label: str, mask: np.ndarray, values: Floats, weights: Floats | None) -> Bin:
    inside = values[mask]
    middle = quantiles(inside, None if weights is None else weights[mask], (0.5,))[0]
    return Bin(label, mask, float(middle), float(inside.min()), float(inside.max()))


def binned(specification: Specification, name: str, design: Design, options: Options) -> Binned:
    """Estimate the effect of the treatment in each bin of one moderator, the others linear.

    Parameters
    ----------
    specification : Specification
    name : str
        Column of the moderator.
    design : Design
    options : Options

    Raises
    ------
    NotEstimable
    """
    sample = rows_kept(specification, PRODUCT, design)
    values = sample.raw(numbers(design.data, name))
    bins = bins_of(values, sample.weights)
    factors = taken_about(specification, design.data, sample)
    effects, others = _columns(specification, name, design, sample, bins, factors)
    ours = design.on(design.data.assign(**{**effects, **others}), rows=sample.mask(len(design.data)))
    main = [column for column in specification.main if column not in (specification.treatment, name)]
    fit = ours.estimate(
        formula_of(specification.outcome, [*main, *others, *effects]),
        estimator=specification.estimator,
        vcov=options.vcov,
        draws=options.draws,
        seed=options.seed,
    )
    fit = with_drops(fit, specification, design, sample)
    _check_identified(fit, [term for term in effects if term.startswith("at[")])
    details = (*fit.details, *_tests(fit, name, bins), *_counts(name, bins, design, sample, specification))
    remarks = (*_remarks(specification, name, bins, design, sample), *fit.remarks)
    return Binned(replace(fit, details=details, remarks=remarks), bins, _points(fit, name, bins))


def _check_identified(fit: Fit, terms: list[str]) -> None:
    """Raise NotEstimable where an effect is a combination of other columns, or none is left.

    One that is missing because the treatment does not vary in its bin leaves the others as they are.
    """
    collinear = [
        term
        for remark in fit.remarks
        if remark.code == "collinear"
        for term in terms
        if term in dict(remark.values)["names"].split(", ")
    ]
    if collinear or not any(term in fit.terms for term in terms):
        named = ", ".join(collinear or terms)
        raise NotEstimable(f"{named} left without variation of its own by the fixed effects and the other regressors")


def _columns(
    specification: Specification, name: str, design: Design, sample: Sample, bins: tuple[Bin, ...], factors: Factors
) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Columns of the bins (effects first), and those that are as in the form with plain products."""
    treatment = sample.raw(numbers(design.data, specification.treatment))
    values = sample.raw(numbers(design.data, name))
    effects, slopes, levels, own = {}, {}, {}, {}
    for k, part in enumerate(bins):
        inside, away = part.rows.astype(float), (values - part.median) * part.rows
        effects[f"at[{name}={part.label}]"] = inside * treatment
        if k:
            levels[f"level[{name}={part.label}]"] = inside
        if part.varies:
            slopes[f"slope[{name}={part.label}]"] = away * treatment
            own[f"own[{name}={part.label}]"] = away
    own_columns = {
        term: spread(column, sample, len(design.data)) for term, column in (effects | slopes | levels | own).items()
    }
    replaced = product_term((specification.treatment, name))
    plain = products(factors, specification, sample, len(design.data))
    plain.pop(replaced)
    years = by_year(specification.treatment, design.data, sample, design.panel["year"])
    return own_columns, {**years, **plain}


def _tests(fit: Fit, name: str, bins: tuple[Bin, ...]) -> list[Row]:
    """That the effect is linear in the moderator, and that both it and the moderator's own part are."""
    origin, scale = bins[0].median, bins[-1].median - bins[0].median
    effect = {f"at[{name}={b.label}]": (1.0, (b.median - origin) / scale, 1.0) for b in bins}
    effect |= {f"slope[{name}={b.label}]": (0.0, 1.0, scale) for b in bins if b.varies}
    own = {f"level[{name}={b.label}]": (0.0, (b.median - origin) / scale, 1.0) for b in bins[1:]}
    own |= {f"own[{name}={b.label}]": (0.0, 1.0, scale) for b in bins if b.varies}
    rows: list[Row] = [("linearity", *_on_a_line([effect], fit))]
    if all(term in fit.terms for term in own):
        rows.append(("linearity_all", *_on_a_line([effect, own], fit)))
    return [row for row in rows if row[2] > 0]


def _on_a_line(groups: list[dict[str, tuple[float, float, float]]], fit: Fit) -> tuple[float, float, float]:
    """Wald test that each group of coefficients is ``intercept a + position b``, with the scale of each coefficient."""
    from scipy.linalg import block_diag, null_space

    known = [{term: row for term, row in group.items() if term in fit.terms} for group in groups]
    lines = []
    for group in known:
        matrix = np.array([row[:2] for row in group.values()])
        lines.append(matrix[:, matrix.any(axis=0)])
    terms = {term: row for group in known for term, row in group.items()}
    restrictions = null_space(block_diag(*lines).T).T
    at, scale = [fit.terms.index(term) for term in terms], np.array([row[2] for row in terms.values()])
    covariance = fit.covariance[np.ix_(at, at)] * np.outer(scale, scale)
    return wald(
        restrictions @ (fit.estimate[at] * scale), restrictions @ covariance @ restrictions.T, fit.degrees_of_freedom
    )


def _counts(
    name: str, bins: tuple[Bin, ...], design: Design, sample: Sample, specification: Specification
) -> list[Row]:
    variation = _variation(bins, design, sample, specification)
    rows: list[Row] = []
    for part in bins:
        at = f"{name}={part.label}"
        rows += [
            (f"bin_rows[{at}]", float(part.rows.sum()), np.nan, np.nan),
            (f"bin_median[{at}]", part.median, np.nan, np.nan),
            (f"bin_low[{at}]", part.low, np.nan, np.nan),
            (f"bin_high[{at}]", part.high, np.nan, np.nan),
            (f"bin_variation[{at}]", variation[part.label], np.nan, np.nan),
        ]
    return rows


def _variation(
    bins: tuple[Bin, ...], design: Design, sample: Sample, specification: Specification
) -> Mapping[str, float]:
    """Standard deviation of the treatment, the fixed effects out of it, in each bin over that of all rows."""
    values = sample.raw(numbers(design.data, specification.treatment))[:, None]
    left = sample.absorber.residuals(values)[:, 0]
    weights = np.ones(sample.n) if sample.weights is None else sample.weights
    whole = deviation(left, weights)
    return {part.label: deviation(left[part.rows], weights[part.rows]) / whole if whole > 0 else 0.0 for part in bins}


def _remarks(
    specification: Specification, name: str, bins: tuple[Bin, ...], design: Design, sample: Sample
) -> list[Note]:
    medians = ", ".join(f"{part.label} {part.median:.4g} ({int(part.rows.sum()):,})" for part in bins)
    said = [note("moderation_bins", names=name, values=medians)]
    variation = _variation(bins, design, sample, specification)
    clusters = sample.clusters or ([sample.firm] if sample.firm is not None else [])
    thin = [
        part.label
        for part in bins
        if variation[part.label] < LITTLE_VARIATION
        or any(len(np.unique(cluster.codes[part.rows])) < FEW_CLUSTERS for cluster in clusters)
    ]
    if thin:
        said.append(note("moderation_thin_bins", names=name, bins=", ".join(thin), count=FEW_CLUSTERS))
    return said


def _points(fit: Fit, name: str, bins: tuple[Bin, ...]) -> pd.DataFrame:
    """Effects at the medians: columns x, estimate, ci_low, ci_high."""
    rows = fit.tidy().set_index("term")
    found = [(part.median, f"at[{name}={part.label}]") for part in bins if f"at[{name}={part.label}]" in rows.index]
    shown = rows.loc[[term for _, term in found], ["estimate", "ci_low", "ci_high"]].reset_index(drop=True)
    return shown.assign(x=[median for median, _ in found])

"""One regression of the outcome on treatment, exposures and their products."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from involution.errors import NotEstimable
from involution.models.demeaned import BOTH, FIRM, Deviations, slopes_by_year
from involution.models.derived import tested
from involution.models.design import Design
from involution.models.exposure.setting import Setting
from involution.models.groupings import Floats
from involution.models.matrix import Columns, numbers
from involution.models.notes import Note, note
from involution.models.result import Fit, combine
from involution.models.sample import Sample
from involution.study.formulas import quoted

DIFFERENCE = "passive-active"
VARIATION = 1e-9
"""Standard deviation of an exposure below which its rows are taken to have one value."""


@dataclass(frozen=True)
class Fitted:
    """A regression, and what randomisation needs of it.

    Attributes
    ----------
    fit : Fit
        Its rows are positions in the data of the setting.
    design : Design
        With every column of the regression.
    formula : str
    hidden : tuple of str
        Slopes by year, which are not reported.
    products : tuple of str
        Terms of the products, in the order of the exposures.
    """

    fit: Fit
    design: Design
    formula: str
    hidden: tuple[str, ...]
    products: tuple[str, ...]

    def slope(self) -> float:
        """The first product's coefficient."""
        return float(self.fit.estimate[self.fit.terms.index(self.products[0])])


def fitted(
    setting: Setting,
    exposures: Mapping[str, Floats],
    *,
    demeaned: bool = True,
    by_year: bool = True,
    seed: int = 0,
    draws: int = 9_999,
) -> Fitted:
    """Estimate the effect of the treatment at different exposures.

    Parameters
    ----------
    setting : Setting
    exposures : mapping of str to array of float, shape (N,)
        By name, over the rows of the data.
    demeaned : bool
        Products of deviations (within firm, the exposure's within year too), else of the columns as they are.
    by_year : bool
        Let the treatment's slope move from year to year.
    seed, draws : int
        Of the wild bootstrap, where that is asked for.

    Raises
    ------
    NotEstimable
        When an exposure does not vary, or the data do not support the model.
    """
    asked = setting.asked
    sample = _sample(setting, exposures)
    for name, values in exposures.items():
        if sample.n and np.std(values[sample.rows]) < VARIATION:
            raise NotEstimable(f"{name} has one value in all rows of the sample")
    treatment = numbers(setting.data, setting.treatment)[sample.rows]
    columns = {name: values[sample.rows] for name, values in exposures.items()}
    products = {
        f"{setting.treatment}:{name}": _doubly_demeaned(sample, treatment, values) if demeaned else treatment * values
        for name, values in columns.items()
    }
    years = setting.data["year"].to_numpy()[sample.rows]
    by = slopes_by_year(treatment, years, sample.weights) if by_year else {}
    slopes = {f"{setting.treatment}:year::{year}": values for year, values in by.items()}
    data = setting.data.iloc[sample.rows].assign(**columns, **products, **slopes)
    design = Design(data, asked.fixed_effects or (), setting.cluster, weights=asked.weights)
    terms = [setting.treatment, *columns, *products, *setting.controls, *slopes]
    formula = f"{quoted(setting.outcome)} ~ {' + '.join(map(quoted, terms))}"
    said = (*_lost(setting, sample, exposures), *_kind(setting, demeaned=demeaned, by_year=by_year), *setting.said)
    fit = design.estimate(formula, vcov=asked.vcov, draws=draws, seed=seed, remarks=said)
    lost = [name for name in (*columns, *products) if name not in fit.terms]
    if lost:
        raise NotEstimable(f"the other regressors and the fixed effects leave nothing of {', '.join(lost)}")
    fit = replace(fit, rows=sample.rows[fit.rows])
    return Fitted(fit, design, formula, tuple(slopes), tuple(products))


def _doubly_demeaned(sample: Sample, treatment: Floats, exposure: Floats) -> Floats:
    """The treatment within firms times exposure within firms and years, as under every permuted calendar."""
    within = Deviations(sample)
    return np.asarray(within.left(treatment[:, None], FIRM)[:, 0] * within.left(exposure[:, None], BOTH)[:, 0])


def _sample(setting: Setting, exposures: Mapping[str, Floats]) -> Sample:
    """The rows with a value in every column, but for singletons: deviations are taken on these."""
    asked = setting.asked
    design = Design(setting.data, asked.fixed_effects or (), setting.cluster, weights=asked.weights, rows=setting.rows)
    columns = [setting.treatment, *setting.controls]
    block = np.column_stack([*(numbers(setting.data, name) for name in columns), *exposures.values()])
    outcome = numbers(setting.data, setting.outcome)
    sample = design.sample(outcome, [Columns((*columns, *exposures), block)], constant=not asked.fixed_effects)
    if sample.n == 0:
        raise NotEstimable("no observations left: no row has a value in every column of the model")
    return sample


def _lost(setting: Setting, sample: Sample, exposures: Mapping[str, Floats]) -> list[Note]:
    """Rows lost to missing values, with the columns that lose them, and singletons."""
    said = []
    if sample.drops.missing:
        named = (setting.outcome, setting.treatment, *setting.controls)
        columns = {name: numbers(setting.data, name) for name in named} | dict(exposures)
        counts = {name: int((np.isnan(values) & setting.rows).sum()) for name, values in columns.items()}
        effects = [name for effect in setting.asked.fixed_effects or () for name in effect.split("^")]
        for name in dict.fromkeys([*effects, *setting.cluster]):
            counts[name] = int((setting.data[name].isna().to_numpy() & setting.rows).sum())
        shown = ", ".join(f"{name}: {count:,}" for name, count in counts.items() if count)
        said.append(note("missing", count=sample.drops.missing, columns=shown or str(setting.asked.weights)))
    if sample.drops.singletons:
        said.append(note("singletons", count=sample.drops.singletons))
    return said


def _kind(setting: Setting, *, demeaned: bool, by_year: bool) -> list[Note]:
    names = {"treatment": setting.treatment}
    return [
        note("exposure_demeaned" if demeaned else "exposure_product", **names),
        note("exposure_by_year" if by_year else "exposure_no_years", **names),
    ]


def difference(fit: Fit, first: str, second: str) -> tuple[dict[str, object], tuple[str, float, float, float]]:
    """One coefficient less another of the same model: a row of the estimates, and the Wald statistic.

    Parameters
    ----------
    fit : Fit
    first, second : str
        Terms.
    """
    estimate, std_error = combine(fit, {first: 1.0, second: -1.0})
    row = tested(fit, DIFFERENCE, estimate, std_error)
    statistic, p_value = (cast(float, row[name]) for name in ("statistic", "p_value"))
    return row, (f"wald[{DIFFERENCE}]", statistic**2, 1.0, p_value)


def without(fit: Fit, hidden: tuple[str, ...]) -> Fit:
    """The fit as it is reported: without slopes by year."""
    kept = np.array([term not in hidden for term in fit.terms], dtype=bool)
    names = ("estimate", "std_error", "statistic", "p_value", "ci_low", "ci_high")
    return replace(
        fit,
        terms=tuple(term for term in fit.terms if term not in hidden),
        covariance=fit.covariance[np.ix_(kept, kept)],
        **{name: getattr(fit, name)[kept] for name in names},
    )

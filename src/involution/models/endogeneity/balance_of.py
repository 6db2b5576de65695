"""How alike treated and untreated rows are, before and after: the numbers of the balance table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from involution.errors import NotEstimable
from involution.models.design import Design
from involution.models.groupings import Codes, Floats
from involution.models.matrix import numbers
from involution.models.reported import Row
from involution.models.tasks import PANEL
from involution.models.weighted import deviation, mean
from involution.study.formulas import quoted

BEFORE, AFTER = "before", "after"
_POINTS = 101
_COUNTED = "weight of the row"


def group_rows(
    design: Design, treated: str, on: Sequence[str], rows: Codes, base: Floats, weights: Floats, *, by_year: bool
) -> list[Row]:
    """Means, standardised differences, variance ratios and tests of each covariate before and after.

    Parameters
    ----------
    design : Design
        Whose data hold the indicator and the covariates.
    treated : str
    on : sequence of str
    rows : array of int, shape (n,)
        The rows before.
    base, weights : array of float, shape (n,)
        How they count before and after.
    by_year : bool
        The tests compare within years.

    Returns
    -------
    list of Row
        ``mean_treated[before,c]``, ``mean_control[...]``, ``standardised_difference[...]``, ``variance_ratio[...]``
        and, as value, degrees and p-value, ``difference_t[...]``. The denominator of the standardised difference is
        that before in both (Rosenbaum and Rubin 1985, *American Statistician* 39: 33-38).
    """
    is_treated = numbers(design.data, treated)[rows] == 1
    out: list[Row] = []
    for name in on:
        values = numbers(design.data, name)[rows]
        groups = [(values[part], base[part]) for part in (is_treated, ~is_treated)]
        scale = float(np.sqrt(np.mean([deviation(*group) ** 2 for group in groups])))
        for when, counted in ((BEFORE, base), (AFTER, weights)):
            out += _compared(f"{when},{name}", values, is_treated, counted, scale)
            out.append((f"difference_t[{when},{name}]", *_tested(design, treated, name, rows, counted, by_year)))
    return out


def _compared(label: str, values: Floats, treated: np.ndarray, counted: Floats, scale: float) -> list[Row]:
    parts = [(values[group], counted[group]) for group in (treated, ~treated)]
    means = [mean(part, weight) for part, weight in parts]
    variances = [deviation(part, weight) ** 2 for part, weight in parts]
    found = {
        "mean_treated": means[0],
        "mean_control": means[1],
        "standardised_difference": (means[0] - means[1]) / scale if scale > 0 else np.nan,
        "variance_ratio": variances[0] / variances[1] if variances[1] > 0 else np.nan,
    }
    return [(f"{what}[{label}]", value, np.nan, np.nan) for what, value in found.items()]


def _tested(
    design: Design, treated: str, name: str, rows: Codes, counted: Floats, by_year: bool
) -> tuple[float, float, float]:
    """The t statistic of the difference in means, its degrees of freedom and p-value, with the design's clusters."""
    mask = np.zeros(len(design.data), dtype=bool)
    mask[rows[counted > 0]] = True
    weights = np.ones(len(design.data))
    weights[rows] = counted
    data = design.data.assign(**{_COUNTED: weights})
    part = design.on(data, fixed_effects=[PANEL["year"]] if by_year else [], weights=_COUNTED, rows=mask)
    try:
        fit = part.estimate(f"{quoted(name)} ~ {quoted(treated)}", vcov="crv3" if design.cluster else None)
    except NotEstimable:
        return np.nan, np.nan, np.nan
    if treated not in fit.terms:
        return np.nan, np.nan, np.nan
    place = fit.terms.index(treated)
    return float(fit.statistic[place]), fit.degrees_of_freedom, float(fit.p_value[place])


def densities(probability: Floats, treated: np.ndarray, weights: Floats) -> pd.DataFrame:
    """Densities of the score of treated and untreated rows before and after, as curves.

    Returns
    -------
    DataFrame
        Curves ``score[before,treated]`` and so on, a Gaussian kernel with Scott's width; columns curve, x, estimate,
        ci_low, ci_high, the last two missing.
    """
    from scipy.stats import gaussian_kde

    parts = []
    for when, counted in ((BEFORE, np.ones(len(probability))), (AFTER, weights)):
        for who, group in (("treated", treated), ("control", ~treated)):
            own = group & (counted > 0)
            values = probability[own]
            if len(np.unique(values)) < 3:
                continue
            x = np.linspace(max(0.0, probability.min() - 0.02), min(1.0, probability.max() + 0.02), _POINTS)
            height = gaussian_kde(values, weights=counted[own])(x)
            parts.append(pd.DataFrame({"curve": f"score[{when},{who}]", "x": x, "estimate": height}))
    columns = ["curve", "x", "estimate", "ci_low", "ci_high"]
    frame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
    return frame.assign(ci_low=np.nan, ci_high=np.nan)

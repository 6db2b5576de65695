"""A panel threshold model: the threshold by least squares, its interval, tests of the number of thresholds, slopes.

Hansen (1999), *Journal of Econometrics* 93: 345-368.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd

from involution.errors import NotEstimable
from involution.models.design import Design
from involution.models.distributions import LEVEL
from involution.models.groupings import Grouping
from involution.models.matrix import numbers
from involution.models.notes import Note, note
from involution.models.reported import Row
from involution.models.result import Fit
from involution.models.threads import single_threaded
from involution.models.threshold.bootstrap import NumberTest, no_threshold_test, second_threshold_test
from involution.models.threshold.candidates import Candidates, Null, Products, candidates, null_model, products, refined
from involution.models.threshold.result import ThresholdFit, ThresholdModel
from involution.models.threshold.search import Found, one_threshold, two_thresholds
from involution.models.threshold.terms import regime_names
from involution.study.formulas import quoted

MOST_VALUES = 2_000
"""Values of the threshold variable that are searched where all are asked for."""


def likelihood_ratio_bound(level: float = LEVEL) -> float:
    """``-2 ln(1 - sqrt(level))``, up to which the likelihood ratio of a threshold is not rejected (Hansen 1999).

    Examples
    --------
    >>> round(likelihood_ratio_bound(0.95), 2)
    7.35
    """
    return float(-2 * np.log(1 - np.sqrt(level)))


def estimate_threshold(
    model: ThresholdModel,
    design: Design,
    *,
    vcov: str | None = None,
    draws: int = 999,
    seed: int = 0,
    said: Sequence[Note] = (),
) -> ThresholdFit:
    """Estimate a threshold model by least squares.

    Parameters
    ----------
    model : ThresholdModel
    design : Design
        Data, fixed effects, clusters, weights and rows. Without clusters rows are taken as independent.
    vcov : str, optional
        Of the slopes; crv1 with clusters and hetero without unless named.
    draws, seed : int
        Of the bootstrap tests.
    said : sequence of Note
        Said beside what the model says itself.

    Raises
    ------
    InputError
        For columns that do not exist or hold text.
    NotEstimable
        When no value leaves enough rows on both sides, or nothing of the treatment's variation is left.
    """
    whole, design = design, _with_known_threshold(model, design)
    with single_threaded():
        null = _null(model, design)
        base = null.sample.n - null.sample.absorber.rank - null.common.shape[1]
        formed, single, found = _searched(model, null, base)
        cluster = _cluster(null)
        tests = [no_threshold_test(null, formed, single, cluster, base - formed.width, draws, seed)]
        if model.regimes == 3:
            degrees = base - 2 * formed.width
            tests.append(second_threshold_test(null, formed, single, found, cluster, degrees, draws, seed + 1))
    values, width = formed.candidates, formed.width
    variance = found.least / (base - width * len(found.places))
    taus = tuple(float(values.values[place]) for place in found.places)
    curves, low, high, open_ended = _intervals(found, values, variance)
    fit = _regression(model, design, taus, vcov, seed)
    own = _remarks(model, null, formed.candidates, cluster, draws, seed, open_ended)
    kept = [remark for remark in fit.remarks if remark.code != "missing"]
    remarks = (*_missing(model, whole, null), *kept, *said, *own)
    details = (*fit.details, *_details(tests, values, found, null, variance))
    return ThresholdFit(model, fit, taus, low, high, tuple(tests), curves, details, tuple(dict.fromkeys(remarks)))


def _with_known_threshold(model: ThresholdModel, design: Design) -> Design:
    """The design on rows in which the threshold variable is known."""
    rows = design.rows & ~np.isnan(numbers(design.data, model.threshold))
    return design.on(rows=rows)


def _missing(model: ThresholdModel, design: Design, null: Null) -> list[Note]:
    """Rows lost to missing values in any column of the model, those of the threshold among them."""
    lost = int(design.rows.sum()) - null.sample.n - null.sample.drops.singletons
    if not lost:
        return []
    named = dict.fromkeys([model.outcome, model.treatment, model.threshold, *model.controls])
    counts = {name: int((np.isnan(numbers(design.data, name)) & design.rows).sum()) for name in named}
    shown = ", ".join(f"{name}: {count:,}" for name, count in counts.items() if count)
    return [note("missing", count=lost, columns=shown)]


def _common(model: ThresholdModel) -> list[str]:
    """Regressors with one slope in all regimes."""
    own = [model.threshold] if model.own_effect else []
    return [name for name in dict.fromkeys([*own, *model.controls]) if name != model.treatment]


def _null(model: ThresholdModel, design: Design) -> Null:
    regressors = " + ".join(map(quoted, [model.treatment, *_common(model)]))
    solution, _ = design.solution(f"{quoted(model.outcome)} ~ {regressors}")
    linear = solution.linear
    assert linear is not None
    if model.treatment not in linear.names:
        raise NotEstimable(f"fixed effects and regressors leave no variation in the treatment {model.treatment}")
    sample = solution.sample
    changing = [sample.raw(numbers(design.data, model.treatment))]
    changing += [np.ones(sample.n)] if model.regime_level else []
    w = sample.raw(numbers(design.data, model.threshold))
    return null_model(sample, linear.regressors, linear.outcome, np.column_stack(changing), w)


def _searched(model: ThresholdModel, null: Null, base: int) -> tuple[Products, Found, Found]:
    """Products of the values searched, the threshold of the model with one, and those of the model asked for.

    A first search over quantiles shows where thresholds may lie; the values there are then searched more closely, since
    with many rows an interval is narrower than the steps between quantiles.
    """
    grid = MOST_VALUES if model.grid is None else model.grid
    searched = candidates(null.w, trim=model.trim, grid=grid)
    for last in (False, True):
        formed = products(null, searched)
        single = one_threshold(formed)
        found = two_thresholds(formed, single) if model.regimes == 3 else single
        if last or len(searched) < grid:
            break
        variance = found.least / (base - formed.width * len(found.places))
        searched = refined(searched, null.w, _brackets(found, formed.candidates, variance), grid)
    return formed, single, found


def _brackets(found: Found, values: Candidates, variance: float) -> list[tuple[float, float]]:
    """Around each threshold, the values not rejected and the next ones outside."""
    out = []
    for profile in found.profiles:
        inside = np.flatnonzero(profile - profile.min() <= likelihood_ratio_bound() * variance)
        first, last = max(0, inside[0] - 1), min(len(values) - 1, inside[-1] + 1)
        out.append((float(values.values[first]), float(values.values[last])))
    return out


def _cluster(null: Null) -> Grouping:
    """The first clustering; each row by itself where there is none."""
    if null.sample.clusters:
        return null.sample.clusters[0]
    return Grouping("row", np.arange(null.sample.n), null.sample.n)


def _regression(model: ThresholdModel, design: Design, taus: tuple[float, ...], vcov: str | None, seed: int) -> Fit:
    """The regression with the regimes' slopes at known thresholds."""
    x, w = numbers(design.data, model.treatment), numbers(design.data, model.threshold)
    regime = np.where(np.isnan(w), np.nan, np.searchsorted(taus, w, side="left").astype(float))
    names = regime_names(model.treatment, model.threshold, len(taus))
    made = {name: np.where(np.isnan(regime), np.nan, x * (regime == k)) for k, name in enumerate(names)}
    if model.regime_level:
        levels = regime_names("level", model.threshold, len(taus))[1:]
        made |= {name: np.where(np.isnan(regime), np.nan, regime == k) for k, name in enumerate(levels, 1)}
    whole = design.on(design.data.assign(**made))
    regressors = " + ".join(map(quoted, [*made, *_common(model)]))
    fit = whole.estimate(f"{quoted(model.outcome)} ~ {regressors}", vcov=vcov, seed=seed)
    lost = [name for name in names if name not in fit.terms]
    if lost:
        raise NotEstimable(f"the slope {lost[0]} is not identified")
    return replace(fit, estimator="threshold")


def _intervals(
    found: Found, values: Candidates, variance: float
) -> tuple[pd.DataFrame, tuple[float, ...], tuple[float, ...], list[str]]:
    """Likelihood ratios over the values searched, ends of the intervals, and thresholds whose interval is open."""
    names = ["tau"] if len(found.places) == 1 else ["tau1", "tau2"]
    parts, low, high, open_ended = [], [], [], []
    for name, profile in zip(names, found.profiles, strict=True):
        ratio = (profile - profile.min()) / variance
        known = np.isfinite(ratio)
        inside = np.flatnonzero(known & (ratio <= likelihood_ratio_bound()))
        low.append(float(values.values[inside[0]]))
        high.append(float(values.values[inside[-1]]))
        searched = np.flatnonzero(known)
        if inside[0] == searched[0] or inside[-1] == searched[-1]:
            open_ended.append(name)
        parts.append(
            pd.DataFrame(
                {
                    "curve": f"likelihood_ratio[{name}]",
                    "x": values.values,
                    "estimate": np.where(known, ratio, np.nan),
                    "ci_low": np.nan,
                    "ci_high": np.nan,
                }
            )
        )
    return pd.concat(parts, ignore_index=True), tuple(low), tuple(high), open_ended


def _details(tests: Sequence[NumberTest], values: Candidates, found: Found, null: Null, variance: float) -> list[Row]:
    """F tests with their bootstrap p-values and critical values, rows by regime, values searched."""
    nan, width = np.nan, float(null.changing.shape[1])
    rows: list[Row] = []
    for k, test in enumerate(tests, 1):
        rows.append((f"threshold_f[{k}]", test.f, width, test.p_value))
        rows += [
            (f"threshold_f{k}_critical[{level}]", value, nan, nan)
            for level, value in zip(("10%", "5%", "1%"), test.critical, strict=True)
        ]
    ends = [0, *(int(values.below[place]) for place in found.places), null.sample.n]
    names = ["below", "above"] if len(found.places) == 1 else ["below", "between", "above"]
    rows += [(f"n_obs[{name}]", float(b - a), nan, nan) for name, (a, b) in zip(names, pairwise(ends), strict=True)]
    rows += [
        ("threshold_values", float(len(values)), nan, nan),
        ("likelihood_ratio_critical", likelihood_ratio_bound(), nan, nan),
        ("threshold_variance", variance, nan, nan),
    ]
    return rows


def _remarks(
    model: ThresholdModel,
    null: Null,
    searched: Candidates,
    cluster: Grouping,
    draws: int,
    seed: int,
    open_ended: Sequence[str],
) -> list[Note]:
    distinct = len(np.unique(null.w))
    said = [
        note(
            "threshold_search",
            threshold=model.threshold,
            searched=len(searched),
            values=distinct,
            trim=f"{model.trim:.0%}",
        ),
        note("threshold_interval"),
        note("threshold_bootstrap", cluster=cluster.name, count=cluster.n_levels, draws=draws, seed=str(seed)),
        note("threshold_slopes"),
        note("threshold_level" if model.regime_level else "threshold_one_level", threshold=model.threshold),
    ]
    if len(null.sample.clusters) > 1:
        said.append(note("threshold_one_cluster", cluster=cluster.name))
    if open_ended:
        said.append(note("threshold_open", names=", ".join(open_ended)))
    return said

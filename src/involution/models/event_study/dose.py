"""Whether stronger events do more: effects by strength of the event, and their gradient.

Two stages (Gardner 2022): what treated rows exceed their untreated outcome by is averaged by tercile of strength and
regressed on strength, with standard errors that account for the first stage (see `second_stage`). Firms hit by events
of different strength are compared with each other: the gradient is causal if, besides trends without events, effects of
an event of the same strength are alike among them ("strong parallel trends", Callaway, Goodman-Bacon and Sant'Anna
2024, NBER working paper 32117).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import pandas as pd

from involution.errors import InputError, NotEstimable, Problem
from involution.models.distributions import f_p_value
from involution.models.event_study.adoption import Adoption, prepare
from involution.models.event_study.second_stage import Regression, second_stage
from involution.models.event_study.terms import OVERALL
from involution.models.groupings import Floats
from involution.models.matrix import no_column, numbers
from involution.models.notes import Note, note
from involution.models.options import variance_choice
from involution.models.reported import Row
from involution.models.result import Fit, summarise
from involution.models.sample import Sample
from involution.models.threads import single_threaded

GROUPS = ("low", "middle", "high")
CONTRAST, GRADIENT, WITHIN = "att[high-low]", "gradient", "gradient[within e]"
POINTS, LINE = "dose", "dose_line"
"""Names of the curves: effects of the groups at their mean strength, and the straight line through all rows."""
_STEPS = 21


@dataclass(frozen=True)
class _Strength:
    """Strength by row of the data, and the group that a firm's strength puts it in."""

    values: Floats
    group: np.ndarray
    cuts: tuple[float, ...]
    remarks: tuple[Note, ...]


@dataclass(frozen=True)
class Dose(Fit):
    """Effects by strength of the event.

    Attributes
    ----------
    groups : DataFrame
        group, term, firms, rows, strength (mean over rows), lowest, highest.
    mean_strength : float
        Over treated rows, where the line through them has the value ``att[overall]``.
    """

    groups: pd.DataFrame | None = None
    mean_strength: float = np.nan

    def curves(self) -> pd.DataFrame:
        """Points of the groups and the line over strengths that occur: curve, x, estimate, ci_low, ci_high."""
        assert self.groups is not None
        tidy = self.tidy().set_index("term")
        points = self.groups[self.groups["term"].isin(tidy.index)]
        columns = ["estimate", "ci_low", "ci_high"]
        parts = [
            tidy.loc[points["term"], columns]
            .reset_index(drop=True)
            .assign(curve=POINTS, x=points["strength"].to_numpy())
        ]
        if GRADIENT in tidy.index:
            parts.append(self._line(points["lowest"].min(), points["highest"].max()))
        return pd.concat(parts, ignore_index=True)[["curve", "x", *columns]]

    def _line(self, low: float, high: float) -> pd.DataFrame:
        at = [self.terms.index(term) for term in (OVERALL, GRADIENT)]
        x = np.linspace(low, high, _STEPS)
        design = np.column_stack([np.ones(_STEPS), x - self.mean_strength])
        middle = design @ self.estimate[at]
        spread = np.sqrt(np.einsum("ij,jk,ik->i", design, self.covariance[np.ix_(at, at)], design))
        wide = spread * (self.ci_high[at[1]] - self.estimate[at[1]]) / self.std_error[at[1]]
        return pd.DataFrame(
            {"x": x, "estimate": middle, "ci_low": middle - wide, "ci_high": middle + wide, "curve": LINE}
        )


def dose_effects(
    data: pd.DataFrame,
    outcome: str,
    strength: str,
    firm: str = "firm",
    year: str = "year",
    cohort: str = "cohort",
    cluster: Sequence[str] | str = (),
    controls: Sequence[str] = (),
    anticipation: int = 0,
    *,
    fixed_effects: Sequence[str] = (),
    weights: str | None = None,
    vcov: str = "crv1",
    small_sample: Mapping[str, Any] | None = None,
    rows: np.ndarray | None = None,
    remarks: Sequence[Note] = (),
) -> Dose:
    """Average effects by tercile of strength, and the slope of effects in strength, from two stages.

    Parameters
    ----------
    data, outcome, firm, year, cohort, cluster, controls, anticipation, fixed_effects, weights, vcov, small_sample, rows
        As in `event_study`.
    strength : str
        Strength of the event that a firm's adoption is of: one value over its treated rows; others are not looked at.
        Treated rows of firms without one are left out of the averages and counted.
    remarks : sequence of Note

    Returns
    -------
    Dose
        Terms ``att[overall]``, ``att[low]``, ``att[middle]``, ``att[high]`` by tercile over adopting firms (two or
        three values that occur are the groups themselves, without a middle one when two), ``att[high-low]``,
        ``gradient`` per unit of strength, and ``gradient[within e]`` among rows the same number of years after
        adoption, so that strong events that came early are not mistaken for effects that grow. The statistic
        ``dose_equal`` tests that the groups' effects are the same.

    Raises
    ------
    InputError
        As `event_study`, and for a strength that changes over a firm's treated rows.
    NotEstimable
        When strength does not vary among adopting firms, or no treated row has an identified effect.
    """
    if strength not in data.columns:
        raise InputError(Problem("strength", no_column(strength, data.columns)))
    absorbed, clusters = list(fixed_effects) or [firm, year], [cluster] if isinstance(cluster, str) else list(cluster)
    with single_threaded():
        made = prepare(
            data, outcome, firm=firm, year=year, cohort=cohort, cluster=clusters or [firm], controls=controls,
            fixed_effects=absorbed, weights=weights, anticipation=anticipation, rows=rows,
        )  # fmt: skip
        found = _strength(data, made, strength, firm)
        solution = second_stage(made, lambda sample: _regressions(made, found, sample))
        fit = summarise(
            solution,
            variance_choice(vcov, clusters or [firm], {"observations": False, **(small_sample or {})}, 0, 0),
            formula=f"{outcome} ~ {' + '.join(controls) or '1'} | {' + '.join(absorbed)}",
            estimator="did2s",
            outcome=outcome,
            effects=absorbed,
            outcome_values=made.outcome,
            remarks=(*remarks, note("dose_status"), *found.remarks),
        )
    return _told(fit, found, solution.sample)


def check_strength(strength: pd.Series, firm: pd.Series) -> pd.Series:
    """The strength of each firm's event, from its treated rows.

    Parameters
    ----------
    strength, firm : Series
        Of treated rows.

    Raises
    ------
    InputError
        When a firm has two.
    """
    of_firms = strength.groupby(firm, sort=True)
    torn = of_firms.nunique() > 1
    if torn.any():
        shown = tuple(f"{firm.name} {key}" for key in torn.index[torn][:10])
        what = "the event of a firm has one strength over its treated rows, and these have two"
        raise InputError(Problem(f"column '{strength.name}'", what, shown))
    return of_firms.first()


def _strength(data: pd.DataFrame, made: Adoption, name: str, firm: str) -> _Strength:
    """One strength for each firm that adopts, and its group."""
    values = numbers(data, name)
    treated = np.zeros(len(data), dtype=bool)
    treated[made.sample.rows] = made.since[made.sample.rows] >= 0
    by_firm = check_strength(pd.Series(values, index=data.index, name=name)[treated], data.loc[treated, firm])
    missing = int(by_firm.isna().sum())
    known = by_firm.dropna()
    distinct = np.unique(known)
    if len(distinct) < 2:
        raise NotEstimable(f"'{name}' has no two values among the {len(known)} firms that adopt")
    said = [note("dose_missing", firms=missing, strength=name)] if missing else []
    cuts = _cuts(np.asarray(known, dtype=float))
    group = pd.Series(np.searchsorted(cuts, known, side="left"), index=known.index, dtype=float)
    if len(distinct) == 2:
        group = group * 2
    told = ", ".join(f"{value:g}" for value in (distinct if len(distinct) <= len(GROUPS) else cuts))
    code = "dose_values" if len(distinct) <= len(GROUPS) else "dose_terciles"
    said.append(note(code, strength=name, firms=len(known), values=told))
    code_of_row = np.where(treated, data[firm].map(group).to_numpy(dtype=float), np.nan)
    return _Strength(
        np.where(treated, data[firm].map(known).to_numpy(dtype=float), np.nan), code_of_row, tuple(cuts), tuple(said)
    )


def _cuts(values: Floats) -> Floats:
    """Upper ends of all groups but the last: terciles, or the values themselves when there are two or three."""
    distinct = np.unique(values)
    if len(distinct) <= len(GROUPS):
        return np.asarray(distinct[:-1])
    return np.asarray(np.quantile(values, [1 / 3, 2 / 3]))


def _regressions(made: Adoption, found: _Strength, sample: Sample) -> list[Regression]:
    inside = np.zeros(len(found.values), dtype=bool)
    inside[sample.rows] = np.isfinite(found.values[sample.rows])
    ones = np.ones((len(inside), 1))
    centred = found.values - _mean(found, sample)
    since = np.where(np.isfinite(made.since), made.since, -1)
    years = np.unique(since[inside])
    of_group = {name: (found.group == code) & inside for code, name in enumerate(GROUPS)}
    ends = of_group["low"] | of_group["high"]
    parts = [Regression((OVERALL,), ones, inside)]
    parts += [Regression((f"att[{name}]",), ones, rows) for name, rows in of_group.items() if rows.any()]
    parts.append(Regression(("", CONTRAST), np.column_stack([ones, of_group["high"]]), ends))
    parts.append(Regression(("", GRADIENT), np.column_stack([ones, centred]), inside))
    tenure = (since[:, None] == years).astype(float)
    parts.append(Regression((WITHIN, *([""] * len(years))), np.column_stack([centred, tenure]), inside))
    return parts


def _mean(found: _Strength, sample: Sample) -> float:
    """Mean strength over the treated rows of the sample."""
    values = found.values[sample.rows]
    known = np.isfinite(values)
    if not known.any():
        raise NotEstimable("no treated row with a strength is left whose effects untreated observations identify")
    return float(np.average(values[known], weights=None if sample.weights is None else sample.weights[known]))


def _told(fit: Fit, found: _Strength, sample: Sample) -> Dose:
    """The fit with its groups and the test that their effects are the same."""
    assert sample.firm is not None
    weight = np.ones(sample.n) if sample.weights is None else sample.weights
    rows: list[dict[str, Any]] = []
    details: list[Row] = [*fit.details]
    for code, name in enumerate(GROUPS):
        inside = found.group[sample.rows] == code
        if inside.any():
            values = found.values[sample.rows][inside]
            mean, firms = float(np.average(values, weights=weight[inside])), len(np.unique(sample.firm.codes[inside]))
            rows.append(
                {"group": name, "term": f"att[{name}]", "firms": firms, "rows": int(inside.sum()), "strength": mean}
                | {"lowest": float(values.min()), "highest": float(values.max())}
            )
            counts = {"n_firms": float(firms), "n_treated": float(inside.sum()), "strength": mean}
            details += [(f"{key}[{name}]", value, np.nan, np.nan) for key, value in counts.items()]
    groups = pd.DataFrame(rows)
    details.append(("dose_equal", *_equal(fit, list(groups["term"]))))
    whole = replace(fit, details=tuple(details))
    own = {item.name: getattr(whole, item.name) for item in fields(Fit)}
    return Dose(**own, groups=groups, mean_strength=_mean(found, sample))


def _equal(fit: Fit, terms: Sequence[str]) -> tuple[float, float, float]:
    """F that the terms are all the same, its restrictions and p-value."""
    at = [fit.terms.index(term) for term in terms if term in fit.terms]
    count = len(at) - 1
    degrees = fit.degrees_of_freedom
    if count < 1 or count >= degrees + 1:
        return np.nan, float(max(count, 0)), np.nan
    apart = np.hstack([-np.ones((count, 1)), np.eye(count)])
    difference, covariance = apart @ fit.estimate[at], apart @ fit.covariance[np.ix_(at, at)] @ apart.T
    value = float(difference @ np.linalg.solve(covariance, difference)) / count
    return value, float(count), f_p_value(value, count, degrees)

"""What an omitted variable would have to be like: Oster (2019) and Cinelli and Hazlett (2020) on one regression.

Both work on columns with the fixed effects out, so that the omitted variable varies over time within firms, and every
R2 is within. The robustness value for significance and the adjusted errors take the clustered error as changing as that
of least squares does (`involution.models.omitted_variables`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from involution.errors import InputError, NotEstimable, Problem, nearest
from involution.models.blocks import Run, spawned_seed
from involution.models.derived import tested
from involution.models.design import Design
from involution.models.distributions import critical_value
from involution.models.endogeneity.asked import Method, Prepared, controls_of, outcome_of, prepared, treatment_of
from involution.models.endogeneity.oster import NOTHING_LEFT, Adjusted, Movements, movements, on_other_side
from involution.models.groupings import Floats
from involution.models.linear import Linear
from involution.models.mediation.products import products_of
from involution.models.notes import Note, note
from involution.models.omitted_variables import Path, Strength, benchmark, path, robustness_value
from involution.models.result import Fit
from involution.models.tidy import BlockResult, estimate_rows, note_rows, of_fit, statistic_rows
from involution.study.balancing import Omitted
from involution.study.endogeneity import Endogeneity, endogeneity_names
from involution.study.formulas import quoted
from involution.study.timing import dated

ESTIMATOR = "omitted_variables"
SCENARIOS = (1.0, 0.75, 0.5)
"""Shares of what is left of the outcome that an extreme omitted variable explains."""
_POINTS = 101


@dataclass(frozen=True)
class _Regression:
    """The regression with all controls, and the places of its columns in their cross-products."""

    fit: Fit
    linear: Linear
    treatment: str
    controls: list[str]
    base: list[str]

    @property
    def columns(self) -> Floats:
        """Regressors, then the outcome, every effect out."""
        return np.column_stack([self.linear.regressors, self.linear.outcome])

    @property
    def products(self) -> Floats:
        """Cross-products of these columns."""
        return self.columns.T @ self.columns

    def places(self, names: Sequence[str]) -> list[int]:
        """Places of names that the fixed effects have not taken."""
        return [self.linear.names.index(name) for name in names if name in self.linear.names]

    def movements(self, products: Floats, floor: float = 0.0) -> Movements:
        """What the controls move."""
        own, outcome = self.places([self.treatment])[0], len(self.linear.names)
        return movements(products, own, outcome, self.places(self.base), self.places(self.controls), floor)

    def path(self, products: Floats) -> Path:
        """The treatment's path, with its own standard error."""
        own = self.places([self.treatment])[0]
        error = float(self.fit.std_error[self.fit.terms.index(self.treatment)])
        given = self.places([*self.base, *self.controls])
        return path(products, own, len(self.linear.names), given, error, critical_value(self.fit.degrees_of_freedom))


def _omitted(asked: Endogeneity) -> Omitted:
    assert asked.omitted is not None
    return asked.omitted


def _prepare(asked: Endogeneity, data: pd.DataFrame, run: Run) -> Prepared:
    known, own = asked.controls or [], _omitted(asked)
    problems = [
        Problem(f"omitted.{key}", f"'{name}' is no control of the section{nearest(name, known)}", mend="see `controls`")
        for key, names in (("benchmarks", own.benchmarks or ()), ("base", own.base))
        for name in names
        if name not in known
    ]
    if problems:
        raise InputError(problems)
    design, said = prepared(asked, [], data, run)
    if own.r_max is not None:
        _check_r_max(asked, own.r_max, design)
    return design, said


def _check_r_max(asked: Endogeneity, r_max: float, design: Design) -> None:
    """Raise an InputError where R2 with the controls in is above what is said to be R2 with everything in."""
    try:
        _, regression = _regressed(asked, design, {"vcov": "hetero"})
    except NotEstimable:
        # Its own row says why.
        return
    r2 = regression.movements(regression.products).r2_long
    if regression.places(regression.controls) and r_max < r2:
        what = f"{r_max:g} is below R2 (within) with the controls in, {r2:.4g}"
        raise InputError(Problem("omitted.r_max", what, mend=f"a number from {r2:.4g} to 1, or leave it out"))


def _estimate(asked: Endogeneity, design: Design, said: tuple[Note, ...], run: Run) -> list[BlockResult]:
    headline, long_name, short_name = endogeneity_names(asked)
    options: dict[str, Any] = {
        "vcov": asked.vcov,
        "draws": run.draws,
        "seed": spawned_seed(run.seed, asked.name),
        "remarks": said,
    }
    long, regression = _regressed(asked, design, options)
    # The same rows in both, so that only the controls differ.
    rows = np.zeros(len(design.data), dtype=bool)
    rows[long.rows] = True
    short = design.on(rows=rows).estimate(_formula(asked, regression.base), **options)
    return [_sensitivity(headline, asked, regression), of_fit(long_name, long), of_fit(short_name, short)]


def _regressed(asked: Endogeneity, design: Design, options: dict[str, Any]) -> tuple[Fit, _Regression]:
    """The regression with all controls."""
    base = [dated(name, asked.clock.controls) for name in _omitted(asked).base]
    controls = [name for name in controls_of(asked) if name not in base]
    formula, treatment = _formula(asked, [*base, *controls]), treatment_of(asked)
    long = design.estimate(formula, **options)
    if treatment not in long.terms:
        raise NotEstimable(f"nothing is left of the treatment {treatment} once fixed effects and controls are out")
    linear = design.solution(formula)[0].linear
    assert linear is not None
    return long, _Regression(long, linear, treatment, controls, base)


def _formula(asked: Endogeneity, controls: Sequence[str]) -> str:
    return f"{quoted(outcome_of(asked))} ~ {' + '.join(map(quoted, [treatment_of(asked), *controls]))}"


def _sensitivity(name: str, asked: Endogeneity, regression: _Regression) -> BlockResult:
    fit, own, x = regression.fit, _omitted(asked), regression.treatment
    products = regression.products
    found = regression.path(products)
    terms: list[dict[Any, Any]] = fit.tidy().query("term == @x").to_dict("records")
    q = own.reduce
    rows = [
        (f"partial_r2[{x}]", found.partial_r2),
        (f"robustness_value[{x}]", robustness_value(q * found.strength)),
        (f"robustness_value_alpha[{x}]", robustness_value(q * found.strength, found.threshold)),
        (f"residual_ratio[{x}]", found.scale),
        ("degrees_of_freedom", fit.degrees_of_freedom),
    ]
    remarks = [note("omitted_within", reduce=f"{q:.0%}"), _error_note(asked)]
    strengths = _benchmarks(products, asked, regression, found)
    for label, at in strengths.items():
        estimate, error = found.adjusted(at.treatment, at.outcome), found.adjusted_error(at.treatment, at.outcome)
        terms.append(tested(fit, f"bound[{label}]", estimate, error if error > 0 else np.nan))
        rows += [(f"r2_treatment[{label}]", at.treatment), (f"r2_outcome[{label}]", at.outcome)]
    remarks += _said_of(strengths, regression, own)
    oster_terms, oster_rows, more = _oster(products, own, regression)
    frame = pd.DataFrame([*terms, *oster_terms])
    remarks = [*fit.remarks, *remarks, *more]
    return BlockResult(
        estimate_rows(name, frame, fit, remarks, estimator=ESTIMATOR, outcome=fit.outcome).assign(
            r2=fit.r2, r2_within=fit.r2_within
        ),
        statistic_rows(name, [(key, float(value), np.nan, np.nan) for key, value in (*rows, *oster_rows)]),
        note_rows(name, remarks),
        _extreme(name, found, [at.treatment for at in strengths.values()]),
    )


def _error_note(asked: Endogeneity) -> Note:
    return note("omitted_errors_wild" if asked.vcov == "wild" else "omitted_errors")


def _benchmarks(products: Floats, asked: Endogeneity, regression: _Regression, found: Path) -> dict[str, Strength]:
    """The greatest strength of an omitted variable some times as strong as a control, by ``control,times``."""
    own = _omitted(asked)
    named = own.benchmarks if own.benchmarks is not None else [n for n in asked.controls or () if n not in own.base]
    out = {}
    for column in (dated(name, asked.clock.controls) for name in named):
        for place in regression.places([column]):
            for times, label, with_outcome in own.strengths:
                out[f"{column},{label}"] = benchmark(products, found, place, times, with_outcome)
    return out


def _said_of(strengths: dict[str, Strength], regression: _Regression, own: Omitted) -> list[Note]:
    said = [note("omitted_benchmarks")] if strengths else []
    strong = [label for label, at in strengths.items() if np.isnan(at.treatment)]
    capped = [label for label, at in strengths.items() if at.outcome == 1]
    said += [note("omitted_strong", names="; ".join(strong))] if strong else []
    said += [note("omitted_capped", names="; ".join(capped))] if capped else []
    if not regression.places(regression.controls):
        said.append(note("omitted_no_controls"))
    return said


def _oster(
    products: Floats, own: Omitted, regression: _Regression
) -> tuple[list[dict[str, object]], list[tuple[str, float]], list[Note]]:
    """The adjusted effect with its jackknife error, what it rests on, and what has to be said."""
    if not regression.places(regression.controls):
        return [], [], []
    moved = regression.movements(products)
    r_max = moved.r_max(own.r_max)
    adjusted = moved.adjusted(r_max, own.delta)
    left_out = _left_out(own, regression, products)
    error = _jackknife(left_out, adjusted.estimate)
    term = tested(regression.fit, f"oster[delta={own.delta:g}]", adjusted.estimate, error)
    rows = [
        ("oster_delta", moved.delta(r_max)),
        ("oster_r_max", r_max),
        ("oster_r2_short", moved.r2_short),
        ("oster_r2", moved.r2_long),
        ("oster_short", moved.short),
        ("oster_approximate", moved.approximate(r_max, own.delta)),
        *((f"oster_other_root[{number}]", value) for number, value in enumerate(adjusted.others, 1)),
    ]
    of_r_max = "oster_r_max_usual" if own.r_max is None else "oster_r_max_named"
    said = [note("oster", r_max=f"{r_max:.3g}", delta=f"{own.delta:g}"), note(of_r_max)]
    said += [note("oster_turned")] if adjusted.turned else []
    said += [note("oster_no_error")] if np.isnan(error) else [note("oster_error")]
    others = sum(on_other_side(moved, adjusted, *one) for one in left_out or () if one is not None)
    said += [note("oster_unsteady", count=others, clusters=len(left_out or ()))] if others else []
    return [term], rows, said


def _left_out(
    own: Omitted, regression: _Regression, products: Floats
) -> list[tuple[Movements, Adjusted] | None] | None:
    """The adjusted effect without each cluster, None where there is none; None if not one clustering."""
    sample = regression.linear.sample
    if len(sample.clusters) != 1:
        return None
    raw = np.column_stack([regression.linear.raw_regressors, regression.linear.raw_outcome])
    made = products_of(sample, raw, regression.columns, sample.clusters[0])
    place = regression.places([regression.treatment])[0]
    floor = NOTHING_LEFT * float(products[place, place])
    out: list[tuple[Movements, Adjusted] | None] = []
    for chunk in made.left_out():
        for one in chunk:
            try:
                moved = regression.movements(one, floor)
                out.append((moved, moved.adjusted(moved.r_max(own.r_max), own.delta)))
            except NotEstimable:
                out.append(None)
    return out


def _jackknife(left_out: Sequence[tuple[Movements, Adjusted] | None] | None, estimate: float) -> float:
    """The standard error of the adjusted effect, each cluster left out of every step; missing where one has none."""
    if left_out is None:
        return np.nan
    replicates = np.array([np.nan if one is None else one[1].estimate for one in left_out])
    return float(np.sqrt((len(replicates) - 1) / len(replicates) * np.sum((replicates - estimate) ** 2)))


def _extreme(name: str, found: Path, benchmarks: Sequence[float]) -> pd.DataFrame:
    """The estimate were the omitted variable to explain what is left of the outcome, over its part in the treatment."""
    known = [at for at in benchmarks if not np.isnan(at)]
    reach = min(0.9, max(1.5 * found.partial_r2, 1.2 * max(known, default=0.0), 0.02))
    x = np.linspace(0, reach, _POINTS)
    parts = [
        pd.DataFrame(
            {
                "curve": f"extreme[{share:g}]",
                "x": x,
                "estimate": [found.adjusted(float(at), share) for at in x],
                "ci_low": np.nan,
                "ci_high": np.nan,
            }
        )
        for share in SCENARIOS
    ]
    return pd.concat(parts, ignore_index=True).assign(model=name)


OMITTED = Method(_prepare, _estimate, ESTIMATOR)

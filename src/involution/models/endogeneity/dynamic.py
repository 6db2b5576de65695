"""The outcome's own past beside the treatment: difference and system GMM, between the bounds of two least squares."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pandas as pd

from involution.errors import InputError, NotEstimable, Problem
from involution.models.blocks import Run, spawned_seed
from involution.models.design import Design
from involution.models.dynamic.described import lagged_sum
from involution.models.dynamic.estimate import DynamicPanel, estimate_dynamic
from involution.models.dynamic.instruments import Lagged, Standard
from involution.models.endogeneity.asked import Method, Prepared, controls_of, outcome_of, prepared, treatment_of
from involution.models.notes import Note, note
from involution.models.result import Fit
from involution.models.tidy import BlockResult, of_failure, of_fit
from involution.study.dynamic import Dynamic
from involution.study.endogeneity import Endogeneity, endogeneity_names
from involution.study.formulas import quoted
from involution.study.timing import dated

FIRST = {"predetermined": 1, "endogenous": 2}
"""The first lag of a regressor that its own year's differenced error says nothing of."""


def _prepare(asked: Endogeneity, data: pd.DataFrame, run: Run) -> Prepared:
    _check(asked)
    own = asked.clock.outcome
    columns = [(asked.outcome, own - lag) for lag in range(1, _dynamic(asked).lags + 1)]
    columns += [(name, asked.clock.treatment) for name in _dynamic(asked).instruments]
    return prepared(asked, columns, data, run)


def _dynamic(asked: Endogeneity) -> Dynamic:
    assert asked.dynamic is not None
    return asked.dynamic


def _check(asked: Endogeneity) -> None:
    """Raise an InputError for what a completed item cannot ask of a dynamic panel."""
    where, dynamic = f"endogeneity: {asked.name}", _dynamic(asked)
    problems = []
    effects = list(asked.fixed_effects or ())
    if "firm" not in effects or set(effects) - {"firm", "year"}:
        found = f"the fixed effects {', '.join(effects) or 'none'}: a dynamic panel has those of the firm and the year"
        problems.append(Problem(f"{where}.fixed_effects", found, mend="give the item fixed_effects: [firm, year]"))
    if asked.weights:
        problems.append(Problem(f"{where}.weights", "GMM of a dynamic panel takes no weights", mend="leave them out"))
    if len(asked.cluster or ()) > 1:
        mend = "name the one at which the treatment varies"
        problems.append(Problem(f"{where}.cluster", "GMM of a dynamic panel takes one clustering", mend=mend))
    treatment, controls = str(asked.treatment), list(asked.controls or ())
    for key in ("predetermined", "endogenous"):
        for name in getattr(dynamic, key):
            if name not in controls:
                what = f"'{name}' is none of the controls"
                problems.append(Problem(f"{where}.dynamic.{key}", what, mend="list it under `controls` too"))
    for name in set(dynamic.lag_limits) - {asked.outcome, *_lagged_first(asked)}:
        what = f"'{name}' has no lags as instruments"
        mend = f"name the outcome, or what is predetermined or endogenous; the treatment {treatment} is one of these"
        problems.append(Problem(f"{where}.dynamic.lag_limits", what, mend=mend))
    first = dynamic.lag_limits.get(asked.outcome, (2, None))[0]
    if first < 2:
        what = f"the outcome's lag {first} goes with the differenced error: it is no valid instrument"
        problems.append(Problem(f"{where}.dynamic.lag_limits", what, mend="begin at 2 or later"))
    if problems:
        raise InputError(problems)


def _lagged_first(asked: Endogeneity) -> dict[str, tuple[int, int]]:
    """By regressor that is not strictly exogenous the first lag that is a valid instrument, and its own year."""
    dynamic, clock = _dynamic(asked), asked.clock
    out = {}
    if dynamic.treatment != "exogenous":
        out[str(asked.treatment)] = (FIRST[dynamic.treatment], clock.treatment)
    for key in ("predetermined", "endogenous"):
        out |= dict.fromkeys(getattr(dynamic, key), (FIRST[key], clock.controls))
    return out


def _panel(asked: Endogeneity) -> DynamicPanel:
    """What is estimated by differences; instruments are taken of the columns as they are, their lags by the clock."""
    dynamic, clock = _dynamic(asked), asked.clock
    lagged_first = _lagged_first(asked)
    exogenous = [] if str(asked.treatment) in lagged_first else [treatment_of(asked)]
    exogenous += [dated(name, clock.controls) for name in asked.controls or () if name not in lagged_first]
    exogenous += [dated(name, clock.treatment) for name in dynamic.instruments]
    lagged = [(asked.outcome, 2, clock.outcome)]
    lagged += [(name, first, own) for name, (first, own) in lagged_first.items()]
    return DynamicPanel(
        outcome_of(asked),
        tuple(dict.fromkeys([*_past(asked), treatment_of(asked), *controls_of(asked)])),
        tuple(_within_limits(dynamic, *one) for one in lagged),
        tuple(Standard(name) for name in dict.fromkeys(exogenous)),
        years="year" in (asked.fixed_effects or ()),
        collapse=dynamic.collapse,
        steps=1 if dynamic.steps == "one" else 2,
        transform=dynamic.transform,
    )


def _within_limits(dynamic: Dynamic, name: str, first: int, own: int) -> Lagged:
    low, high = dynamic.lag_limits.get(name, (first, None))
    return Lagged(name, low - own, None if high is None else high - own)


def _past(asked: Endogeneity) -> list[str]:
    """The lagged outcomes."""
    return [dated(asked.outcome, asked.clock.outcome - lag) for lag in range(1, _dynamic(asked).lags + 1)]


def _estimate(asked: Endogeneity, design: Design, said: tuple[Note, ...], run: Run) -> list[BlockResult]:
    """Difference and system GMM, then pooled and within least squares, each in its row whether it could be or not."""
    panel, (cluster, *_) = _panel(asked), design.cluster
    names = endogeneity_names(asked)
    past = _past(asked)
    bounds = [_least_squares(asked, design, effects, said, run) for effects in (["year"], ["firm", "year"])]
    found = [_gmm(replace(panel, system=system), design, cluster, said) for system in (False, True)]
    estimators = ("difference_gmm", "system_gmm", "ols", "ols")
    fits = [*(_bounded(one, past, bounds) for one in found), *bounds]
    return [_row(asked, *one) for one in zip(names, fits, estimators, strict=True)]


def _least_squares(
    asked: Endogeneity, design: Design, effects: Sequence[str], said: tuple[Note, ...], run: Run
) -> Fit | str:
    regressors = " + ".join(map(quoted, [*_past(asked), treatment_of(asked), *controls_of(asked)]))
    kept = [name for name in effects if name in (asked.fixed_effects or ())]
    return _or_reason(
        lambda: design.on(fixed_effects=kept).estimate(
            f"{quoted(outcome_of(asked))} ~ {regressors}",
            vcov=asked.vcov,
            draws=run.draws,
            seed=spawned_seed(run.seed, asked.name),
            remarks=(*said, note("dynamic_bounds")),
        )
    )


def _gmm(panel: DynamicPanel, design: Design, cluster: str, said: tuple[Note, ...]) -> Fit | str:
    return _or_reason(lambda: estimate_dynamic(panel, design.data, cluster=cluster, rows=design.rows, remarks=said))


def _or_reason(estimated: Callable[[], Fit]) -> Fit | str:
    """A fit, or why there is none."""
    try:
        return estimated()
    except NotEstimable as error:
        return str(error)


def _bounded(found: Fit | str, past: Sequence[str], bounds: Sequence[Fit | str]) -> Fit | str:
    """The estimate with a note where its lagged outcomes' coefficient lies outside the bounds of least squares."""
    ends = sorted(lagged_sum(bound, past) for bound in bounds if isinstance(bound, Fit))
    if isinstance(found, str) or len(ends) < 2:
        return found
    own = lagged_sum(found, past)
    if not (own < ends[0] or own > ends[1]):
        return found
    shown = note("dynamic_outside", found=f"{own:.3f}", low=f"{ends[0]:.3f}", high=f"{ends[1]:.3f}")
    return replace(found, remarks=(*found.remarks, shown))


def _row(asked: Endogeneity, name: str, found: Fit | str, estimator: str) -> BlockResult:
    if isinstance(found, Fit):
        return of_fit(name, found)
    effects = asked.fixed_effects or ()
    return of_failure(name, found, estimator=estimator, outcome=outcome_of(asked), fixed_effects=effects)


DYNAMIC = Method(_prepare, _estimate, "difference_gmm")

"""The sum of shares times shocks as an instrument: errors by shocks, the regression of shocks, Rotemberg weights."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from involution.errors import InputError, NotEstimable
from involution.models.blocks import Run
from involution.models.design import Design
from involution.models.endogeneity.asked import Method, Prepared, prepared
from involution.models.endogeneity.exposed import GROUPS, Exposed, normal_row, tidied
from involution.models.endogeneity.exposures import INSTRUMENT, SUM, Placed, check_exposures, placed, rows_of
from involution.models.endogeneity.two_stage import TwoStage, beside, formula, instrumented
from involution.models.matrix import numbers
from involution.models.notes import Note, note
from involution.models.own_design import or_failure
from involution.models.reported import Row
from involution.models.shift_share import (
    effective_shocks,
    exposure_robust,
    rotemberg_weights,
    shock_rows,
)
from involution.models.threads import single_threaded
from involution.models.tidy import BlockResult, of_fit
from involution.study.endogeneity import Endogeneity
from involution.study.timing import dated

FEW_SHOCKS = 40
"""Effective groups of shocks below which the errors by shocks are said to be of few."""


def _prepare(asked: Endogeneity, data: pd.DataFrame, run: Run) -> Prepared:
    assert asked.shift_share is not None
    problems = check_exposures(asked, data, run)
    try:
        found = prepared(asked, [(name, asked.clock.controls) for name in asked.shift_share.balance], data, run)
    except InputError as error:
        raise InputError([*problems, *error.problems]) from None
    if problems:
        raise InputError(problems)
    return found


def _estimate(asked: Endogeneity, design: Design, said: tuple[Note, ...], run: Run) -> list[BlockResult]:
    found = _exposed(asked, design, said, run)
    name, model = asked.name, found.model
    assert asked.shift_share is not None
    parts = [
        or_failure(name, asked, "iv", lambda: _headline(found)),
        or_failure(f"{name}_shocks", asked, "iv", lambda: _of_shocks(found)),
        or_failure(f"{name}_clustered", asked, "iv", lambda: of_fit(f"{name}_clustered", instrumented(model))),
        *(beside(model, part) for part in ("first", "reduced", "ols")),
        or_failure(f"{name}_rotemberg", asked, "iv", lambda: _rotemberg(found)),
    ]
    if asked.shift_share.balance:
        parts.append(or_failure(f"{name}_balance", asked, "ols", lambda: _balance(found)))
    return parts


def _exposed(asked: Endogeneity, design: Design, said: tuple[Note, ...], run: Run) -> Exposed:
    assert asked.shift_share is not None
    where = placed(asked, design.data, run)
    incomplete = where.incomplete(design.rows)
    by_year = any("year" in effect for effect in design.effects)
    control = asked.shift_share.sum_of_shares == "control"
    years = np.unique(where.years[where.year[design.rows & (where.year >= 0)]]) if control else np.zeros(0)
    made = {INSTRUMENT: where.instrument}
    if incomplete or not by_year:
        seen = where.years[np.maximum(where.year, 0)]
        made |= {f"{SUM}::{year:.0f}": where.sums * (seen == year) for year in years}
    whole = design.on(design.data.assign(**made))
    remarks = (*_of_shares(where, incomplete=incomplete, by_year=by_year, control=control), *said)
    return Exposed(TwoStage(asked, whole, remarks, (INSTRUMENT,), run, tuple(made)[1:]), where)


def _of_shares(where: Placed, *, incomplete: bool, by_year: bool, control: bool) -> list[Note]:
    said = []
    if incomplete:
        sums = where.exposures.shares.sum(axis=1)
        told = {"least": f"{sums.min():.3f}", "most": f"{sums.max():.3f}"}
        said.append(note("shift_share_control" if control else "shift_share_omitted", **told))
    elif not by_year:
        said.append(note("shift_share_years" if control else "shift_share_years_omitted"))
    if where.without:
        listed = ", ".join(where.without[:5]) + (", ..." if len(where.without) > 5 else "")
        said.append(note("shift_share_without", count=len(where.without), names=listed))
    return said


def _headline(found: Exposed) -> BlockResult:
    """The two-stage estimate of the treatment with errors by shocks."""
    model, rows, where = found.model, found.rows, found.where
    with single_threaded():
        robust = exposure_robust(where.exposures, found.sums, rows)
    first = found.robust(replace(rows, outcome=rows.treatment, treatment=rows.instrument))
    groups, shocks = effective_shocks(found.seen), effective_shocks(found.sums.weight)
    outcome = numbers(model.design.data, model.outcome)[found.linear.sample.rows]
    sums = where.sums[found.linear.sample.rows]
    values = {
        "n_obs": found.linear.sample.n,
        "mean_outcome": float(np.average(outcome, weights=rows.weights)),
        "n_shocks": int((found.sums.weight > 0).sum()),
        "effective_shocks": shocks,
        "effective_groups": groups,
        "first_stage_f_akm": (first.estimate / first.std_error) ** 2,
        "share_sum_mean": float(np.average(sums, weights=rows.weights)),
        "share_sum_least": float(sums.min()),
        "akm0_low": robust.null_imposed.ends[0],
        "akm0_high": robust.null_imposed.ends[1],
    }
    remarks = (
        note("shift_share", treatment=model.treatment, size=where.size, count=len(where.exposures.shocks)),
        note("shift_share_akm", set=robust.null_imposed.text()),
        *_controlled(model),
        *([] if found.sums.identified else [note("shift_share_projection")]),
        note("shift_share_effective", shocks=f"{shocks:.1f}", groups=f"{groups:.1f}"),
        *([note("shift_share_few", limit=FEW_SHOCKS)] if groups < FEW_SHOCKS else []),
        *model.said,
    )
    terms = pd.DataFrame([normal_row(model.treatment, robust)])
    return tidied(
        model.asked.name, terms, found, remarks, [(key, float(v), np.nan, np.nan) for key, v in values.items()]
    )


def _of_shocks(found: Exposed) -> BlockResult:
    """The regression of shocks: one row a shock and year, the shock itself as the instrument."""
    model, where = found.model, found.where
    cluster = GROUPS if where.grouped else "shock"
    frame = shock_rows(where.exposures, found.sums, where.years).rename(
        columns={"outcome": model.outcome, "treatment": model.treatment, "group": GROUPS}
    )
    effects = ["year", *(["shock"] if found.rows.lasting else [])]
    design = Design(frame, effects, [cluster], weights="weight", singletons="keep", firm="none")
    text = formula(model.outcome, (), model.treatment, ("size",))
    fit = design.estimate(text, vcov=model.vcov)
    kept = tuple(remark for remark in fit.remarks if remark.code != "weights")
    remarks = (note("shift_share_regression"), *_controlled(model), *kept, *model.said)
    # Effects of firms and controls were taken out before the rows were summed by shock.
    every = tuple(dict.fromkeys((*("^".join(effect) for effect in model.design.effects), *fit.fixed_effects)))
    told = replace(fit, remarks=tuple(dict.fromkeys(remarks)), fixed_effects=every)
    return of_fit(f"{model.asked.name}_shocks", told)


def _controlled(model: TwoStage) -> list[Note]:
    """The controls, which are no terms of estimates by shocks."""
    named = [name for name in model.controls if not name.startswith(f"{SUM}::")]
    return [note("shift_share_controls", names=", ".join(named))] if named else []


def _rotemberg(found: Exposed) -> BlockResult:
    """Shocks with the largest weights: the weight and the estimate of each alone."""
    model, where = found.model, found.where
    assert model.asked.shift_share is not None
    weights, estimates = rotemberg_weights(found.sums)
    order = np.argsort(-np.abs(weights), kind="stable")[: model.asked.shift_share.top]
    rows, details = [], list[Row]()
    for place in order[weights[order] != 0]:
        shock = where.exposures.shocks[place]
        row, strength = _alone(found, int(place), float(estimates[place]))
        rows.append({"term": f"rotemberg[{shock}]", **row})
        details.append((f"rotemberg_weight[{shock}]", float(weights[place]), np.nan, np.nan))
        details.append((f"rotemberg_f[{shock}]", strength, np.nan, np.nan))
    details += [
        ("rotemberg_negative", float(weights[weights < 0].sum()), np.nan, np.nan),
        ("rotemberg_shown", float(weights[order].sum()), np.nan, np.nan),
    ]
    remarks = (note("rotemberg", count=len(rows), total=len(weights)), *model.said)
    result = tidied(f"{model.asked.name}_rotemberg", pd.DataFrame(rows), found, remarks, details)
    label = f"crv3({'+'.join(model.design.cluster)})" if model.vcov == "crv3" else str(model.vcov)
    clusters = found.linear.sample.clusters
    counted = min(cluster.n_levels for cluster in clusters) if clusters else np.nan
    return replace(result, estimates=result.estimates.assign(vcov=label, n_clusters=counted))


def _alone(found: Exposed, place: int, estimate: float) -> tuple[dict[str, float], float]:
    """The two-stage estimate with one shock's part of the instrument alone, and the F of its first stage."""
    model, where = found.model, found.where
    part = where.exposures.shares[np.maximum(where.unit, 0), place] * found.sums.sizes[place, np.maximum(where.year, 0)]
    known = ~np.isnan(where.instrument)
    design = model.design.on(model.design.data.assign(**{INSTRUMENT: np.where(known, part, np.nan)}))
    keys = ("std_error", "statistic", "p_value", "ci_low", "ci_high")
    try:
        fit = design.estimate(
            formula(model.outcome, model.controls, model.treatment, model.instruments), vcov=model.vcov
        )
    except NotEstimable:
        return {"estimate": estimate, **dict.fromkeys(keys, np.nan)}, np.nan
    at = fit.terms.index(model.treatment)
    strength = next((value for name, value, *_ in fit.details if name.startswith("first_stage_f_robust")), np.nan)
    return {"estimate": estimate, **{key: float(getattr(fit, key)[at]) for key in keys}}, float(strength)


def _balance(found: Exposed) -> BlockResult:
    """Columns decided before the shocks on the instrument: what these should not move, with errors by shocks."""
    model = found.model
    assert model.asked.shift_share is not None
    rows, counts = [], []
    for name in model.asked.shift_share.balance:
        column = dated(name, model.asked.clock.controls)
        others = tuple(control for control in model.controls if control != column)
        text = formula(column, (INSTRUMENT, *others))
        with single_threaded():
            linear = model.complete().solution(text)[0].linear
        assert linear is not None
        if INSTRUMENT not in linear.exogenous.names:
            raise NotEstimable("nothing is left of the instrument")
        at = linear.exogenous.names.index(INSTRUMENT)
        instrument = linear.exogenous.values[:, at]
        kept = [j for j in range(len(linear.exogenous.names)) if j != at]
        names = tuple(linear.exogenous.names[j] for j in kept)
        exogenous = replace(linear.exogenous, names=names, values=linear.exogenous.values[:, kept])
        of_column = rows_of(replace(linear, exogenous=exogenous), found.where, linear.outcome, instrument, instrument)
        rows.append(normal_row(f"balance[{column}]", found.robust(of_column)))
        counts.append(linear.sample.n)
    remarks = (note("shift_share_balance"), *model.said)
    result = tidied(f"{model.asked.name}_balance", pd.DataFrame(rows), found, remarks, [], "ols")
    return replace(result, estimates=result.estimates.assign(n_obs=counts))


SHIFT_SHARE = Method(_prepare, _estimate, "iv")

"""The rehearsal of one planned regression: its variance and others on the same draws."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from involution.errors import NotEstimable
from involution.models.groupings import Grouping
from involution.models.inference import Choice, infer
from involution.models.notes import Note, note
from involution.models.rehearsal.planned import Planned
from involution.models.rehearsal.power import Rate, grid, power, rate, smallest
from involution.models.rehearsal.rows import Rehearsed, curve, row
from involution.models.rehearsal.signs import is_complete, signs
from involution.models.rehearsal.statistics import Tests, bootstrap, jackknife, sandwich
from involution.models.reported import Row
from involution.models.solution import Solution
from involution.study.rehearsal import Rehearsal

USUAL_BOOTSTRAP = 399
_WIDEST_BOOTSTRAP = 120
FEW_CARRY = 10
"""Effective clusters of the treatment below which one panel says little of the size of a test."""


@dataclass(frozen=True)
class _Draws:
    """What all tests of a model share."""

    planned: Planned
    signs: np.ndarray
    complete: bool


def rehearsed_model(planned: Planned, asked: Rehearsal, seed: int) -> Rehearsed:
    """Size, coverage, power and smallest detectable effect of a planned regression.

    Parameters
    ----------
    planned : Planned
    asked : Rehearsal
    seed : int
    """
    g, unit = planned.structure.n_clusters, planned.scale.unit
    draws = _Draws(planned, signs(g, asked.outcomes_drawn, seed), is_complete(g, asked.outcomes_drawn))
    tests, said = _tests(draws, asked, seed)
    first = next(iter(tests))
    sizes = {label: rate(test.rejects(0.0), complete=draws.complete) for label, test in tests.items()}
    found = {label: smallest(test, _usual_error(planned), complete=draws.complete) for label, test in tests.items()}
    rows = [row("size", sizes[first]), row("coverage", Rate(1 - sizes[first].value, sizes[first].error))]
    rows += [
        row(f"power[{effect:g}]", power(tests[first], effect * unit, complete=draws.complete))
        for effect in asked.effects
    ]
    rows.append(row("mde", _in_outcome(found[first], planned)))
    for label in tests:
        rows += [row(f"size[{label}]", sizes[label]), row(f"mde[{label}]", _in_outcome(found[label], planned))]
    effects = grid(unit, found[first].value, asked.effects)
    curves = [
        curve(f"power[{label}]", effects, [power(test, effect * unit, complete=draws.complete) for effect in effects])
        for label, test in tests.items()
    ]
    details = tuple(_details(draws, found[first].value))
    said = (*_first_notes(draws, seed), *said)
    return Rehearsed(pd.DataFrame(rows), details, pd.concat(curves, ignore_index=True), said, first)


def _usual_error(planned: Planned) -> float:
    """The root of the sum of the clusters' squared scores: the size of a standard error, to start a search from."""
    structure = planned.structure
    return float(np.linalg.norm(structure.scores @ structure.bread[structure.place]))


def _in_outcome(found: Rate, planned: Planned) -> Rate:
    if not np.isfinite(found.value):
        return found
    return Rate(planned.scale.in_outcome(found.value), planned.scale.slope(found.value) * found.error)


def _details(draws: _Draws, detectable: float) -> list[Row]:
    """The smallest detectable effect in other units, these units, and how many clusters carry the treatment."""
    planned, scale = draws.planned, draws.planned.scale
    moved = scale.in_outcome(detectable) if np.isfinite(detectable) else np.inf
    values = {
        "mde_coefficient": detectable,
        "mde_effect": detectable / scale.unit,
        "mde_mean": moved / abs(scale.mean_outcome) if scale.mean_outcome else np.nan,
        "mde_sd": moved / scale.sd_outcome,
        "mean_outcome": scale.mean_outcome,
        "sd_outcome": scale.sd_outcome,
        "sd_residual": scale.sd_residual,
        "sd_treatment": scale.sd_treatment,
        "effective_clusters_treatment": planned.structure.effective_clusters,
        "rehearsal_draws": float(len(draws.signs)),
    }
    return [(name, float(value), np.nan, np.nan) for name, value in values.items() if not np.isnan(value)]


def _first_notes(draws: _Draws, seed: int) -> list[Note]:
    planned = draws.planned
    count, cluster = planned.structure.n_clusters, planned.cluster.name
    code = "rehearsal_all_signs" if draws.complete else "rehearsal_signs"
    said = [note(code, draws=len(draws.signs), seed=str(seed), count=count, cluster=cluster)]
    if planned.scale.logarithmic:
        said.append(note("rehearsal_poisson"))
    carried = planned.structure.effective_clusters
    if carried < FEW_CARRY:
        said.append(note("rehearsal_few_carry", carried=f"{carried:.1f}", limit=FEW_CARRY))
    return said


def _tests(draws: _Draws, asked: Rehearsal, seed: int) -> tuple[dict[str, Tests], tuple[Note, ...]]:
    """Tests by what their variance is called, the planned one first; what has to be said of them."""
    planned = draws.planned
    kind, width = planned.model.vcov or "crv1", planned.structure.regressors.shape[1]
    said = []
    if len(planned.model.cluster) > 1:
        said.append(note("rehearsal_one_cluster", cluster=planned.planned.name))
    if planned.planned.name != planned.cluster.name:
        said.append(note("rehearsal_low_cluster", planned=planned.planned.name, cluster=planned.cluster.name))
    others = [("crv1", planned.firm), ("crv1", planned.cluster), ("crv3", planned.cluster)]
    if asked.bootstrap and planned.model.estimator == "ols" and kind != "wild":
        if width > _WIDEST_BOOTSTRAP:
            said.append(note("rehearsal_no_wild", count=width))
        else:
            others.append(("wild", planned.cluster))
    tests: dict[str, Tests] = {}
    wanted = [(kind, planned.planned), *others]
    for name, groups in wanted:
        if groups is None or not groups.nested_in(planned.cluster) or _label(name, groups) in tests:
            continue
        test = _test(name, groups, draws, asked, seed)
        if not np.isnan(test.std_errors).any():
            tests[_label(name, groups)] = test
        elif (name, groups) == wanted[0]:
            raise NotEstimable(f"{_label(name, groups)} has no standard error: not identified without some cluster")
    return tests, tuple(said)


def _label(kind: str, groups: Grouping) -> str:
    return kind if kind == "hetero" else f"{kind}({groups.name})"


def _test(kind: str, groups: Grouping, draws: _Draws, asked: Rehearsal, seed: int) -> Tests:
    planned = draws.planned
    structure, same = planned.structure, groups.name == planned.cluster.name
    if kind == "crv3":
        return jackknife(structure, draws.signs, None if same else groups)
    if kind == "wild":
        if not same:
            raise NotEstimable(f"the wild bootstrap is rehearsed by {planned.cluster.name} alone, not {groups.name}")
        return bootstrap(structure, draws.signs, asked.bootstrap or USUAL_BOOTSTRAP, seed + 1)
    if kind == "hetero":
        groups = Grouping("row", np.arange(len(structure.residual)), len(structure.residual))
    elif kind != "crv1":
        raise NotEstimable(f"the variance {kind} is not rehearsed; crv1, crv3, wild and hetero are")
    found = infer(_clustered(planned.solution, groups.name), Choice(kind))
    return sandwich(structure, draws.signs, groups, found.factor, found.degrees_of_freedom)


def _clustered(solution: Solution, name: str) -> Solution:
    """The model with one clustering, for the factors of small samples that go with it."""
    sample = solution.sample
    known = {grouping.name: grouping for grouping in (sample.firm, *sample.clusters) if grouping is not None}
    return replace(solution, sample=replace(sample, clusters=[known[name]])) if name in known else solution

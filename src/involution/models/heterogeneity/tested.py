"""The permutation test of a section, as rows, statistics and remarks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from involution.errors import NotEstimable
from involution.models.blocks import spawned_seed
from involution.models.design import Design
from involution.models.heterogeneity.groups import Groups
from involution.models.heterogeneity.labels import Units, units_of
from involution.models.heterogeneity.permutation import Permuted, permuted
from involution.models.heterogeneity.regressions import Asked, difference_term, groups_row
from involution.models.notes import Note, note
from involution.models.own_design import formula_of
from involution.models.reported import Row
from involution.models.result import TIDY
from involution.models.sample import Sample
from involution.models.threads import single_threaded
from involution.models.tidy import BlockResult, estimate_rows, note_rows, statistic_rows
from involution.study.formulas import effect_label

VCOV = "permutation"


@dataclass(frozen=True)
class _Counted:
    """What the test rests on: the rows of all groups."""

    n_obs: int
    n_firms: int | None
    n_clusters: int | None
    fixed_effects: tuple[str, ...]
    vcov_label: str = VCOV


def permutation_rows(
    name: str,
    asked: Asked,
    design: Design,
    groups: Groups,
    remarks: Sequence[Note],
    *,
    kind: str,
    draws: int,
    seed: int,
) -> BlockResult:
    """Each group against the first, its difference with the p-value of the permutation test.

    Parameters
    ----------
    name : str
        Of the model.
    asked : Asked
    design : Design
        On the rows of the groups' own regressions.
    groups : Groups
    remarks : sequence of Note
    kind : str
        What is permuted: auto, cluster, within_cluster or firm.
    draws, seed : int
        Each pair of groups has a seed of its own, spawned from this one.

    Raises
    ------
    NotEstimable
        When no pair can be tested.
    """
    reference = groups.order[0]
    rows: list[dict[str, object]] = []
    details: list[Row] = []
    said: list[Note] = []
    whys: list[str] = []
    for group in groups.order[1:]:
        pair = f"{group}-{reference}"
        try:
            units, found, sample = _pair(asked, design, groups, group, kind, draws, spawned_seed(seed, pair))
        except NotEstimable as error:
            whys.append(str(error))
            said.append(note("not_estimable", reason=f"{pair}: {error}"))
            continue
        rows.append(_row(difference_term(groups, group), found))
        details += _details(pair, units, found)
        said += _remarks(units, found, sample, draws, seed)
    if not rows:
        raise NotEstimable("; ".join(dict.fromkeys(whys)))
    told = tuple(dict.fromkeys([*remarks, *said]))
    counted = _counts(design)
    terms = pd.DataFrame(rows, columns=list(TIDY))
    estimates = estimate_rows(name, terms, counted, told, estimator=asked.estimator, outcome=asked.outcome)
    return BlockResult(estimates, statistic_rows(name, [*details, groups_row(groups)]), note_rows(name, told))


def _pair(
    asked: Asked, design: Design, groups: Groups, group: str, kind: str, draws: int, seed: int
) -> tuple[Units, Permuted, Sample]:
    """The test of one group against the first, on the rows of both."""
    rows = design.rows & (groups.rows(group) | groups.rows(groups.order[0]))
    effects = [effect_label(effect) for effect in design.effects]
    formula = formula_of(asked.outcome, [asked.treatment, *asked.controls], effects)
    solution, _ = design.on(rows=rows).solution(formula.text)
    linear = solution.linear
    assert linear is not None
    if asked.treatment not in linear.names:
        raise NotEstimable(f"the slope of {asked.treatment} is not identified")
    sample = linear.sample
    with single_threaded():
        units = units_of(kind, groups.rows(group)[sample.rows], sample.firm, sample.clusters, sample.year)
        return units, permuted(linear, asked.treatment, units, draws, seed), sample


def _row(term: str, found: Permuted) -> dict[str, object]:
    missing = dict.fromkeys(("std_error", "statistic", "ci_low", "ci_high"), np.nan)
    return {"term": term, "estimate": found.observed, "p_value": found.p_value, **missing}


def _details(pair: str, units: Units, found: Permuted) -> list[Row]:
    nan = np.nan
    return [
        (f"permutation[{pair}]", found.observed, nan, found.p_value),
        (f"permutation_plain[{pair}]", found.observed, nan, found.plain),
        (f"permutation_one_sided[{pair}]", found.observed, nan, found.one_sided),
        (f"permutation_draws[{pair}]", float(len(found.draws)), nan, nan),
        (f"permutation_mean[{pair}]", found.middle, nan, nan),
        (f"permutation_units[{pair}]", float(units.grouping.n_levels), nan, nan),
    ]


def _remarks(units: Units, found: Permuted, sample: Sample, draws: int, seed: int) -> list[Note]:
    """What is permuted, and what a reader has to know of it."""
    clusters = [cluster.name for cluster in sample.clusters]
    cluster = clusters[0] if clusters else ""
    code = f"heterogeneity_permutation_{units.kind}"
    said = [note(code, level=units.level, cluster=cluster, draws=draws, seed=str(seed))]
    said.append(note("heterogeneity_studentised"))
    if units.kind == "firm" and cluster and cluster != units.level:
        said.append(note("heterogeneity_permutation_ignores", cluster=cluster))
    if units.movers and cluster:
        said.append(note("heterogeneity_movers", cluster=cluster))
    if not units.constant:
        said.append(note("heterogeneity_paths"))
    if not found.exact_products:
        said.append(note("heterogeneity_reabsorbed"))
    if found.lost:
        said.append(note("heterogeneity_lost_draws", count=found.lost))
    distinct = units.distinct if units.constant else np.inf
    if distinct < draws:
        said.append(note("heterogeneity_few_assignments", count=int(distinct), least=f"{1 / distinct:.3g}"))
    return said


def _counts(design: Design) -> _Counted:
    data = design.data.loc[design.rows]
    firm = design.panel["firm"]
    clusters = min((data[name].nunique() for name in design.cluster), default=None)
    effects = tuple(effect_label(effect) for effect in design.effects)
    return _Counted(len(data), data[firm].nunique() if firm in data else None, clusters, effects)

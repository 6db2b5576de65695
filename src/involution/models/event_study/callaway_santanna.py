"""Callaway and Sant'Anna (2021): every cohort and year by a comparison of its own, then averaged.

Each effect compares, from a base year on, the firms of a cohort with firms that are never treated or not yet treated,
among the firms that are seen in both years (as csdid does in Stata; the R package did drops such firms from the whole
panel, or takes the rows as repeated cross-sections). On a panel without gaps that is all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from involution.errors import NotEstimable
from involution.models.event_study.adoption import Adoption
from involution.models.event_study.aggregation import Cells, aggregated
from involution.models.event_study.combination import unidentified
from involution.models.event_study.comparisons import Compared, NoComparison, compared
from involution.models.event_study.terms import cell_term
from involution.models.groupings import Codes, Floats, Grouping
from involution.models.notes import Note, note
from involution.models.solution import Jackknife, Solution

CONTROLS = ("never_treated", "not_yet_treated")
BASES = ("varying", "universal")
FEW_FIRMS = 5


@dataclass(frozen=True)
class Options:
    """How cohorts are compared.

    Attributes
    ----------
    control : {"never_treated", "not_yet_treated"}
    base : {"varying", "universal"}
        Before adoption, compare with the year before, or with the last year without effects.
    method : {"doubly_robust", "regression", "weighting"}
        Of covariates.
    """

    control: str = "never_treated"
    base: str = "varying"
    method: str = "doubly_robust"


@dataclass(frozen=True)
class Wide:
    """Firms in rows, years in columns.

    Attributes
    ----------
    years : array of float, shape (T,)
    outcome : array of float, shape (F, T)
        Missing where a firm is not seen.
    covariates : array of float, shape (T, F, k)
    cohort, weight : array of float, shape (F,)
    row : array of int, shape (F,)
        A row of the sample that stands for the firm.
    """

    years: Floats
    outcome: Floats
    covariates: Floats
    cohort: Floats
    weight: Floats
    row: Codes


def callaway_santanna(made: Adoption, events: Sequence[int], options: Options) -> Solution:
    """Effects on cohorts by year and their averages.

    Parameters
    ----------
    made : Adoption
        Controls are taken in the base year of each comparison.
    events : sequence of int
        Years since adoption that have a term.
    options : Options

    Returns
    -------
    Solution
        Terms ``att[overall]``, ``att[e=k]``, ``att[g=2014]``, ``att[t=2016]``, ``att[g=2014,t=2016]``.

    Raises
    ------
    NotEstimable
        When weights change within a firm, firms within a cluster do not stay together, or no treated cell can be
        compared.
    """
    said = list(made.remarks)
    if options.control == "never_treated" and not made.has_never:
        said.append(note("event_no_never"))
        options = Options("not_yet_treated", options.base, options.method)
    wide = _wide(made)
    cells, more = _cells(wide, made.anticipation, options)
    names, beta, moved = aggregated(cells, events)
    influence = np.zeros((made.sample.n, len(names)), order="F")
    influence[wide.row] = moved
    return Solution(
        names=names,
        beta=beta,
        bread=np.full((len(names), len(names)), np.nan),
        influence=influence,
        sample=made.sample,
        sum_of_squares=np.nan,
        likelihood=False,
        jackknife=partial(_leave_one_cluster_out, made, wide, events, options, names),
        notes=(*said, *more),
        unreported=-len(names),
    )


def _wide(made: Adoption) -> Wide:
    """The sample by firm and year."""
    sample, firm = made.sample, made.firm
    years, at = np.unique(made.year[sample.rows], return_inverse=True)
    outcome = np.full((firm.n_levels, len(years)), np.nan)
    outcome[firm.codes, at] = made.outcome[sample.rows]
    covariates = np.full((len(years), firm.n_levels, len(made.controls.names)), np.nan)
    covariates[at, firm.codes] = made.controls.values[sample.rows]
    row = np.empty(firm.n_levels, dtype=np.intp)
    row[firm.codes[::-1]] = np.arange(sample.n)[::-1]
    for values, what in ((made.weights, "the weights"), *((c.codes, f"the cluster {c.name}") for c in sample.clusters)):
        if (values != values[row][firm.codes]).any():
            raise NotEstimable(f"{what} changes within a firm: callaway_santanna follows firms, not rows")
    return Wide(years, outcome, covariates, made.cohort[sample.rows][row], made.weights[row], row)


def _cells(wide: Wide, anticipation: int, options: Options) -> tuple[Cells, list[Note]]:
    """Every cohort by year that can be compared."""
    found: list[tuple[float, float, Compared, Codes]] = []
    empty, refused, few, trimmed = list[str](), dict[str, list[str]](), 0, 0
    seen = ~np.isnan(wide.outcome)
    for g in np.unique(wide.cohort[wide.cohort > 0]):
        for at, base in _comparisons(wide.years, float(g), anticipation, options.base):
            name = cell_term(g, wide.years[at])
            firms = np.flatnonzero(seen[:, at] & seen[:, base] & _taking_part(wide, g, at, base, anticipation, options))
            treated = wide.cohort[firms] == g
            if not treated.any() or treated.all():
                empty.append(name)
                continue
            change = wide.outcome[firms, at] - wide.outcome[firms, base]
            try:
                effect = compared(change, treated, wide.covariates[base, firms], wide.weight[firms], options.method)
            except NoComparison as error:
                refused.setdefault(str(error), []).append(name)
                continue
            few += min(treated.sum(), (~treated).sum()) < FEW_FIRMS
            trimmed += effect.trimmed
            found.append((float(g), float(wide.years[at]), effect, firms))
    if not any(year >= g for g, year, _, _ in found):
        reason = next(iter(refused), "no cohort is seen with others both before and after it adopts")
        raise NotEstimable(f"no effect on any cohort after adoption: {reason}")
    said = [note("event_cells_refused", names=", ".join(names), reason=why) for why, names in refused.items()]
    said += [note("event_cells_empty", count=len(empty), names=", ".join(empty))] if empty else []
    said += [note("event_cells_few", count=int(few), limit=FEW_FIRMS)] if few else []
    said += [note("event_trimmed", count=trimmed)] if trimmed else []
    return _gathered(found, wide), said


def _comparisons(years: Floats, cohort: float, anticipation: int, base: str) -> list[tuple[int, int]]:
    """Positions of each year and its base year for a cohort."""
    before = np.flatnonzero(years < cohort - anticipation)
    if not len(before):
        return []
    last = int(before[-1])
    out = []
    for at, year in enumerate(years):
        if year >= cohort - anticipation or base == "universal":
            if at != last:
                out.append((at, last))
        elif at:
            out.append((at, at - 1))
    return out


def _taking_part(wide: Wide, g: float, at: int, base: int, anticipation: int, options: Options) -> np.ndarray:
    """The cohort and its comparison firms, shape (F,)."""
    others = wide.cohort == 0
    if options.control == "not_yet_treated":
        others |= wide.cohort > max(wide.years[at], wide.years[base]) + anticipation
    return np.asarray(others | (wide.cohort == g))


def _gathered(found: Sequence[tuple[float, float, Compared, Codes]], wide: Wide) -> Cells:
    influence = np.zeros((len(wide.cohort), len(found)), order="F")
    for j, (_, _, effect, firms) in enumerate(found):
        influence[firms, j] = effect.influence
    cohorts, years = np.array([row[:2] for row in found], dtype=float).T
    return Cells(cohorts, years, np.array([row[2].effect for row in found]), influence, wide.cohort, wide.weight)


def _leave_one_cluster_out(
    made: Adoption, wide: Wide, events: Sequence[int], options: Options, names: Sequence[str], cluster: Grouping
) -> Jackknife:
    """All comparisons without each cluster."""
    replicates = np.full((cluster.n_levels, len(names)), np.nan)
    of_firm = cluster.codes[wide.row]
    for g in range(cluster.n_levels):
        keep = of_firm != g
        left = Wide(
            wide.years,
            wide.outcome[keep],
            wide.covariates[:, keep],
            wide.cohort[keep],
            wide.weight[keep],
            wide.row[keep],
        )
        try:
            found, beta, _ = aggregated(_cells(left, made.anticipation, options)[0], events)
        except NotEstimable:
            continue
        values = dict(zip(found, beta, strict=True))
        replicates[g] = [values.get(name, np.nan) for name in names]
    return unidentified(replicates, names)

"""Event studies that are one regression: two-way fixed effects, Sun and Abraham, Wooldridge.

========== ======================================================================================================
twfe       one indicator per year since adoption, relative to the last year without effects, all cohorts together;
           overall the coefficient of treatment in a regression of its own. Biased where effects differ between
           cohorts (Sun and Abraham 2021; Goodman-Bacon 2021)
sun_abraham one indicator per cohort and year since adoption (Sun and Abraham 2021, *Journal of Econometrics* 225:
           175-199), averaged over cohorts by their rows; the last cohort stands for never-treated firms where there
           are none, and years from its adoption on are left out
etwfe      one indicator per cohort and treated year, so that all untreated rows are compared with (Wooldridge 2021,
           "Two-way fixed effects, the two-way Mundlak regression, and difference-in-differences estimators",
           SSRN 3906345); controls enter with the cohorts, the years and the cells. Leads are those of sun_abraham
========== ======================================================================================================

Shares of cohorts are taken as given, as fixest does; the cluster jackknife counts them anew without each cluster.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from involution.errors import NotEstimable
from involution.models.event_study.adoption import Adoption
from involution.models.event_study.combination import Average, Averaged, joined, unidentified
from involution.models.event_study.terms import OVERALL, cell_term, event_term
from involution.models.groupings import Floats, Grouping
from involution.models.linear import fit_linear
from involution.models.matrix import Columns
from involution.models.notes import Note, note
from involution.models.sample import Sample
from involution.models.solution import Jackknife, Solution

Mask = np.ndarray
_ANTICIPATED = "anticipation"


def twfe(made: Adoption, events: Sequence[int]) -> Solution:
    """Two-way fixed effects with years since adoption; parameters and what is raised as in `sun_abraham`."""
    since, observed = made.since, made.events
    said = list(made.remarks)
    left_out = _references(made, said)
    names = {event_term(event): since == event for event in observed if event not in left_out}
    dynamic = indicators(made, made.sample, names)
    static = {OVERALL: since >= 0}
    if made.anticipation:
        static[_ANTICIPATED] = (since < 0) & (since >= -made.anticipation)
    parts = (
        Averaged(indicators(made, made.sample, static), (Average(OVERALL, (OVERALL,)),), static),
        Averaged(dynamic, _single(dynamic, events), names),
    )
    return joined(parts, dynamic, said)


def sun_abraham(made: Adoption, events: Sequence[int]) -> Solution:
    """Effects of cohorts by years since adoption, averaged.

    Parameters
    ----------
    made : Adoption
    events : sequence of int
        Years since adoption that have a term.

    Returns
    -------
    Solution
        Terms ``att[overall]``, ``att[e=k]`` and ``att[g=2014,t=2016]``.

    Raises
    ------
    NotEstimable
        When no cohort has a row in the year of reference, or there is nothing to compare with.
    """
    made, cohorts = comparable(made)
    found = _by_cohort(made, cohorts)
    return joined((found,), found.solution, made.remarks, events)


def etwfe(made: Adoption, events: Sequence[int]) -> Solution:
    """Effects of cohorts by treated year from one regression on all rows; parameters as in `sun_abraham`."""
    leads: tuple[Averaged, ...] = ()
    made, said = _with_untreated(made)
    try:
        compared, cohorts = comparable(made)
        lead = _by_cohort(compared, cohorts)
        chosen = tuple(t for t in lead.terms if t.term in [event_term(e) for e in events if e < -made.anticipation])
        leads = (Averaged(lead.solution, chosen, lead.cells),)
    except NotEstimable as error:
        said.append(note("event_no_leads", reason=str(error)))
    year, since = made.year, made.since
    cells = {
        cell_term(g, t): (made.cohort == g) & (year == t)
        for g in made.cohorts
        for t in np.unique(year[made.sample.rows])
        if t >= g - made.anticipation
    }
    cells = {name: rows for name, rows in cells.items() if rows[made.sample.rows].any()}
    solution = indicators(made, made.sample, cells, _interacted(made, cells))
    solution = replace(solution, notes=_of_cells(solution.notes))
    whole = Averaged(solution, _averages(solution, cells, since), cells)
    found = joined((whole, *leads), solution, said, events)
    # Means of controls in the cells move when a cluster is left out, so that nothing short of a new estimate will do.
    anew = partial(_estimated_anew, made, events, found.names)
    return replace(found, jackknife=anew) if made.controls.names else found


def comparable(made: Adoption) -> tuple[Adoption, list[float]]:
    """Rows and cohorts that can be compared: with a year of reference, and with firms that are not treated.

    Raises
    ------
    NotEstimable
    """
    rows, said = made.sample.rows, []
    at_reference = made.since == made.reference
    cohorts = [g for g in made.cohorts if ((made.cohort == g) & at_reference)[rows].any()]
    lost = [g for g in made.cohorts if g not in cohorts]
    if lost:
        said.append(note("event_no_reference", names=_years(lost), year=str(made.reference)))
    keep = np.isin(made.cohort[rows], [0.0, *cohorts])
    if not made.has_never:
        if len(cohorts) < 2:
            raise NotEstimable("no firm is never treated and fewer than two cohorts are left: nothing to compare with")
        last = cohorts.pop()
        said.append(note("event_last_cohort", cohort=f"{last:g}"))
        keep &= made.year[rows] < last - made.anticipation
    if not cohorts:
        raise NotEstimable(f"no cohort has a row in year {made.reference} from adoption")
    sample = made.sample if keep.all() else made.sample.subset(keep).without_singletons()
    made = made.on(sample, *said)
    if not (made.since[sample.rows] >= 0).any():
        raise NotEstimable("no treated row is left that can be compared")
    return made, cohorts


def _by_cohort(made: Adoption, cohorts: Sequence[float]) -> Averaged:
    """The saturated regression: a coefficient per cohort and year since adoption but the year of reference."""
    rows, since = made.sample.rows, made.since
    cells = {}
    for g in cohorts:
        of_cohort = made.cohort == g
        for t in np.unique(made.year[rows][of_cohort[rows]]):
            if t - g != made.reference:
                cells[cell_term(g, t)] = of_cohort & (made.year == t)
    solution = indicators(made, made.sample, cells)
    return Averaged(solution, _averages(solution, cells, since), cells)


def _averages(solution: Solution, cells: Mapping[str, Mask], since: Floats) -> tuple[Average, ...]:
    """Overall, by years since adoption, and each cell."""
    names = [name for name in solution.names if name in cells]
    event = {name: int(since[np.argmax(cells[name])]) for name in names}
    post = tuple(name for name in names if event[name] >= 0)
    if not post:
        raise NotEstimable("the fixed effects leave no effect after adoption")
    by_event = [
        Average(event_term(e), tuple(name for name in names if event[name] == e)) for e in sorted(set(event.values()))
    ]
    return (Average(OVERALL, post), *by_event, *(Average(name, (name,)) for name in names))


def _single(solution: Solution, events: Sequence[int]) -> tuple[Average, ...]:
    """Coefficients that are terms themselves."""
    wanted = [event_term(event) for event in events]
    return tuple(Average(name, (name,)) for name in wanted if name in solution.names)


def indicators(made: Adoption, sample: Sample, cells: Mapping[str, Mask], more: Columns | None = None) -> Solution:
    """Least squares on indicators and controls; what is lost of the controls alone is told by their names."""
    controls = made.controls if more is None else more
    columns = [made_of.astype(float) for made_of in cells.values()]
    values = np.asfortranarray(np.column_stack([*columns, controls.values]) if columns else controls.values)
    none = Columns((), np.zeros((len(values), 0)))
    regressors = Columns((*cells, *controls.names), values)
    solution = fit_linear(sample, made.name, made.outcome, regressors, none, none)
    if not any(name in cells for name in solution.names):
        raise NotEstimable("the fixed effects leave no variation of the years since adoption")
    return solution


def _references(made: Adoption, said: list[Note]) -> set[int]:
    """Years since adoption left out: the last without effects, and where every firm adopts the earliest too."""
    observed = made.events
    if made.reference not in observed:
        raise NotEstimable(f"no firm that adopts has a row in year {made.reference} from adoption")
    if made.has_never:
        return {made.reference}
    earliest = observed[0]
    if earliest == made.reference:
        raise NotEstimable("every firm adopts, and none has a second year before adoption: effects are not identified")
    said.append(note("event_two_references", first=str(made.reference), second=str(earliest)))
    return {made.reference, earliest}


def _with_untreated(made: Adoption) -> tuple[Adoption, list[Note]]:
    """The years in which some firm is not treated."""
    rows = made.sample.rows
    untreated = made.since[rows] < -made.anticipation
    known = np.isin(made.year[rows], np.unique(made.year[rows][untreated]))
    if known.all():
        return made, list(made.remarks)
    lost = note("unidentified", count=int((~known).sum()))
    made = made.on(made.sample.subset(known).without_singletons(), lost)
    if not (made.since[made.sample.rows] >= 0).any():
        raise NotEstimable("no treated row is left whose effects untreated observations identify")
    return made, list(made.remarks)


def _interacted(made: Adoption, cells: Mapping[str, Mask]) -> Columns:
    """Controls with slopes of each year and cohort, and in each treated cell about their mean there.

    Centred in the cell, the coefficient of its indicator is the mean effect of its rows.
    """
    rows, names, columns = made.sample.rows, list[str](), list[Floats]()
    for j, control in enumerate(made.controls.names):
        x = made.controls.values[:, j]
        names.append(control)
        columns.append(x)
        for label, values in (("year", made.year), ("cohort", made.cohort)):
            for level in np.unique(values[rows])[1:]:
                names.append(f"{control}:{label}::{level:g}")
                columns.append(np.where(values == level, x, 0.0))
        for name, cell in cells.items():
            weights = made.weights * cell[rows]
            mean = float(weights @ x[rows] / weights.sum())
            names.append(f"{control}:{name}")
            columns.append(np.where(cell, x - mean, 0.0))
    return Columns(tuple(names), np.column_stack([np.zeros((len(made.year), 0)), *columns]))


def _of_cells(said: Sequence[Note]) -> tuple[Note, ...]:
    """What is lost of the cells; that slopes of a control that never changes are absorbed goes without saying."""
    out = []
    for remark in said:
        names = [name for name in dict(remark.values).get("names", "").split(", ") if name.startswith("att[")]
        if remark.code not in ("absorbed", "collinear") or names:
            out.append(
                remark if remark.code not in ("absorbed", "collinear") else note(remark.code, names=", ".join(names))
            )
    return tuple(out)


def _estimated_anew(made: Adoption, events: Sequence[int], names: Sequence[str], cluster: Grouping) -> Jackknife:
    """Wooldridge's regression without each cluster."""
    replicates = np.full((cluster.n_levels, len(names)), np.nan)
    for g in range(cluster.n_levels):
        try:
            found = etwfe(made.on(made.sample.subset(cluster.codes != g)), events)
        except NotEstimable:
            continue
        values = dict(zip(found.names, found.beta, strict=True))
        replicates[g] = [values.get(name, np.nan) for name in names]
    return unidentified(replicates, names)


def _years(values: Sequence[float]) -> str:
    return ", ".join(f"{value:g}" for value in values)

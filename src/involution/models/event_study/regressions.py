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
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from involution.errors import NotEstimable
from involution.models.event_study.adoption import Adoption
from involution.models.event_study.terms import OVERALL, cell_term, event_term
from involution.models.groupings import Floats, Grouping
from involution.models.linear import fit_linear
from involution.models.matrix import Columns
from involution.models.notes import Note, note
from involution.models.sample import Sample
from involution.models.solution import Jackknife, Solution

Mask = np.ndarray
_ANTICIPATED = "anticipation"


@dataclass(frozen=True)
class Average:
    """A term as a weighted mean of a regression's coefficients.

    Attributes
    ----------
    term : str
    parts : tuple of str
        Coefficients; their weights are those of the rows in `cells`.
    """

    term: str
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Averaged:
    """A regression and what is averaged of it.

    Attributes
    ----------
    solution : Solution
    terms : tuple of Average
    cells : mapping of str to array of bool, shape (N,)
        Rows of each coefficient; one alone needs none.
    """

    solution: Solution
    terms: tuple[Average, ...]
    cells: Mapping[str, Mask]

    def weights(self, keep: Mask | None = None) -> Floats:
        """Weights of coefficients (rows) in terms (columns), over the rows `keep` of the sample."""
        sample, names = self.solution.sample, self.solution.names
        of_rows = np.ones(sample.n) if sample.weights is None else sample.weights
        of_rows = of_rows if keep is None else of_rows * keep
        out = np.zeros((len(names), len(self.terms)))
        for j, term in enumerate(self.terms):
            at = [names.index(part) for part in term.parts]
            sizes = [of_rows @ self.cells[part][sample.rows] if len(at) > 1 else 1.0 for part in term.parts]
            out[at, j] = np.array(sizes) / max(sum(sizes), np.finfo(float).tiny)
        return out


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
    return joined((whole, *leads), solution, said, events)


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


def joined(
    parts: Sequence[Averaged], main: Solution, said: Sequence[Note], events: Sequence[int] | None = None
) -> Solution:
    """Terms of several regressions as one solution, with their joint influence on the rows of the main one.

    Parameters
    ----------
    parts : sequence of Averaged
    main : Solution
        Whose sample and fit are told.
    said : sequence of Note
    events : sequence of int, optional
        Years since adoption that have a term; all unless given.
    """
    known = None if events is None else {event_term(event) for event in events}
    parts = [
        Averaged(
            p.solution,
            tuple(t for t in p.terms if known is None or not t.term.startswith("att[e=") or t.term in known),
            p.cells,
        )
        for p in parts
    ]
    names = tuple(term.term for part in parts for term in part.terms)
    influence = [_onto(main.sample, p.solution.sample, p.solution.influence @ p.weights()) for p in parts]
    own = [remark for part in parts for remark in part.solution.notes]
    return Solution(
        names=names,
        beta=np.concatenate([part.solution.beta @ part.weights() for part in parts]),
        bread=np.full((len(names), len(names)), np.nan),
        influence=np.hstack(influence),
        sample=main.sample,
        sum_of_squares=np.nan,
        likelihood=False,
        jackknife=partial(_left_out, tuple(parts), main.sample),
        r2=main.r2,
        r2_within=main.r2_within,
        notes=tuple(dict.fromkeys([*said, *own])),
        fitted=main.fitted,
        residuals=main.residuals,
        unreported=len(main.names) - len(names),
    )


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
            out.append(remark if remark.code not in ("absorbed", "collinear") else note(remark.code, names=", ".join(names)))
    return tuple(out)


def _onto(sample: Sample, of: Sample, influence: Floats) -> Floats:
    """Influence of the rows of one sample as that of another's, which holds them."""
    if of.n == sample.n:
        return influence
    out = np.zeros((sample.n, influence.shape[1]))
    out[np.searchsorted(sample.rows, of.rows)] = influence
    return out


def _left_out(parts: Sequence[Averaged], sample: Sample, cluster: Grouping) -> Jackknife:
    """Averages without each cluster, their weights counted anew."""
    blocks, notes = [], list[Note]()
    for part in parts:
        inner = part.solution.sample
        at = np.searchsorted(sample.rows, inner.rows)
        own = cluster.take(at) if inner.n < sample.n else cluster
        levels = np.unique(cluster.codes[at]) if inner.n < sample.n else np.arange(cluster.n_levels)
        assert part.solution.jackknife is not None
        found = part.solution.jackknife(own)
        replicates = np.tile(part.solution.beta @ part.weights(), (cluster.n_levels, 1))
        for k, level in enumerate(levels):
            replicates[level] = found.replicates[k] @ part.weights(own.codes != k)
        blocks.append(replicates)
        notes += found.notes
    return Jackknife(np.hstack(blocks), tuple(notes))


def _years(values: Sequence[float]) -> str:
    return ", ".join(f"{value:g}" for value in values)

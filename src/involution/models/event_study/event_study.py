"""One call for six estimators of staggered adoption."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from involution.errors import InputError, NotEstimable, Problem
from involution.models.event_study.adoption import FEW_NEVER_CLUSTERS, Adoption, few_treated, prepare
from involution.models.event_study.callaway_santanna import BASES, CONTROLS, Options, callaway_santanna
from involution.models.event_study.comparisons import METHODS
from involution.models.event_study.imputation import did2s, imputation
from involution.models.event_study.regressions import etwfe, sun_abraham, twfe
from involution.models.event_study.result import EventStudy, as_event_study, in_order
from involution.models.event_study.terms import event_term
from involution.models.notes import Note, note
from involution.models.options import variance_choice
from involution.models.result import summarise
from involution.models.solution import Solution
from involution.models.threads import single_threaded
from involution.study.event_study import ESTIMATORS, REGRESSIONS

_SOLVERS: dict[str, Callable[[Adoption, Sequence[int]], Solution]] = {
    "twfe": twfe,
    "did2s": did2s,
    "sun_abraham": sun_abraham,
    "imputation": imputation,
    "etwfe": etwfe,
}
VARIANCES = ("crv1", "crv3")


def event_study(
    data: pd.DataFrame,
    outcome: str,
    firm: str = "firm",
    year: str = "year",
    cohort: str = "cohort",
    estimator: str = "callaway_santanna",
    control: str = "never_treated",
    cluster: Sequence[str] | str = (),
    controls: Sequence[str] = (),
    anticipation: int = 0,
    leads: int | None = None,
    lags: int | None = None,
    *,
    fixed_effects: Sequence[str] = (),
    weights: str | None = None,
    base_period: str = "varying",
    method: str = "doubly_robust",
    vcov: str = "crv1",
    small_sample: Mapping[str, Any] | None = None,
    draws: int = 999,
    seed: int = 0,
    rows: np.ndarray | None = None,
    remarks: Sequence[Note] = (),
) -> EventStudy:
    """Average effects of staggered adoption on those who adopt, by years since adoption.

    Parameters
    ----------
    data : DataFrame
        One row per firm-year. Rows with a missing value in a column of the model are dropped and counted.
    outcome : str
    firm, year : str
        Keys; years are whole numbers.
    cohort : str
        First treated year, the same in every row of a firm; zero or missing where a firm never adopts.
    estimator : {"callaway_santanna", "did2s", "sun_abraham", "twfe", "imputation", "etwfe"}
    control : {"never_treated", "not_yet_treated"}
        Whom callaway_santanna compares with; the others have their own comparison, which their notes name.
    cluster : sequence of str
        One or two columns; the firm by default. callaway_santanna and imputation follow firms, which stay in a cluster.
    controls : sequence of str
        Columns of numbers, at the row's own year; callaway_santanna takes those of the base year.
    anticipation : int
        Years before adoption in which effects may already show: the year of reference moves before them.
    leads, lags : int, optional
        Years before and after adoption that have a term; all in the data unless given. Regressions hold all years
        whatever is reported, nothing is binned.
    fixed_effects : sequence of str
        Columns or ``a^b``; firm and year by default. callaway_santanna has no others.
    weights : str, optional
        Column of positive weights.
    base_period : {"varying", "universal"}
        Of callaway_santanna before adoption: the year before (the default of the R package did), or the last year
        without effects, as the regressions have it.
    method : {"doubly_robust", "regression", "weighting"}
        How callaway_santanna uses controls.
    vcov : {"crv1", "crv3"}
        crv3 leaves out each cluster and estimates anew.
    small_sample : mapping, optional
        ``observations`` (default: only in the regressions, as fixest has it) and ``clusters`` (default True: G/(G-1)).
    draws, seed : int
        Of the simultaneous bands.
    rows : array of bool, shape (n,), optional
        Rows that may be used.
    remarks : sequence of Note
        Said beside what the estimate says itself.

    Returns
    -------
    EventStudy
        A `Fit` with terms ``att[overall]``, ``att[e=k]`` and, where the estimator has them, ``att[g=2014]``,
        ``att[t=2016]`` and ``att[g=2014,t=2016]``; `vcov` is their joint covariance, `event_times` and `curves` hold
        simultaneous bands, the statistic ``pre_trend`` tests all leads together.

    Raises
    ------
    InputError
        For options and columns that do not exist, two rows of a firm in a year, a cohort that changes within a firm.
    NotEstimable
        When the data do not support the estimator.

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame({"firm": list("aabbccdd"), "year": [1, 2] * 4, "cohort": [2, 2] + [0] * 6})
    >>> data["y"] = [1.0, 5.0, 0.0, 1.0, 2.0, 2.0, 7.0, 9.0]
    >>> fit = event_study(data, "y", estimator="callaway_santanna")
    >>> dict(zip(fit.terms, fit.estimate.tolist()))["att[overall]"]
    3.0
    """
    _check(estimator, control, base_period, method, vcov, anticipation, leads, lags)
    absorbed, clusters = list(fixed_effects) or [firm, year], [cluster] if isinstance(cluster, str) else list(cluster)
    clusters = clusters or [firm]
    if estimator == "callaway_santanna" and set(absorbed) - {firm, year}:
        other = ", ".join(name for name in absorbed if name not in (firm, year))
        raise NotEstimable(f"callaway_santanna compares changes of firms in the same years: {other} cannot enter")
    with single_threaded():
        made = prepare(
            data, outcome, firm=firm, year=year, cohort=cohort, cluster=clusters, controls=controls,
            fixed_effects=absorbed, weights=weights, anticipation=anticipation, rows=rows,
        )  # fmt: skip
        events, asked = window(made, leads, lags)
        if estimator == "callaway_santanna":
            solution = callaway_santanna(made, events, Options(control, base_period, method))
        else:
            solution = _SOLVERS[estimator](made, events)
        solution = in_order(solution)
        reference = _reference(estimator, made, base_period)
        counted = made.on(solution.sample).counts()
        said = (*remarks, *_about(estimator, made, solution, reference, control, base_period, method, asked))
        said += few_treated(counted["n_treated_clusters"])
        fit = summarise(
            solution,
            variance_choice(vcov, clusters, _small(estimator, small_sample), 0, 0),
            formula=f"{outcome} ~ {' + '.join(controls) or '1'} | {' + '.join(absorbed)}",
            estimator=estimator,
            outcome=outcome,
            effects=absorbed,
            outcome_values=made.outcome,
            remarks=said,
        )
        counts = [(name, float(value), np.nan, np.nan) for name, value in counted.items()]
        return as_event_study(
            fit, anticipation=anticipation, reference=reference, counts=counts, draws=draws, seed=seed
        )


def window(made: Adoption, leads: int | None, lags: int | None) -> tuple[list[int], list[int]]:
    """Years since adoption that have a term as far as the data reach, and those asked for that the data do not have."""
    observed = made.events
    low = observed[0] if leads is None else -leads
    high = observed[-1] if lags is None else lags
    events = [event for event in observed if low <= event <= high]
    return events, [event for event in range(low, high + 1) if event not in observed]


def _check(
    estimator: str,
    control: str,
    base: str,
    method: str,
    vcov: str,
    anticipation: int,
    leads: int | None,
    lags: int | None,
) -> None:
    """Raise an InputError for options that do not exist, all together."""
    known = {
        "estimator": (estimator, ESTIMATORS),
        "control": (control, CONTROLS),
        "base_period": (base, BASES),
        "method": (method, METHODS),
        "vcov": (vcov, VARIANCES),
    }
    problems = [
        Problem(key, f"found '{value}'; expected one of {', '.join(options)}")
        for key, (value, options) in known.items()
        if value not in options
    ]
    numbers = {"anticipation": anticipation, "leads": leads, "lags": lags}
    problems += [
        Problem(key, f"found {value}; expected zero or more years")
        for key, value in numbers.items()
        if value is not None and value < 0
    ]
    if problems:
        raise InputError(problems)


def _small(estimator: str, asked: Mapping[str, Any] | None) -> dict[str, Any]:
    """Small-sample choices: the factor for observations belongs to regressions."""
    return {"observations": estimator in REGRESSIONS, **(asked or {})}


def _reference(estimator: str, made: Adoption, base: str) -> int | None:
    """The year that leads and lags are relative to."""
    if estimator in REGRESSIONS or (estimator == "callaway_santanna" and base == "universal"):
        return made.reference
    return None


def _about(
    estimator: str,
    made: Adoption,
    solution: Solution,
    reference: int | None,
    control: str,
    base: str,
    method: str,
    beyond: Sequence[int],
) -> list[Note]:
    """What an estimator compares, what its leads are relative to, and who is few."""
    year = str(made.reference)
    said = [note(f"event_{estimator}", year=year)]
    if estimator == "callaway_santanna":
        used = control if made.has_never else "not_yet_treated"
        said += [note(f"event_{used}"), note(f"event_base_{base}", year=year)]
        if made.controls.names:
            said.append(note(f"event_{method}", names=", ".join(made.controls.names)))
        years = made.year[solution.sample.rows]
        if len(years) < made.firm.n_levels * np.count_nonzero(np.bincount((years - years.min()).astype(int))):
            said.append(note("event_pairs"))
    if made.anticipation:
        said.append(note("event_anticipation", event=str(-made.anticipation)))
    if estimator == "sun_abraham" and len(made.cohorts) == 1 and made.has_never:
        said.append(note("event_one_cohort"))
    lost = [e for e in beyond if e != reference]
    if lost:
        said.append(note("empty_cells", names=", ".join(event_term(event) for event in lost)))
    return [*said, *_few_never(made)]


def _few_never(made: Adoption) -> list[Note]:
    """Firms never treated in few clusters."""
    if not made.has_never or not made.sample.clusters:
        return []
    never = made.cohort[made.sample.rows] == 0
    least = min(np.count_nonzero(np.bincount(cluster.codes[never])) for cluster in made.sample.clusters)
    return [note("event_few_never", count=least, limit=FEW_NEVER_CLUSTERS)] if least < FEW_NEVER_CLUSTERS else []

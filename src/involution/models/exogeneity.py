"""Does the outcome feed back on a regressor? A test, and an estimate less the bias that feedback leaves.

Fixed effects assume that a regressor is strictly exogenous: unmoved by the outcome's past. Where this year's innovation
moves this year's margin, the margin's slope on next year's innovation is too small, the more so the fewer the years
(Nickell 1981, *Econometrica* 49: 1417-1426).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from involution.errors import InputError, NotEstimable, Problem
from involution.models.derived import coefficients
from involution.models.design import Design
from involution.models.distributions import f_p_value
from involution.models.groupings import Codes, Floats, Grouping
from involution.models.linear import fit_linear
from involution.models.matrix import Columns, check_names, expand, outcome_values
from involution.models.notes import Note, note
from involution.models.options import variance_choice
from involution.models.result import Fit, summarise
from involution.models.sample import Sample
from involution.models.solution import Jackknife, Solution
from involution.models.solve import inverse
from involution.models.threads import single_threaded
from involution.study.formulas import Formula, parse_formula

LEAST_YEARS = 4
"""Years of a firm of which each half still has two."""


def lead_test(design: Design, formula: str, mediators: Sequence[str] | str, vcov: str | None = None) -> Fit:
    """Add next year's value of regressors to an equation: under strict exogeneity their slopes are zero.

    Parameters
    ----------
    design : Design
    formula : str
        ``innovation ~ pressure + margin``, least squares.
    mediators : sequence of str
        Columns whose leads, by the firm's calendar years, are added.
    vcov : str, optional
        As in `Design.estimate`.

    Returns
    -------
    Fit
        Of the augmented equation, with a term ``lead(m)`` for each mediator and the statistic ``lead_test``: the Wald F
        of all leads together, its number of restrictions as df (Wooldridge 2010, *Econometric Analysis of Cross Section
        and Panel Data*, section 10.7.1). Each firm's last row has no lead and is left out.

    Raises
    ------
    InputError
        For names that do not exist, fixed effects and instruments in the formula.
    NotEstimable
        When a lead cannot be estimated.
    """
    _outcome_and_regressors(formula)
    leads = [f"lead({name})" for name in ([mediators] if isinstance(mediators, str) else mediators)]
    fit = design.estimate(f"{formula} + {' + '.join(leads)}", vcov=vcov)
    lost = [name for name in leads if name not in fit.terms]
    if lost:
        raise NotEstimable(f"{', '.join(lost)} has no variation of its own left")
    return replace(fit, details=(*fit.details, ("lead_test", *_wald(fit, leads))))


def _outcome_and_regressors(formula: str) -> Formula:
    """The formula parsed, if it is of least squares and leaves the fixed effects to the design."""
    parsed = parse_formula(formula)
    if parsed.fixed_effects or parsed.endogenous:
        mend = "write y ~ x1 + x2; the fixed effects are the design's"
        raise InputError(Problem("formula", "built for outcome and regressors alone, without instruments", mend=mend))
    return parsed


def _wald(fit: Fit, terms: Sequence[str]) -> tuple[float, float, float]:
    """F of several coefficients, restrictions, p-value; refused where their covariance is singular."""
    estimate, covariance = coefficients(fit, terms)
    value = float(estimate @ inverse(covariance) @ estimate) / len(terms)
    return value, float(len(terms)), f_p_value(value, len(terms), fit.degrees_of_freedom)


def half_panel_jackknife(design: Design, formula: str, vcov: str = "crv3") -> Fit:
    r"""Least squares less the bias of order one over the number of years.

    Parameters
    ----------
    design : Design
        With firms and years; clusters give the standard error.
    formula : str
        ``innovation ~ pressure + margin``, least squares.
    vcov : {"crv3", "crv1"}
        Of the corrected estimate itself: each cluster is left out of the whole panel and of both halves at once (crv3),
        or moves them together (crv1).

    Returns
    -------
    Fit
        Corrected coefficients under the formula's names, those that a half does not identify left out. The statistic
        ``dropped_short`` counts rows of firms with fewer than four years, which have no halves to compare.

    Raises
    ------
    InputError
        For names that do not exist, fixed effects and instruments in the formula.
    NotEstimable
        When no firm has four years or the data have no firm and year.

    Notes
    -----
    With b of all years and b of either half, :math:`2 b - (b_1 + b_2)/2`: the bias of a half is twice that of the whole
    (Dhaene and Jochmans 2015, *Review of Economic Studies* 82: 991-1030; for feedback on a regressor, Chudik, Pesaran
    and Yang 2018, *Journal of Applied Econometrics* 33: 816-836). Halves are of each firm's *own* years and not of the
    calendar: a firm that enters late or leaves early would otherwise lie in one half alone, with the bias of its whole
    panel there. Where a firm's years are odd in number both ways of halving are averaged, as Dhaene and Jochmans do.
    Each half has fixed effects of its own.
    """
    parsed = _outcome_and_regressors(formula)
    check_names(parsed, design.data.columns)
    outcome = outcome_values(parsed.outcome, design.data, design.panel)
    blocks = [expand(terms, design.data, design.panel, design.rows) for terms in (parsed.terms, (), ())]
    whole = design.sample(outcome, blocks, constant=False)
    with single_threaded():
        sample = _long(whole)
        solve = partial(_solved, parsed, outcome, blocks)
        solution = _corrected(sample, solve, dropped=whole.n - sample.n)
        return summarise(
            solution,
            variance_choice(vcov, design.cluster, None, 0, 0),
            formula=parsed.text,
            estimator="half_panel_jackknife",
            outcome=parsed.outcome.label,
            effects=["^".join(effect) for effect in design.effects],
            outcome_values=outcome,
        )


@dataclass(frozen=True)
class _Half:
    """One estimate on part of the rows."""

    solution: Solution
    places: Codes
    """Where its rows stand in the whole sample."""
    factor: float


def _solved(parsed: Formula, outcome: Floats, blocks: Sequence[Columns], sample: Sample) -> Solution:
    return fit_linear(sample, parsed.outcome.label, outcome, blocks[0], blocks[1], blocks[2])


def _long(sample: Sample) -> Sample:
    """Rows of the firms with enough years."""
    if sample.firm is None or sample.year is None:
        raise NotEstimable("the half-panel jackknife needs the firm and the year of each row")
    long = sample.firm.spread(sample.firm.counts.astype(float)) >= LEAST_YEARS
    kept = sample if long.all() else sample.subset(long).without_singletons()
    if not kept.n:
        raise NotEstimable(f"no firm has {LEAST_YEARS} years: the half-panel jackknife has no halves to compare")
    return kept


def _halves(firm: Grouping, year: Grouping) -> list[np.ndarray]:
    """First and second half of each firm's years, a middle year once with the one and once with the other."""
    order = np.lexsort((year.codes, firm.codes))
    place = np.empty(len(order), dtype=np.intp)
    place[order] = np.arange(len(order)) - np.repeat(np.cumsum(firm.counts) - firm.counts, firm.counts)
    years = firm.counts[firm.codes]
    first = [place < middle for middle in (years // 2, (years + 1) // 2)]
    return [half for early in first for half in (early, ~early)]


def _corrected(sample: Sample, solve: Callable[[Sample], Solution], *, dropped: int) -> Solution:
    assert sample.firm is not None
    assert sample.year is not None
    full = _Half(solve(sample), np.arange(sample.n), 2.0)
    parts = [full]
    for rows in _halves(sample.firm, sample.year):
        half = sample.subset(rows).without_singletons()
        parts.append(_Half(solve(half), np.searchsorted(sample.rows, half.rows), -0.25))
    names = [name for name in full.solution.names if all(name in part.solution.names for part in parts)]
    if not names:
        raise NotEstimable("the halves of the panel identify none of the coefficients")
    influence = np.zeros((sample.n, len(names)))
    for part in parts:
        influence[part.places] += part.factor * part.solution.influence[:, _at(part, names)]
    notes = (note("short_panels", count=dropped, years=LEAST_YEARS),) if dropped else ()
    return Solution(
        names=tuple(names),
        beta=_summed(parts, [part.solution.beta[_at(part, names)] for part in parts]),
        bread=np.full((len(names), len(names)), np.nan),
        influence=influence,
        sample=sample,
        sum_of_squares=np.nan,
        likelihood=False,
        jackknife=partial(_leave_one_cluster_out, parts, names),
        statistics={"dropped_short": (float(dropped), np.nan, np.nan)},
        notes=(*full.solution.notes, *notes),
    )


def _at(part: _Half, names: Sequence[str]) -> list[int]:
    return [part.solution.names.index(name) for name in names]


def _summed(parts: Sequence[_Half], values: Sequence[Floats]) -> Floats:
    return np.asarray(sum(part.factor * value for part, value in zip(parts, values, strict=True)))


def _leave_one_cluster_out(parts: Sequence[_Half], names: Sequence[str], cluster: Grouping) -> Jackknife:
    """The corrected coefficients without each cluster; a half without it stays as it is."""
    replicates: list[Floats] = []
    said: list[Note] = []
    for part in parts:
        at, solution = _at(part, names), part.solution
        assert solution.jackknife is not None
        left = solution.jackknife(cluster.take(part.places))
        own = np.tile(solution.beta[at], (cluster.n_levels, 1))
        own[np.unique(cluster.codes[part.places])] = left.replicates[:, at]
        replicates.append(own)
        said += left.notes
    return Jackknife(_summed(parts, replicates), tuple(dict.fromkeys(said)))

"""The outcome where it is reported, corrected for who reports it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from involution.errors import InputError, NotEstimable, Problem
from involution.models.absorb import Absorber
from involution.models.blocks import PANEL, Run, spawned_seed
from involution.models.dating import with_dated
from involution.models.derived import wald
from involution.models.design import Design
from involution.models.endogeneity.asked import Method, Prepared, controls_of, outcome_of, prepared, treatment_of
from involution.models.endogeneity.heckman import (
    Probit,
    index_of,
    mills,
    probits,
    second_step,
    two_step_covariance,
)
from involution.models.groupings import Codes, Floats, Grouping
from involution.models.inference import Inference
from involution.models.matrix import INTERCEPT, numbers
from involution.models.notes import Note, note
from involution.models.reported import Row
from involution.models.result import Fit, t_tests
from involution.models.tidy import BlockResult, of_fit
from involution.study.balancing import Selection
from involution.study.endogeneity import Endogeneity, endogeneity_names
from involution.study.formulas import effect_label, quoted
from involution.study.timing import dated

ESTIMATOR = "heckman"
MILLS = "inverse_mills"
_VARIANCES = ("crv3", "hetero")


@dataclass(frozen=True)
class _Selected:
    """The rows in which the outcome may be reported, what explains that it is, and where it is.

    Attributes
    ----------
    design : Design
        Its data hold the firm means and whether the outcome is reported; its effects are the outcome equation's.
    rows : array of int, shape (n,)
    explanatory : array of float, shape (n, q)
    observed : array of bool, shape (n,)
    years : array of int, shape (n,)
    means : list of str
        Columns that stand for the firm effects; empty without these.
    weights : array of float, shape (n,), or None
    """

    design: Design
    rows: Codes
    explanatory: Floats
    observed: np.ndarray
    years: Codes
    means: list[str]
    weights: Floats | None

    @property
    def mask(self) -> np.ndarray:
        """Rows with the outcome, as a mask over the data."""
        out = np.zeros(len(self.design.data), dtype=bool)
        out[self.rows[self.observed]] = True
        return out

    def ratio(self, found: Sequence[Probit]) -> Floats:
        """The inverse Mills ratio on all rows."""
        return mills(index_of(found, self.explanatory, self.observed))


def _selection(asked: Endogeneity) -> Selection:
    assert asked.selection is not None
    return asked.selection


def _exclusions(asked: Endogeneity) -> list[str]:
    return [dated(name, asked.clock.outcome) for name in _selection(asked).exclusion]


def _prepare(asked: Endogeneity, data: pd.DataFrame, run: Run) -> Prepared:
    own, years = _selection(asked), asked.clock.outcome
    problems = []
    if (asked.vcov or "crv3") not in _VARIANCES:
        what = f"'{asked.vcov}' takes the first step as given, and its errors would be too small"
        problems.append(Problem("vcov", what, mend="crv3 (both steps without each cluster), or hetero (Heckman's own)"))
    named = {str(asked.treatment): "the treatment", asked.outcome: "the outcome"}
    named |= dict.fromkeys(asked.controls or (), "a control")
    for name in own.exclusion:
        if name in named and dated(name, years) in (treatment_of(asked), *controls_of(asked), outcome_of(asked)):
            mend = "name what moves reporting and not the outcome"
            problems.append(Problem("selection.exclusion", f"'{name}' is {named[name]}", mend=mend))
    if problems:
        raise InputError(problems)
    # A firm's row in the outcome's year: where it has none there is nothing to report.
    pairs = [(PANEL["year"], years), *([(own.reported, years)] if own.reported else [])]
    whole, _ = with_dated(data, pairs, f"endogeneity: {asked.name}", run.known.unavailable)
    design, said = prepared(asked, [(name, years) for name in own.exclusion], whole, run)
    return design, said


def _estimate(asked: Endogeneity, design: Design, said: tuple[Note, ...], run: Run) -> list[BlockResult]:
    names = endogeneity_names(asked)
    selected = _selected(asked, design)
    found = probits(selected.explanatory, selected.observed, selected.years, selected.weights)
    if not found:
        raise NotEstimable("in every year all rows have the outcome, or none has: there is nothing to correct")
    corrected = _corrected(asked, selected, found, said)
    options: dict[str, Any] = {"vcov": asked.vcov, "draws": run.draws, "seed": spawned_seed(run.seed, asked.name)}
    plain = selected.design.on(rows=selected.mask).estimate(_formula(asked, selected.means), **options, remarks=said)
    plain = _without_means(replace(plain, remarks=(*plain.remarks, *_effects_note(selected))), selected.means)
    return [of_fit(names[0], corrected), of_fit(names[1], plain), of_fit(names[2], _reporting(asked, selected))]


def _selected(asked: Endogeneity, design: Design) -> _Selected:
    """Rows with every explanatory column and a row of the firm in the outcome's year."""
    own, data, years = _selection(asked), design.data, asked.clock.outcome
    explaining = [treatment_of(asked), *controls_of(asked), *_exclusions(asked)]
    rows = design.rows & data[dated(PANEL["year"], years)].notna().to_numpy()
    for name in explaining:
        rows &= data[name].notna().to_numpy()
    outcome = numbers(data, outcome_of(asked))
    observed = ~np.isnan(outcome)
    if own.reported is not None:
        told = numbers(data, dated(own.reported, years))
        if not np.isin(told[rows & ~np.isnan(told)], (0.0, 1.0)).all():
            raise NotEstimable(f"{own.reported} is to be 0 or 1")
        # What is reported and yet missing is missing for another reason: no row of either equation.
        rows &= ~np.isnan(told) & ~((told == 1) & ~observed)
        observed &= told == 1
    weights = None if design.weights is None else numbers(data, design.weights)
    rows &= np.ones(len(data), dtype=bool) if weights is None else weights > 0
    places = np.flatnonzero(rows)
    if not observed[places].any():
        raise NotEstimable("no row has the outcome and every explanatory column")
    by_firm = any(effect == (PANEL["firm"],) for effect in design.effects)
    made = {f"mean[{name}]": _firm_means(data, name, rows) for name in explaining} if by_firm else {}
    effects = [effect_label(effect) for effect in design.effects if effect != (PANEL["firm"],)]
    marked = data.assign(**made, **{reported_name(asked): np.where(rows, observed.astype(float), np.nan)})
    columns = np.column_stack([numbers(marked, name)[places] for name in (*explaining, *made)])
    year = pd.factorize(data[PANEL["year"]].to_numpy()[places], sort=True)[0].astype(np.intp)
    return _Selected(
        design.on(marked, fixed_effects=effects),
        places,
        columns,
        observed[places],
        year if own.by_year else np.zeros(len(year), dtype=np.intp),
        list(made),
        None if weights is None else weights[places],
    )


def _firm_means(data: pd.DataFrame, name: str, rows: np.ndarray) -> pd.Series:
    return data[name].astype(float).where(rows).groupby(data[PANEL["firm"]].to_numpy()).transform("mean")


def reported_name(asked: Endogeneity) -> str:
    """What the indicator of the reported outcome is called."""
    return f"reported[{outcome_of(asked)}]"


def _formula(asked: Endogeneity, more: Sequence[str]) -> str:
    return f"{quoted(outcome_of(asked))} ~ {' + '.join(map(quoted, [treatment_of(asked), *controls_of(asked), *more]))}"


def _corrected(asked: Endogeneity, selected: _Selected, found: list[Probit], said: tuple[Note, ...]) -> Fit:
    """The second step with the variance of both."""
    column = np.full(len(selected.design.data), np.nan)
    column[selected.rows] = selected.ratio(found)
    design = selected.design.on(selected.design.data.assign(**{MILLS: column}), rows=selected.mask)
    fit = design.estimate(_formula(asked, [*selected.means, MILLS]), vcov="crv1" if design.cluster else None)
    if MILLS not in fit.terms:
        raise NotEstimable("the inverse Mills ratio has no variation of its own: name another exclusion")
    remarks = [*said, *_effects_note(selected), note("heckman_by_year" if _selection(asked).by_year else "heckman")]
    remarks.append(note("heckman_exclusion", names=", ".join(_exclusions(asked))))
    if asked.vcov == "hetero":
        inference, rows = _own_covariance(selected, design, fit, found)
        fit = _with(fit, inference, "two_step", None, 0)
    else:
        inference, rows = _jackknife(selected, design, fit, found), []
        count = int(inference.degrees_of_freedom) + 1
        fit = _with(fit, inference, f"crv3({design.cluster[0]})", design.cluster, count)
    remarks.append(note("heckman_two_step" if asked.vcov == "hetero" else "heckman_jackknife"))
    counts = {"n_reported": selected.observed.sum(), "n_unreported": (~selected.observed).sum()}
    rows += [(key, float(value), np.nan, np.nan) for key, value in counts.items()]
    whole = replace(fit, estimator=ESTIMATOR, remarks=(*fit.remarks, *remarks), details=(*fit.details, *rows))
    return _without_means(whole, selected.means)


def _effects_note(selected: _Selected) -> list[Note]:
    return [note("heckman_means")] if selected.means else []


def _with(fit: Fit, inference: Inference, label: str, clusters: Sequence[str] | None, count: int) -> Fit:
    """The fit with another inference, whose clusters are those of both steps."""
    std_error, statistic, p_value, low, high = t_tests(fit.estimate, inference)
    dropped = ("small_sample", "degrees_of_freedom", "n_clusters", *(() if clusters else ("effective_clusters",)))
    details = [row for row in fit.details if not row[0].startswith(dropped)]
    details.append(("degrees_of_freedom", inference.degrees_of_freedom, np.nan, np.nan))
    details += [(f"n_clusters[{name}]", float(count), np.nan, np.nan) for name in clusters or ()]
    # Said of the first step's variance, which is not the one that is reported.
    remarks = [remark for remark in fit.remarks if remark.code != "few_clusters"]
    return replace(
        fit,
        remarks=tuple(remarks),
        std_error=std_error,
        statistic=statistic,
        p_value=p_value,
        ci_low=low,
        ci_high=high,
        covariance=inference.vcov,
        vcov_label=label,
        n_clusters=count if clusters else None,
        details=tuple(details),
        cluster_influence=None,
    )


def _absorbed(design: Design, fit: Fit, columns: Floats, keep: np.ndarray, weights: Floats | None) -> Floats:
    """Columns of some of the fit's rows with the effects (or the constant) out, times root weights."""
    groups = [
        Grouping(effect_label(effect), pd.factorize(_codes(design, effect)[fit.rows[keep]])[0], 0)
        for effect in design.effects
    ] or [Grouping(INTERCEPT, np.zeros(int(keep.sum()), dtype=np.intp), 1)]
    counted = [Grouping(part.name, part.codes, int(part.codes.max()) + 1) for part in groups]
    own = None if weights is None else weights[keep]
    made = Absorber(counted, own).residuals(columns[keep])
    return made if own is None else made * np.sqrt(own)[:, None]


def _codes(design: Design, effect: tuple[str, ...]) -> Codes:
    parts = [design.data[name].to_numpy() for name in effect]
    return np.asarray(pd.MultiIndex.from_arrays(parts).factorize()[0]) if len(parts) > 1 else pd.factorize(parts[0])[0]


def _columns(design: Design, fit: Fit) -> tuple[list[str], Floats]:
    """Terms without the constant, and their columns with the outcome last on the fit's rows."""
    terms = [term for term in fit.terms if term != INTERCEPT]
    data = design.data
    return terms, np.column_stack([numbers(data, name)[fit.rows] for name in (*terms, fit.outcome)])


def _row_weights(design: Design, fit: Fit) -> Floats | None:
    return None if design.weights is None else numbers(design.data, design.weights)[fit.rows]


def _own_covariance(selected: _Selected, design: Design, fit: Fit, found: list[Probit]) -> tuple[Inference, list[Row]]:
    if design.weights is not None or selected.means:
        raise NotEstimable("Heckman's own variance is of independent rows without weights; take vcov: crv3")
    terms, columns = _columns(design, fit)
    every = np.ones(len(fit.rows), dtype=bool)
    made = _absorbed(design, fit, columns, every, None)
    slopes = fit.estimate[[fit.terms.index(term) for term in terms]]
    ratio = float(slopes[terms.index(MILLS)])
    constant = INTERCEPT in fit.terms
    regressors = np.column_stack([columns[:, :-1], np.ones(len(columns))]) if constant else made[:, :-1]
    place = np.searchsorted(selected.rows, fit.rows)
    residual = made[:, -1] - made[:, :-1] @ slopes
    vcov, sigma, rho = two_step_covariance(regressors, residual, ratio, found, selected.explanatory, place)
    order = [([*terms, INTERCEPT] if constant else terms).index(term) for term in fit.terms]
    rows = [("selection_sigma", sigma, np.nan, np.nan), ("selection_rho", rho, np.nan, np.nan)]
    return Inference(vcov[np.ix_(order, order)], np.inf, len(fit.terms), 1.0), rows


def _jackknife(selected: _Selected, design: Design, fit: Fit, found: list[Probit]) -> Inference:
    """Both steps without each cluster: ``(G-1)/G`` times the sum of squares about the estimate."""
    if len(design.cluster) != 1:
        raise NotEstimable("the cluster jackknife of both steps takes one clustering")
    terms, columns = _columns(design, fit)
    at = terms.index(MILLS)
    weights = _row_weights(design, fit)
    place = np.searchsorted(selected.rows, fit.rows)
    groups = pd.factorize(design.data[design.cluster[0]].to_numpy()[selected.rows], sort=True)[0]
    count = int(groups.max()) + 1
    if count < 2:
        raise NotEstimable("one cluster: there is none to leave out")
    slopes = fit.estimate[[fit.terms.index(term) for term in terms]]
    constant = INTERCEPT in fit.terms
    whole = np.array([*slopes, *([fit.estimate[fit.terms.index(INTERCEPT)]] if constant else [])])
    squares = np.zeros((len(whole), len(whole)))
    for left in range(count):
        keep = groups != left
        part = probits(
            selected.explanatory[keep], selected.observed[keep], selected.years[keep],
            None if selected.weights is None else selected.weights[keep], _kept(found, keep, selected.years),
        )  # fmt: skip
        ratio = np.full(len(keep), np.nan)
        ratio[keep] = mills(index_of(part, selected.explanatory[keep], selected.observed[keep]))
        own = keep[place]
        changed = columns.copy()
        changed[:, at] = ratio[place]
        made = _absorbed(design, fit, changed, own, weights)
        moved = second_step(made[:, :-1], made[:, -1])
        if constant:
            means = np.average(changed[own], axis=0, weights=None if weights is None else weights[own])
            moved = np.array([*moved, means[-1] - means[:-1] @ moved])
        squares += np.outer(moved - whole, moved - whole)
    order = [[*terms, INTERCEPT].index(term) for term in fit.terms]
    covariance = (count - 1) / count * squares[np.ix_(order, order)]
    return Inference(covariance, float(count - 1), len(fit.terms), 1.0)


def _kept(found: Sequence[Probit], keep: np.ndarray, years: Codes) -> list[Probit]:
    """The probits with their rows renumbered among those that are kept, as a place to begin."""
    new = np.cumsum(keep) - 1
    return [replace(probit, rows=new[probit.rows[keep[probit.rows]]]) for probit in found if keep[probit.rows].any()]


def _without_means(fit: Fit, means: Sequence[str]) -> Fit:
    """The fit without the columns that stand for the firm effects."""
    keep = [place for place, term in enumerate(fit.terms) if term not in means]
    arrays = ("estimate", "std_error", "statistic", "p_value", "ci_low", "ci_high")
    influence = fit.cluster_influence
    hidden = tuple(f"{kind}[{name}]" for kind in ("ame", "ame_se") for name in means)
    return replace(
        fit,
        terms=tuple(fit.terms[place] for place in keep),
        covariance=fit.covariance[np.ix_(keep, keep)],
        details=tuple(row for row in fit.details if row[0] not in hidden),
        cluster_influence=None if influence is None else influence.iloc[:, keep],
        **{name: getattr(fit, name)[keep] for name in arrays},
    )


def _reporting(asked: Endogeneity, selected: _Selected) -> Fit:
    """The probit of reporting over all years, with year effects, and the test of the exclusions."""
    mask = np.zeros(len(selected.design.data), dtype=bool)
    mask[selected.rows] = True
    effects = [PANEL["year"]] if _selection(asked).by_year else []
    exclusions = _exclusions(asked)
    terms = [treatment_of(asked), *controls_of(asked), *exclusions, *selected.means]
    formula = f"{quoted(reported_name(asked))} ~ {' + '.join(map(quoted, terms))}"
    design = selected.design.on(fixed_effects=effects, rows=mask)
    fit = design.estimate(formula, estimator="probit", vcov="crv1" if design.cluster else None)
    known = [term for term in exclusions if term in fit.terms]
    rows: list[Row] = [("exclusion_f", *wald(fit, known))] if known else []
    said = [note("heckman_pooled_probit")] if _selection(asked).by_year else []
    return _without_means(replace(fit, details=(*fit.details, *rows), remarks=(*fit.remarks, *said)), selected.means)


SELECTION = Method(_prepare, _estimate, ESTIMATOR, ("ols", "probit"))

"""The second step of a correction for selection, with the variance of both steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from involution.errors import NotEstimable
from involution.models.absorb import Absorber
from involution.models.design import Design
from involution.models.endogeneity.heckman import (
    NoMaximum,
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
from involution.models.reported import Row
from involution.models.result import Fit, t_tests
from involution.models.solve import column_scales
from involution.study.formulas import effect_label

MILLS = "inverse_mills"


@dataclass(frozen=True)
class Selected:
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
    periods : list of str
        What the years are called, by their codes; empty where one probit is of all of them.
    """

    design: Design
    rows: Codes
    explanatory: Floats
    observed: np.ndarray
    years: Codes
    means: list[str]
    weights: Floats | None
    periods: list[str]

    @property
    def mask(self) -> np.ndarray:
        """Rows with the outcome, as a mask over the data."""
        out = np.zeros(len(self.design.data), dtype=bool)
        out[self.rows[self.observed]] = True
        return out

    def ratio(self, found: Sequence[Probit]) -> Floats:
        """The inverse Mills ratio on all rows."""
        return mills(index_of(found, self.explanatory, self.observed))


def with_inference(fit: Fit, inference: Inference, label: str, clusters: Sequence[str] | None, count: int) -> Fit:
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


def own_covariance(selected: Selected, design: Design, fit: Fit, found: list[Probit]) -> tuple[Inference, list[Row]]:
    """Heckman's covariance, and the deviation and correlation of the errors that it rests on.

    Parameters
    ----------
    selected : Selected
    design : Design
        Of the outcome's equation, whose data hold the Mills ratio.
    fit : Fit
        Its least squares.
    found : list of Probit

    Raises
    ------
    NotEstimable
        With weights or firm means, for which the formula is not.
    """
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


@dataclass(frozen=True)
class Lost:
    """A replicate, or a part of it, that leaving a cluster out does not leave.

    Attributes
    ----------
    cluster : str
    year : str
        Of the probit that has no maximum then; empty where one probit is of all years.
    """

    cluster: str
    year: str


def jackknife(
    selected: Selected, design: Design, fit: Fit, found: list[Probit]
) -> tuple[Inference, list[Lost], list[str]]:
    """Both steps without each cluster: ``(G-1)/G`` times the sum of squares about the estimate.

    Parameters
    ----------
    selected : Selected
    design : Design
        Of the outcome's equation, whose data hold the Mills ratio.
    fit : Fit
        Its least squares.
    found : list of Probit
        From which the search begins in each replicate.

    Returns
    -------
    Inference
        The clusters are those of all rows of both steps. Missing for coefficients that some replicate does not have,
        for all of them where a probit has no maximum: a sum without it would leave out the cluster that matters most.
    list of Lost
        Clusters without which a probit has no maximum.
    list of str
        Terms that are not identified without some cluster.

    Raises
    ------
    NotEstimable
        For two clusterings, and one cluster.
    """
    if len(design.cluster) != 1:
        raise NotEstimable("the cluster jackknife of both steps takes one clustering")
    terms, columns = _columns(design, fit)
    groups, names = pd.factorize(design.data[design.cluster[0]].to_numpy()[selected.rows], sort=True)
    count = int(groups.max()) + 1
    if count < 2:
        raise NotEstimable("one cluster: there is none to leave out")
    own = INTERCEPT in fit.terms
    whole = fit.estimate[[fit.terms.index(term) for term in (*terms, *([INTERCEPT] if own else []))]]
    squares, lost = np.zeros((len(whole), len(whole))), list[Lost]()
    for left in range(count):
        try:
            moved = _without(groups != left, selected, design, fit, found, columns, terms.index(MILLS))
        except NoMaximum as error:
            year = selected.periods[error.year] if selected.periods else ""
            lost.append(Lost(str(names[left]), year))
        else:
            squares += np.outer(moved - whole, moved - whole)
    unidentified = [term for place, term in enumerate(terms) if np.isnan(squares[place, place])]
    order = [[*terms, INTERCEPT].index(term) for term in fit.terms]
    covariance = (count - 1) / count * (np.full_like(squares, np.nan) if lost else squares)[np.ix_(order, order)]
    return Inference(covariance, float(count - 1), len(fit.terms), 1.0), lost, unidentified


def _without(
    keep: np.ndarray, selected: Selected, design: Design, fit: Fit, found: list[Probit], columns: Floats, at: int
) -> Floats:
    """Coefficients of the second step, the constant last, where both steps are of the rows kept alone."""
    weights = _row_weights(design, fit)
    place = np.searchsorted(selected.rows, fit.rows)
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
    kept_weights = None if weights is None else weights[own]
    moved = second_step(made[:, :-1], made[:, -1], column_scales(changed[own][:, :-1], kept_weights, True))
    if INTERCEPT not in fit.terms:
        return moved
    means = np.average(changed[own], axis=0, weights=kept_weights)
    return np.array([*moved, means[-1] - means[:-1] @ moved])


def _kept(found: Sequence[Probit], keep: np.ndarray, years: Codes) -> list[Probit]:
    """The probits with their rows renumbered among those that are kept, as a place to begin."""
    new = np.cumsum(keep) - 1
    return [replace(probit, rows=new[probit.rows[keep[probit.rows]]]) for probit in found if keep[probit.rows].any()]


def without_means(fit: Fit, means: Sequence[str]) -> Fit:
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

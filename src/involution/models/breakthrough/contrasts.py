r"""Contrasts of a joint model: the harm of a rise of the treatment, and what moving each lever offsets of it.

With s one standard deviation of X, and p25 and p75 of the levers,

- harm: :math:`s(\beta + \sum_k \theta_k p25_k)`, the effect of X one deviation higher with all levers at p25;
- offset of a lever: :math:`s \sum_k \theta_k (p75_k - p25_k)` over its columns;
- remaining: harm and the offsets of all levers, the effect of the same rise with all levers at p75;
- share of a lever: minus its offset over harm;
- level: :math:`\sum_k \psi_k (p75_k - p25_k)`, what moving the lever does by itself: no part of the others.

All are linear in the coefficients, s and the percentiles taken as given, but for the share, whose interval is Fieller's
(1954, *Journal of the Royal Statistical Society B* 16: 175-185).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from involution.models.breakthrough.joint import Joint
from involution.models.breakthrough.moves import Moves
from involution.models.distributions import critical_value, f_p_value, t_p_values
from involution.models.groupings import Floats
from involution.models.result import TIDY
from involution.study.breakthrough import ALL

Weights = Mapping[str, float]
Failure = tuple[str, str]


@dataclass(frozen=True)
class Contrasts:
    """Contrasts of one group, or of all firms.

    Attributes
    ----------
    harm : dict of str to float
        Weights of the coefficients.
    offsets, levels : dict of str to dict of str to float
        By lever; a lever without is not in it.
    failed : dict of str to (str, str)
        By lever without an offset: code of the reason and the columns that it is about.
    """

    harm: Weights
    offsets: Mapping[str, Weights]
    levels: Mapping[str, Weights]
    failed: Mapping[str, Failure]

    @property
    def together(self) -> dict[str, float]:
        """Weights of the offset of all levers."""
        return _added(*self.offsets.values())


def contrasts(found: Joint, given: Moves, group: str = "") -> Contrasts | None:
    """The contrasts of a group; None where the treatment has no coefficient in it.

    Parameters
    ----------
    found : Joint
    given : Moves
    group : str
        Empty for all firms.
    """
    if found.treatment(group) not in found.fit.terms:
        return None
    offsets, levels, failed = {}, {}, {}
    for lever, columns in found.asked.levers.items():
        moved = [name for name in columns if given.by(name)]
        lost = [name for name in moved if found.product(name, group) not in found.fit.terms]
        if lost or not moved:
            failed[lever] = (
                ("breakthrough_lever_absorbed", ", ".join(lost)) if lost else ("breakthrough_lever_still", lever)
            )
            continue
        offsets[lever] = {found.product(name, group): given.deviation * given.by(name) for name in moved}
        own = {found.level(name, group): given.by(name) for name in moved}
        if all(term in found.fit.terms for term in own):
            levels[lever] = own
    return Contrasts(_harm(found, given, group), offsets, levels, failed)


def _harm(found: Joint, given: Moves, group: str) -> dict[str, float]:
    """The effect at p25: from the value of each lever at which the treatment's coefficient holds to its p25."""
    treatment = found.treatment(group)
    products = {name: found.product(name, group) for name in found.asked.moving}
    return {treatment: given.deviation} | {
        term: given.deviation * (given.low[name] - found.own[treatment][term])
        for name, term in products.items()
        if term in found.fit.terms
    }


def tidy(found: Joint, made: Contrasts, ending: str = "", degrees: float | None = None) -> pd.DataFrame:
    """One row per contrast with the columns of a fit's `tidy`.

    Parameters
    ----------
    found : Joint
    made : Contrasts
    ending : str
        Of terms with brackets: ``,firm_size=micro``.
    degrees : float, optional
        Of t; the model's unless given. Missing: no errors, tests and intervals.
    """
    degrees = found.degrees if degrees is None else degrees
    alone = f"[{ending.removeprefix(',')}]" if ending else ""
    rows = [_row(found, f"harm{alone}", made.harm, degrees)]
    named = {**made.offsets, ALL: made.together} if made.offsets else {}
    for lever in (*found.asked.levers, ALL):
        term = f"offset[{lever}{ending}]"
        rows.append(_row(found, term, named[lever], degrees) if lever in named else _missing(term))
    if named:
        rows.append(_row(found, f"remaining{alone}", _added(made.harm, named[ALL]), degrees))
    rows += [_share(found, f"share[{lever}{ending}]", weights, made.harm, degrees) for lever, weights in named.items()]
    rows += [_row(found, f"level[{lever}{ending}]", weights, degrees) for lever, weights in made.levels.items()]
    return pd.DataFrame(rows, columns=list(TIDY))


def equal_offsets(
    found: Joint, by_group: Mapping[str, Contrasts], lever: str, degrees: float
) -> tuple[float, float, float]:
    """F test that a lever's offset is the same in all groups that have one.

    Parameters
    ----------
    found : Joint
    by_group : mapping of str to Contrasts
    lever : str
    degrees : float
        Of the denominator.

    Returns
    -------
    tuple of float
        Value, degrees of the numerator, p-value; missing with fewer than two groups.
    """
    weights = [made.together if lever == ALL else made.offsets.get(lever, {}) for made in by_group.values()]
    known = [one for one in weights if one]
    differences = [_added(one, known[0], sign=-1.0) for one in known[1:]]
    if not differences:
        return np.nan, np.nan, np.nan
    estimates, covariance = _moments(found, differences)
    try:
        value = float(estimates @ np.linalg.solve(covariance, estimates)) / len(differences)
    except np.linalg.LinAlgError:
        value = np.nan
    return value, float(len(differences)), f_p_value(value, len(differences), degrees)


def _added(*weights: Weights, sign: float = 1.0) -> dict[str, float]:
    """The sum of contrasts; with sign -1 the first less the others."""
    out: dict[str, float] = {}
    for position, one in enumerate(weights):
        for term, weight in one.items():
            out[term] = out.get(term, 0.0) + (weight if position == 0 else sign * weight)
    return out


def _moments(found: Joint, weights: Sequence[Weights]) -> tuple[Floats, Floats]:
    """Estimates and joint covariance of contrasts, from the coefficients that these hold alone.

    A coefficient that the jackknife cannot identify has no variance, and must not take away that of the others.
    """
    terms = [term for term in found.fit.terms if any(one.get(term) for one in weights)]
    matrix = np.array([[one.get(term, 0.0) for term in terms] for one in weights])
    places = [found.fit.terms.index(term) for term in terms]
    covariance = found.fit.covariance[np.ix_(places, places)]
    return matrix @ found.fit.estimate[places], matrix @ covariance @ matrix.T


def _row(found: Joint, term: str, weights: Weights, degrees: float) -> tuple[object, ...]:
    (estimate,), ((variance,),) = _moments(found, [weights])
    return (term, *_tested(float(estimate), float(variance), degrees))


def _missing(term: str) -> tuple[object, ...]:
    return (term, *[np.nan] * (len(TIDY) - 1))


def _tested(estimate: float, variance: float, degrees: float) -> tuple[float, ...]:
    """Estimate, standard error, t, p-value and 95 % interval."""
    error = float(np.sqrt(variance)) if variance > 0 and not np.isnan(degrees) else np.nan
    critical = critical_value(degrees)
    p_value = float(t_p_values(estimate / error, degrees))
    return estimate, error, estimate / error, p_value, estimate - critical * error, estimate + critical * error


def _share(found: Joint, term: str, offset: Weights, harm: Weights, degrees: float) -> tuple[object, ...]:
    """Minus offset over harm: error by the delta method, Fieller's interval; none where harm may be zero."""
    (above, below), covariance = _moments(found, [offset, harm])
    low, high = fieller(float(above), float(below), covariance, degrees)
    ratio = -float(above / below)
    gradient = np.array([-1.0, -ratio]) / below
    variance = float(gradient @ covariance @ gradient)
    error = float(np.sqrt(variance)) if variance > 0 and not np.isnan(low) else np.nan
    return term, ratio, error, np.nan, np.nan, low, high


def fieller(above: float, below: float, covariance: Floats, degrees: float) -> tuple[float, float]:
    """Interval of minus the ratio of two estimates: all r for which ``above + r below`` is not told from zero.

    Parameters
    ----------
    above, below : float
    covariance : array of float, shape (2, 2)
    degrees : float
        Of t.

    Returns
    -------
    tuple of float
        Missing where `below` cannot be told from zero: the set is then no interval.
    """
    squared = critical_value(degrees) ** 2
    quadratic = below**2 - squared * covariance[1, 1]
    if not quadratic > 0:
        return np.nan, np.nan
    half = above * below - squared * covariance[0, 1]
    rest = above**2 - squared * covariance[0, 0]
    root = float(np.sqrt(max(half**2 - quadratic * rest, 0.0)))
    return (-half - root) / quadratic, (-half + root) / quadratic

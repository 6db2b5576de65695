"""What is said of a mediation beside its effects: counts, tests, how the mediators go together, warnings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from involution.models.clustered import FEW_EFFECTIVE_CLUSTERS, effective_clusters
from involution.models.distributions import f_p_value, t_p_values
from involution.models.groupings import Floats
from involution.models.mediation.effects import Effects
from involution.models.mediation.few_clusters import joint_significance, terms_along
from involution.models.mediation.inference import Sampled, gradients
from involution.models.mediation.products import AbsorbedAnew
from involution.models.mediation.system import System
from involution.models.mediation.treatments import within_contrast
from involution.models.notes import Note, note
from involution.models.solve import least_squares
from involution.models.weighted import deviation

Row = tuple[str, float, float, float]


def details(system: System, effects: Effects, sampled: Sampled) -> tuple[Row, ...]:
    """Statistic, value, degrees of freedom, p-value: counts first, then tests."""
    sample = system.sample
    outcome, treatment = system.raw[:, system.outcome], system.raw[:, 0]
    counts: dict[str, float] = {
        "n_obs": sample.n,
        "n_firms": np.nan if sample.firm is None else sample.firm.n_levels,
        "mean_outcome": float(np.average(outcome, weights=sample.weights)),
        f"sd_treatment[{system.specification.treatment}]": deviation(treatment, sample.weights),
        "dropped_missing": sample.drops.missing,
        "dropped_singletons": sample.drops.singletons,
        "degrees_of_freedom": sampled.degrees,
    }
    counts |= {f"n_clusters[{cluster.name}]": cluster.n_levels for cluster in sample.clusters}
    if sample.clusters:
        counts["effective_clusters"] = min(effective_clusters(cluster) for cluster in sample.clusters)
    rows: list[Row] = [(name, float(value), np.nan, np.nan) for name, value in counts.items() if not np.isnan(value)]
    return (*rows, *_correlations(system), *_tests(system, effects, sampled))


def _tests(system: System, effects: Effects, sampled: Sampled) -> list[Row]:
    """Block tests of the paths and of the indirect effects; joint significance by t tests of the paths."""
    specification, slopes = system.specification, gradients(effects, sampled.theta)
    estimates = {term: float(value[0]) for term, value in effects(sampled.theta[None]).items()}
    paths = {letter: list(specification.mediators) for letter in ("a", "b")}
    paths["indirect"] = [">".join(chain) for chain in specification.chains]
    rows = []
    for letter, named in paths.items():
        terms = [f"{letter}[{name}]" for name in named]
        rows.append(_wald(f"block_{letter}", [estimates[t] for t in terms], [slopes[t] for t in terms], sampled))
    along = {term for chain in specification.chains for term in terms_along(chain)}
    p_values = {term: _t_p_value(estimates[term], slopes[term], sampled) for term in along}
    return rows + joint_significance(system, p_values, "joint_significance")


def _t_p_value(estimate: float, slope: Floats, sampled: Sampled) -> float:
    """Of a coefficient's t statistic with the jackknife's covariance, whatever the intervals are made by."""
    std_error = float(np.sqrt(np.maximum(slope @ sampled.covariance @ slope, 0.0)))
    return float(t_p_values(estimate / std_error, sampled.degrees)) if std_error > 0 else np.nan


def _correlations(system: System) -> list[Row]:
    """Correlations of the mediators' residuals given the treatment, controls and effects."""
    names, exogenous = system.specification.mediators, system.absorbed[:, system.exogenous]
    residuals = least_squares(exogenous, system.absorbed[:, system.mediators])[2]
    products = residuals.T @ residuals
    size = np.sqrt(np.diag(products))
    correlation = products / np.outer(size, size)
    return [
        (f"mediator_correlation[{left},{names[j]}]", float(correlation[i, j]), np.nan, np.nan)
        for i, left in enumerate(names)
        for j in range(i + 1, len(names))
    ]


def _wald(name: str, estimates: Sequence[float], slopes: Sequence[Floats], sampled: Sampled) -> Row:
    """F of the hypothesis that all are zero, with (k, G - 1) degrees of freedom; first order for products."""
    values, gradient = np.array(estimates), np.stack(list(slopes))
    covariance = gradient @ sampled.covariance @ gradient.T
    size = np.sqrt(np.diag(covariance))
    if not (size > 0).all() or np.linalg.matrix_rank(covariance / np.outer(size, size), tol=1e-10) < len(values):
        return name, np.nan, float(len(values)), np.nan
    statistic = float(values @ np.linalg.solve(covariance, values)) / len(values)
    return name, statistic, float(len(values)), f_p_value(statistic, len(values), sampled.degrees)


def remarks(
    system: System, sampled: Sampled, frame: pd.DataFrame, inference: str, draws: int, seed: int
) -> tuple[Note, ...]:
    """What has to be said under a table of the effects."""
    sample, specification = system.sample, system.specification
    said = [note("mediation_sample", count=sample.n)]
    if sample.drops.singletons:
        said.append(note("singletons", count=sample.drops.singletons))
    if system.dropped:
        said.append(note("collinear" if sample.intercept else "absorbed", names=", ".join(system.dropped)))
    said.append(note(f"mediation_{inference}", draws=draws, seed=str(seed)))
    if specification.controls:
        said.append(note("mediation_controls", names=", ".join(specification.controls)))
    if specification.moderating:
        values = ", ".join(f"{name} = {origin:.4g}" for name, origin in system.origins.items())
        said.append(note("mediation_moderators", values=values))
    if system.second_products:
        said.append(note("mediation_sum"))
    if specification.serial:
        said.append(note("mediation_serial", chain=" > ".join(specification.serial)))
    if isinstance(sampled.products, AbsorbedAnew):
        said.append(note("mediation_absorbed_anew"))
    code = share_means_nothing(frame)
    if code:
        said.append(note(code))
    effective = min((effective_clusters(cluster) for cluster in sample.clusters), default=np.inf)
    if effective < FEW_EFFECTIVE_CLUSTERS:
        prefer = "joint_significance" if specification.instruments else "joint_significance, wild"
        limit = FEW_EFFECTIVE_CLUSTERS
        said.append(note("few_clusters", count=f"{effective:.1f}", limit=limit, prefer=prefer))
    if not specification.instruments:
        said.append(note("mediation_status"))
    return tuple(said)


def without_shares(frame: pd.DataFrame, contrasts: Sequence[str] = ("",)) -> pd.DataFrame:
    """The frame without errors, tests and intervals of shares of a total that cannot be told from zero.

    Their estimates stay, for a reader who divides; where signs differ there is a warning alone.

    Parameters
    ----------
    frame : DataFrame
    contrasts : sequence of str
        Levels of the treatment (``size=large``), each with a total of its own; the empty one where there is but one.
    """
    columns = ["std_error", "statistic", "p_value", "ci_low", "ci_high"]
    out = frame.copy()
    for contrast in contrasts:
        rows = of_contrast(frame, contrast)
        # One note speaks for one contrast; of several, the missing intervals say which of them is meant.
        if share_means_nothing(rows) if contrast else _total_is_nothing(rows):
            out.loc[rows.index[rows["term"].str.startswith("share[")], columns] = np.nan
    return out


def of_contrast(frame: pd.DataFrame, contrast: str) -> pd.DataFrame:
    """Rows of a level of the treatment (``size=large``), their terms without it; the frame where it is empty."""
    terms = frame["term"].map(lambda term: within_contrast(str(term), contrast))
    return frame.assign(term=terms).dropna(subset=["term"])


def _total_is_nothing(frame: pd.DataFrame) -> bool:
    return not (frame.loc[frame["term"] == "total", "p_value"] < 0.05).all()


def share_means_nothing(frame: pd.DataFrame) -> str:
    """The note on shares of the total that say nothing; empty where they say something."""
    if _total_is_nothing(frame):
        return "share_not_meaningful"
    rows = frame.set_index("term")
    total = rows.loc["total"]
    named = [term for term in rows.index if term.startswith("indirect[") and "," not in term and "+" not in term]
    parts = np.array([rows.loc["direct", "estimate"], *(rows.loc[term, "estimate"] for term in named)], dtype=float)
    if (np.sign(parts[parts != 0]) != np.sign(total["estimate"])).any():
        return "share_not_meaningful_signs"
    return ""

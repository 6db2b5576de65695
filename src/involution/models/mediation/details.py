"""What is said of a mediation beside its effects: counts, tests, how the mediators go together, warnings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from involution.models.groupings import Floats
from involution.models.inference import FEW_EFFECTIVE_CLUSTERS, effective_clusters
from involution.models.mediation.effects import Effects
from involution.models.mediation.inference import Sampled, gradients
from involution.models.mediation.products import AbsorbedAnew
from involution.models.mediation.system import System
from involution.models.notes import Note, note

Row = tuple[str, float, float, float]


def details(system: System, effects: Effects, sampled: Sampled, frame: pd.DataFrame) -> tuple[Row, ...]:
    """Statistic, value, degrees of freedom, p-value: counts first, then tests."""
    sample, names = system.sample, system.specification.mediators
    outcome = system.raw[:, system.outcome]
    counts: dict[str, float] = {
        "n_obs": sample.n,
        "n_firms": np.nan if sample.firm is None else sample.firm.n_levels,
        "mean_outcome": float(np.average(outcome, weights=sample.weights)),
        "dropped_missing": sample.drops.missing,
        "dropped_singletons": sample.drops.singletons,
        "degrees_of_freedom": sampled.degrees,
    }
    counts |= {f"n_clusters[{cluster.name}]": cluster.n_levels for cluster in sample.clusters}
    if sample.clusters:
        counts["effective_clusters"] = min(effective_clusters(cluster) for cluster in sample.clusters)
    rows: list[Row] = [(name, float(value), np.nan, np.nan) for name, value in counts.items() if not np.isnan(value)]
    rows += _correlations(system, effects, sampled)
    slopes, estimates = gradients(effects, sampled.theta), dict(zip(frame["term"], frame["estimate"], strict=True))
    for letter in ("a", "b", "indirect"):
        terms = [f"{letter}[{name}]" for name in names]
        rows.append(_wald(f"block_{letter}", [estimates[t] for t in terms], [slopes[t] for t in terms], sampled))
    p_values = dict(zip(frame["term"], frame["p_value"], strict=True))
    for name in names:
        p_value = max(p_values[f"a[{name}]"], p_values[f"b[{name}]"])
        rows.append((f"joint_significance[{name}]", np.nan, np.nan, p_value))
    return tuple(rows)


def _correlations(system: System, effects: Effects, sampled: Sampled) -> list[Row]:
    """Correlations of the mediators' residuals given the treatment, controls and effects."""
    names, width = system.specification.mediators, effects.layout.n_exogenous
    exogenous = system.absorbed[:, system.exogenous]
    paths = sampled.theta[: width * len(names)].reshape(len(names), width)
    residuals = system.absorbed[:, system.mediators] - exogenous @ paths.T
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
    from scipy.special import fdtrc

    values, gradient = np.array(estimates), np.stack(list(slopes))
    covariance = gradient @ sampled.covariance @ gradient.T
    size = np.sqrt(np.diag(covariance))
    if not (size > 0).all() or np.linalg.matrix_rank(covariance / np.outer(size, size), tol=1e-10) < len(values):
        return name, np.nan, float(len(values)), np.nan
    statistic = float(values @ np.linalg.solve(covariance, values)) / len(values)
    return name, statistic, float(len(values)), float(fdtrc(len(values), sampled.degrees, statistic))


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
    if specification.moderating:
        values = ", ".join(f"{name} = {origin:.4g}" for name, origin in system.origins.items())
        said.append(note("mediation_moderators", values=values))
    if system.second_products:
        said.append(note("mediation_sum"))
    if isinstance(sampled.products, AbsorbedAnew):
        said.append(note("mediation_absorbed_anew"))
    reason = _shares_mean_nothing(frame)
    if reason:
        said.append(note("share_not_meaningful", reason=reason))
    effective = min((effective_clusters(cluster) for cluster in sample.clusters), default=np.inf)
    if effective < FEW_EFFECTIVE_CLUSTERS:
        limit = FEW_EFFECTIVE_CLUSTERS
        said.append(note("few_clusters", count=f"{effective:.1f}", limit=limit, prefer="joint_significance, wild"))
    said.append(note("mediation_status"))
    return tuple(said)


def _shares_mean_nothing(frame: pd.DataFrame) -> str:
    """Why shares of the total say nothing; empty where they do."""
    estimates, p_values = (dict(zip(frame["term"], frame[name], strict=True)) for name in ("estimate", "p_value"))
    if not p_values["total"] < 0.05:
        return "the total effect cannot be told from zero"
    named = [term for term in estimates if term.startswith("indirect[") and "," not in term and "+" not in term]
    parts = np.array([estimates[term] for term in ("direct", *named)])
    if (np.sign(parts[parts != 0]) != np.sign(estimates["total"])).any():
        return "direct and indirect effects have different signs"
    return ""

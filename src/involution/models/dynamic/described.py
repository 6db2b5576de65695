"""A fitted dynamic panel as users and programs read it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from involution.models.clustered import FEW_EFFECTIVE_CLUSTERS
from involution.models.distributions import critical_value, t_p_values
from involution.models.dynamic.gmm import Moments, Step
from involution.models.dynamic.specification_tests import overidentification, serial_correlation
from involution.models.groupings import Floats
from involution.models.notes import Note, note
from involution.models.reported import Row
from involution.models.result import Fit

if TYPE_CHECKING:
    from involution.models.dynamic.estimate import Prepared

LEVEL = 0.05
TOO_GOOD = 0.99


def fitted(
    made: Prepared, moments: Moments, first: Step, second: Step | None, cluster: str, remarks: Sequence[Note]
) -> Fit:
    """The estimate asked for with its errors, tests and what has to be said of it.

    Parameters
    ----------
    made : Prepared
    moments : Moments
    first : Step
    second : Step or None
        None where instruments are more than clusters.
    cluster : str
        Column of the clusters.
    remarks : sequence of Note
        Said beside what the model says itself.
    """
    asked, k = made.asked, len(made.names)
    step = second if asked.steps == 2 and second is not None else first
    details = _details(made, moments, first, second, step)
    degrees = len(made.labels) - 1
    estimate, covariance = step.beta[:k], step.covariance[:k, :k]
    std_error = np.sqrt(np.diag(covariance))
    statistic, reach = estimate / std_error, critical_value(degrees) * std_error
    n_obs, n_firms = _counts(made)
    return Fit(
        formula=f"{asked.outcome} ~ {' + '.join(made.names)}",
        estimator="system_gmm" if asked.system else "difference_gmm",
        outcome=asked.outcome,
        terms=made.names,
        estimate=estimate,
        std_error=std_error,
        statistic=statistic,
        p_value=t_p_values(statistic, degrees),
        ci_low=estimate - reach,
        ci_high=estimate + reach,
        covariance=covariance,
        vcov_label=f"{'windmeijer' if step is second else 'gmm'}({cluster})",
        n_obs=n_obs,
        n_firms=n_firms,
        n_clusters=len(made.labels),
        fixed_effects=("firm", "year") if asked.years else ("firm",),
        r2=np.nan,
        r2_within=np.nan,
        details=tuple(details),
        remarks=tuple(dict.fromkeys([*_said(made, moments, step, details), *remarks])),
        rows=made.place.rows,
        cluster_influence=pd.DataFrame(
            step.influence[:, :k], index=pd.Index(made.labels, name=cluster, dtype=object), columns=list(made.names)
        ),
    )


def _counts(made: Prepared) -> tuple[int, int]:
    """Rows and firms: of the level equation where there is one, else of the transformed one."""
    firm = made.place.firm if made.asked.system else made.place.transformed[0]
    return len(firm), len(np.unique(firm))


def _details(made: Prepared, moments: Moments, first: Step, second: Step | None, step: Step) -> list[Row]:
    n_obs, n_firms = _counts(made)
    sizes = np.bincount(made.cluster[made.place.firm], minlength=len(made.labels)).astype(float)
    values = {
        "n_obs": n_obs,
        "n_firms": n_firms,
        "n_transformed": made.place.transformation.shape[0],
        "dropped_missing": made.missing,
        "mean_outcome": float(made.y.mean()),
        "sd_outcome": float(made.y.std(ddof=1)),
        "n_instruments": moments.z.shape[1],
        "degrees_of_freedom": len(made.labels) - 1,
        "effective_clusters": float(sizes.sum() ** 2 / (sizes @ sizes)),
    }
    rows: list[Row] = [(name, float(value), np.nan, np.nan) for name, value in values.items()]
    level = (made.y, made.x)
    for order in (1, 2):
        z, p_value = serial_correlation(
            order, moments, step, made.place, level, lambda v: made.sums(v, made.place.differenced[0])
        )
        rows.append((f"ar{order}", z, np.nan, p_value))
    differences = made.place.differencing @ (made.y - made.x @ first.beta)
    # Differences of independent errors have twice their variance.
    variance = float(differences @ differences) / 2 / max(1, len(differences))
    tests = overidentification(moments, first, second, variance, made.instruments.of_level)
    return [*rows, *tests]


def _said(made: Prepared, moments: Moments, step: Step, details: Sequence[Row]) -> list[Note]:
    """Which instruments there are, and what makes the estimate or its tests doubtful."""
    asked, m, g = made.asked, moments.z.shape[1], len(made.labels)
    lags = ", ".join(
        f"{part.column} {part.first}{'+' if part.last is None else f'-{part.last}'}" for part in asked.lagged
    )
    said = [note("dynamic_instruments", count=m, clusters=g, lags=lags)]
    counts = {"missing": made.missing, "rows": made.place.n, "count": made.place.transformation.shape[0]}
    said.append(note("dynamic_rows", **counts))
    unknown = ", ".join(f"{name}: {count:,}" for name, count in made.unknown.items())
    said += [note("dynamic_unknown", names=unknown)] if unknown else []
    said += [note("dynamic_collapsed")] if asked.collapse else []
    said += [note("dynamic_orthogonal")] if asked.transform == "orthogonal" else []
    said += [note("collinear", names=", ".join(made.dropped))] if made.dropped else []
    said += [note("dynamic_more_than_clusters", count=m, clusters=g)] if m > g else []
    said += [note("dynamic_singular", rank=step.rank, count=m)] if step.rank < m else []
    p_values = {name: p_value for name, _, _, p_value in details}
    if p_values["ar2"] < LEVEL:
        said.append(note("dynamic_ar2", p_value=f"{p_values['ar2']:.3f}"))
    if p_values.get("hansen_j", 0.0) > TOO_GOOD:
        said.append(note("dynamic_hansen_high", p_value=f"{p_values['hansen_j']:.3f}", count=m))
    effective = next(value for name, value, *_ in details if name == "effective_clusters")
    if effective < FEW_EFFECTIVE_CLUSTERS:
        said.append(note("dynamic_few_clusters", count=f"{effective:.1f}", limit=FEW_EFFECTIVE_CLUSTERS))
    return said


def lagged_sum(fit: Fit, terms: Sequence[str]) -> float:
    """The sum of the coefficients of the lagged outcomes; missing where one is not in the model."""
    if not set(terms) <= set(fit.terms):
        return float("nan")
    chosen: Floats = fit.estimate[[fit.terms.index(term) for term in terms]]
    return float(chosen.sum())

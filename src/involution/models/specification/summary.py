"""What a curve comes to: median, signs, significance, and their joint tests by permutation.

Simonsohn, Simmons and Nelson (2020), "Specification curve analysis", *Nature Human Behaviour* 4: 1208-1214: the same
statistics of curves under permutations of the treatment, which have no effect by construction but the same dependence
between specifications.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from involution.models.distributions import critical_value
from involution.models.groupings import Floats
from involution.models.permutation.shuffled import TIES
from involution.models.reported import Row

SIGNIFICANT = 0.05
JOINT = ("median_estimate", "share_dominant", "share_significant", "average_z")
"""Statistics that are tested jointly."""


@dataclass(frozen=True)
class Scores:
    """Statistics of one or more curves, one row each.

    Attributes
    ----------
    values : mapping of str to array of float, shape (B,)
        By the names of `JOINT`.
    """

    values: Mapping[str, Floats]


def z_values(estimate: Floats, std_error: Floats, degrees: Floats) -> Floats:
    """Normal values whose two-sided p-values, with sign, are those of the t statistics; shapes (..., S) and (S,)."""
    from scipy.special import ndtri, stdtr

    with np.errstate(divide="ignore", invalid="ignore"):
        t = estimate / np.where(std_error > 0, std_error, np.nan)
    # Beyond what numbers can hold, a z value is that of the smallest probability (37.5).
    return np.asarray(-np.sign(t) * ndtri(np.maximum(stdtr(degrees, -np.abs(t)), np.finfo(float).tiny)))


def _reached() -> float:
    """The normal value beyond which an estimate is significant."""
    return critical_value(np.inf, 1 - SIGNIFICANT)


def scores(estimate: Floats, std_error: Floats, degrees: Floats) -> Scores:
    """Statistics of curves, each over the specifications that have an estimate.

    Parameters
    ----------
    estimate, std_error : array of float, shape (B, S)
    degrees : array of float, shape (S,)
    """
    z = z_values(estimate, std_error, degrees)
    known = ~np.isnan(estimate)
    count = np.maximum(known.sum(axis=1), 1)
    above = ((estimate > 0) & known).sum(axis=1) / count
    dominant = np.where(above >= 0.5, 1.0, -1.0)
    reached = np.abs(z) > _reached()
    median = np.array(
        [np.median(row[kept]) if kept.any() else np.nan for row, kept in zip(estimate, known, strict=True)]
    )
    summed, counted = np.nansum(z, axis=1), np.maximum((~np.isnan(z)).sum(axis=1), 1)
    # Of a curve without any estimate nothing is known.
    some = np.where(known.any(axis=1), 1.0, np.nan)
    return Scores(
        {
            "median_estimate": median,
            "share_dominant": np.maximum(above, 1 - above) * some,
            "share_significant": (reached & (np.sign(estimate) == dominant[:, None])).sum(axis=1) / count * some,
            "average_z": summed / counted * some,
        }
    )


def joint_rows(actual: Scores, permuted: Scores | None) -> list[Row]:
    """Each statistic with its joint p-value: ``(1 + permutations at least as extreme)/(1 + permutations)``."""
    rows: list[Row] = []
    for name in JOINT:
        value = float(actual.values[name][0])
        p_value = np.nan
        if permuted is not None and not np.isnan(value):
            drawn = permuted.values[name]
            drawn = np.abs(drawn[~np.isnan(drawn)])
            p_value = float((1 + (drawn >= abs(value) * (1 - TIES)).sum()) / (1 + len(drawn)))
        rows.append((name, value, np.nan, p_value))
    return rows


def choice_rows(
    factors: Mapping[str, Sequence[str]], estimate: Floats, std_error: Floats, degrees: Floats
) -> Iterator[Row]:
    """Count, median and share significant with the curve's sign of the specifications that make each choice.

    Parameters
    ----------
    factors : mapping of str to sequence of str
        What each specification chooses, by factor; factors with one choice are left out.
    estimate, std_error, degrees : array of float, shape (S,)
    """
    sign = 1.0 if (estimate > 0).sum() >= (estimate < 0).sum() else -1.0
    z = z_values(estimate, std_error, degrees)
    for factor, chosen in factors.items():
        for choice in dict.fromkeys(chosen):
            known = np.array([one == choice for one in chosen]) & ~np.isnan(estimate)
            label = f"{factor}={choice}"
            yield f"n_specifications[{label}]", float(known.sum()), np.nan, np.nan
            if known.any():
                yield f"median[{label}]", float(np.median(estimate[known])), np.nan, np.nan
                share = float((sign * z[known] > _reached()).mean())
                yield f"share_significant[{label}]", share, np.nan, np.nan

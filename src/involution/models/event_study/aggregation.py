r"""Effects on cohorts by year as averages: overall, by years since adoption, by cohort, by calendar year.

As `aggte` of the R package did (Callaway and Sant'Anna 2021, section 3): cells enter with the share of firms in their
cohort, and a cohort's own average is the plain mean over its treated years. The shares are estimated: firm i of cohort
g moves :math:`\theta = \sum_k p_k a_k / \sum_k p_k` by
:math:`N^{-1} \sum_{k: g_k = g} (a_k - \theta) / \sum_k p_k` beside what it moves the cells by.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from involution.models.event_study.terms import OVERALL, cell_term, cohort_term, event_term, year_term
from involution.models.groupings import Floats


@dataclass(frozen=True)
class Cells:
    """Effects on cohorts by year.

    Attributes
    ----------
    cohort, year, effect : array of float, shape (c,)
    influence : array of float, shape (F, c)
        Of each firm.
    firm_cohort, firm_weight : array of float, shape (F,)
    """

    cohort: Floats
    year: Floats
    effect: Floats
    influence: Floats
    firm_cohort: Floats
    firm_weight: Floats

    @property
    def event(self) -> Floats:
        """Years since adoption of each cell."""
        return self.year - self.cohort


def aggregated(cells: Cells, events: Sequence[int]) -> tuple[tuple[str, ...], Floats, Floats]:
    """Names, estimates and firms' influence of all averages, then of the cells themselves."""
    names, beta, influence = [], [], []
    cohorts, of_firm = np.unique(cells.firm_cohort, return_inverse=True)
    of_cell = np.searchsorted(cohorts, cells.cohort)
    sizes = np.bincount(of_firm, cells.firm_weight, len(cohorts))[of_cell]
    for name, keep, equal in _averages(cells, events):
        weights = keep / keep.sum() if equal else keep * sizes / (keep @ sizes)
        value = float(weights @ cells.effect)
        moved = cells.influence @ weights
        if not equal:
            # What each firm moves the average by through the share of its cohort.
            gaps = np.bincount(of_cell, keep * (cells.effect - value), len(cohorts)) / (keep @ sizes)
            moved = moved + cells.firm_weight * gaps[of_firm]
        names.append(name)
        beta.append(value)
        influence.append(moved)
    names += [cell_term(g, t) for g, t in zip(cells.cohort, cells.year, strict=True)]
    return tuple(names), np.concatenate([beta, cells.effect]), np.column_stack([*influence, cells.influence])


def _averages(cells: Cells, events: Sequence[int]) -> Iterator[tuple[str, Floats, bool]]:
    """Each average: its name, the cells in it, and whether they weigh the same."""
    event, post = cells.event, (cells.event >= 0).astype(float)
    yield OVERALL, post, False
    for e in events:
        if (event == e).any():
            yield event_term(e), (event == e).astype(float), False
    for g in np.unique(cells.cohort[post > 0]):
        yield cohort_term(g), post * (cells.cohort == g), True
    for t in np.unique(cells.year[post > 0]):
        yield year_term(t), post * (cells.year == t), False

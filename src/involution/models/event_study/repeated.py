"""What other programs need to repeat an event study: the comparisons of Callaway and Sant'Anna without controls."""

from __future__ import annotations

import numpy as np
import pandas as pd

from involution.models.groupings import Floats
from involution.models.matrix import numbers
from involution.models.recorded import STAGGERED, Recorded
from involution.models.recording import codes_of
from involution.study.event_study import EventStudy

COHORT = "first_treated_year"


def repeated(
    name: str,
    estimator: str,
    asked: EventStudy,
    terms: tuple[str, ...],
    estimate: Floats,
    data: pd.DataFrame,
    rows: np.ndarray,
    first: Floats,
) -> Recorded:
    """An event study as it was asked for; with the reason where it is not repeated.

    Parameters
    ----------
    name : str
        Of the model.
    estimator : str
    asked : EventStudy
    terms : tuple of str
    estimate : array of float, shape (k,)
    data : DataFrame
    rows : array of bool, shape (n,)
        Rows that may be used.
    first : array of float, shape (n,)
        First treated year of each row's firm, zero for never.
    """
    plain = Recorded(name, f"{asked.outcome} by {asked.cohort}", estimator, asked.outcome, reason="several")
    if estimator != STAGGERED or asked.controls or asked.weights or asked.anticipation:
        return plain
    outcome = numbers(data, asked.outcome)
    never = bool((first[rows & ~np.isnan(outcome)] == 0).any())
    control = asked.control if never else "not_yet_treated"
    years = np.unique(numbers(data, "year")[rows & ~np.isnan(outcome)])
    columns = {asked.outcome: outcome, COHORT: first, **{key: codes_of(data[key]) for key in ("firm", "year")}}
    cells = [place for place, term in enumerate(terms) if term.startswith("att[g=") and ",t=" in term]
    return Recorded(
        name, plain.formula, estimator, asked.outcome,
        small={"control": control, "base": asked.base_period, "years": years.tolist()},
        terms=tuple(terms[place] for place in cells),
        estimate=tuple(float(estimate[place]) if np.isfinite(estimate[place]) else None for place in cells),
        std_error=(None,) * len(cells), columns=columns, allowed=rows,
    )  # fmt: skip

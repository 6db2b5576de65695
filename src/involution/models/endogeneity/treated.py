"""Who counts as treated where the treatment is a matter of degree: rows above the median, or above a number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from involution.errors import InputError, NotEstimable, Problem
from involution.models.blocks import Run
from involution.models.design import Design
from involution.models.endogeneity.asked import controls_of, outcome_of, treatment_of
from involution.models.groupings import Codes, Floats
from involution.models.matrix import no_column, numbers
from involution.models.notes import Note, note
from involution.models.result import Fit
from involution.models.tasks import PANEL
from involution.study.endogeneity import Endogeneity
from involution.study.timing import dated

Treat = float | str


def treated_name(asked: Endogeneity) -> str:
    """What the indicator is called."""
    return f"treated[{treatment_of(asked)}]"


def high(values: Floats, years: Codes | None, rule: Treat) -> tuple[Floats, Note]:
    """The indicator, and what it is.

    Parameters
    ----------
    values : array of float, shape (n,)
        The treatment on the rows of the sample.
    years : array of int, shape (n,), or None
        The median is that of each year where they are given.
    rule : "median" or float

    Raises
    ------
    NotEstimable
        When all rows would be treated, or none.
    """
    if np.isin(values, (0.0, 1.0)).all():
        indicator, said = values == 1, note("treated_as_is")
    elif isinstance(rule, str):
        limit = _medians(values, years)
        indicator, said = values > limit, note("treated_median_year" if years is not None else "treated_median")
    else:
        indicator, said = values > rule, note("treated_above", limit=f"{rule:g}")
    if not 0 < indicator.sum() < len(values):
        which = "no row counts" if not indicator.any() else "every row counts"
        raise NotEstimable(
            f"{which} as treated (treat: {rule if isinstance(rule, str) else f'{rule:g}'}): the treatment is from "
            f"{values.min():.4g} to {values.max():.4g} in the rows used"
        )
    return indicator.astype(float), said


def _medians(values: Floats, years: Codes | None) -> Floats:
    out = np.empty(len(values))
    for group in [np.ones(len(values), dtype=bool)] if years is None else [years == year for year in np.unique(years)]:
        out[group] = np.median(values[group])
    return out


def covariates(asked: Endogeneity, names: Sequence[str]) -> list[tuple[str, int]]:
    """Covariates with the year that they are taken at: that of the controls, before the treatment."""
    return [(name, asked.clock.controls) for name in names]


def dated_covariates(asked: Endogeneity, names: Sequence[str]) -> list[str]:
    """The same as columns."""
    return [dated(name, years) for name, years in covariates(asked, names)]


def check_columns(names: Sequence[str], key: str, design: Design, run: Run) -> None:
    """Raise an InputError for columns that the data do not have."""
    known = design.data.columns
    problems = [Problem(key, no_column(name, known, run.known.unavailable)) for name in names if name not in known]
    if problems:
        raise InputError(problems)


def check_named(asked: Endogeneity, names: Sequence[str], key: str) -> None:
    """Raise an InputError where the treatment or the outcome is among the covariates."""
    own = {str(asked.treatment): "treatment", asked.outcome: "outcome"}
    problems = [
        Problem(key, f"'{name}' is the {own[name]}", mend="name what stands before it") for name in names if name in own
    ]
    if problems:
        raise InputError(problems)


def complete(design: Design, names: Sequence[str]) -> np.ndarray:
    """Rows of a design in which these columns are known too, as a mask."""
    rows = design.rows.copy()
    for name in names:
        rows &= design.data[name].notna().to_numpy()
    return rows


def lost_rows(asked: Endogeneity, design: Design, on: Sequence[str]) -> list[Note]:
    """The rows of a design that lack a column of the regression or a covariate, as one sentence."""
    return design.lost([outcome_of(asked), treatment_of(asked), *controls_of(asked), *on])


def in_order(design: Design) -> Codes:
    """The rank of each row by firm and year: what decides between equals, whatever the order of the rows."""
    firm, year = (design.data[PANEL[name]] for name in ("firm", "year"))
    order = np.lexsort((year.to_numpy(), firm.astype(str).to_numpy()))
    rank = np.empty(len(order), dtype=np.intp)
    rank[order] = np.arange(len(order))
    return rank


def treatment_values(asked: Endogeneity, design: Design, rows: Codes) -> Floats:
    """The treatment on some rows."""
    return numbers(design.data, treatment_of(asked))[rows]


def said_of_weights(fit: Fit, column: str, code: str, asked: Endogeneity) -> Fit:
    """The fit with a sentence of its own in place of the name of the weights' column."""
    weights = tuple(name for name in (asked.weights,) if name is not None)
    own = [note(code), *(note("times_own_weights", weights=name) for name in weights)]
    remarks = [
        said for remark in fit.remarks for said in (own if remark == note("weights", weights=column) else [remark])
    ]
    return replace(fit, remarks=tuple(remarks))

"""From measures to the analysis panel: the study's variables, winsorising, and the flag of the sample.

No row is ever removed here: lags are taken and quantiles computed on the population, and the sample is a column.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from involution.errors import InputError, Problem
from involution.measures.registry import REGISTRY
from involution.panel.columns import canonical_columns
from involution.study.expressions import ExpressionError, parse_expression
from involution.study.sample import Sample, Winsorize


def evaluate(frame: pd.DataFrame, name: str, text: str, where: str) -> pd.Series:
    """An expression on the panel, its failure said with the section and the key."""
    try:
        return parse_expression(text).evaluate(frame)
    except ExpressionError as error:
        raise InputError(Problem(f"{where}: {name}" if name else where, str(error))) from None


def analysis_sample(
    measured: pd.DataFrame, variables: Mapping[str, str], sample: Sample
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Make the study's variables, winsorise, and flag the estimation sample.

    Parameters
    ----------
    measured : DataFrame
        The population with its measures.
    variables : mapping of str to str
        Expressions, evaluated in order; each may use those before it.
    sample : study.sample.Sample

    Returns
    -------
    DataFrame
        All rows, with the variables and the column ``in_sample``.
    dict
        Rows lost at each step.

    Raises
    ------
    InputError
        For an expression or a column that cannot be evaluated.
    """
    _check_names(variables, list(measured.columns))
    frame = measured.copy()
    for name, text in variables.items():
        frame[name] = evaluate(frame, name, text, "variables")
    winsorised: dict[str, int] = {}
    # The sample is chosen by winsorised values, unless their quantiles are the sample's own.
    if sample.winsorize is not None and sample.winsorize.on == "population":
        winsorised = winsorise(frame, sample.winsorize, pd.Series(True, index=frame.index))
    flag, steps = _flag(frame, sample)
    frame["in_sample"] = flag
    if sample.winsorize is not None and sample.winsorize.on == "sample":
        winsorised = winsorise(frame, sample.winsorize, flag)
    if not flag.any():
        rows = tuple(_shown(step) for step in steps)
        raise InputError(Problem("sample", "no row is left", rows, _widened(frame, sample, steps)))
    report = {
        "population_rows": len(frame),
        "sample_rows": int(flag.sum()),
        "sample_firms": int(frame.loc[flag, "firm"].nunique()),
        "sample_years": [int(frame.loc[flag, "year"].min()), int(frame.loc[flag, "year"].max())],
        "steps": steps,
        "winsorised": winsorised,
    }
    return frame, report


def _check_names(variables: Mapping[str, str], present: list[str]) -> None:
    """A variable is a new column: what is measured, and what measures were made of, stays what it is."""
    problems = []
    for name in variables:
        where, mend = f"variables: {name}", f"name it otherwise, as {name}_own"
        if name in ("firm", "year", "in_sample"):
            problems.append(Problem(where, "this column is a key and cannot be made anew"))
        elif name in REGISTRY:
            problems.append(Problem(where, f"'{name}' is a measure and cannot be made anew", mend=mend))
        elif name in present and name in canonical_columns().index:
            mend += ", or make it in derive, before measuring"
            problems.append(Problem(where, f"the panel has the canonical column '{name}' already", mend=mend))
    if problems:
        raise InputError(problems)


def _shown(step: Mapping[str, Any]) -> str:
    return f"{step['step']}: {step['rows_before']:,} rows, {step['rows_dropped']:,} left out"


def _flag(frame: pd.DataFrame, sample: Sample) -> tuple[pd.Series, list[dict[str, Any]]]:
    flag = pd.Series(True, index=frame.index)
    steps: list[dict[str, Any]] = []

    def leave_out(step: str, rows: pd.Series) -> None:
        nonlocal flag
        before = int(flag.sum())
        flag = flag & ~rows
        steps.append(
            {
                "step": step,
                "rows_before": before,
                "rows_dropped": before - int(flag.sum()),
                "rows_after": int(flag.sum()),
            }
        )

    if sample.years is not None:
        first, last = sample.years
        leave_out(f"years {first}-{last}", ~frame["year"].between(first, last))
    for text in sample.drop_if:
        leave_out(f"drop_if {text}", evaluate(frame, "", text, "sample.drop_if").fillna(False).astype(bool))
    if sample.firm_size:
        if "firm_size" not in frame.columns:
            mend = "map industry, employees and revenue (see `size_standard`), or a column firm_size"
            raise InputError(Problem("sample.firm_size", "there is no column 'firm_size'", mend=mend))
        leave_out(f"firm_size {', '.join(sample.firm_size)}", ~frame["firm_size"].isin(sample.firm_size))
    if sample.min_years > 1:
        years = flag.groupby(frame["firm"]).transform("sum")
        leave_out(f"min_years {sample.min_years}", years < sample.min_years)
    return flag, steps


def _widened(frame: pd.DataFrame, sample: Sample, steps: list[dict[str, Any]]) -> str:
    """What to do about the condition that took the last row away."""
    last = next(str(step["step"]) for step in steps if step["rows_after"] == 0) if steps else ""
    if last.startswith("min_years"):
        before = _flag(frame, sample.model_copy(update={"min_years": 1}))[0]
        most = int(before.groupby(frame["firm"]).sum().max())
        return f"lower min_years: no firm has more than {most} rows"
    mends = {"years": "widen years", "drop_if": f"take '{last.removeprefix('drop_if ')}' out of drop_if"}
    return mends.get(last.split(" ")[0], "name more size classes under firm_size")


def winsorise(
    frame: pd.DataFrame, options: Winsorize, base: pd.Series, where: str = "sample.winsorize"
) -> dict[str, int]:
    """Set values beyond the quantiles of some rows to them, in place.

    Parameters
    ----------
    frame : DataFrame
    options : study.sample.Winsorize
    base : Series of bool
        The rows whose quantiles they are.
    where : str
        The section, for messages.

    Returns
    -------
    dict of str to int
        How many values changed, by column.

    Raises
    ------
    InputError
        For a column that does not exist or is text.
    """
    changed: dict[str, int] = {}
    for name in options.columns:
        if name not in frame.columns or not pd.api.types.is_numeric_dtype(frame[name]):
            found = "there is no such column" if name not in frame.columns else "the column is text"
            raise InputError(Problem(f"{where}.columns: {name}", found))
        values = frame[name].astype(float)
        known = values.where(base)
        low, high = _limits(known, frame["year"], options)
        clipped = values.clip(low, high)
        changed[name] = int(((clipped != values) & values.notna()).sum())
        frame[name] = clipped
    return changed


def _limits(values: pd.Series, year: pd.Series, options: Winsorize) -> tuple[Any, Any]:
    if options.by == "none":
        return values.quantile(options.limits[0]), values.quantile(options.limits[1])
    grouped = values.groupby(year)
    quantiles = [year.map(grouped.quantile(limit)).astype(float) for limit in options.limits]
    # A year without any value in the base has no limits, and its values stay as they are.
    return quantiles[0].fillna(-np.inf), quantiles[1].fillna(np.inf)

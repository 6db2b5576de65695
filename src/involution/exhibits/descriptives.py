"""Descriptive statistics and the correlation matrix, over the rows of the estimation sample."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from involution.errors import InputError, Problem
from involution.exhibits.content import Cell, Header, Part, Row, TableContent, decimal, integer, stars_for
from involution.exhibits.labels import Labels
from involution.exhibits.table_notes import stars_note
from involution.study.tables import Table

STATISTICS = ("n", "mean", "sd", "min", "p25", "median", "p75", "max")
_ONE_DECIMAL, _NO_DECIMALS = 1e3, 1e5


def used_columns(table: Table, formulas: Sequence[str], sample: pd.DataFrame) -> list[str]:
    """Columns of a table: those it names, else the numeric ones that the study's models use."""
    from involution.study.formulas import parse_formula

    named = list(table.columns)
    unknown = [name for name in named if name not in sample.columns]
    if unknown:
        raise InputError(Problem(f"table '{table.name}', columns", f"there is no column '{unknown[0]}'"))
    for formula in () if named else formulas:
        parsed = parse_formula(formula)
        factors = [parsed.outcome.columns, *(term.columns for term in (*parsed.terms, *parsed.endogenous))]
        named += [name for columns in factors for name in columns]
    numeric = [name for name in dict.fromkeys(named) if pd.api.types.is_numeric_dtype(sample[name])]
    if not numeric:
        raise InputError(Problem(f"table '{table.name}', columns", "none of the columns is numeric"))
    return numeric


def descriptives_table(
    table: Table, sample: pd.DataFrame, columns: Sequence[str], labels: Labels, title: str
) -> TableContent:
    """N, mean, SD, minimum, quartiles and maximum of each column; missing values are left out by column."""
    rows = []
    for name in columns:
        values = sample[name].dropna().to_numpy(dtype=float)
        quantiles = np.quantile(values, [0, 0.25, 0.5, 0.75, 1]) if len(values) else [np.nan] * 5
        mean = float(values.mean()) if len(values) else np.nan
        deviation = float(values.std(ddof=1)) if len(values) > 1 else np.nan
        digits = table.decimals(name)
        low, p25, median, p75, high = (by_magnitude(float(q), digits) for q in quantiles)
        texts = (integer(len(values)), by_magnitude(mean, digits), by_magnitude(deviation, digits))
        cells = tuple(Cell(text) for text in (*texts, low, p25, median, p75, high))
        rows.append(Row("plain", labels.column(name, table.rename), cells))
    header = Header(labels.text("variable"), tuple((labels.text(name), 1) for name in STATISTICS))
    part = Part("", (header,), tuple(rows))
    notes = (labels.text("descriptives_note"),)
    return TableContent(table.name, title, labels.language, len(STATISTICS), (part,), notes)


def by_magnitude(value: float, digits: int) -> str:
    """A number with fewer decimals the larger it is: at most one from 1,000 on, none from 100,000 on."""
    size = abs(value)
    return decimal(value, 0 if size >= _NO_DECIMALS else min(digits, 1) if size >= _ONE_DECIMAL else digits)


def correlation_table(
    table: Table, sample: pd.DataFrame, columns: Sequence[str], labels: Labels, title: str
) -> TableContent:
    """Lower triangle of Pearson correlations with stars, and variance inflation factors where asked."""
    complete = sample[list(columns)].dropna().astype(float)
    if len(complete) < 3:
        raise InputError(
            Problem(f"table '{table.name}'", "fewer than three rows have every column of the correlation matrix")
        )
    inflation = variance_inflation(complete) if table.vif else None
    rows = []
    for i, name in enumerate(columns):
        cells = [_correlation(complete, i, j, table) if j <= i else Cell() for j in range(len(columns))]
        if inflation is not None:
            cells.append(Cell(decimal(inflation[i], 2)))
        rows.append(Row("plain", f"({i + 1}) {labels.column(name, table.rename)}", tuple(cells)))
    heads = [(f"({i + 1})", 1) for i in range(len(columns))] + ([(labels.text("vif"), 1)] if table.vif else [])
    notes = [labels.text("correlation_note", rows=f"{len(complete):,}")]
    notes += stars_note(table, labels)
    if table.vif:
        notes.append(labels.text("vif_note"))
    part = Part("", (Header(labels.text("variable"), tuple(heads)),), tuple(rows))
    return TableContent(table.name, title, labels.language, len(heads), (part,), tuple(notes))


def _correlation(frame: pd.DataFrame, i: int, j: int, table: Table) -> Cell:
    from scipy.stats import pearsonr

    if i == j:
        return Cell(decimal(1.0, table.digits))
    left, right = frame.iloc[:, i].to_numpy(), frame.iloc[:, j].to_numpy()
    if np.ptp(left) == 0 or np.ptp(right) == 0:
        return Cell("")
    result = pearsonr(left, right)
    return Cell(decimal(float(result.statistic), table.digits), stars_for(float(result.pvalue), table.stars))


def variance_inflation(frame: pd.DataFrame) -> list[float]:
    """Variance inflation factor of each column given the others: the diagonal of the inverse correlation matrix.

    Infinite for columns that the others determine, missing for columns that do not vary.
    """
    values = frame.to_numpy(dtype=float)
    out = []
    for j in range(values.shape[1]):
        centred = values - values.mean(axis=0)
        target, others = centred[:, j], np.delete(centred, j, axis=1)
        total = float(target @ target)
        if total == 0:
            out.append(float("nan"))
            continue
        left = target - others @ np.linalg.lstsq(others, target, rcond=None)[0] if others.shape[1] else target
        share = float(left @ left) / total
        out.append(1 / share if share > 1e-12 else float("inf"))
    return out

"""From a parsed formula and a data frame to named columns of numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from involution.errors import InputError, NotEstimable, Problem, nearest
from involution.models.groupings import Floats
from involution.study.formulas import Column, Computed, Factor, Formula, FormulaError, Indicator, Term

MAXIMUM_INDICATORS = 1_000
INTERCEPT = "(Intercept)"


@dataclass(frozen=True)
class Columns:
    """Named columns of numbers over all rows of the data; missing values stay missing."""

    names: tuple[str, ...]
    values: Floats

    @property
    def complete(self) -> np.ndarray:
        """Rows in which no column is missing, shape (n,)."""
        complete = np.ones(len(self.values), dtype=bool)
        for j in range(self.values.shape[1]):
            complete &= ~np.isnan(self.values[:, j])
        return complete


def in_sample(data: pd.DataFrame) -> np.ndarray:
    """The rows of the sample, as a mask; all rows of data that mark none."""
    return data["in_sample"].to_numpy(dtype=bool) if "in_sample" in data.columns else np.ones(len(data), dtype=bool)


def no_column(name: str, known: Iterable[str], unavailable: Mapping[str, str] | None = None) -> str:
    """What to say of a name that the data do not have: why a measure is not there, else the nearest column."""
    if unavailable and name in unavailable:
        return f"the measure '{name}' is not available: it {unavailable[name]}"
    return f"there is no column '{name}'{nearest(name, map(str, known))}"


def check_names(
    formula: Formula, known: Iterable[str], where: str = "formula", unavailable: Mapping[str, str] | None = None
) -> None:
    """Raise an InputError that points at each name of the formula that the data do not have."""
    names = list(known)
    problems = []
    for name in formula.columns:
        if names.count(name) == 1:
            continue
        if name in names:
            problems.append(Problem(where, f"the data have {names.count(name)} columns '{name}'", mend="rename them"))
            continue
        message = no_column(name, names, unavailable)
        position = formula.positions.get(name, 0)
        mend = "name a column of the panel, a measure, or a column made under `variables`"
        problems.append(Problem(where, str(FormulaError(message, formula.text, position)), mend=mend))
    if problems:
        raise InputError(problems)


AS_NUMBER = "make a number of it, as where(ownership == 'soe', 1, 0)"


def text_problems(data: pd.DataFrame, places: Mapping[str, Iterable[str]]) -> list[Problem]:
    """A problem for each column of text where a number is needed; names that the data do not have are left to others.

    Parameters
    ----------
    data : DataFrame
    places : mapping of str to str
        Columns by the key that names them.
    """
    return [
        Problem(key, f"the column '{name}' holds text", mend=AS_NUMBER)
        for key, names in places.items()
        for name in names
        if name in data.columns and not pd.api.types.is_numeric_dtype(data[name])
    ]


def binary_problems(data: pd.DataFrame, places: Mapping[str, Iterable[str]]) -> list[Problem]:
    """A problem for each column that holds another value than zero and one; missing values are no matter.

    Parameters
    ----------
    data : DataFrame
    places : mapping of str to str
        Columns by the key that names them; those that the data do not have, or that hold text, are left to others.
    """
    problems = []
    for key, names in places.items():
        for name in names:
            if name not in data.columns or not pd.api.types.is_numeric_dtype(data[name]):
                continue
            values = data[name].dropna()
            other = values[~values.isin((0, 1))]
            if len(other):
                shown = ", ".join(f"{value:.6g}" for value in other.head(3).astype(float))
                what = f"the column '{name}' is to be zeros and ones, and {len(other):,} rows hold {shown} and the like"
                mend = f"make one under `variables`, as where({name} > {float(other.median()):.3g}, 1, 0)"
                problems.append(Problem(key, what, mend=mend))
    return problems


def numbers(data: pd.DataFrame, name: str, *, in_formula: bool = False) -> Floats:
    """Column `name` as floats; text is refused, infinite values too.

    Parameters
    ----------
    data : DataFrame
    name : str
    in_formula : bool
        The user wrote it in a formula, where i() may stand.
    """
    column = data[name]
    if not (pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column)):
        shown = ", ".join(repr(value) for value in column.dropna().head(3))
        mend = f"write i({name}) for one indicator per value" if in_formula else AS_NUMBER
        raise InputError(Problem(f"column '{name}'", f"holds text ({shown}), and a number is needed", mend=mend))
    values = column.to_numpy(dtype=float, na_value=np.nan)
    infinite = np.flatnonzero(np.isinf(values))
    if len(infinite):
        rows = tuple(f"row {data.index[row]}: {values[row]}" for row in infinite[:5])
        raise InputError(Problem(f"column '{name}'", f"{len(infinite)} infinite values", rows, "make them missing"))
    return values


def check_once(data: pd.DataFrame, panel: Mapping[str, str], rows: NDArray[np.bool_] | None = None) -> None:
    """Raise an InputError for firms with two rows in a year, with the first ten keys; rows without a key do not count.

    Parameters
    ----------
    data : DataFrame
    panel : mapping
        Names of the ``firm`` and ``year`` columns; without both the data are no panel, and nothing is checked.
    rows : array of bool, shape (n,), optional
        Rows that may be used.
    """
    names = list(panel.values())
    if not all(name in data.columns for name in names):
        return
    keys = (data if rows is None else data.loc[rows])[names].dropna()
    twice = keys[keys.duplicated(keep=False).to_numpy()].drop_duplicates()
    if len(twice):
        shown = tuple(f"{firm}, {year}" for firm, year in twice.head(10).itertuples(index=False))
        raise InputError(Problem("rows", "a firm has two rows in a year", shown, "one row per firm and year"))


def expand(
    terms: Sequence[Term], data: pd.DataFrame, panel: Mapping[str, str], rows: NDArray[np.bool_] | None = None
) -> Columns:
    """The columns of a list of terms, each once and in order.

    Parameters
    ----------
    terms : sequence of Term
    data : DataFrame
    panel : mapping
        Names of the ``firm`` and ``year`` columns, for lags inside expressions.
    rows : array of bool, shape (n,), optional
        Rows that may be used: i() has a column for each value that one of them has.

    Returns
    -------
    Columns
        A term with i() gives one column per value.

    Raises
    ------
    InputError
        When none of the references of an i() is a value of its column.
    NotEstimable
        When i() has too many values or none beside its references.
    """
    collected: dict[str, Floats] = {}
    for term in terms:
        product: list[tuple[str, Floats]] = [("", np.ones(len(data)))]
        for factor in term.factors:
            levels = _factor_columns(factor, data, panel, rows)
            product = [(f"{a}:{b}" if a else b, x * z) for a, x in product for b, z in levels]
            if len(product) > MAXIMUM_INDICATORS:
                raise NotEstimable(f"{term.label} stands for more than {MAXIMUM_INDICATORS:,} columns")
        for label, values in product:
            collected.setdefault(label, values)
    values = np.empty((len(data), len(collected)), order="F")
    for j, column in enumerate(collected.values()):
        values[:, j] = column
    return Columns(tuple(collected), values)


def _factor_columns(
    factor: Factor, data: pd.DataFrame, panel: Mapping[str, str], rows: NDArray[np.bool_] | None
) -> list[tuple[str, Floats]]:
    if isinstance(factor, Indicator):
        return _indicator_columns(factor, data, rows)
    return [(factor.label, outcome_values(factor, data, panel))]


def outcome_values(factor: Column | Computed, data: pd.DataFrame, panel: Mapping[str, str]) -> Floats:
    """Values of a column or of an expression, as floats, shape (n,)."""
    if isinstance(factor, Column):
        return numbers(data, factor.name, in_formula=True)
    from involution.study.expressions import parse_expression

    values = parse_expression(factor.source).evaluate(data, firm=panel["firm"], year=panel["year"])
    return numbers(pd.DataFrame({factor.label: values}), factor.label)


def _indicator_columns(
    factor: Indicator, data: pd.DataFrame, rows: NDArray[np.bool_] | None
) -> list[tuple[str, Floats]]:
    column = data[factor.column]
    found = sorted((column if rows is None else column[rows]).dropna().unique())
    levels = [level for level in found if not _is_reference(level, factor.references)]
    if factor.references and found and len(levels) == len(found):
        known = ", ".join(_shown(level) for level in found[:10]) + (", ..." if len(found) > 10 else "")
        named = ", ".join(str(reference) for reference in factor.references)
        raise InputError(Problem("formula", f"ref={named} is no value of {factor.column}; there are {known}"))
    if len(levels) > MAXIMUM_INDICATORS:
        raise NotEstimable(f"{factor.label} has {len(levels):,} values; absorb it as a fixed effect, after '|'")
    if not levels:
        raise NotEstimable(f"{factor.label} has no value beside its reference")
    missing = column.isna().to_numpy()
    by = np.ones(len(data)) if factor.by is None else numbers(data, factor.by)
    out = []
    for level in levels:
        indicator = (column == level).fillna(False).to_numpy(dtype=float) * by
        indicator[missing] = np.nan
        suffix = "" if factor.by is None else f":{factor.by}"
        out.append((f"{factor.column}::{_shown(level)}{suffix}", indicator))
    return out


def _is_reference(level: object, references: Sequence[str | float]) -> bool:
    for reference in references:
        if isinstance(reference, str) or isinstance(level, str):
            if str(level) == (reference if isinstance(reference, str) else _shown(reference)):
                return True
        elif level == reference:
            return True
    return False


def _shown(level: object) -> str:
    if isinstance(level, (bool, np.bool_)):
        return str(bool(level))
    if isinstance(level, (float, np.floating)) and float(level).is_integer():
        return str(int(level))
    return str(level)

"""Which group each row belongs to: values of a column or its quantiles, first known or of a year."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from involution.errors import InputError, Problem, nearest
from involution.models.dating import with_dated
from involution.models.matrix import no_column, numbers
from involution.models.notes import Note, note
from involution.study.heterogeneity import Heterogeneity
from involution.study.sample import FirmSize
from involution.study.timing import dated

MOST_GROUPS = 12
QUANTILE_NAMES = {2: ("low", "high"), 3: ("low", "middle", "high"), 4: ("q1", "q2", "q3", "q4")}
"""Groups of a split at quantiles, in order."""


@dataclass(frozen=True)
class Groups:
    """Groups of a section over all rows of its data.

    Attributes
    ----------
    by : str
        Column that the groups are of, as the section names it.
    column : str
        Column that holds each row's group, under a name that the data do not have.
    values : array of object, shape (N,)
        Group of each row as text; None where it has none.
    order : tuple of str
        Groups compared; others are compared with the first.
    remarks : tuple of Note
        How groups are made, and rows without one.
    """

    by: str
    column: str
    values: NDArray[np.object_]
    order: tuple[str, ...]
    remarks: tuple[Note, ...]

    def rows(self, group: str) -> NDArray[np.bool_]:
        """Rows of a group, as a mask."""
        return np.asarray(self.values == group, dtype=bool)

    @property
    def known(self) -> NDArray[np.bool_]:
        """Rows of one of the groups compared."""
        return np.isin(self.values.astype(str), self.order) & pd.notna(self.values)


def grouped(asked: Heterogeneity, data: pd.DataFrame, rows: NDArray[np.bool_], firm: str, year: str) -> Groups:
    """The groups that a completed section asks for.

    Parameters
    ----------
    asked : Heterogeneity
    data : DataFrame
        The whole population: the first value of a firm is looked for outside the sample too.
    rows : array of bool, shape (N,)
        Rows that may be used; quantiles are of these, with `at: first` of their firms, each once.
    firm, year : str

    Raises
    ------
    InputError
        For a column that does not exist, that is no number where quantiles are asked for, that has one value or too
        many, and for groups that it does not have.
    """
    if asked.by not in data.columns:
        raise InputError(Problem("by", no_column(asked.by, data.columns)))
    column, years = _values(asked, data, firm, year), None
    if asked.at == "row":
        years = asked.clock.treatment if asked.years is None else asked.years
    said = [note("heterogeneity_first", by=asked.by)] if years is None else [_of_row(asked.by, years)]
    if asked.quantiles is not None:
        column, cuts = _at_quantiles(asked, column, data[firm], rows)
        shown = ", ".join(f"{cut:.6g}" for cut in cuts)
        code = "heterogeneity_quantiles_firms" if years is None else "heterogeneity_quantiles_rows"
        said.append(note(code, by=asked.by, cuts=shown, groups=", ".join(QUANTILE_NAMES[asked.quantiles])))
    values = _texts(column)
    order = _order(asked, column, values, rows)
    known = np.isin(values.astype(str), order) & pd.notna(values)
    without = int((rows & ~known).sum())
    if without:
        said.append(note("heterogeneity_without", by=asked.by, count=without))
    return Groups(asked.by, _unused(f"{asked.by}_group", data), values, order, tuple(said))


def _of_row(by: str, years: int) -> Note:
    return note("heterogeneity_row", by=dated(by, years))


def _values(asked: Heterogeneity, data: pd.DataFrame, firm: str, year: str) -> pd.Series:
    """The column at the year it is taken at: the firm's first known value, or that of each row."""
    if asked.at == "first":
        ordered = data[asked.by].iloc[np.argsort(data[year].to_numpy(), kind="stable")]
        return ordered.groupby(data[firm], sort=False).transform("first").reindex(data.index)
    years = asked.clock.treatment if asked.years is None else asked.years
    made, _ = with_dated(data, [(asked.by, years)], "by")
    return made[dated(asked.by, years)]


def _at_quantiles(
    asked: Heterogeneity, column: pd.Series, firms: pd.Series, rows: NDArray[np.bool_]
) -> tuple[pd.Series, NDArray[np.float64]]:
    """Names of the quantile groups, and the values that part them."""
    assert asked.quantiles is not None
    if not pd.api.types.is_numeric_dtype(column):
        what = "it holds text, which has no quantiles"
        raise InputError(
            Problem(f"column '{asked.by}'", what, mend="leave `quantiles` out: each value is then a group")
        )
    values = numbers(pd.DataFrame({asked.by: column}), asked.by)
    used = rows & ~np.isnan(values)
    if asked.at == "first":
        used &= ~firms.where(used).duplicated().to_numpy()
    if not used.any():
        raise InputError(Problem("by", f"the column '{asked.by}' has no value in the sample"))
    cuts = np.quantile(values[used], np.arange(1, asked.quantiles) / asked.quantiles)
    place = np.searchsorted(cuts, values, side="left")
    if len(np.unique(place[used])) < asked.quantiles:
        what = f"its {asked.quantiles} quantile groups of '{asked.by}' would not all have rows: many share one value"
        raise InputError(Problem("quantiles", what, mend="ask for fewer, or make a column of groups under `variables`"))
    names = np.array(QUANTILE_NAMES[asked.quantiles], dtype=object)[place]
    return pd.Series(names, index=column.index).where(~np.isnan(values)), cuts


def _texts(column: pd.Series) -> NDArray[np.object_]:
    """Values as text, whole numbers without decimals; None where one is missing."""
    missing = column.isna().to_numpy()
    if column.dtype.kind == "f" and bool((column.dropna() % 1 == 0).all()):
        column = column.astype("Int64")
    out = np.empty(len(column), dtype=object)
    out[~missing] = column[~missing].astype(str).to_numpy(dtype=object)
    return out


def _order(
    asked: Heterogeneity, column: pd.Series, values: NDArray[np.object_], rows: NDArray[np.bool_]
) -> tuple[str, ...]:
    """Groups compared, in order."""
    present = set(values[rows & pd.notna(values)])
    if asked.groups:
        strangers = [name for name in asked.groups if name not in present]
        if strangers:
            what = f"'{strangers[0]}' is no value of '{asked.by}' in the sample{nearest(strangers[0], sorted(present))}"
            raise InputError(Problem("groups", what, mend=f"its values: {_listed(present)}"))
        return tuple(asked.groups)
    if len(present) < 2:
        what = f"'{asked.by}' has {len(present)} value in the sample: there is nothing to compare"
        raise InputError(Problem("by", what))
    if len(present) > MOST_GROUPS:
        what = f"'{asked.by}' has {len(present):,} values in the sample; at most {MOST_GROUPS} groups are compared"
        numeric = pd.api.types.is_numeric_dtype(column)
        raise InputError(Problem("by", what, mend="give quantiles: 2" if numeric else "name those wanted in `groups`"))
    natural = QUANTILE_NAMES[asked.quantiles] if asked.quantiles else _natural(asked.by, column[rows])
    return tuple(name for name in natural if name in present)


def _listed(values: Iterable[str]) -> str:
    """The first values, sorted."""
    every = sorted(values)
    return ", ".join(every[:MOST_GROUPS]) + (", ..." if len(every) > MOST_GROUPS else "")


def _natural(by: str, column: pd.Series) -> Sequence[str]:
    """Values in their order: of numbers, of size classes from micro to large, else of the alphabet."""
    if by == "firm_size":
        return get_args(FirmSize)
    ordered = pd.Series(sorted(column.dropna().unique()), dtype=column.dtype)
    return [str(text) for text in _texts(ordered)]


def _unused(name: str, data: pd.DataFrame) -> str:
    while name in data.columns:
        name += "_"
    return name

"""Rows of the sample in groups: industries, regions, years and size classes, summarised and ranked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from involution.errors import InputError, Problem, nearest
from involution.exhibits.descriptives import by_magnitude
from involution.exhibits.labels import Labels
from involution.exhibits.render.wrap import width
from involution.study.figures import Figure

if TYPE_CHECKING:
    from pandas.api.typing import SeriesGroupBy

MOST_ROWS = 40
"""More ranked rows than these do not read: the upper and the lower half of as many are drawn."""

WIDEST_LABEL = 36
NAMED = 3


def check_columns(figure: Figure, sample: pd.DataFrame, numeric: Sequence[str], groups: Sequence[str] = ()) -> None:
    """Columns that a figure needs.

    Raises
    ------
    InputError
        When one is not there, or one that is to be numeric is not.
    """
    where = f"figure '{figure.name}'"
    for name in (*numeric, *groups):
        if name not in sample.columns:
            raise InputError(Problem(where, f"there is no column '{name}'{nearest(name, map(str, sample.columns))}"))
    for name in numeric:
        if not pd.api.types.is_numeric_dtype(sample[name]):
            raise InputError(Problem(where, f"the column '{name}' is not numeric"))


def known_rows(figure: Figure, sample: pd.DataFrame, column: str, by: Sequence[str]) -> pd.DataFrame:
    """Rows that have the column and are in a group, in an order of their own: sums do not depend on that of the sample.

    Raises
    ------
    InputError
        When a column is not there or not numeric, or no row has them all.
    """
    check_columns(figure, sample, [column], by)
    known = sample.dropna(subset=[column, *by])
    if known.empty:
        needed = " and ".join(f"'{name}'" for name in dict.fromkeys((column, *by)))
        raise InputError(Problem(f"figure '{figure.name}'", f"no row of the estimation sample has a value of {needed}"))
    return known.sort_values([*by, column], kind="stable")


def summary(grouped: SeriesGroupBy[Any, Any], **further: float) -> pd.DataFrame:
    """Mean, median, quartiles, further quantiles by name, and number of rows of each group."""
    columns = {
        "mean": grouped.mean(),
        "median": grouped.median(),
        "p25": grouped.quantile(0.25),
        "p75": grouped.quantile(0.75),
        **{name: grouped.quantile(share) for name, share in further.items()},
        "rows": grouped.size(),
    }
    return pd.DataFrame(columns)


def ranked(known: pd.DataFrame, column: str, by: str) -> pd.DataFrame:
    """Groups in the order of their mean over firm-years, the highest first, then by name.

    Returns
    -------
    DataFrame
        Columns rank (from 1), group, drawn (False for those in the middle where there are more than `MOST_ROWS`),
        mean, median, p25, p75, rows.
    """
    grouped = known.groupby(known[by].astype(str).rename("group"), sort=True)[column]
    table = summary(grouped).reset_index().sort_values("mean", ascending=False, kind="stable", ignore_index=True)
    table.insert(0, "rank", np.arange(1, len(table) + 1))
    table.insert(2, "drawn", _drawn(len(table)))
    return table


def _drawn(count: int) -> NDArray[np.bool_]:
    rank = np.arange(count)
    half = MOST_ROWS // 2
    return (count <= MOST_ROWS) | (rank < half) | (rank >= count - half)


def places(table: pd.DataFrame) -> NDArray[np.float64]:
    """Place on the page of each ranked row that is drawn, from 0; a gap of one row stands for those that are not."""
    drawn = table["drawn"].to_numpy(dtype=bool)
    place = np.arange(drawn.sum(), dtype=float)
    return place if drawn.all() else place + (place >= MOST_ROWS // 2)


def draw_gap(axes: Any, table: pd.DataFrame, labels: Labels) -> None:
    """The band that stands for ranked rows that are not drawn."""
    missing = int((~table["drawn"]).sum())
    if missing:
        middle = MOST_ROWS // 2
        axes.axhspan(middle - 0.5, middle + 0.5, color="white", lw=0, zorder=3)
        text = f"…  {labels.text('figure_gap', count=missing)}  …"
        axes.text(0.5, middle, text, transform=axes.get_yaxis_transform(), ha="center", va="center", size=7, zorder=4)


def name_rows(axes: Any, table: pd.DataFrame, labels: Labels) -> None:
    """Names of the ranked rows that are drawn, the highest on top."""
    place = places(table)
    names = [short(labels.value(group)) for group in table.loc[table["drawn"], "group"]]
    axes.set_yticks(place, names, fontsize=7 if len(place) > 12 else 8)
    axes.set_ylim(place[-1] + 0.5, -0.5)
    axes.tick_params(axis="y", length=0)


def short(label: str) -> str:
    """A label no wider than `WIDEST_LABEL`: its middle is left out, since long names often differ at their ends."""
    if width(label) <= WIDEST_LABEL:
        return label
    tail = _fitting(label[::-1], WIDEST_LABEL // 3)[::-1].lstrip()
    return f"{_fitting(label, WIDEST_LABEL - 1 - width(tail)).rstrip()}…{tail}"


def _fitting(text: str, limit: int) -> str:
    """As many of the first letters as are no wider than `limit`."""
    while width(text) > limit:
        text = text[:-1]
    return text


def ranking_in_words(table: pd.DataFrame, labels: Labels) -> str:
    """The groups with the highest and the lowest means, with their means."""
    count = min(NAMED, max(1, len(table) // 2))
    ends = {"figure_highest": table.head(count), "figure_lowest": table.tail(count).iloc[::-1]}
    parts = [labels.text(key, names=_with_means(rows, labels)) for key, rows in ends.items()]
    return labels.text("separator").join(parts if len(table) > 1 else parts[:1])


def _with_means(rows: pd.DataFrame, labels: Labels) -> str:
    pairs = zip(rows["group"], rows["mean"], strict=True)
    return labels.joined([f"{labels.value(group)} {by_magnitude(mean, 3)}" for group, mean in pairs])


def ranking_notes(table: pd.DataFrame, groups: pd.Series[Any], labels: Labels) -> list[str]:
    """How rows are ordered, how many of the sample's groups have no value and, where not all are drawn, which are."""
    notes = [labels.text("figure_ordered")]
    without = groups.nunique() - len(table)
    if without:
        notes.append(labels.text("figure_groups_without", count=without))
    if not table["drawn"].all():
        half = MOST_ROWS // 2
        notes.append(labels.text("figure_ends", half=half, total=len(table)))
    return notes


def rows_note(rows: int, labels: Labels) -> str:
    """From how many rows of the estimation sample a figure is drawn."""
    return labels.text("figure_sample", rows=f"{rows:,}")

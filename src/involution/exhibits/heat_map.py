"""Industries by year as a heat map: the mean of a column in each cell, industries in the order of their means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from involution.exhibits.descriptives import by_magnitude
from involution.exhibits.drawing import DIVERGING
from involution.exhibits.grouped import (
    draw_gap,
    known_rows,
    name_rows,
    places,
    ranked,
    ranking_in_words,
    ranking_notes,
    rows_note,
)
from involution.exhibits.labels import Labels
from involution.exhibits.pictures import Material, Picture
from involution.exhibits.render.wrap import wrapped
from involution.study.figures import Figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

MOST_YEARS_NAMED = 12
OUTER_SHARE = 0.02
"""Share of the cells, the farthest from the centre, that the colours may leave beyond their end."""


def heat_map(figure: Figure, material: Material, labels: Labels) -> Picture:
    """The figure `heatmap`: column rank, group, group_mean, drawn, year, mean (missing where a cell has no row), rows.

    Columns are the years of the sample from the first to the last in which the measure is known.
    """
    column, by = figure.column or "involution", figure.by or "industry"
    known = known_rows(figure, material.sample, column, [by, "year"])
    ranking = ranked(known, column, by)
    data = _cells(ranking, known, column, by, _years(material.sample, known))
    drawn = data[data["drawn"]]
    empty = int(drawn["mean"].isna().sum())
    centre = _centre(drawn["mean"])
    notes = [rows_note(len(known), labels), *ranking_notes(ranking, material.sample[by], labels)]
    if centre:
        notes.append(labels.text("figure_white", value=by_magnitude(centre, 3)))
    if empty:
        notes.append(labels.text("figure_empty", count=f"{empty:,}", total=f"{len(drawn):,}"))
    years = "-".join(str(year) for year in sorted({data["year"].min(), data["year"].max()}))
    groups = labels.text("figure_groups", count=len(ranking), group=labels.column(by), years=years)
    words = labels.text("separator").join([labels.column(column), groups, ranking_in_words(ranking, labels)])
    title = labels.text("default_title_heatmap", column=labels.column(column), group=labels.column(by))
    label = labels.text("figure_mean_of", column=material.measured(column, labels))
    return Picture(data, lambda: _draw(data, ranking, centre, label, labels), words, title, tuple(notes))


def _years(sample: pd.DataFrame, known: pd.DataFrame) -> list[int]:
    inside = sample["year"].between(known["year"].min(), known["year"].max())
    return sorted(int(year) for year in sample.loc[inside, "year"].unique())


def _cells(ranking: pd.DataFrame, known: pd.DataFrame, column: str, by: str, years: list[int]) -> pd.DataFrame:
    """Every cell of the ranked groups, those without a row too."""
    cells = known.groupby([known[by].astype(str), "year"], sort=True)[column].agg(["mean", "size"])
    grid = pd.MultiIndex.from_product([ranking["group"], years], names=["group", "year"])
    full = cells.rename_axis(["group", "year"]).reindex(grid).rename(columns={"size": "rows"}).reset_index()
    full["rows"] = full["rows"].fillna(0).astype(int)
    named = ranking[["rank", "group", "mean", "drawn"]].rename(columns={"mean": "group_mean"})
    return named.merge(full, on="group", validate="one_to_many")


def _centre(means: pd.Series[float]) -> float:
    """What is drawn white: zero where the cells lie on both sides of it, else their mean."""
    return 0.0 if means.min() <= 0 <= means.max() else float(means.mean())


def _draw(data: pd.DataFrame, ranking: pd.DataFrame, centre: float, label: str, labels: Labels) -> Drawing:
    from matplotlib import pyplot

    place = places(ranking)
    years = sorted(data["year"].unique())
    values = _matrix(data, place, len(years))
    drawing, axes = pyplot.subplots(figsize=(6.5, 1.3 + 0.17 * max(8, len(values))), layout="constrained")
    axes.patch.set(facecolor="#ececec", hatch="/////", edgecolor="#b4b4b4", linewidth=0)
    distance = np.abs(values - centre)[~np.isnan(values)]
    reach = float(np.quantile(distance, 1 - OUTER_SHARE, method="higher")) or 1.0
    mesh = axes.pcolormesh(
        np.arange(len(years) + 1) - 0.5, np.arange(len(values) + 1) - 0.5, values,
        cmap=DIVERGING, vmin=centre - reach, vmax=centre + reach, edgecolors="white", linewidth=0.4,
    )  # fmt: skip
    draw_gap(axes, ranking, labels)
    name_rows(axes, ranking, labels)
    _name_years(axes, years)
    axes.set_xlabel(labels.text("year"))
    for side in axes.spines.values():
        side.set_visible(False)
    bar = drawing.colorbar(mesh, ax=axes, pad=0.02, aspect=30, shrink=min(1.0, 30 / len(values)),
                           extend="both" if distance.max() > reach else "neither")  # fmt: skip
    bar.set_label("\n".join(wrapped(label, max(30, 2 * len(values)))), fontsize=8)
    bar.outline.set_visible(False)
    if data.loc[data["drawn"], "mean"].isna().any():
        _explain_hatching(axes, labels)
    return drawing


def _matrix(data: pd.DataFrame, place: Any, width: int) -> np.ndarray:
    """Means by place on the page and year; missing in the gap."""
    values = np.full((int(place[-1]) + 1, width), np.nan)
    values[place.astype(int)] = data.loc[data["drawn"], "mean"].to_numpy(dtype=float).reshape(len(place), width)
    return values


def _name_years(axes: Any, years: list[int]) -> None:
    step = -(-len(years) // MOST_YEARS_NAMED)
    axes.set_xticks(range(0, len(years), step), [str(year) for year in years[::step]], fontsize=8)
    axes.tick_params(axis="x", length=0)


def _explain_hatching(axes: Any, labels: Labels) -> None:
    from matplotlib.patches import Patch

    patch = Patch(facecolor="#ececec", hatch="/////", edgecolor="#b4b4b4", label=labels.text("figure_no_value"))
    axes.legend(handles=[patch], fontsize=7, loc="upper right", bbox_to_anchor=(1, 0), borderaxespad=1.8)

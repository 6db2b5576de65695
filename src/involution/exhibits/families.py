"""The index and its families: the mean of each over the years, and in the industries where the index is highest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from involution.errors import InputError, Problem
from involution.exhibits.descriptives import by_magnitude
from involution.exhibits.drawing import GREY, INK, look
from involution.exhibits.grouped import known_rows, ranked, rows_note, short
from involution.exhibits.labels import Labels
from involution.exhibits.pictures import Material, Picture
from involution.study.figures import Figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

INDEX = "involution"
MOST_INDUSTRIES = 12
_MARKERS = "s^DvPX<>ph*"


def families(figure: Figure, material: Material, labels: Labels) -> Picture:
    """The figure `families`: columns panel (year, industry), group, series, mean, rows.

    Means are over the rows in which the index is known, so that families and index are of the same firms. Lines, not
    stacked shares: families may differ in sign, and shares of a sum near zero mean nothing.
    """
    known = known_rows(figure, material.sample, INDEX, ["year"])
    every = material.families()
    drawn = [name for name in every if name in known.columns and known[name].notna().any()]
    if not drawn:
        raise InputError(Problem(f"figure '{figure.name}'", "no family of the index has a value where the index has"))
    series = [INDEX, *drawn]
    known = known.sort_values(["year", *series], kind="stable")
    data = pd.concat([_means(known, "year", sorted(known["year"].unique()), series), *_industries(known, series)])
    notes = [rows_note(len(known), labels), labels.text("figure_families")]
    if len(drawn) < len(every):
        missing = labels.listed([name for name in every if name not in drawn])
        notes.append(labels.text("figure_left_out", names=missing))
    looks = {name: _look(position) for position, name in enumerate([INDEX, *every])}
    words = _in_words(data, series, labels)
    title = labels.text("default_title_families")
    return Picture(
        data, lambda: _draw(data, {name: looks[name] for name in series}, labels), words, title, tuple(notes)
    )


def _industries(known: pd.DataFrame, series: list[str]) -> list[pd.DataFrame]:
    """Means in the industries where the index is highest, where there are industries."""
    if "industry" not in known.columns or known["industry"].isna().all():
        return []
    inside = known.dropna(subset=["industry"])
    inside = inside.assign(industry=inside["industry"].astype(str))
    highest = ranked(inside, INDEX, "industry")["group"].head(MOST_INDUSTRIES)
    return [_means(inside, "industry", list(highest), series)]


def _means(known: pd.DataFrame, by: str, groups: list[Any], series: list[str]) -> pd.DataFrame:
    grouped = known.groupby(by)[series]
    table = grouped.agg(["mean", "count"]).loc[groups].stack(level=0, future_stack=True)
    table = table.rename_axis(["group", "series"]).reset_index().rename(columns={"count": "rows"})
    table["group"] = table["group"].astype(str)
    table.insert(0, "panel", by)
    return table


def _in_words(data: pd.DataFrame, series: list[str], labels: Labels) -> str:
    """Each series in its first and its last year."""
    parts = []
    for name in series:
        rows = data[(data["panel"] == "year") & (data["series"] == name)].dropna(subset=["mean"])
        pairs = list(zip(rows["group"], rows["mean"], strict=True))
        ends = [f"{year} {by_magnitude(mean, 3)}" for year, mean in (pairs[0], pairs[-1])]
        parts.append(f"{labels.column(name)} {labels.joined(list(dict.fromkeys(ends)))}")
    return labels.text("separator").join(parts)


def _look(position: int) -> dict[str, Any]:
    """The index in ink and strong; each family as ever, whichever others are drawn."""
    if position == 0:
        return {"color": INK, "marker": "o", "lw": 2.2, "ms": 5, "zorder": 3}
    return {**look(position - 1), "marker": _MARKERS[(position - 1) % len(_MARKERS)], "lw": 1.2, "ms": 4}


def _draw(data: pd.DataFrame, looks: Mapping[str, dict[str, Any]], labels: Labels) -> Drawing:
    from matplotlib import pyplot

    panels = [data[data["panel"] == name] for name in dict.fromkeys(data["panel"])]
    rows = panels[1]["group"].nunique() if len(panels) > 1 else 0
    heights = [2.5, *([0.7 + 0.2 * rows] if rows else [])]
    drawing, grid = pyplot.subplots(
        len(panels), 1, squeeze=False, layout="constrained", figsize=(6.5, 0.6 + sum(heights)), height_ratios=heights
    )
    upper = grid[0, 0]
    _draw_years(upper, panels[0], looks, labels)
    if rows:
        _draw_industries(grid[1, 0], panels[1], looks, labels)
    handles, names = upper.get_legend_handles_labels()
    drawing.legend(handles, names, fontsize=8, loc="outside lower center", ncols=2 if len(looks) == 4 else 3)
    return drawing


def _draw_years(axes: Any, rows: pd.DataFrame, looks: Mapping[str, dict[str, Any]], labels: Labels) -> None:
    from matplotlib.ticker import MaxNLocator

    for name, how in looks.items():
        part = rows[rows["series"] == name]
        axes.plot(part["group"].astype(int), part["mean"], label=labels.column(name), **how)
    axes.axhline(0, color=GREY, lw=0.8, zorder=0)
    years = rows["group"].astype(int)
    axes.set_xlim(years.min() - 0.4, years.max() + 0.4)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.set_xlabel(labels.text("year"))
    axes.set_ylabel(labels.text("figure_unit", name=labels.text("mean"), unit=labels.unit("SD")))


def _draw_industries(axes: Any, rows: pd.DataFrame, looks: Mapping[str, dict[str, Any]], labels: Labels) -> None:
    groups = list(dict.fromkeys(rows["group"]))
    for name, how in looks.items():
        part = rows[rows["series"] == name]
        axes.plot(part["mean"], range(len(groups)), **{**how, "ls": "none"})
    axes.axvline(0, color=GREY, lw=0.8, zorder=0)
    axes.set_yticks(range(len(groups)), [short(labels.value(group)) for group in groups], fontsize=8)
    axes.set_ylim(len(groups) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", color="#ebebeb", lw=0.6)
    axes.set_axisbelow(True)
    axes.set_title(labels.text("figure_top_industries", count=len(groups)), fontsize=9)
    axes.set_xlabel(labels.text("figure_unit", name=labels.text("mean"), unit=labels.unit("SD")))

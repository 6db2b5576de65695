"""A column over the years: the median firm and the quartiles, and the mean of named or the largest industries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from involution.errors import InputError, Problem
from involution.exhibits.drawing import INK, look
from involution.exhibits.grouped import check_columns, summary
from involution.exhibits.labels import Labels
from involution.exhibits.pictures import Material, Picture
from involution.study.figures import Figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing


def over_time(figure: Figure, material: Material, labels: Labels) -> Picture:
    """The figure `time`."""
    if not figure.column:
        raise InputError(Problem(f"figure '{figure.name}'", "a figure of kind time names its column"))
    column = figure.column
    check_columns(figure, material.sample, [column])
    known = material.sample.dropna(subset=[column])
    industries: list[str] = []
    if "industry" in known.columns:
        sizes = known.groupby("industry").size().sort_values(ascending=False, kind="stable")
        industries = list(figure.highlight) or [str(name) for name in sizes.index[:4]]
    parts = [_by_year("all", known, column)]
    parts += [_by_year(name, known[known["industry"] == name], column) for name in industries]
    data = pd.concat(parts, ignore_index=True)
    words = labels.joined([labels.column(column), labels.text("median_firms"), labels.text("quartiles")])
    return Picture(data, lambda: _draw(data, column, industries, labels), words)


def _by_year(series: str, rows: pd.DataFrame, column: str) -> pd.DataFrame:
    by_year = summary(rows.groupby("year")[column]).rename_axis("year").reset_index()
    by_year.insert(0, "series", series)
    return by_year


def _draw(data: pd.DataFrame, column: str, industries: list[str], labels: Labels) -> Drawing:
    from matplotlib import pyplot
    from matplotlib.ticker import MaxNLocator

    drawing, axes = pyplot.subplots(figsize=(6.5, 3.6))
    every = data[data["series"] == "all"]
    years = every["year"].to_numpy(dtype=float)
    axes.fill_between(years, every["p25"], every["p75"], color="#dfe6ee", label=labels.text("quartiles"), lw=0)
    axes.plot(years, every["median"], color=INK, lw=2, label=labels.text("median_firms"))
    for k, name in enumerate(industries):
        part = data[data["series"] == name]
        axes.plot(part["year"], part["mean"], lw=1, ms=3, label=f"{labels.column('industry')} {name}", **look(k))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel(labels.text("year"))
    axes.set_ylabel(labels.column(column))
    axes.legend(fontsize=7, loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=3)
    return drawing

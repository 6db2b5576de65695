"""A ranking of regions without a map: the mean of a column, with the quartiles of the region's firm-years."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from involution.errors import InputError, Problem
from involution.exhibits.drawing import GREY
from involution.exhibits.grouped import (
    draw_gap,
    known_rows,
    name_rows,
    places,
    ranked,
    ranking_in_words,
    ranking_notes,
    rows_note,
    summary,
)
from involution.exhibits.labels import Labels
from involution.exhibits.pictures import Material, Picture
from involution.study.figures import Figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

EVERY = "all"


def regions(figure: Figure, material: Material, labels: Labels) -> Picture:
    """The figure `regions`: columns rank, group, drawn, mean, median, p25, p75, rows; rank 0 is the whole sample.

    The bars are the spread of firm-years, not the uncertainty of the mean: firms of a region, and the years of a firm,
    are no independent draws, and an interval that took them for such would be far too short.
    """
    column, by = figure.column or "involution", figure.by or "region"
    if by == "region" and by not in material.sample.columns:
        mend = "name another column under `by`, give the panel a region, or remove the figure"
        raise InputError(Problem(f"figure '{figure.name}'", "there is no column 'region'", mend=mend))
    known = known_rows(figure, material.sample, column, [by])
    ranking = ranked(known, column, by)
    everything = known.groupby(pd.Series(EVERY, index=known.index, name="group"))[column]
    whole = summary(everything).reset_index().assign(rank=0, drawn=True)
    data = pd.concat([whole, ranking])[list(ranking.columns)].reset_index(drop=True)
    notes = [
        rows_note(len(known), labels),
        *ranking_notes(ranking, material.sample[by], labels),
        labels.text("figure_spread"),
    ]
    groups = labels.text("figure_count", count=len(ranking), group=labels.column(by))
    words = labels.text("separator").join([labels.column(column), groups, ranking_in_words(ranking, labels)])
    title = labels.text("default_title_regions", column=labels.column(column), group=labels.column(by))
    label = material.measured(column, labels)
    return Picture(data, lambda: _draw(data, ranking, label, labels), words, title, tuple(notes))


def _draw(data: pd.DataFrame, ranking: pd.DataFrame, label: str, labels: Labels) -> Drawing:
    from matplotlib import pyplot

    place = places(ranking)
    shown = ranking[ranking["drawn"]]
    drawing, axes = pyplot.subplots(figsize=(6.5, 1.2 + 0.17 * max(4, place[-1] + 1)), layout="constrained")
    axes.hlines(place, shown["p25"], shown["p75"], color="#9db4cc", lw=4, label=labels.text("figure_quartiles"))
    axes.plot(shown["mean"], place, "o", color="#1f4e79", ms=4.5, label=labels.text("mean"))
    axes.axvline(data["mean"].iloc[0], color=GREY, lw=1, ls="--", zorder=0, label=labels.text("figure_whole"))
    draw_gap(axes, ranking, labels)
    name_rows(axes, ranking, labels)
    axes.grid(axis="y", color="#ebebeb", lw=0.6)
    axes.set_axisbelow(True)
    axes.set_xlabel(label)
    drawing.legend(fontsize=8, loc="outside lower center", ncols=3)
    return drawing

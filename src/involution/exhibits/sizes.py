"""A column by size class: boxes with the number of firm-years under each."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import pandas as pd

from involution.exhibits.descriptives import by_magnitude
from involution.exhibits.drawing import GREY, INK
from involution.exhibits.grouped import known_rows, rows_note, summary
from involution.exhibits.labels import Labels
from involution.exhibits.pictures import Material, Picture
from involution.study.figures import Figure
from involution.study.sample import FirmSize

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

SIZES: tuple[str, ...] = get_args(FirmSize)


def sizes(figure: Figure, material: Material, labels: Labels) -> Picture:
    """The figure `sizes`: columns size, mean, median, p25, p75, p5, p95, rows, firms; a class without a row has none.

    The index itself varies by industry and year: unless another column is named, the firm's own index is drawn.
    """
    column = figure.column or "involution_own"
    known = known_rows(figure, material.sample, column, ["firm_size"])
    grouped = known.groupby("firm_size")
    table = summary(grouped[column], p5=0.05, p95=0.95).assign(firms=grouped["firm"].nunique())
    order = [*SIZES, *(name for name in table.index if name not in SIZES)]
    data = table[["mean", "median", "p5", "p25", "p75", "p95", "rows", "firms"]].reindex(order)
    data[["rows", "firms"]] = data[["rows", "firms"]].fillna(0).astype(int)
    data = data.rename_axis("size").reset_index()
    label = material.measured(column, labels)
    notes = (rows_note(len(known), labels), labels.text("figure_box"))
    title = labels.text("default_title_sizes", column=labels.column(column))
    return Picture(data, lambda: _draw(data, label, labels), _in_words(data, column, labels), title, notes)


def _name(size: str, labels: Labels) -> str:
    return labels.text(f"size_{size}") if size in SIZES else labels.value(size)


def _in_words(data: pd.DataFrame, column: str, labels: Labels) -> str:
    parts = [labels.column(column)]
    for _, row in data[data["rows"] > 0].iterrows():
        numbers = {name: by_magnitude(float(row[name]), 3) for name in ("median", "p25", "p75")}
        parts.append(labels.text("figure_size", size=_name(row["size"], labels), **numbers, rows=f"{row['rows']:,}"))
    return labels.text("separator").join(parts)


def _draw(data: pd.DataFrame, label: str, labels: Labels) -> Drawing:
    from matplotlib import pyplot

    drawing, axes = pyplot.subplots(figsize=(6.5, 3.6), layout="constrained")
    boxes = [
        {"q1": row.p25, "med": row.median, "q3": row.p75, "whislo": row.p5, "whishi": row.p95, "mean": row.mean}
        for row in data[data["rows"] > 0].itertuples(index=False)
    ]
    line = {"color": INK, "lw": 1}
    axes.bxp(
        boxes, positions=data.index[data["rows"] > 0].to_list(), widths=0.5, showfliers=False, showmeans=True,
        patch_artist=True, boxprops={"facecolor": "#b9cbdf", "edgecolor": INK, "lw": 1}, whiskerprops=line,
        capprops=line, medianprops={"color": INK, "lw": 2},
        meanprops={"marker": "D", "ms": 5, "mfc": "white", "mec": INK},
    )  # fmt: skip
    if data["p5"].min() < 0 < data["p95"].max():
        axes.axhline(0, color=GREY, lw=0.8, zorder=0)
    names = [f"{_name(size, labels)}\nn = {rows:,}" for size, rows in zip(data["size"], data["rows"], strict=True)]
    axes.set_xticks(range(len(data)), names)
    axes.set_xlim(-0.6, len(data) - 0.4)
    axes.set_ylabel(label)
    axes.set_xlabel(labels.text("figure_box"), fontsize=7)
    return drawing

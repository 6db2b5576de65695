"""Histograms, one a column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from involution.errors import InputError, Problem
from involution.exhibits.grouped import check_columns
from involution.exhibits.labels import Labels
from involution.exhibits.pictures import Material, Picture
from involution.study.figures import Figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing


def distribution(figure: Figure, material: Material, labels: Labels) -> Picture:
    """The figure `distribution`."""
    where = f"figure '{figure.name}'"
    if not figure.columns:
        raise InputError(Problem(where, "a figure of kind distribution names its columns"))
    check_columns(figure, material.sample, figure.columns)
    parts = []
    for name in figure.columns:
        values = material.sample[name].dropna().to_numpy(dtype=float)
        if len(values):
            parts.append(_histogram(name, values))
    if not parts:
        raise InputError(Problem(where, "none of its columns has a value in the sample"))
    data = pd.concat(parts, ignore_index=True)
    words = labels.joined([labels.listed(figure.columns), labels.text("density")])
    return Picture(data, lambda: _draw(data, labels), words)


def _histogram(name: str, values: np.ndarray) -> pd.DataFrame:
    bins = min(60, max(10, int(2 * len(values) ** (1 / 3))))
    counts, edges = np.histogram(values, bins=bins)
    width = np.diff(edges)
    density = counts / (counts.sum() * np.where(width > 0, width, 1))
    return pd.DataFrame({"column": name, "low": edges[:-1], "high": edges[1:], "count": counts, "density": density})


def _draw(data: pd.DataFrame, labels: Labels) -> Drawing:
    from matplotlib import pyplot

    names = list(dict.fromkeys(data["column"]))
    wide = min(2, len(names))
    drawing, grid = pyplot.subplots(-(-len(names) // wide), wide, squeeze=False, layout="constrained",
                                    figsize=(3.3 * wide, 2.3 * -(-len(names) // wide)))  # fmt: skip
    for axes in grid.flat[len(names) :]:
        axes.set_visible(False)
    for axes, name in zip(grid.flat, names, strict=False):
        part = data[data["column"] == name]
        width = part["high"] - part["low"]
        axes.bar(part["low"], part["density"], width=width, align="edge", color="#8fa9c4", ec="white", lw=0.3)
        axes.set_xlabel(labels.column(name))
        axes.set_ylabel(labels.text("density"))
    return drawing
